"""Routes of a class of one's own: `get_route_handler`, as FastAPI's page on custom requests and routes documents it."""

import gzip
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import ContextVar
from typing import Annotated, Any

import fastapi
import fastapi.exceptions
import fastapi.routing
import fastapi.testclient
import pytest

import signette
import signette.exceptions
import signette.routing
import signette.testclient
from signette import (
    App,
    BackgroundTasks,
    Body,
    Depends,
    Form,
    HTTPException,
    Limits,
    Request,
    Response,
    Router,
    StreamingResponse,
    UploadFile,
)
from signette.compat import FastAPIErrors
from signette.exceptions import RequestValidationError
from signette.routing import APIRoute
from signette.testclient import TestClient

Handler = Callable[[Request], Any]
SIDES = [(fastapi, fastapi.FastAPI, fastapi.APIRouter), (signette, signette.App, signette.Router)]
sides = pytest.mark.parametrize(("of", "app", "router"), SIDES, ids=["fastapi", "signette"])


def wrapped(of: Any, wrap: Callable[[Any, Any], Any]) -> Any:
    """A class of routes whose handler is `wrap(original, request)`."""

    class Wrapped(of.routing.APIRoute):
        def get_route_handler(self) -> Any:
            original = super().get_route_handler()

            async def handler(request: of.Request) -> of.Response:
                return await wrap(original, request)

            return handler

    return Wrapped


# -- the three programs of the documentation ---------------------------------------------------------------------------


def gzip_route(of: Any) -> Any:
    class GzipRequest(of.Request):
        async def body(self) -> bytes:
            if not hasattr(self, "_body"):
                body = await super().body()
                if "gzip" in self.headers.getlist("Content-Encoding"):
                    body = gzip.decompress(body)
                self._body = body
            return self._body

    class GzipRoute(of.routing.APIRoute):
        def get_route_handler(self) -> Any:
            original_route_handler = super().get_route_handler()

            async def custom_route_handler(request: of.Request) -> of.Response:
                request = GzipRequest(request.scope, request.receive)
                return await original_route_handler(request)

            return custom_route_handler

    return GzipRoute


@sides
def test_a_request_of_ones_own_decodes_the_body(of: Any, app: Any, router: Any) -> None:
    app = app()
    app.router.route_class = gzip_route(of)

    @app.post("/sum")
    async def sum_numbers(numbers: Annotated[list[int], of.Body()]) -> dict[str, int]:
        return {"sum": sum(numbers)}

    @app.post("/sum-class")
    async def sum_numbers_class(numbers: Annotated[list[int], of.Body()], request: of.Request) -> dict[str, Any]:
        return {"sum": sum(numbers), "request_class": type(request).__name__}

    client = of.testclient.TestClient(app)
    for compress in (True, False):
        data = json.dumps([1, 1000]).encode()
        headers = {"content-type": "application/json"}
        if compress:
            data, headers = gzip.compress(data), {**headers, "content-encoding": "gzip"}
        assert client.post("/sum", content=data, headers=headers).json() == {"sum": 1001}
        assert client.post("/sum-class", content=data, headers=headers).json() == {
            "sum": 1001,
            "request_class": "GzipRequest",
        }


@sides
def test_an_error_is_caught_and_the_body_read_once_more(of: Any, app: Any, router: Any) -> None:
    async def wrap(original: Any, request: Any) -> Any:
        try:
            return await original(request)
        except of.exceptions.RequestValidationError as exc:
            body = await request.body()
            raise of.HTTPException(status_code=422, detail=f"{len(exc.errors())} {body.decode()}") from exc

    app = app(**({"errors": FastAPIErrors()} if of is signette else {}))
    app.router.route_class = wrapped(of, wrap)

    @app.post("/")
    async def endpoint(numbers: Annotated[list[int], of.Body()]) -> int:
        return sum(numbers)

    client = of.testclient.TestClient(app)
    assert client.post("/", json=[1]).json() == 1
    response = client.post("/", json=["x"])
    assert (response.status_code, response.json()) == (422, {"detail": '1 ["x"]'})


