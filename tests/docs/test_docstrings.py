"""Each public class and function says what its signature cannot, and so does each method with a public name.

The classes of the toolkit also describe their attributes, because the API reference shows nothing else about them.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

import pytest

from tests.docs.test_names_page import public


def things() -> Iterator[tuple[str, Any]]:
    """The public classes and functions, each once, by the place where the pages have it."""
    seen: set[int] = set()
    for module, names in sorted(public().items()):
        for name in sorted(names):
            thing = getattr(import_module(module), name)
            if (inspect.isclass(thing) or inspect.isroutine(thing)) and id(thing) not in seen:
                seen.add(id(thing))
                yield f"{module}.{name}", thing


def methods_of(cls: type) -> Iterator[tuple[str, Any]]:
    """What a class itself defines under a public name: functions and properties, behind what was put on them."""
    for name, value in vars(cls).items():
        behind = getattr(value, "fget", None) or getattr(value, "func", None) or getattr(value, "__func__", value)
        if not name.startswith("_") and inspect.isroutine(behind):
            yield name, behind


def says_something(thing: Any) -> bool:
    text = vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
    # A dataclass without a docstring is given its signature as one.
    return bool(text) and not text.startswith(f"{thing.__name__}(")


@pytest.mark.parametrize("thing", [pytest.param(thing, id=place) for place, thing in things()])
def test_each_public_thing_has_a_docstring(thing: Any) -> None:
    assert says_something(thing)


@pytest.mark.parametrize("cls", [pytest.param(each, id=place) for place, each in things() if inspect.isclass(each)])
def test_so_has_each_method_unless_its_base_says_it(cls: type) -> None:
    silent = [name for name, method in methods_of(cls) if not says_something(method)]
    assert [
        name
        for name in silent
        if not any(getattr(getattr(base, name, None), "__doc__", None) for base in cls.__mro__[1:])
    ] == []


# Classes with attributes that users read or set.
WITH_ATTRIBUTES = {
    "signette.requests": "HTTPConnection Request",
    "signette.formstream": "FormPart",
    "signette.responses": "Response JSONResponse RedirectResponse StreamingResponse EventSourceResponse ServerSentEvent"
    " FileResponse",
    "signette.datastructures": "URL URLPath Address Headers MutableHeaders ImmutableMultiDict MultiDict QueryParams"
    " FormData Upload UploadFile State Secret CommaSeparatedStrings",
    "signette.datastructures.session": "Session",
    "signette.websockets": "WebSocket WebSocketState WebSocketDisconnect WebSocketClose WebSocketDataError",
    "signette.background": "BackgroundTask BackgroundTasks",
    "signette.exceptions": "HTTPException LimitExceeded RequestValidationError ResponseValidationError"
    " WebSocketException",
    "signette.formparsers": "MultiPartException",
    "signette.routing": "NoMatchFound Route WebSocketRoute Mount Host Router BaseRoute Match",
    "signette.authentication": "AuthCredentials BaseUser SimpleUser UnauthenticatedUser AuthenticationBackend",
    "signette.middleware.authentication": "AuthenticationMiddleware",
    "signette.convertors": "Convertor",
    "signette.applications": "Application",
    "signette.middleware": "Middleware",
}
# The interface between routes, their index and an application.
INSIDE = (
    "fits_type allowed index_entry run populate_scope template reverse only_name moved enforces_limits"
    " limits_headers runs_directly tracks_start starts_mounted lifespan_state add_state forget_state"
    " inner_name reverse_inner live_routes path_of find is_plain"
)


@cache
def attributes_of(cls: type) -> frozenset[str]:
    """The public names that a class itself annotates or assigns, or that its methods set."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    set_by_methods = {
        node.attr
        for node in ast.walk(body)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }
    assigned = {name for name, value in vars(cls).items() if not is_described(value)}
    names = {*set_by_methods, *assigned, *inspect.get_annotations(cls)}
    return frozenset(name for name in names if not name.startswith("_"))


def is_described(value: Any) -> bool:
    """It is a function, a property or the like, which has its own docstring."""
    return inspect.isroutine(value) or hasattr(value, "fget") or hasattr(value, "func") or hasattr(value, "__func__")


def described_by(cls: type) -> set[str]:
    """The names that a docstring lists below `Attributes:`, or has in backticks, and those of its bases."""
    ours = [base for base in cls.__mro__ if base.__module__.startswith("signette")]
    texts = "\n".join(inspect.cleandoc(base.__doc__ or "") for base in ours)
    listed = set(re.findall(r"^    (\w+): ", texts, re.MULTILINE)) | set(re.findall(r"`(\w+)", texts))
    return listed | {name for base in ours for name, value in vars(base).items() if is_described(value)}


@pytest.mark.parametrize(
    "cls",
    [getattr(import_module(module), name) for module, names in WITH_ATTRIBUTES.items() for name in names.split()],
)
def test_a_class_describes_each_attribute(cls: type) -> None:
    ours = [base for base in cls.__mro__ if base.__module__.startswith("signette")]
    attributes = {name for base in ours for name in attributes_of(base)}
    assert attributes - described_by(cls) - {*INSIDE.split()} == set()
