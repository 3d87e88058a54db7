"""Errors of code that holds a response back: the route has started its response, and the client has none of it yet."""

from collections.abc import Callable, Iterator
from typing import Any

import anyio
import fastapi
import fastapi.testclient
import pytest
import starlette.applications
import starlette.exceptions
import starlette.middleware
import starlette.middleware.base
import starlette.responses
import starlette.routing
import starlette.testclient

import signette.applications
import signette.middleware
import signette.middleware.base
import signette.responses
import signette.routing
from signette import App, HTTPException, JSONResponse, Request, Response, Router, StreamingResponse
from signette.compat import FastAPIErrors
from signette.middleware import Middleware
from signette.middleware.base import BaseHTTPMiddleware
from signette.routing import APIRoute, Mount, Route
from signette.testclient import TestClient
from signette.types import ASGIApp, Message, Receive, Scope, Send

Raise = Callable[[], Any]


def forbidden() -> Any:
    raise HTTPException(403)


def broken() -> Any:
    raise ValueError("x")


class Dispatching(BaseHTTPMiddleware):
    """Raises when it has the response."""

    def __init__(self, app: ASGIApp, error: Raise) -> None:
        super().__init__(app)
        self.error = error

    async def dispatch(self, request: Request, call_next: Any) -> Any:
        await call_next(request)
        return self.error()


class Collecting:
    """The same without `BaseHTTPMiddleware`, with the whole response."""

    def __init__(self, app: ASGIApp, error: Raise) -> None:
        self.app = app
        self.error = error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def drop(message: Message) -> None:
            pass

        await self.app(scope, receive, drop)
        self.error()


class Passing(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: Any) -> Any:
        return await call_next(request)


def raising_route(of: Any, error: Raise) -> Any:
    class Raising(of.routing.APIRoute):  # type: ignore[misc]  # of either package
        def get_route_handler(self) -> Any:
            original = super().get_route_handler()

            async def handler(request: of.Request) -> of.Response:
                await original(request)
                return error()

            return handler

    return Raising


async def value() -> dict[str, int]:
    return {"a": 1}


async def response() -> Response:
    return Response("x")


async def stream() -> StreamingResponse:
    return StreamingResponse(iter([b"a"] * 9))


def in_thread() -> JSONResponse:
    return JSONResponse({"a": 1})


ENDPOINTS = (value, response, stream, in_thread)


def add_all(router: Any) -> Any:
    for endpoint in ENDPOINTS:
        router.add_api_route(f"/{endpoint.__name__}", endpoint)
    return router


async def plain(request: Request) -> Response:
    return Response("x")


def plain_sync(request: Request) -> Response:
    return Response("x")


async def plain_stream(request: Request) -> Response:
    return StreamingResponse(iter([b"a"] * 9))


def plain_routes(middleware: Any = None) -> list[Route]:
    functions = zip(ENDPOINTS, (plain, plain, plain_stream, plain_sync), strict=True)
    return [Route(f"/{each.__name__}", function, middleware=middleware) for each, function in functions]


def of_class(app: Any, error: Raise, cls: Any) -> None:
    app.include_router(add_all(Router(route_class=raising_route(signette, error))))


def of_class_mounted(app: Any, error: Raise, cls: Any) -> None:
    app.mount("/", add_all(Router(route_class=raising_route(signette, error))))


def of_class_in_mounted_app(app: Any, error: Raise, cls: Any) -> None:
    app.mount("/", add_all(App(route_class=raising_route(signette, error))))


def router_mounted(app: Any, error: Raise, cls: Any) -> None:
    app.mount("/", add_all(Router(middleware=[Middleware(cls, error=error)])))


def app_in_mount(app: Any, error: Raise, cls: Any) -> None:
    app.router.routes.append(Mount("/", app=add_all(App()), middleware=[Middleware(cls, error=error)]))


def mount(app: Any, error: Raise, cls: Any) -> None:
    app.router.routes.append(Mount("/", routes=plain_routes(), middleware=[Middleware(cls, error=error)]))


def route(app: Any, error: Raise, cls: Any) -> None:
    app.router.routes.extend(plain_routes([Middleware(cls, error=error)]))


TYPED = [of_class, of_class_mounted, of_class_in_mounted_app, router_mounted]
PLACES = [*TYPED, app_in_mount, mount, route]


@pytest.mark.parametrize("endpoint", [each.__name__ for each in ENDPOINTS])
@pytest.mark.parametrize("cls", [Dispatching, Collecting])
@pytest.mark.parametrize("has_middleware", [False, True])
@pytest.mark.parametrize("make", [App, signette.applications.Application])
@pytest.mark.parametrize("place", PLACES)
def test_errors_are_responded_to(place: Any, make: Any, has_middleware: bool, cls: Any, endpoint: str) -> None:
    if make is not App and place is of_class:
        place = of_class_in_mounted_app  # it includes no routers

    def client(error: Raise) -> TestClient:
        app = make()
        place(app, error, cls)
        if has_middleware:
            app.add_middleware(Passing)
        return TestClient(app, raise_server_exceptions=False)

    own_app = make is App or place is of_class_in_mounted_app
    refused, failed = client(forbidden).get(f"/{endpoint}"), client(broken).get(f"/{endpoint}")
    assert (refused.status_code, failed.status_code) == (403, 500)
    if own_app:
        assert refused.json()["title"] == "Forbidden"
        assert failed.json()["title"] == "Internal Server Error"
    else:
        assert (refused.text, failed.text) == ("Forbidden", "Internal Server Error")


