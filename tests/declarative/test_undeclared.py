"""What debugging reports of errors that the document does not know."""

from collections.abc import Callable
from typing import Annotated, Any

import pytest

from signette.app import App
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.outcomes import Raises
from signette.exceptions import HTTPException
from signette.problems import Problem
from tests.asgi import fetch


class Sold(Problem, status=409): ...


class SoldOut(Sold, status=409): ...


class Closed(Problem, status=409): ...


def app_with(error: Exception, debug: bool = True, **options: Any) -> App:
    app = App(debug=debug)

    def dependency(what: str) -> Annotated[None, Raises(Closed)]:
        raise error

    @app.get("/", dependencies=[Depends(dependency)], **options)
    async def endpoint() -> int | Sold: ...

    return app


async def logged_by(app: App, caplog: pytest.LogCaptureFixture, target: str = "GET /?what=x") -> tuple[int, str]:
    response = await fetch(app, target)
    return response.status, "\n".join(record.getMessage() for record in caplog.records)


class Undeclared(Problem, status=410): ...


async def test_a_problem_that_no_signature_names_is_logged_with_a_hint(caplog: pytest.LogCaptureFixture) -> None:
    status, result = await logged_by(app_with(Undeclared()), caplog)
    where, problem, hint = result.splitlines()
    assert (status, "app_with.<locals>.endpoint" in where) == (410, True)
    assert problem == "  problem: undeclared error `Undeclared` (410)"
    assert (
        hint
        == "  hint: add it to the return annotation, `-> ... | Undeclared`, or in a dependency to `Raises(Undeclared)`"
    )


async def test_so_is_an_exception_of_another_status(caplog: pytest.LogCaptureFixture) -> None:
    status, result = await logged_by(app_with(HTTPException(404)), caplog)
    assert status == 404
    assert "hint: add `responses={404: ...}` to the route, or raise a `Problem` of the return annotation" in result


@pytest.mark.parametrize("error", [Sold, SoldOut, Closed, lambda: HTTPException(422)])
async def test_what_the_document_knows_is_not(error: Callable[[], Any], caplog: pytest.LogCaptureFixture) -> None:
    assert (await logged_by(app_with(error()), caplog))[1] == ""


@pytest.mark.parametrize("key", [404, "404", "4XX", "4xx", "default"])
async def test_nor_are_models_of_additional_responses(key: Any, caplog: pytest.LogCaptureFixture) -> None:
    app = app_with(HTTPException(404), responses={key: {"description": "Gone."}})
    assert (await logged_by(app, caplog))[1] == ""


async def test_without_debugging_nothing_is_disclosed(caplog: pytest.LogCaptureFixture) -> None:
    assert await logged_by(app_with(Undeclared(), debug=False), caplog) == (410, "")
    assert await logged_by(app_with(Undeclared()), caplog, "GET /") == (422, "")
