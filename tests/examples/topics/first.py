"""What people notice first after the move, and what keeps FastAPI's behaviour: the table at the top of the page."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import fastapi
import fastapi.testclient
import pytest
from pydantic import BaseModel

import signette
import signette.testclient
from signette.compat import FastAPIErrors, fastapi_operation_id
from signette.declarative.errors.base import SignatureError
from signette.openapi.docs import SwaggerUI
from signette.responses import JSONResponse
from tests.first_rows import FirstRows

FIRST = FirstRows()
first = FIRST.row


def compare(declare: Callable[[Any, Any], None], see: Callable[[Any], Any], **options: Any) -> None:
    """The default `App` differs from FastAPI, and one with these options does not."""
    theirs, default, kept = [
        _seen(app, of, declare, see)
        for app, of in (
            (fastapi.FastAPI(title="Shop"), fastapi),
            (signette.App(title="Shop"), signette),
            (signette.App(title="Shop", **options), signette),
        )
    ]
    assert default != theirs
    assert kept == theirs


def _seen(app: Any, of: Any, declare: Callable[[Any, Any], None], see: Callable[[Any], Any]) -> Any:
    declare(app, of)
    return see(of.testclient.TestClient(app, raise_server_exceptions=False))


def responses_to(*paths: str) -> Callable[[Any], Any]:
    def see(client: Any) -> Any:
        found = [client.get(path) for path in paths]
        return [(each.status_code, each.headers.get("content-type"), each.content) for each in found]

    return see


@first(
    "Errors are problem documents (RFC 9457), and `exc.errors()` has other keys.",
    "`App(errors=FastAPIErrors())`, [see below](#keep-the-shape-of-errors)",
)
def errors() -> None:
    def declare(app: Any, of: Any) -> None:
        @app.get("/sold")
        async def sold():  # type: ignore[no-untyped-def]
            raise of.HTTPException(409, {"left": 0})

    compare(declare, responses_to("/sold", "/nowhere"), errors=FastAPIErrors())


@first(
    "Operation ids are names of functions, so generated clients have other method names.",
    "`App(generate_unique_id_function=fastapi_operation_id)`",
)
def operation_ids() -> None:
    def declare(app: Any, of: Any) -> None:
        @app.get("/items/{item_id}")
        async def read_item(item_id: int): ...  # type: ignore[no-untyped-def]

    def see(client: Any) -> Any:
        return client.app.openapi()["paths"]["/items/{item_id}"]["get"]["operationId"]

    compare(declare, see, generate_unique_id_function=fastapi_operation_id)


@first(
    "`-> None` is a 204. `-> str` is plain text, `-> bytes` binary, and `-> pathlib.Path` sends the file.",
    "`App(default_response_class=JSONResponse)`, also for one router or, as `response_class=`, for one route",
)
def results() -> None:
    file = Path(__file__)

    def declare(app: Any, of: Any) -> None:
        @app.get("/none")
        async def none() -> None: ...

        @app.get("/text")
        async def text() -> str:
            return "tea"

        @app.get("/bytes")
        async def binary() -> bytes:
            return b"tea"

        @app.get("/path")
        async def path() -> Path:
            return file

    for path in ("/none", "/text", "/bytes", "/path"):
        compare(declare, responses_to(path), default_response_class=JSONResponse)


@first(
    "An iterator of `str` or `bytes` is sent as it is, and not as JSON Lines.",
    "Annotate it as `Iterator[Any]`.",
)
def streams() -> None:
    for item in ("tea", b"tea"):
        found = []
        for app, of in ((fastapi.FastAPI(), fastapi), (signette.App(), signette)):
            for path, annotation in (("/typed", Iterator[type(item)]), ("/any", Iterator[Any])):  # type: ignore[misc]
                app.get(path)(_yielding(item, annotation))
            client = of.testclient.TestClient(app)  # type: ignore[attr-defined]
            found.append([client.get("/typed").text, client.get("/any").text])
        assert found == [['"tea"\n', '"tea"\n'], ["tea", '"tea"\n']]


def _yielding(item: Any, annotation: Any) -> Any:
    def endpoint() -> Any:
        yield item

    endpoint.__annotations__["return"] = annotation
    return endpoint


@first(
    "Large requests are a 413, 414, 431 or 400: [limits](../reference/limits.md) are on by default.",
    "`App(limits=Limits(...))` with larger numbers, or None for no limit",
)
def limits() -> None:
    def declare(app: Any, of: Any) -> None:
        @app.post("/")
        async def length(text: list[str]):  # type: ignore[no-untyped-def]
            return len(text[0])

    def see(client: Any) -> Any:
        response = client.post("/", json=["a" * 2**21])
        return response.status_code, response.text

    compare(declare, see, limits=signette.Limits(json_bytes=None))


@first(
    "JSON that cannot be parsed is a 400, and a body of another media type a 415. FastAPI has a 422 for both.",
    "There is no option: expect the new codes.",
)
def codes() -> None:
    found = []
    for app, of in ((fastapi.FastAPI(), fastapi), (signette.App(), signette)):

        class Item(BaseModel):
            name: str

        @app.post("/")
        async def endpoint(item: Item): ...  # type: ignore[no-untyped-def]

        client = of.testclient.TestClient(app)  # type: ignore[attr-defined]
        found += [
            client.post("/", content="{", headers={"content-type": "application/json"}).status_code,
            client.post("/", data={"name": "tea"}).status_code,
        ]
    assert found == [422, 422, 400, 415]


@first(
    "An invalid request calls no dependency of a parameter: all values are validated first.",
    "Write `Security(check)` for `Depends(check)` to run it first.",
)
def order() -> None:
    def declare(app: Any, of: Any) -> None:
        async def check():  # type: ignore[no-untyped-def]
            raise of.HTTPException(403)

        @app.get("/depends")
        async def depends(n: int, user: Annotated[Any, of.Depends(check)]): ...  # type: ignore[no-untyped-def]

        @app.get("/security")
        async def security(n: int, user: Annotated[Any, of.Security(check)]): ...  # type: ignore[no-untyped-def]

    def see(client: Any) -> Any:
        return [client.get(path).status_code for path in ("/depends", "/security")]

    sides = ((fastapi.FastAPI(), fastapi), (signette.App(), signette))
    assert [_seen(app, of, declare, see) for app, of in sides] == [[403, 403], [422, 403]]


@first(
    "An invalid signature or option raises a `SignatureError` when the route is made.",
    "Apply its hint: [these are rejected](#rejected-when-a-route-is-made).",
)
def signatures() -> None:
    def declare(app: Any) -> None:
        @app.get("/items/{id}")
        async def endpoint(item_id: int): ...  # type: ignore[no-untyped-def]

    declare(fastapi.FastAPI())
    with pytest.raises(SignatureError, match="hint: "):
        declare(signette.App())


@first(
    "The API docs at `/docs` are signette's own page, without Swagger UI and `/redoc`.",
    "[`App(docs=SwaggerUI())`](../reference/document.md#swagger-ui-redoc-and-scalar) with a package that has its files;"
    " `redoc_url=` for ReDoc; the OpenAPI document is at `/openapi.json` on both",
)
def api_docs() -> None:
    page = SwaggerUI(script_url="/static/swagger-ui-bundle.js", style_url="/static/swagger-ui.css")
    pages = [
        signette.testclient.TestClient(each).get("/docs").text for each in (signette.App(), signette.App(docs=page))
    ]
    pages.append(fastapi.testclient.TestClient(fastapi.FastAPI()).get("/docs").text)
    assert ["SwaggerUIBundle(" in page for page in pages] == [False, True, True]


@first(
    "An application without a title is `API` in the OpenAPI document, and not `FastAPI`.",
    '`App(title="FastAPI")`',
)
def title() -> None:
    titles = [app.openapi()["info"]["title"] for app in (fastapi.FastAPI(), signette.App())]
    assert titles == ["FastAPI", "API"]
    assert signette.App(title="FastAPI").openapi()["info"]["title"] == "FastAPI"
