"""Which operation gets a request, as the router decides it."""

from typing import Annotated, Any

import pytest

from signette import App, JSONResponse, Path, PlainTextResponse, Router
from signette.prove import Exchange, ProvedOperation, Request, Violation, prove
from signette.prove.knowledge import Knowledge
from signette.prove.laws_of_run import law_named
from signette.prove.operations import is_served_by, operations_of
from signette.prove.sandbox import Sandbox, Step, Surroundings
from signette.prove.shrinking import Again, Suspect
from signette.routing import Host, Route


async def plain(request: Any) -> PlainTextResponse:
    return PlainTextResponse("a,b")


def application() -> App:
    app = App()
    app.routes.append(Host("files.example", PlainTextResponse("file")))
    app.mount("/items/mounted", PlainTextResponse("mounted"))
    app.routes.append(Route("/items/plain", plain))
    router = Router(prefix="/items")

    @router.get("/export")
    async def export() -> str:
        return "export"

    @router.get("/hidden", include_in_schema=False)
    async def hidden() -> str:
        return "hidden"

    @router.get("/{item_id}")
    async def read(item_id: str) -> str:
        return item_id

    @router.head("/{item_id}")
    async def head(item_id: str) -> None:
        return None

    app.include_router(router)
    app.include_router(router, version="v1")
    return app


def named(app: App, key: str) -> ProvedOperation:
    (found,) = operations_of(app, [key])
    return found


@pytest.mark.parametrize(
    ("request_", "is_served"),
    [
        (Request("GET", "/items/1"), True),
        (Request("GET", "/items/export?page=1"), False),
        (Request("GET", "/items/%65xport"), False),
        (Request("GET", "/items/hidden"), False),
        (Request("GET", "/items/plain"), False),
        (Request("GET", "/items/mounted/1"), False),
        (Request("GET", "/v1/items/1"), False),
        (Request("HEAD", "/items/1"), False),
        (Request("GET", "/items/1", (("Host", "files.example"),)), False),
        (Request("DELETE", "/items/1"), True),
        (Request("GET", "/nothing"), True),
    ],
    ids=str,
)
def test_a_request_is_served_by_the_route_that_the_router_finds(request_: Request, is_served: bool) -> None:
    assert is_served_by(named(application(), "GET /items/{item_id}"), request_) is is_served


def test_the_operation_for_head_gets_its_requests_although_one_for_get_is_before_it() -> None:
    assert is_served_by(named(application(), "HEAD /items/{item_id}"), Request("HEAD", "/items/1"))


def test_the_name_of_another_operation_is_no_value_of_a_parameter() -> None:
    app = application()
    operations = operations_of(app)
    knowledge = Knowledge(operations)
    for operation in operations:
        knowledge.learn(operation, Exchange(Request("GET", "/items/export"), 200))
    assert knowledge.candidates(named(app, "GET /items/{item_id}")).path == {}
    knowledge.learn(operations[0], Exchange(Request("GET", "/items/5"), 200))
    assert knowledge.candidates(named(app, "GET /items/{item_id}")).path == {"item_id": ("5",)}


def test_no_request_of_a_run_is_that_of_another_operation() -> None:
    app = App()
    paths: list[str] = []

    @app.get("/items/export")
    async def export() -> JSONResponse:
        paths.append("export")
        return JSONResponse([], 200)

    @app.get("/items/{item_id}")
    async def read(item_id: Annotated[str, Path(examples=["export"])]) -> str:
        return item_id

    prove(app, operation="read", exclude="export", max_examples=5, without=["safe-methods"])  # it reads others
    assert paths == []


def test_a_status_is_that_of_the_operation_that_sent_it() -> None:
    app = App()

    @app.get("/items/{item_id:int}")
    async def read(item_id: int) -> int:
        return item_id

    @app.get("/items/export", responses={202: {"description": "It is being made."}})
    async def export() -> JSONResponse:
        return JSONResponse([], 202)

    report = prove(app, max_examples=3, without=["no-echo"])
    by_key = {each.key: each for each in report.operations}
    assert by_key["GET /items/{item_id}"].undeclared == ()
    assert by_key["GET /items/export"].reached == ("202",)


def test_a_failing_request_becomes_no_request_of_another_operation() -> None:
    app = App()

    @app.get("/items/0", include_in_schema=False)
    async def zero() -> JSONResponse:
        return JSONResponse([], 202)

    @app.get("/items/{item_id}")
    async def read(item_id: int) -> JSONResponse:
        return JSONResponse([], 202)

    (operation,) = operations_of(app)
    violation = Violation("declared-status", operation.name, "202 Accepted is not declared", ())
    suspect = Suspect(law_named("declared-status"), violation, None, "valid", 1, True, (), (), frozenset())
    with Sandbox(app, Surroundings()) as sandbox:
        again = Again(sandbox, operation, suspect)
        assert again.try_with((), Step(operation, Request("GET", "/items/5"))) is not None
        assert again.try_with((), Step(operation, Request("GET", "/items/0"))) is None
