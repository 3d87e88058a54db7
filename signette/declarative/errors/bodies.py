"""Errors in how request bodies are decoded."""

from collections.abc import Iterable, Sequence
from typing import Any

from signette.declarative.errors.base import SignatureError, closest_match, format_type
from signette.declarative.signature.model import SourceLocation

# Names that people write for an encoding.
_MEANT = {"brotli": "br", "zstandard": "zstd", "gz": "gzip", "x-gzip": "gzip", "zlib": "deflate"}


def unknown_encoding(location: SourceLocation | str, value: Any, known: Iterable[str]) -> SignatureError:
    name = value.lower() if isinstance(value, str) else ""
    near = _MEANT.get(name) or closest_match(name, known)
    hint = f'write "{near}"' if near else f"use one of: {', '.join(known)}"
    return SignatureError(location, f"unknown encoding {value!r} in `request_encodings=`", hint)


def encodings_without_body(location: SourceLocation, encodings: Sequence[str]) -> SignatureError:
    return SignatureError(
        location,
        f"`request_encodings={list(encodings)!r}` has no effect: the operation reads no request body",
        "remove the option, or add a body parameter",
    )


def limit_without_body(location: SourceLocation, option: str, reason: str) -> SignatureError:
    parameter = "a body parameter" if option == "max_body_size" else "a form parameter"
    return SignatureError(location, f"`{option}=` has no effect: {reason}", f"remove the option, or add {parameter}")


def removed_header(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` reads `Content-Encoding`, which is removed from a request whose body is decompressed",
        "remove the parameter, or pass `request_encodings=[]` to the route to get the body as it was sent",
    )


def decimals_without_effect(location: SourceLocation, name: str, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`decimal=True` of `{name}` has no effect: `{format_type(annotation)}` has no decimals",
        "remove it, or annotate the numbers with `Decimal`",
    )


def decimals_of_strict_type(location: SourceLocation, name: str, annotation: Any, setting: str) -> SignatureError:
    return SignatureError(
        location,
        f"`decimal=True` of `{name}` cannot be combined with `{setting}` of `{format_type(annotation)}`: the JSON is"
        " parsed before it is validated",
        f"remove `{setting}`, or `decimal=True`",
    )


def decimals_of_one_member(location: SourceLocation, name: str, other: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` could have decimals, and lacks the `decimal=True` of `{other}`, which is in the same body",
        f"write `decimal=True` for `{name}`, too",
    )


def not_body_formats(location: SourceLocation, name: str, value: Any) -> SignatureError:
    shown = value.__name__ if isinstance(value, type) else repr(value)
    return SignatureError(
        location,
        f"`media_types={shown}` of `{name}` must be a list of formats",
        "write `media_types=[JSON, FormEncoded]`, with formats of `signette.formats`",
    )


def not_a_body_format(location: SourceLocation, name: str, value: Any) -> SignatureError:
    known = {"application/json": "JSON", "application/x-www-form-urlencoded": "FormEncoded",
             "multipart/form-data": "FormEncoded", "application/vnd.msgpack": "MessagePack"}  # fmt: skip
    near = known.get(value) if isinstance(value, str) else None
    shown = value.__name__ if isinstance(value, type) else repr(value)
    hint = f"write `{near}`, from `signette.formats`" if near else "pass a `Format` with a `media_type`"
    return SignatureError(location, f"`media_types=` of `{name}` contains `{shown}`, which is not a format", hint)


def formats_of_one_media_type(location: SourceLocation, name: str, one: Any, other: Any, shared: str) -> SignatureError:
    return SignatureError(
        location,
        f"`media_types=` of `{name}` has two formats for `{shared}`: `{one!r}` and `{other!r}`",
        "remove one of them, or give it another `media_type`",
    )


def format_does_not_decode(
    location: SourceLocation, name: str, each: Any, annotation: Any, problem: str, hint: str
) -> SignatureError:
    return SignatureError(
        location, f"`{each!r}` cannot be decoded to `{format_type(annotation)}` of `{name}`: {problem}", hint
    )
