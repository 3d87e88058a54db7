"""`executor=Interpreter(limit=2)`: sync functions in other interpreters of the process.

On Python before 3.14, which has none, threads take their place: what signette sends and rejects is tested everywhere,
and what an interpreter does where there is one.
"""

import importlib
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import anyio
import pytest
from anyio import BrokenWorkerInterpreter

from signette import App, Interpreter, Request, Router
from signette import _interpreter_call as calls
from signette.declarative.errors.base import SignatureError
from signette.declarative.inspection.plan_json import describe_plan
from signette.declarative.signature import executors as module
from signette.declarative.signature.marker_functions import Depends
from signette.executors import InterpreterCallError, Process
from tests.asgi import JSON, fetch
from tests.declarative import interpreter_functions as there
from tests.declarative import process_functions as elsewhere
from tests.declarative.building import app_of

pytestmark = pytest.mark.either_loop
REAL_IMPORT_PROBLEM = calls.import_problem
HAS_INTERPRETERS = sys.version_info >= (3, 14)


async def run_in_thread(function: Any, *args: Any, limiter: Any = None) -> Any:
    return await anyio.to_thread.run_sync(function, *args, limiter=limiter)


def import_problem(name: str) -> str | None:
    """What an interpreter reports of modules that import pydantic, as pydantic does not support it."""
    found = vars(importlib.import_module(name)).values()
    needs = any(str(getattr(each, "__module__", "")).startswith(("pydantic", "signette")) for each in found)
    return "module pydantic_core does not support loading in subinterpreters" if needs else None


@pytest.fixture(autouse=True)
def interpreters(monkeypatch: pytest.MonkeyPatch) -> None:
    if not HAS_INTERPRETERS:
        monkeypatch.setattr(module, "HAS_INTERPRETERS", True)
        monkeypatch.setattr(calls, "run_sync", run_in_thread)
        monkeypatch.setattr(calls, "import_problem", import_problem)


async def test_values_are_sent_to_the_function_and_its_result_comes_back() -> None:
    app = App()
    app.post("/area", executor=Interpreter(limit=1))(there.area)
    response = await fetch(app, "POST /area?scale=3", b'{"width": 2, "height": 5}', headers=JSON)
    assert (response.status, response.json) == (200, 30)
    assert (await fetch(app, "POST /area?scale=x", b"{}", headers=JSON)).status == 422


async def test_operations_and_dependencies_that_name_it_share_it() -> None:
    pool = Interpreter(limit=1)

    async def taking(there_: Annotated[int, Depends(there.interpreter_of, executor=pool)]) -> int:
        return there_

    app = App()
    router = Router(executor=pool)
    router.get("/a")(there.interpreter_of)
    router.get("/b")(taking)
    app.include_router(router)
    first, second = [(await fetch(app, f"GET {path}")).json for path in ("/a", "/b")]
    assert first == second
    assert (first != there.interpreter_of()) is HAS_INTERPRETERS
    assert pool.limiter().total_tokens == 1


async def test_a_function_finds_the_modules_of_the_application(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "added_later.py").write_text("def answer() -> int:\n    return 42\n")
    monkeypatch.syspath_prepend(tmp_path)
    app = app_of(importlib.import_module("added_later").answer, executor=Interpreter(1))
    assert (await fetch(app, "GET /")).json == 42
    assert str(tmp_path) in (await fetch(app_of(there.folders, executor=Interpreter(1)), "GET /")).json


async def test_exceptions_are_raised_in_the_application() -> None:
    with pytest.raises(ValueError, match="wrong") as raised:
        await Interpreter(1).run(there.fail, "value")
    assert "interpreter_functions.py" in str(raised.value.__cause__)


@pytest.mark.parametrize(
    ("what", "problem"),
    [("exit", "in its interpreter: it raised `SystemExit`"), ("lock", "a `lock`, cannot be sent back")],
)
async def test_what_cannot_be_sent_back_is_an_error_with_its_reason(what: str, problem: str) -> None:
    with pytest.raises(InterpreterCallError, match=problem):
        await Interpreter(1).run(there.fail, what)


async def test_what_cannot_be_sent_is_an_error_that_names_the_argument() -> None:
    lock = there.fail("lock")
    with pytest.raises(InterpreterCallError, match=r"argument `value` of .*cannot be sent to another interpreter"):
        await Interpreter(1).run(there.takes_anything, value=lock)


