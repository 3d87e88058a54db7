"""Errors in the dependencies of plain routes."""

from typing import Any

from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.callables import location_of
from signette.declarative.signature.model import SourceLocation


def body_dependency_on_plain_route(location: SourceLocation, name: str, path: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` is read from the body, but `dependencies=` also applies to the plain route `{path or '/'}`, which"
        " reads the body itself",
        "make it a typed route, read the value from a header, or set `dependencies=` on the typed routes only",
    )


def dependencies_on_custom_route(location: SourceLocation, dependency: Any) -> SignatureError:
    word = location_of(dependency).name.rpartition(".")[2]
    return SignatureError(
        location,
        f"`{word}` in `dependencies=` cannot be applied to a custom route class",
        "use a `Route` or a `Mount`, or `middleware=` in place of the dependency",
    )
