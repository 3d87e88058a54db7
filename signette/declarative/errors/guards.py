"""Mistakes in what stands before plain routes. One function each."""

from typing import Any

from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.callables import location_of
from signette.declarative.signature.model import SourceLocation


def body_before_plain_route(where: SourceLocation, name: str, path: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` is read from the body, and `dependencies=` puts this before `{path or '/'}`, which is no typed route"
        " and reads the body itself",
        "make the route typed, read the value from the head, or give the dependency to the typed routes alone",
    )


def unguardable_route(where: SourceLocation, dependency: Any) -> SignatureError:
    word = location_of(dependency).name.rpartition(".")[2]
    return SignatureError(
        where,
        f"this route answers in its own way, so `{word}` in `dependencies=` cannot be put before it",
        "make it a `Route` or a `Mount` of an ASGI application, or guard it by `middleware=`",
    )
