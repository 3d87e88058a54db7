"""Errors in conditional operations."""

import re
from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.base import SignatureError, format_type
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


def nested_tagged(location: SourceLocation, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`-> {_written(annotation)}` has `Tagged` inside of another type, and a response has one version",
        "write `Tagged` outermost: `-> Tagged[Created[User]]`, `-> Tagged[list[User]]`",
    )


def tagged_without_type(location: SourceLocation) -> SignatureError:
    return SignatureError(
        location,
        "`-> Tagged` does not name the type of its content, which would be sent unchecked",
        "write `-> Tagged[User]`, or `-> Tagged[Any]` for any content",
    )


def tagged_problem(location: SourceLocation, problem: str) -> SignatureError:
    return SignatureError(
        location,
        f"`Tagged[...]` has the problem `{problem}` as its content, and errors have no version",
        f"write it as another member: `-> Tagged[...] | {problem}`",
    )


def tagged_stream(location: SourceLocation, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`Tagged[{_written(annotation)}]` is a stream, whose version is not known before it was sent",
        "return the whole result, or take `cond: Conditional` and call `cond.check(etag=...)` before the stream starts",
    )


def tagged_response(location: SourceLocation, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`Tagged[{_written(annotation)}]` is a `Response`, which has its own headers",
        "take `cond: Conditional` and call `cond.check(etag=...)`, or return the content: `-> Tagged[str]`",
    )


def _written(annotation: Any) -> str:
    """An annotation without the modules of its classes."""
    return re.sub(r"\w[\w.<>]*\.(?=\w)", "", format_type(annotation))


def _words(methods: Iterable[str]) -> str:
    return " and ".join(sorted(methods))
