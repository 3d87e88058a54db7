"""The public API has exactly these names, each the same object as in its module."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import get_origin

import pytest

import signette

# fmt: off
NAMES = [
    # applications and routes
    "App", "Router", "Route", "TypedRoute", "RouteOptions", "RouterOptions", "WebSocketOptions", "Mount", "Host",
    "WebSocketRoute", "Middleware", "Limits",
    # what a request is made of
    "Request", "WebSocket", "HTTPConnection", "UploadFile", "Upload",
    # responses
    "Response", "JSONResponse", "PlainTextResponse", "HTMLResponse", "RedirectResponse", "StreamingResponse",
    "FileResponse", "EventSourceResponse", "BackgroundTask", "BackgroundTasks",
    # words of a signature
    "Path", "Query", "Header", "Cookie", "Body", "Form", "File", "Depends", "Security",
    "Thread", "Process", "Interpreter",
    "Patch", "JSONPatch", "To", "Parts", "Stream", "Items", "Conditional", "RequiredConditional",
    "Ok", "Created", "Accepted", "NoContent", "Outcome", "Page", "Raises", "Tagged",
    # messages between requests
    "Channel", "Topic", "Socket",
    # errors
    "HTTPException", "Problem", "WebSocketDisconnect", "WebSocketException",
    # looking at it
    "explain", "__version__",
]
# fmt: on


def names_for_checkers() -> dict[str, str]:
    """Name -> module, as the `if TYPE_CHECKING` block of the face says it."""
    assert signette.__file__ is not None
    tree = ast.parse(Path(signette.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    found = {}
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        for alias in node.names:
            assert alias.asname == alias.name, f"`{alias.name} as {alias.name}` is what hands a name on to checkers"
            found[alias.name] = str(node.module)
    return found


def test_the_face_shows_exactly_the_public_names() -> None:
    assert sorted(signette.__all__) == sorted(NAMES)
    assert len(set(NAMES)) == len(NAMES)


def test_checkers_and_the_interpreter_find_each_name_in_the_same_module() -> None:
    assert names_for_checkers() == signette._MODULES
    assert sorted(signette._MODULES) == sorted(signette.__all__)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_the_object_that_its_home_defines(name: str) -> None:
    home = names_for_checkers()[name]
    value = getattr(signette, name)
    assert value is getattr(import_module(home), name)
    if hasattr(value, "__module__") and get_origin(value) is None:
        # Type checkers see the markers as functions, in another file (tests/declarative/test_marking.py).
        classes = "signature.depends" if name in ("Depends", "Security") else "signature.markers"
        assert value.__module__ == home.replace("signature.marker_functions", classes)


def test_a_name_is_imported_once_and_then_cached_in_the_module() -> None:
    code = "import signette; signette.Limits; print('Limits' in vars(signette), 'App' in vars(signette))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_dir_lists_the_public_names_before_they_are_used() -> None:
    assert set(NAMES) <= set(dir(signette))


def test_a_star_import_brings_the_public_names() -> None:
    namespace: dict[str, object] = {}
    exec("from signette import *", namespace)
    assert set(NAMES) <= namespace.keys()


def test_a_misspelt_name_is_an_attribute_error_that_knows_the_name() -> None:
    with pytest.raises(AttributeError, match="module 'signette' has no attribute 'Aplication'") as caught:
        _ = signette.Aplication
    assert caught.value.name == "Aplication"
    with pytest.raises(ImportError, match="cannot import name 'Aplication'"):
        exec("from signette import Aplication")
