"""Mistakes in what stands before plain routes. One function each."""

from typing import Any

from signette.declarative.errors.base import PlanError
from signette.declarative.signature.callables import where_of
from signette.declarative.signature.model import Where


def body_before_plain_route(where: Where, name: str, path: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}` is read from the body, and `dependencies=` puts this before `{path or '/'}`, which is no typed route"
        " and reads the body itself",
        "make the route typed, read the value from the head, or give the dependency to the typed routes alone",
    )


def unguardable_route(where: Where, dependency: Any) -> PlanError:
    word = where_of(dependency).name.rpartition(".")[2]
    return PlanError(
        where,
        f"this route answers in its own way, so `{word}` in `dependencies=` cannot be put before it",
        "make it a `Route` or a `Mount` of an ASGI application, or guard it by `middleware=`",
    )
