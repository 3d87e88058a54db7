"""Errors in the encodings of request bodies."""

from collections.abc import Iterable, Sequence
from typing import Any

from signette.declarative.errors.base import SignatureError, closest_match
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


def removed_header(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` reads `Content-Encoding`, which is removed from a request whose body is decompressed",
        "remove the parameter, or pass `request_encodings=[]` to the route to get the body as it was sent",
    )