@pytest.mark.parametrize("endpoint", [each.__name__ for each in ENDPOINTS])
@pytest.mark.parametrize("place", PLACES)
def test_handlers_of_the_application_are_called(place: Any, endpoint: str) -> None:
    app = App(
        exception_handlers={
            403: lambda request, exc: JSONResponse({"handled": request.url.path}, 403),
            Exception: lambda request, exc: JSONResponse({"handled": str(exc)}, 500),
        }
    )
    errors = iter([forbidden, broken])
    if place is of_class_in_mounted_app:
        app.add_route("/", plain)
        inner = add_all(App(route_class=raising_route(signette, lambda: next(errors)()),
                            exception_handlers=app.exception_handlers))  # fmt: skip
        app.mount("/", inner)
    else:
        place(app, lambda: next(errors)(), Dispatching)
    client = TestClient(app, raise_server_exceptions=False)
    found = [client.get(f"/{endpoint}") for _ in range(2)]
    assert [each.status_code for each in found] == [403, 500]
    assert [each.json() for each in found] == [{"handled": f"/{endpoint}"}, {"handled": "x"}]


@pytest.mark.parametrize("place", PLACES)
def test_the_server_gets_what_has_no_handler(place: Any) -> None:
    app = App()
    place(app, broken, Dispatching)
    with pytest.raises(ValueError, match="x"):
        TestClient(app).get("/value")


def test_the_format_of_the_route_is_used() -> None:
    app = App(route_class=raising_route(signette, forbidden))
    app.get("/", errors=FastAPIErrors())(value)
    found = TestClient(app).get("/")
    assert (found.status_code, found.json()) == (403, {"detail": "Forbidden"})


# -- as the other packages ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", [each.__name__ for each in ENDPOINTS[:2]])
@pytest.mark.parametrize("status", [403, None])
def test_a_class_of_routes_is_as_in_fastapi(status: int | None, endpoint: str) -> None:
    found = []
    for of, app in ((fastapi, fastapi.FastAPI()), (signette, App(errors=FastAPIErrors()))):

        def error() -> Any:
            raise ValueError if status is None else of.HTTPException(status)  # noqa: B023 - runs in this round

        def respond() -> Any:
            return of.Response("x")  # noqa: B023 - runs in this round

        app.router.route_class = raising_route(of, error)
        app.get("/value")(value)
        app.get("/response", response_model=None)(respond)
        answered = of.testclient.TestClient(app, raise_server_exceptions=False).get(f"/{endpoint}")
        found.append((answered.status_code, answered.json() if status else None))
    assert found[0] == found[1]


@pytest.mark.parametrize("on", ["route", "mount"])
def test_middleware_is_as_in_starlette(on: str) -> None:
    found = []
    for of, application in (
        (starlette, starlette.applications.Starlette),
        (signette, signette.applications.Application),
    ):

        class Raising(of.middleware.base.BaseHTTPMiddleware):  # type: ignore[name-defined, misc]
            async def dispatch(self, request: Any, call_next: Any) -> Any:
                await call_next(request)
                raise of.exceptions.HTTPException(403)  # noqa: B023 - runs in this round

        async def endpoint(request: Any) -> Any:
            return of.responses.Response("x")  # noqa: B023 - runs in this round

        middleware = [of.middleware.Middleware(Raising)]
        one = of.routing.Route("/", endpoint, middleware=middleware if on == "route" else None)
        routes = [one] if on == "route" else [of.routing.Mount("/", routes=[one], middleware=middleware)]
        answered = of.testclient.TestClient(application(routes=routes)).get("/")
        found.append((answered.status_code, answered.text))
    assert found[0] == found[1]


# -- what is too late, and what comes again ----------------------------------------------------------------------------


@pytest.mark.parametrize("has_middleware", [False, True])
@pytest.mark.parametrize("place", ["class", "middleware"])
async def test_a_response_that_was_sent_is_the_only_one(place: str, has_middleware: bool) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"a"
        raise HTTPException(403)

    async def late() -> StreamingResponse:
        return StreamingResponse(chunks())

    class Kept(APIRoute):
        def get_route_handler(self) -> Any:
            original = super().get_route_handler()

            async def handler(request: Request) -> Response:
                return await original(request)

            return handler

    app = App()
    router = Router(route_class=Kept) if place == "class" else Router(middleware=[Middleware(Passing)])
    router.add_api_route("/late", late)
    app.mount("/", router)
    if has_middleware:
        app.add_middleware(Passing)
    scope = {"type": "http", "method": "GET", "path": "/late", "raw_path": b"/late", "query_string": b"", "headers": []}
    sent: list[Message] = []

    received = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        for message in received:
            return message
        await anyio.sleep_forever()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises((RuntimeError, HTTPException)):
        await app(scope, receive, send)
    starts = [each["status"] for each in sent if each["type"] == "http.response.start"]
    assert starts == [200]
    assert sent[1]["body"] == b"a"


@pytest.mark.parametrize("inner", ["router", "app", "own format"])
def test_a_second_run_that_fails_has_its_own_response(inner: str) -> None:
    class Twice(BaseHTTPMiddleware):
        async def dispatch(self, request: Request, call_next: Any) -> Any:
            await call_next(request)
            return await call_next(request)

    runs: list[int] = []

    async def fails_later() -> dict[str, int]:
        runs.append(1)
        if len(runs) > 1:
            raise HTTPException(403)
        return {"a": 1}

    mounted: Any = App() if inner == "app" else Router()
    mounted.add_api_route("/x", fails_later, **({"errors": FastAPIErrors()} if inner == "own format" else {}))
    app = App()
    app.router.routes.append(Mount("/m", app=mounted, middleware=[Middleware(Twice)]))
    found = TestClient(app, raise_server_exceptions=False).get("/m/x")
    assert (found.status_code, len(runs)) == (403, 2)
    assert found.json()["detail"] == "Forbidden"
    assert ("title" in found.json()) == (inner != "own format")
