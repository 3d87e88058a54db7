"""Errors in resources: classes whose methods are endpoints."""

from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.model import SourceLocation


def operation_outside_class(location: SourceLocation, verb: str) -> SignatureError:
    return SignatureError(
        location,
        f"`@{verb}(...)` of `signette.resources` is for methods of a class",
        f"write `@router.{verb}(...)` or `@app.{verb}(...)` for a function",
    )


def operation_not_a_method(location: SourceLocation, verb: str, value: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`@{verb}(...)` decorates a `{type(value).__name__}`, which cannot be called as a method",
        "write a method: `async def read(self) -> ...`",
    )


def hidden_operation(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has a route, but another decorator has replaced the function, or its name was used again",
        "put the decorator of the route above the others, and use each name once",
    )


def method_without_self(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"the method `{name}` has no parameter for its instance",
        f"write `{name}(self, ...)`, or decorate it with `@staticmethod`",
    )


def generic_resource(location: SourceLocation, name: str, variables: Iterable[str]) -> SignatureError:
    names = ", ".join(variables)
    return SignatureError(
        location,
        f"the resource `{name}` is generic, and `{names}` has no type",
        f"include a subclass: `class Users({name}[User]): ...`",
    )


def resource_without_operations(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"the resource `{name}` has no operations",
        "decorate methods: `from signette.resources import get`, then `@get()` above `async def read(self)`",
    )


def instance_with_parameters(location: SourceLocation, attribute: str) -> SignatureError:
    return SignatureError(
        location,
        f"an instance of the resource is included, so its attribute `{attribute}` cannot be read from requests",
        f"include the class, or read `{attribute}` in the methods",
    )
