"""Errors in conditional operations."""

from collections.abc import Iterable

from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.model import SourceLocation


def conditional_in_websocket(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: Conditional` cannot be injected into a WebSocket endpoint: a handshake has no preconditions",
        f"remove `{name}`",
    )


def conditional_for_method(location: SourceLocation, name: str, methods: Iterable[str]) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: Conditional` has no effect: preconditions of {_words(methods)} requests are ignored"
        " (RFC 9110 section 13.2.1)",
        f"remove `{name}`, or use another method",
    )


def required_for_read(location: SourceLocation, name: str, methods: Iterable[str]) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: RequiredConditional` would reject {_words(methods)} requests of clients that have no `ETag` yet",
        f"write `{name}: Conditional`, and another endpoint for methods that change the resource",
    )


def required_without_conditional(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has `Required()` in its annotation, but is not a `Conditional`",
        f"write `{name}: RequiredConditional`",
    )


def _words(methods: Iterable[str]) -> str:
    return " and ".join(sorted(methods))