async def test_an_interpreter_that_cannot_be_started_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*args: Any, **options: Any) -> None:
        raise BrokenWorkerInterpreter(_Excinfo())

    monkeypatch.setattr(calls, "run_sync", broken)
    with pytest.raises(InterpreterCallError, match=r"the interpreter of `.*\.area` could not be started"):
        await Interpreter(1).run_held("key", there.area, there.Grid(1))


class _Excinfo:
    type = RuntimeError
    msg = "no memory"
    formatted = "RuntimeError: no memory"
    errdisplay = formatted


# -- rejected ----------------------------------------------------------------------------------------------------------


def plan_of(function: Any, **options: Any) -> Any:
    app = App()
    app.post("/", executor=Interpreter(1), **options)(function)
    (route,) = [each for each in app.routes if getattr(each, "endpoint", None) is function]
    return route.plan  # type: ignore[attr-defined]


def takes_request(request: Request) -> None: ...


async def asynchronous() -> None: ...


def generator() -> Iterator[int]:
    yield 1


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (takes_request, "cannot import `.*test_interpreters`: module .* does not support loading in subinterpreters"),
        (elsewhere.double, "cannot import `.*process_functions`: "),
        (lambda: None, "it is not at the top level of a module"),
        (asynchronous, "is for sync functions"),
        (generator, "is for functions that return"),
    ],
)
def test_a_function_that_it_cannot_run_is_rejected(function: Any, problem: str) -> None:
    with pytest.raises(SignatureError, match=problem):
        plan_of(function)


def test_a_type_that_it_cannot_import_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(there.takes_anything.__annotations__, "value", elsewhere.Item)
    with pytest.raises(SignatureError, match="cannot import `Item`, the type of `value`: "):
        plan_of(there.takes_anything)


def test_a_value_of_this_process_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(there.takes_lock.__annotations__, "lock", Request)
    with pytest.raises(SignatureError, match="cannot"):
        plan_of(there.takes_lock)


def test_a_function_of_the_script_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(there.takes_lock, "__module__", "__main__")
    with pytest.raises(SignatureError, match="cannot import `__main__`: it is in the script that was started"):
        plan_of(there.takes_lock)


async def test_that_of_an_application_is_not_applied_where_it_cannot_be() -> None:
    app = App(executor=Interpreter(2))
    app.get("/a")(there.interpreter_of)
    app.get("/b")(elsewhere.process_of)
    plans = {each.path: each.plan for each in app.routes if hasattr(each, "plan")}
    (a,) = [step for step in describe_plan(plans["/a"])["steps"] if step["step"] == "call"]
    (b,) = [step for step in describe_plan(plans["/b"])["steps"] if step["step"] == "call"]
    assert "Interpreter(limit=2)" in str(a)
    assert "Interpreter(limit=2) of the application is not applied" in str(b)
    assert (await fetch(app, "GET /b")).status == 200


def test_a_call_cannot_be_cancelled_so_that_option_is_rejected() -> None:
    with pytest.raises(SignatureError, match="cancel"):
        plan_of(there.area, cancel_on_disconnect=True)


def test_pickling_keeps_the_limit() -> None:
    assert repr(pickle.loads(pickle.dumps(Interpreter(3)))) == "Interpreter(limit=3)"


def test_an_older_python_is_an_error_that_names_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HAS_INTERPRETERS", False)
    version = ".".join(map(str, sys.version_info[:2]))
    with pytest.raises(RuntimeError, match=rf"`Interpreter\(limit=2\)` requires Python 3.14, and this is {version}"):
        Interpreter(2)
    assert Process(2).limit == 2


def test_a_limit_is_a_positive_number() -> None:
    with pytest.raises(ValueError, match="must be a number, at least 1"):
        Interpreter(0)


def test_the_problem_of_a_module_is_that_of_its_import() -> None:
    found = [str(REAL_IMPORT_PROBLEM(name)) for name in ("json", "pydantic", "no_module")]
    expected = (
        ["None", "subinterpreters", "No module named 'no_module'"] if HAS_INTERPRETERS else ["needs Python 3.14"] * 3
    )
    assert all(part in text for part, text in zip(expected, found, strict=True)), found
