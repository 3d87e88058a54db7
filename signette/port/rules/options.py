"""Options that `FastAPI`, `APIRouter` and `Starlette` take, and their counterparts do not."""

import inspect
from collections.abc import Iterator
from functools import cache
from typing import get_args

import libcst as cst

from signette.app import App
from signette.applications import Application
from signette.declarative.routing.router import Router
from signette.port.rules.rule import View

CLASSES: dict[str, type] = {"App": App, "Router": Router, "Application": Application}
TOOLKIT = {"signette.routing.Router", "starlette.routing.Router"}


def options_left(view: View) -> Iterator[tuple[cst.CSTNode, str]]:
    """The arguments of calls that are rejected when the call runs, each with the problem."""
    for call in view.tree.all(cst.Call):
        name = view.name_of(call.func)
        # A router of the toolkit has the same name as a typed one, and other options.
        if name not in CLASSES or view.qualified(call.func) & TOOLKIT:
            continue
        for arg in call.args:
            if arg.keyword is not None and arg.keyword.value not in _accepted(name):
                yield arg, f"`{name}` has no option `{arg.keyword.value}`"


@cache
def _accepted(name: str) -> set[str]:
    """The keyword arguments of a class; a typed `**options` has the keys of its dictionary."""
    accepted: set[str] = set()
    for parameter in inspect.signature(CLASSES[name]).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            accepted |= {key for options in get_args(parameter.annotation) for key in options.__annotations__}
        else:
            accepted.add(parameter.name)
    return accepted
