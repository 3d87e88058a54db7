"""A page for each area of the toolkit: its tables name each public member of its classes, with its arguments.

A heading names the classes that its section describes. The first column of its tables has their members:
`name` for an attribute, `name(argument, other=default)` for a method, the class itself for its constructor. A default
that is no literal is written as `...`.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from tests.docs.pages import ROOT

# Page: module and the classes of it that have a section there.
AREAS = {
    "requests": {"signette.requests": "HTTPConnection Request", "signette.formstream": "FormPart"},
    "responses": {
        "signette.responses.plain": "Response JSONResponse",
        "signette.responses.redirect": "RedirectResponse",
        "signette.responses.streaming": "StreamingResponse",
        "signette.responses.events": "EventSourceResponse ServerSentEvent",
        "signette.responses.file": "FileResponse",
    },
    "data-structures": {
        "signette.datastructures": "URL URLPath Address Headers MutableHeaders ImmutableMultiDict MultiDict QueryParams"
        " FormData UploadFile State Secret CommaSeparatedStrings",
        "signette.datastructures.session": "Session",
    },
    "websockets": {
        "signette.websockets": "WebSocket WebSocketState WebSocketDisconnect WebSocketClose WebSocketDataError",
    },
    "background": {"signette.background": "BackgroundTask BackgroundTasks"},
    "exceptions": {
        "signette.exceptions": "HTTPException LimitExceeded RequestValidationError ResponseValidationError"
        " WebSocketException",
        "signette.formparsers": "MultiPartException",
        "signette.routing": "NoMatchFound",
    },
    "authentication": {
        "signette.authentication": "AuthCredentials BaseUser SimpleUser UnauthenticatedUser AuthenticationBackend",
        "signette.middleware.authentication": "AuthenticationMiddleware",
    },
    "routing": {
        "signette.routing": "Route WebSocketRoute Mount Host Router BaseRoute Match",
        "signette.convertors": "Convertor",
    },
    "applications": {"signette.applications": "Application", "signette.middleware": "Middleware"},
}

# The interface between routes, their index and an application.
INSIDE = (
    "fits_type allowed index_entry run populate_scope template reverse only_name moved enforces_limits"
    " tracks_start starts_mounted lifespan_state add_state forget_state"
    " inner_name reverse_inner live_routes path_of find is_plain"
)

HEADING = re.compile(r"^#{2,4} (.+)$", re.MULTILINE)
CLASSES = [
    (page, getattr(import_module(module), name))
    for page, modules in AREAS.items()
    for module, names in modules.items()
    for name in names.split()
]


def sections_of(page: str) -> list[tuple[str, str]]:
    """Headings, each with the text up to the next one."""
    text = (ROOT / "docs/reference" / f"{page}.md").read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    found = list(HEADING.finditer(text))
    ends = [one.start() for one in found[1:]] + [len(text)]
    return [(one[1], text[one.end() : end]) for one, end in zip(found, ends, strict=True)]


def cells_of(page: str, cls: type) -> list[str]:
    """The names in backticks in the first columns of the tables of the class."""
    tables = [text for heading, text in sections_of(page) if f"`{cls.__name__}`" in heading]
    cells = [cell for text in tables for cell in re.findall(r"^\| *(`.+?`) *\|", text, re.MULTILINE)]
    return [documented for cell in cells for documented in re.findall(r"`([^`]+)`", cell)]


def name_of(documented: str) -> str:
    return documented.partition("(")[0]


def set_by(cls: type) -> Iterator[str]:
    """The public attributes that methods of this very class set."""
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(cls)))):
        is_set = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        if is_set and isinstance(node.value, ast.Name) and node.value.id == "self" and not node.attr.startswith("_"):
            yield node.attr


def own_members(cls: type) -> set[str]:
    named = {name for name in (*vars(cls), *inspect.get_annotations(cls)) if not name.startswith("_")}
    return named | set(set_by(cls))


def members_of(cls: type, documented: tuple[type, ...]) -> set[str]:
    """The public members of a class, without those of a documented base or of a base in Python."""
    ours = [base for base in cls.__mro__ if base.__module__.startswith("signette")]
    of_bases = {name for base in ours if base is not cls and base in documented for name in everything_of(base)}
    of_bases |= {name for base in cls.__mro__ if base.__module__ == "builtins" for name in dir(base)}
    return {name for base in ours for name in own_members(base)} - of_bases - set(INSIDE.split())


def everything_of(cls: type) -> set[str]:
    return {name for base in cls.__mro__ if base.__module__.startswith("signette") for name in own_members(base)}


def written(documented: str) -> list[tuple[str, Any]]:
    """The arguments of a call as the page has it, with their defaults."""
    call = ast.parse(documented, mode="eval").body
    assert isinstance(call, ast.Call), documented
    given = [(one.arg, ast.literal_eval(one.value)) for one in call.keywords if one.arg is not None]
    return [(ast.unparse(one), inspect.Parameter.empty) for one in call.args] + given


def declared(function: Any) -> list[tuple[str, Any]]:
    """The same of the code, without `self` and `**`."""
    parameters = [one for one in inspect.signature(function).parameters.values() if one.kind is not one.VAR_KEYWORD]
    starred = [(f"*{one.name}" if one.kind is one.VAR_POSITIONAL else one.name, one.default) for one in parameters]
    return [one for one in starred if one[0] != "self"]


@pytest.mark.parametrize(("page", "cls"), CLASSES, ids=lambda value: getattr(value, "__name__", value))
def test_each_public_member_has_its_line(page: str, cls: type) -> None:
    others = tuple(other for _, other in CLASSES if other is not cls)
    assert members_of(cls, others) - {name_of(one) for one in cells_of(page, cls)} == set()


@pytest.mark.parametrize(("page", "cls"), CLASSES, ids=lambda value: getattr(value, "__name__", value))
def test_a_line_describes_an_existing_name_with_its_arguments(page: str, cls: type) -> None:
    documented = cells_of(page, cls)
    assert documented
    there = {*everything_of(cls), *dir(cls), *inspect.signature(cls).parameters, cls.__name__}
    assert [one for one in documented if name_of(one) not in there] == []
    for one in documented:
        function = cls if name_of(one) == cls.__name__ else inspect.getattr_static(cls, name_of(one), None)
        if isinstance(function, staticmethod):
            function = function.__func__
        is_called = function is cls or inspect.isfunction(function)
        assert one.endswith(")") == is_called, f"a method is written with its arguments, an attribute without: `{one}`"
        if is_called:
            given = written(one)
            hidden = {key for key, default in given if default is ...}
            assert given == [(key, ... if key in hidden else default) for key, default in declared(function)]
