"""What becomes of imports and of the names that they bind, as pairs of texts."""

from pathlib import Path

import pytest

from tests.port.porting import port

PAIRS = [
    pytest.param(*pair.split("---\n"), id=title)
    for title, pair in (
        part.split("\n", maxsplit=1)
        for part in (Path(__file__).parent / "pairs.txt").read_text("utf-8").split("=== ")[1:]
    )
]

KEPT = [
    # the new name is taken
    "class App: ...\n\napp = FastAPI()\n",
    "app = FastAPI()\nApp = type(app)\n",
    # the old name has another meaning somewhere
    "def f(FastAPI):\n    return FastAPI\n\napp = FastAPI()\n",
    "if not FastAPI:\n    FastAPI = None\n",
    # others import it
    "__all__ = ['FastAPI', 'x']\n",
    "__all__ += ('FastAPI',)\n",
]


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_imports_and_uses_are_rewritten(before: str, after: str) -> None:
    assert port(before).text == after


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_a_second_run_changes_nothing(before: str, after: str) -> None:
    assert before
    assert port(after).text == after


@pytest.mark.parametrize("rest", KEPT)
def test_a_class_keeps_its_name_where_another_would_clash(rest: str) -> None:
    assert port(f"from fastapi import FastAPI\n\n{rest}").text == f"from signette import App as FastAPI\n\n{rest}"


def test_two_routers_keep_apart() -> None:
    source = "from fastapi import APIRouter\nfrom starlette.routing import Router\n\nx = APIRouter(), Router()\n"
    assert port(source).text == (
        "from signette import Router as APIRouter\nfrom signette.routing import Router\n\nx = APIRouter(), Router()\n"
    )


def test_names_are_kept_on_demand() -> None:
    source = "from fastapi import APIRouter, FastAPI\n\nx = FastAPI(), APIRouter()\n"
    expected = "from signette import App, Router as APIRouter\n\nx = App(), APIRouter()\n"
    assert port(source, {"APIRouter"}).text == expected


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("from fastapi.utils import x\n", [(1, "fastapi.utils.x", False)]),
        ("import fastapi.utils\n", [(1, "fastapi.utils", False)]),
        ("import fastapi\n\nfastapi.utils.x()\n", [(3, "fastapi.utils.x", False)]),
        ("from fastapi import *\n", [(1, "fastapi", True)]),
        ("from starlette.requests import *\nimport os\n", [(1, "starlette.requests", True)]),
        ("from starlette.routing import Mount, replace_params\n", [(1, "starlette.routing.replace_params", False)]),
        ("from starlette import nothing\n", [(1, "starlette.nothing", False)]),
        ("from fastapi.cli import main\n", [(1, "fastapi.cli.main", False)]),
    ],
)
def test_what_is_left_is_listed_and_still_imported(source: str, left: list[tuple[int, str, bool]]) -> None:
    rewritten = port(source)
    assert [(each.line, each.there, each.star) for each in rewritten.left] == left
    assert "fastapi" in rewritten.text or "starlette" in rewritten.text
    again = port(rewritten.text)
    assert [(each.there, each.star) for each in again.left] == [(there, star) for _, there, star in left]


def test_a_long_import_is_written_with_a_name_on_each_line() -> None:
    names = [
        "Address",
        "FormData",
        "Headers",
        "ImmutableMultiDict",
        "MultiDict",
        "MutableHeaders",
        "QueryParams",
        "Request",
    ]
    assert port(f"from starlette.requests import {', '.join(names)}\n").text == (
        "from signette.datastructures import (\n"
        + "".join(f"    {name},\n" for name in names[:-1])
        + ")\nfrom signette.requests import Request\n"
    )
