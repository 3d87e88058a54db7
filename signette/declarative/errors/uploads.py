"""Errors in parameters that are uploaded files."""

from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.base import SignatureError, closest_match
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
