"""The guard of the start: what declaring a route costs, in Python calls, validators and compiled expressions.

As in `test_calls.py`, counts may only fall. They are of routes whose types other routes have used already, which is
how an application grows.
"""

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest

from benchmarks.models import User
from signette.app import App
from signette.declarative.adapters import validators
from signette.declarative.binding import codegen
from signette.declarative.signature.marker_functions import Query
from tests.asgi import fetch
from tests.benchmarks.counting import Watch, table_of_calls

ROOT = Path(__file__).parents[2]

# Calls of a route that is declared: three parameters, one of them with constraints.
MOST_CALLS = 358
# Modules of signette that the import of `App` loads.
MOST_MODULES = 408


def declare(app: App, index: int) -> None:
    @app.get(f"/things{index}/{{item_id}}")
    async def read(
        item_id: int, q: str | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 20
    ) -> dict[str, Any]:
        return {"item_id": item_id, "q": q, "limit": limit}


def declare_body(app: App, index: int) -> None:
    @app.put(f"/users{index}/{{item_id}}")
    async def replace(item_id: int, user: User) -> User:
        return user


def report_of_calls() -> str:
    """How many functions of signette are called to declare a route, and which. Others vary with Python's version."""
    app = App()
    for index in range(3):
        declare(app, index)
    with Watch() as calls:
        declare(app, 3)
    own = [code for code in calls if code.co_filename.startswith(str(ROOT / "signette"))]
    return f"{len(own)}\n{table_of_calls(own)}"


def output_of(code: str) -> str:
    """What a new process prints: caches of other tests, such as those of `typing`, would change the counts."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout


def test_python_calls_of_a_route_that_is_declared() -> None:
    count, _, table = output_of(f"import {__name__} as counts; print(counts.report_of_calls())").partition("\n")
    assert int(count) <= MOST_CALLS, table


def test_equal_routes_share_their_validators(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    class Adapter(validators.TypeAdapter[Any]):
        def __init__(self, annotation: Any, **options: Any) -> None:
            made.append(annotation)
            super().__init__(annotation, **options)

    monkeypatch.setattr(validators, "TypeAdapter", Adapter)
    validators._cached_adapter.cache_clear()
    validators._cached_validators.cache_clear()
    app = App()
    declare(app, 0)
    declare_body(app, 0)
    after_one, checked = len(made), validators._cached_validators.cache_info().currsize
    for index in range(1, 200):
        declare(app, index)
        declare_body(app, index)
    assert 0 < len(made) == after_one, made
    assert validators._cached_validators.cache_info().currsize == checked


async def test_routes_that_the_index_finds_compile_no_expression() -> None:
    app = App()
    for index in range(3):
        declare(app, index)
    await fetch(app, "GET /things1/7?limit=5")
    await fetch(app, "GET /none")
    compiled = [route for route in app.routes if route._template._regex is not None]
    assert compiled == []


async def test_binders_with_equal_sources_share_their_instructions() -> None:
    codegen._compiled_once.cache_clear()
    app = App()
    for index in range(5):
        declare(app, index)
        await fetch(app, f"GET /things{index}/7")
    assert codegen._compiled_once.cache_info().misses == 1


def test_modules_that_the_import_of_an_application_loads() -> None:
    code = "import sys; from signette import App; print(sum(name.startswith('signette') for name in sys.modules))"
    assert int(output_of(code)) <= MOST_MODULES
