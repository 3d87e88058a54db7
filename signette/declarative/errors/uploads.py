"""Errors in parameters that are uploaded files."""

import os
from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.base import SignatureError, closest_match, format_type
from signette.declarative.signature.model import SourceLocation


def invalid_file_size(location: SourceLocation, name: str, value: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`File(max_bytes={value!r})` of `{name}` must be an integer greater than 0",
        "write a number, such as `10 * 1024 * 1024` for 10 MiB, or remove it for files of any size",
    )


def media_types_not_a_list(location: SourceLocation, name: str, value: Any) -> SignatureError:
    given = f'`media_types="{value}"`' if isinstance(value, str) else f"`media_types={value!r}`"
    hint = f'write `media_types=["{value}"]`' if value else "name one, or remove the option to accept all files"
    return SignatureError(location, f"{given} of `{name}` must be a list of media types", hint)


def invalid_media_type(location: SourceLocation, name: str, value: Any) -> SignatureError:
    hint = 'write a type and a subtype, without parameters: `"image/png"`, or `"image/*"` for all subtypes'
    if value == "*/*":
        hint = "remove the option to accept all files"
    elif isinstance(value, str) and ";" in value:
        hint = f'remove the parameters: `"{value.partition(";")[0].strip()}"`'
    return SignatureError(location, f"`media_types=` of `{name}` contains {value!r}, which is not a media type", hint)


def sniffing_without_types(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`File(sniff=True)` of `{name}` has no effect without `media_types=`",
        'name the types that the content may have: `File(media_types=["image/*"], sniff=True)`',
    )


def unknown_signature(location: SourceLocation, name: str, media_type: str, known: Iterable[str]) -> SignatureError:
    near = closest_match(media_type, sorted(known))
    hint = "remove `sniff=True`, and check the content in the endpoint"
    return SignatureError(
        location,
        f"`File(sniff=True)` of `{name}` cannot recognize files of the type `{media_type}`",
        f"write `{near}`, or {hint}" if near else hint,
    )


def upload_without_sink(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` is an `Upload` without a sink",
        f'write `{name}: Annotated[Upload, To("uploads/")]`, or use `UploadFile` to keep the file until the response',
    )


def sink_without_upload(location: SourceLocation, name: str, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has the sink `To(...)`, but its type is `{format_type(annotation)}`",
        f"write `{name}: Annotated[Upload, To(...)]`: the file is in the sink, and the value describes it",
    )


def misplaced_sink(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` must have one `To(...)`, on the whole type",
        "write `Annotated[Upload, To(...)]`, or `Annotated[list[Upload], To(...)]`",
    )


def invalid_sink(location: SourceLocation, name: str, sink: Any, argument: str = "sink") -> SignatureError:
    if argument == "undo":
        return SignatureError(
            location,
            f"`To(undo={sink!r})` of `{name}` is not a function",
            "pass a function that takes the `Upload`, and removes what the sink has stored",
        )
    given = f"the class `{sink.__name__}`" if isinstance(sink, type) else repr(sink)
    hint = (
        f"pass an instance: `To({sink.__name__}(...))`"
        if isinstance(sink, type)
        else (
            "pass the path of a directory, a function that takes a `FilePart`, or an object with an async method `open`"
        )
    )
    return SignatureError(location, f"`To(...)` of `{name}` cannot send files to {given}", hint)


def sync_sink_object(location: SourceLocation, name: str, sink: Any) -> SignatureError:
    return SignatureError(
        location,
        f"the method `open` of the sink `{type(sink).__name__}` of `{name}` is not `async`",
        "write `async def open(self, part)`, which returns a writer with async methods `write`, `close` and `abort`",
    )


def generator_as_sink(location: SourceLocation, name: str, sink: Any) -> SignatureError:
    return SignatureError(
        location,
        f"the sink `{_named(sink)}` of `{name}` is a generator",
        "return the result, and pass a function that removes what was stored: `To(store, undo=remove)`",
    )


def sink_arguments(location: SourceLocation, name: str, function: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{_named(function)}` of the sink of `{name}` must take one argument",
        "write `async def store(part: FilePart)` for a sink, and `async def remove(upload: Upload)` for `undo=`",
    )


def unused_undo(location: SourceLocation, name: str, sink: Any) -> SignatureError:
    own = "files are removed from a directory" if isinstance(sink, str | os.PathLike) else "its writer has `abort`"
    return SignatureError(
        location, f"`To(undo=...)` of `{name}` has no effect: {own}", "remove the option; it is for functions"
    )


def unknown_hash(location: SourceLocation, name: str, value: Any, known: Iterable[str]) -> SignatureError:
    near = closest_match(value, sorted(known)) if isinstance(value, str) else None
    return SignatureError(
        location,
        f"`To(hash={value!r})` of `{name}` is not an algorithm of `hashlib` with a digest of fixed length",
        f'write `hash="{near}"`' if near and near != value else 'write `hash="sha256"`, or None for no digest',
    )


def conflicting_file_rules(location: SourceLocation, first: str, second: str, name: str) -> SignatureError:
    both = f"`{first}` and `{second}` read" if first != second else f"two parameters `{first}` read"
    return SignatureError(
        location,
        f"{both} the files named `{name}` by different rules",
        "give both the same type, `File(...)` and `To(...)`, or one of them another `alias=`",
    )


def _named(function: Any) -> str:
    return getattr(function, "__qualname__", None) or type(function).__name__


def parts_with_default(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: Parts` has a default, which is never used: a form without parts has none to iterate over",
        "remove the default",
    )


def parts_in_sync_endpoint(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: Parts` is iterated over by `async for`, and the endpoint is a `def`",
        "write `async def`; or send the files to a sink: `Annotated[Upload, To(...)]`",
    )


def second_parts(location: SourceLocation, first: str, second: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{first}` and `{second}` are both `Parts`, and the parts of a form arrive once",
        "read them in one place: the endpoint, or one dependency that the others take",
    )
