"""Errors in typed WebSockets: their types and their options."""

from typing import Any

from signette.declarative.errors.base import SignatureError, format_type
from signette.declarative.signature.model import SourceLocation


def socket_without_types(location: SourceLocation, name: str, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {format_type(annotation)}` does not have two types, so its messages cannot be validated",
        f"name what the client sends and what it is sent: `{name}: Socket[Say, Line]`; `None` if it is nothing",
    )


def silent_socket(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: Socket[None, None]` has no messages in any direction",
        f"name the type of one direction: `{name}: Socket[None, Line]`",
    )


def unusable_message(location: SourceLocation, name: str, annotation: Any, why: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{format_type(annotation)}` cannot be the type of messages of `{name}`: {why}",
        "use models, or other types that JSON has; `str` or `bytes` alone for messages as they are",
    )


def socket_in_http(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` is a `Socket`, and the endpoint is an HTTP endpoint",
        "register the endpoint with `@app.websocket(...)`",
    )


def several_sockets(location: SourceLocation, first: str, second: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{first}` and `{second}` are two sockets, and the endpoint has one connection",
        "use one name and one type in the endpoint and its dependencies; `WebSocket` is for headers and the state",
    )


def options_without_socket(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has `SocketOptions(...)`, but is not a `Socket`",
        f"write `{name}: Annotated[Socket[Say, Line], SocketOptions(...)]`",
    )


def several_socket_options(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location, f"`{name}` has several `SocketOptions(...)`", "write all options in one `SocketOptions(...)`"
    )


def invalid_socket_option(
    location: SourceLocation, name: str, option: str, value: Any, wanted: str, hint: str
) -> SignatureError:
    return SignatureError(
        location, f"`SocketOptions({option}={value!r})` of `{name}` is not valid: it must be {wanted}", hint
    )