@sides
def test_a_class_of_a_router_changes_the_response_of_its_routes_alone(of: Any, app: Any, router: Any) -> None:
    async def wrap(original: Any, request: Any) -> Any:
        before = time.monotonic()
        response = await original(request)
        response.headers["X-Response-Time"] = str(time.monotonic() - before)
        return response

    app, timed = app(), router(route_class=wrapped(of, wrap))

    @app.get("/")
    async def not_timed() -> dict[str, str]:
        return {"message": "Not timed"}

    @timed.get("/timed")
    async def timed_endpoint() -> dict[str, str]:
        return {"message": "It's the time of my life"}

    app.include_router(timed, prefix="/in")
    client = of.testclient.TestClient(app)
    assert "X-Response-Time" not in client.get("/").headers
    response = client.get("/in/timed")
    assert response.json() == {"message": "It's the time of my life"}
    assert 0 <= float(response.headers["X-Response-Time"]) < 60


# -- what the handler sees ---------------------------------------------------------------------------------------------


@sides
def test_the_handler_sees_the_match_and_the_whole_response(of: Any, app: Any, router: Any) -> None:
    seen: list[Any] = []

    async def wrap(original: Any, request: Any) -> Any:
        seen.append((request.path_params, request.url.path, type(request.scope["route"]).__name__))
        response = await original(request)
        seen.append((response.status_code, json.loads(response.body), response.headers["content-length"]))
        return response

    app, made = app(), router(route_class=wrapped(of, wrap))
    made.add_api_route("/items/{name}", lambda name: {"name": name}, methods=["GET"], status_code=201)
    app.include_router(made)
    assert of.testclient.TestClient(app).get("/items/tea").status_code == 201
    assert seen == [({"name": "tea"}, "/items/tea", "Wrapped"), (201, {"name": "tea"}, "14")]


@sides
def test_the_handler_runs_inside_of_dependencies_and_before_tasks(of: Any, app: Any, router: Any) -> None:
    log: list[Any] = []
    variable: ContextVar[str] = ContextVar("variable", default="lost")

    async def wrap(original: Any, request: Any) -> Any:
        variable.set("set by the handler")
        try:
            response = await original(request)
        except ZeroDivisionError:
            raise of.HTTPException(418) from None
        log.append((response.status_code, getattr(response, "body", None)))
        response.set_cookie("a", "b")
        return response

    def dependency() -> Iterator[None]:
        log.append("open")
        try:
            yield
        finally:
            log.append("close")

    app = app()
    app.router.route_class = wrapped(of, wrap)

    @app.get("/value")
    async def value(tasks: of.BackgroundTasks, _: Annotated[None, of.Depends(dependency)]) -> dict[str, str]:
        tasks.add_task(log.append, "task")
        return {"variable": variable.get()}

    @app.get("/nothing", status_code=204)
    async def nothing() -> None: ...

    @app.get("/fails")
    async def fails() -> int:
        return 1 // 0

    client = of.testclient.TestClient(app)
    value_of = client.get("/value")
    assert (value_of.json(), value_of.cookies["a"]) == ({"variable": "set by the handler"}, "b")
    assert log == ["open", (200, b'{"variable":"set by the handler"}'), "task", "close"]
    assert [client.get(path).status_code for path in ("/nothing", "/fails")] == [204, 418]
    assert log[-1] == (204, b"")


@sides
def test_the_handler_may_return_another_response_or_raise(of: Any, app: Any, router: Any) -> None:
    async def wrap(original: Any, request: Any) -> Any:
        if request.url.path == "/before":
            return of.responses.PlainTextResponse("before")
        if request.url.path == "/raises":
            raise of.HTTPException(418)
        await original(request)
        return of.responses.PlainTextResponse("after", status_code=202)

    called: list[str] = []
    app = app()
    app.router.route_class = wrapped(of, wrap)
    for path in ("/before", "/raises", "/after"):
        app.get(path)(lambda path=path: called.append(path))
    client = of.testclient.TestClient(app)
    found = [(client.get(path).status_code, client.get(path).text) for path in ("/before", "/after")]
    assert found == [(200, "before"), (202, "after")]
    assert client.get("/raises").status_code == 418
    assert called == ["/after", "/after"]


