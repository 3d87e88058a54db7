"""`errors=` of an operation: status, body and schema of its errors in its own way."""

from collections.abc import Mapping
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import BaseModel

from signette.app import App
from signette.applications import Application
from signette.declarative.problems.format import ProblemFormat
from signette.declarative.routing.routes import TypedRoute
from signette.declarative.signature.marker_functions import Depends
from signette.exceptions import HTTPException, RequestValidationError
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.registry import Middleware
from signette.problems import Problem
from signette.responses.plain import PlainTextResponse
from signette.responses.streaming import StreamingResponse
from signette.testclient.client import TestClient


class Short(ProblemFormat):
    media_type = "application/json"

    def body(self, exc: Exception) -> Mapping[str, Any]:
        return {"short": exc.title if isinstance(exc, Problem) else getattr(exc, "status_code", 500)}

    def schema(self, status: int, problem: type[Problem] | None = None) -> Mapping[str, Any]:
        return {"title": "Short", "type": "object", "properties": {"short": {}}, "required": ["short"]}


class Gone(Problem, status=410, title="It is gone"): ...


class Item(BaseModel):
    size: int


def reject() -> None:
    raise HTTPException(403)


def application(**more: Any) -> App:
    app = App(**more)

    @app.post("/short", errors=Short())
    async def short(item: Item, what: str = "") -> Item | Gone:
        if what == "raise":
            raise HTTPException(418)
        return Gone() if what == "gone" else item

    @app.post("/long")
    async def long(item: Item) -> Item | Gone:
        return Gone()

    @app.get("/guarded", errors=Short(), dependencies=[Depends(reject)])
    async def guarded() -> None: ...

    @app.get("/broken", errors=Short())
    async def broken() -> StreamingResponse:
        async def chunks() -> Any:
            yield b"a"
            raise HTTPException(400)

        return StreamingResponse(chunks())

    return app


LAYERS = [(), (Middleware(BaseHTTPMiddleware, dispatch=lambda request, call_next: call_next(request)),)]


@pytest.mark.parametrize("middleware", LAYERS, ids=["direct", "layers"])
@pytest.mark.parametrize(
    ("body", "query", "status", "result"),
    [
        ({"size": "x"}, "", 422, 422),
        ({"size": 1}, "?what=gone", 410, "It is gone"),
        ({"size": 1}, "?what=raise", 418, 418),
    ],
)
def test_an_operation_formats_its_errors_in_its_own_way(middleware, body, query, status, result):
    with TestClient(application(middleware=middleware)) as client:
        response = client.post(f"/short{query}", json=body)
    assert (response.status_code, response.json()) == (status, {"short": result})
    assert response.headers["content-type"] == "application/json"


def test_unreadable_values_and_rejections_of_dependencies_too():
    with TestClient(application()) as client:
        assert client.post("/short", content=b"{", headers={"content-type": "application/json"}).json() == {
            "short": 400
        }
        assert client.post("/short", content=b"size").json() == {"short": 415}
        assert client.get("/guarded").json() == {"short": 403}


def test_other_operations_keep_the_default_format():
    with TestClient(application()) as client:
        assert client.post("/long", json={"size": 1}).json()["title"] == "It is gone"
        assert client.post("/long", json={}).headers["content-type"] == "application/problem+json"


def test_a_handler_that_somebody_wrote_wins():
    async def handler(request: Any, exc: Exception) -> PlainTextResponse:
        return PlainTextResponse("mine", 400)

    with TestClient(application(exception_handlers={Gone: handler, RequestValidationError: handler})) as client:
        assert client.post("/short?what=gone", json={"size": 1}).text == "mine"
        assert client.post("/short", json={}).text == "mine"
        assert client.post("/short?what=raise", json={"size": 1}).json() == {"short": 418}


def test_a_response_that_has_started_is_aborted():
    with TestClient(application()) as client, pytest.raises(RuntimeError, match="already started"):
        client.get("/broken")


def test_a_plain_application_may_have_such_a_route():
    async def read(size: int) -> int:
        return size

    with TestClient(Application(routes=[TypedRoute("/", read, options={"errors": Short()})])) as client:
        assert client.get("/?size=x").json() == {"short": 422}


def test_the_document_describes_each_way():
    document = application().openapi()
    OpenAPIV31SpecValidator(document).validate()
    short = document["paths"]["/short"]["post"]["responses"]
    for status in ("400", "410", "413", "415", "422"):
        assert short[status]["content"] == {"application/json": {"schema": {"$ref": "#/components/schemas/Short"}}}
    assert "application/problem+json" in document["paths"]["/long"]["post"]["responses"]["422"]["content"]


class Plain(ProblemFormat):
    """Changes nothing."""


@pytest.mark.parametrize("cls", [ProblemFormat, Plain])
@pytest.mark.parametrize("own", [True, False], ids=["of the route", "of the application"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("body", lambda exc: {"replaced": True}),
        ("respond", lambda exc: PlainTextResponse("replaced", 422)),
        ("validation_error", lambda errors: PlainTextResponse("replaced", 422)),
        ("media_type", "application/replaced"),
    ],
)
def test_methods_of_a_format_may_be_replaced_after_the_first_request(cls, own, name, value):
    error_format = cls()
    app = App() if own else App(errors=error_format)

    @app.get("/", **({"errors": error_format} if own else {}))
    async def read(size: int) -> int:
        return size

    with TestClient(app) as client:
        assert client.get("/?size=x").json()["title"] == "Unprocessable Content"
        setattr(error_format, name, value)
        replaced = client.get("/?size=x")
        delattr(error_format, name)
        assert client.get("/?size=x").json()["title"] == "Unprocessable Content"
    assert "replaced" in replaced.text + replaced.headers["content-type"]


def test_methods_may_also_be_replaced_on_a_class_that_changes_nothing(monkeypatch):
    app = App(errors=Plain())

    @app.get("/")
    async def read(size: int) -> int:
        return size

    with TestClient(app) as client:
        assert client.get("/?size=x").json()["title"] == "Unprocessable Content"
        monkeypatch.setattr(Plain, "body", lambda self, exc: {"replaced": True})
        assert client.get("/?size=x").json() == {"replaced": True}
