"""Errors in parameters that are streams of items, and in their `Items(...)`."""

import re
from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.base import SignatureError, closest_match, format_type
from signette.declarative.signature.model import SourceLocation


def stream_without_type(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: Stream` has no type, so its items cannot be validated",
        f"name the type of the items: `{name}: Stream[Reading]`",
    )


def misplaced_stream(location: SourceLocation, name: str, annotation: Any, why: str, hint: str = "") -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {_written(annotation)}` is not a whole request body: {why}",
        hint or f"write `{name}: Stream[Reading]`, without a default and without other types around it",
    )


def stream_of_bytes(location: SourceLocation, name: str, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {_written(annotation)}` has items that are bytes, and items are JSON or rows of CSV",
        "for the chunks of a body, write `request: Request` and `async for chunk in request.stream()`",
    )


def stream_without_body(location: SourceLocation, name: str, annotation: Any, methods: Iterable[str]) -> SignatureError:
    words = ", ".join(sorted(methods))
    return SignatureError(
        location,
        f"`{name}: {_written(annotation)}` is a request body, and requests with the method {words} have none",
        "use `@app.post(...)`, `@app.put(...)` or `@app.patch(...)`",
    )


def second_stream(location: SourceLocation, first: str, second: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{first}` and `{second}` are streams of one request body, which can be read once",
        "declare one `Stream` for the endpoint and its dependencies, and pass the items on",
    )


def items_without_stream(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has `Items(...)`, and is not a stream",
        f"write `{name}: Annotated[Stream[Reading], Items(...)]`, or remove it",
    )


def several_items(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location, f"`{name}` has more than one `Items(...)`", "write one of them, with the options of all"
    )


def invalid_stream_option(
    location: SourceLocation, name: str, option: str, value: Any, expected: str
) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has `Items({option}={value!r})`, which must be {expected}",
        f"write {expected}, or remove `{option}=`",
    )


def max_errors_without_collect(location: SourceLocation, name: str, on_error: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has `Items(max_errors=...)`, which has no effect with `on_error={on_error!r}`",
        'write `on_error="collect"`, or remove `max_errors=`',
    )


def unknown_stream_media_type(
    location: SourceLocation, name: str, media_type: Any, known: Iterable[str]
) -> SignatureError:
    names = list(known)
    if isinstance(media_type, type):
        own = getattr(media_type, "media_type", "").partition(";")[0]
        hint = f"write {own!r}" if own in names else f"use some of: {', '.join(map(repr, names))}"
        return SignatureError(location, f"`{name}` accepts `{media_type.__name__}`, which is not a media type", hint)
    near = closest_match(media_type, names) if isinstance(media_type, str) else None
    hint = f"write {near!r}" if near else f"use some of: {', '.join(map(repr, names))}"
    return SignatureError(location, f"`{name}` accepts {media_type!r}, from which no items can be read", hint)


def item_not_csv(location: SourceLocation, name: str, item: Any, why: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` accepts CSV, and `{format_type(item)}` cannot be read from a row: {why}",
        "remove 'text/csv', or use a model whose fields are single values",
    )


def _written(annotation: Any) -> str:
    """An annotation without the modules of its classes."""
    return re.sub(r"\w[\w.<>]*\.(?=\w)", "", format_type(annotation))