@sides
def test_one_route_may_have_another_class(of: Any, app: Any, router: Any) -> None:
    async def wrap(original: Any, request: Any) -> Any:
        response = await original(request)
        response.headers["x-by"] = "me"
        return response

    made, outer = router(), app()
    made.add_api_route("/own", nothing, route_class_override=wrapped(of, wrap))
    made.add_api_route("/plain", nothing)
    outer.include_router(made)
    client = of.testclient.TestClient(outer)
    assert [client.get(path).headers.get("x-by") for path in ("/own", "/plain")] == ["me", None]


class Stamped(APIRoute):
    def get_route_handler(self) -> Any:
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            response = await original(request)
            response.headers["x-route"] = self.name
            return response

        return handler


class Twice(Stamped):
    def get_route_handler(self) -> Any:
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            response = await inner(request)
            response.headers["x-twice"] = response.headers["x-route"] * 2
            return response

        return handler


def stamped(**options: Any) -> App:
    return App(route_class=Stamped, **options)


def test_handlers_of_subclasses_wrap_each_other() -> None:
    app = App(route_class=Twice)
    app.get("/", name="n")(nothing)
    assert TestClient(app).get("/").headers["x-twice"] == "nn"


def test_the_class_of_an_application_and_of_an_inclusion_counts() -> None:
    app, router = stamped(), Router()
    app.get("/own")(nothing)
    router.get("/plain")(nothing)
    app.include_router(router)
    client = TestClient(app)
    assert [client.get(path).headers.get("x-route") for path in ("/own", "/plain")] == ["nothing", None]


def test_the_handler_is_made_with_the_route() -> None:
    class Broken(APIRoute):
        def get_route_handler(self) -> Any:
            raise LookupError("no handler")

    with pytest.raises(LookupError, match="no handler"):
        App(route_class=Broken).get("/")(nothing)


async def test_a_handler_without_a_request_to_its_route_says_so() -> None:
    handler = APIRoute("/", nothing).get_route_handler()
    with pytest.raises(RuntimeError, match="runs only in a request to the route"):
        await handler(Request({"type": "http", "method": "GET", "path": "/", "headers": []}))


# -- what else a route does --------------------------------------------------------------------------------------------


def test_dependencies_tasks_errors_and_overrides_work_as_in_other_routes() -> None:
    log: list[str] = []
    app = stamped()

    async def session() -> AsyncIterator[str]:
        log.append("open")
        yield "session"
        log.append("close")

    @app.get("/{number}")
    async def read(number: int, session: Annotated[str, Depends(session)], tasks: BackgroundTasks) -> str:
        if number == 3:
            raise HTTPException(404, "not three")
        tasks.add_task(log.append, "task")
        return session

    client = TestClient(app)
    assert client.get("/1").text == "session"
    assert log == ["open", "task", "close"]
    assert client.get("/3").json()["detail"] == "not three"
    assert client.get("/x").status_code == 422
    assert client.get("/x").headers["content-type"] == "application/problem+json"
    app.dependency_overrides[session] = lambda: "other"
    assert (client.get("/1").text, client.get("/1").headers["x-route"]) == ("other", "read")
    assert client.head("/1").headers["x-route"] == "read"


def test_streams_are_not_collected_and_files_are_sent(tmp_path: Any) -> None:
    app = stamped()

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"a"
            yield b"b"

        return StreamingResponse(chunks())

    @app.get("/file")
    async def file() -> signette.FileResponse:
        return signette.FileResponse(tmp_path / "file")

    (tmp_path / "file").write_bytes(b"x" * 200_000)
    client = TestClient(app)
    assert (client.get("/stream").content, client.get("/stream").headers["x-route"]) == (b"ab", "stream")
    assert (len(client.get("/file").content), client.get("/file").headers["x-route"]) == (200_000, "file")


class Plain(APIRoute):
    def get_route_handler(self) -> Any:
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            return await original(request)

        return handler


class Custom(APIRoute):
    """Its requests read the body in their own way."""

    def get_route_handler(self) -> Any:
        original = super().get_route_handler()

        class Reversed(Request):
            async def body(self) -> bytes:
                return (await super().body())[::-1]

        async def handler(request: Request) -> Response:
            return await original(Reversed(request.scope, request.receive))

        return handler


class Reading(APIRoute):
    """Its handler reads the body before the endpoint does."""

    def get_route_handler(self) -> Any:
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            await request.body()
            return await original(request)

        return handler


@pytest.mark.parametrize("takes_request", [False, True])
@pytest.mark.parametrize("cls", [Plain, Custom, Reading])
def test_limits_hold_for_what_the_handler_passes_on(cls: type[APIRoute], takes_request: bool) -> None:
    app = App(route_class=cls, limits=Limits(body_bytes=100, json_bytes=50))
    if takes_request:

        async def endpoint(request: Request, body: Annotated[list[int], Body()]) -> int:
            return len(body)
    else:

        async def endpoint(body: Annotated[list[int], Body()]) -> int:  # type: ignore[misc]  # another signature
            return len(body)

    app.post("/")(endpoint)
    app.post("/small", max_body_size=10)(endpoint)
    client = TestClient(app)
    headers = {"content-type": "application/json"}

    def sent(path: str, size: int, *, chunked: bool = False) -> int:
        text = json.dumps([1] * (size // 3)).encode()
        text = text[::-1] if cls is Custom else text
        return client.post(path, content=iter([text]) if chunked else text, headers=headers).status_code

    for chunked in (False, True):
        assert sent("/", 30, chunked=chunked) == 200
        assert sent("/", 60, chunked=chunked) == 413
        assert sent("/", 300, chunked=chunked) == 413
        assert sent("/small", 6, chunked=chunked) == 200
        assert sent("/small", 30, chunked=chunked) == 413
    assert client.post("/", content=b"[1]", headers={"content-type": "text/plain"}).status_code == 415


@pytest.mark.parametrize("cls", [Plain, Reading])
def test_forms_are_read(cls: type[APIRoute]) -> None:
    app = App(route_class=cls)

    @app.post("/")
    async def read(name: Annotated[str, Form()], file: UploadFile) -> dict[str, Any]:
        return {"name": name, "size": len(await file.read())}

    client = TestClient(app)
    sent = client.post("/", data={"name": "a"}, files={"file": ("f", b"x" * 300_000)})
    assert sent.json() == {"name": "a", "size": 300_000}
    assert client.post("/", data={"name": "a"}).status_code == 422


def test_raw_bodies_and_empty_ones_are_read() -> None:
    app = App(route_class=Custom)

    @app.post("/raw")
    async def raw(body: Annotated[bytes, Body()] = b"none") -> str:
        return body.decode()

    @app.get("/none")
    async def empty() -> str:
        return "nothing"

    client = TestClient(app)
    assert (client.post("/raw", content=b"abc").text, client.post("/raw").text) == ("cba", "none")
    assert client.get("/none").text == "nothing"


def test_a_failure_is_the_servers_as_in_other_routes(caplog: pytest.LogCaptureFixture) -> None:
    app = App(route_class=Stamped)

    @app.get("/")
    async def fails() -> None:
        raise LookupError("no")

    with caplog.at_level(logging.CRITICAL), pytest.raises(LookupError, match="no"):
        TestClient(app).get("/")
    assert TestClient(app, raise_server_exceptions=False).get("/").status_code == 500


def test_errors_of_the_handler_have_the_format_of_the_route() -> None:
    class Failing(APIRoute):
        def get_route_handler(self) -> Any:
            async def handler(request: Request) -> Response:
                raise RequestValidationError("never")

            return handler

    app = App(route_class=Failing)
    app.get("/", errors=FastAPIErrors())(nothing)
    assert TestClient(app).get("/").json()["detail"][0]["msg"] == "never"


def test_routes_without_a_handler_of_their_own_are_as_before() -> None:
    class Named(APIRoute):
        extra = "x"

    app, plain = App(route_class=Named), App()
    for each in (app, plain):
        each.get("/{number}")(read_number)
    assert isinstance(app.routes[-1], Named)
    explained = [each.explain("GET /{number}", source=True) for each in (app, plain)]
    assert explained[0] == explained[1]
    assert app.routes[-1].enforces_limits


def nothing() -> dict[str, int]:
    return {}


async def read_number(number: int) -> int:
    return number
