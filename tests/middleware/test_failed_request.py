"""The request of an exception handler: it has what the endpoint has read of the body, and never waits for it."""

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from signette.app import App
from signette.applications import Application
from signette.endpoints import HTTPEndpoint
from signette.exceptions import HTTPException
from signette.limits import Limits
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.errors import ServerErrorMiddleware
from signette.middleware.exceptions import ExceptionMiddleware
from signette.middleware.registry import Middleware
from signette.requests import Request
from signette.responses.plain import JSONResponse, PlainTextResponse, Response
from signette.routing.mount import Mount
from signette.routing.route import Route
from tests.asgi import JSON, MULTIPART, URLENCODED, Exchange, call
from tests.declarative.building import form, part


class Broken(Exception): ...


class OtherwiseBroken(Exception): ...


class CopiesScope:
    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app({**scope}, receive, send)


async def passes(request: Any, call_next: Any) -> Any:
    return await call_next(request)


def application(endpoint: Any, handlers: Any) -> Any:
    return Application(routes=[Route("/", endpoint, methods=["POST"])], exception_handlers=handlers)


def typed_application(endpoint: Any, handlers: Any) -> Any:
    return App(routes=[Route("/", endpoint, methods=["POST"])], exception_handlers=handlers)


def typed_endpoint(endpoint: Any, handlers: Any) -> Any:
    app = App(exception_handlers=handlers)

    @app.post("/")
    async def typed(request: Request) -> Any:
        return await endpoint(request)

    return app


def with_middleware(*classes: Any) -> Any:
    def make(endpoint: Any, handlers: Any) -> Any:
        return Application(
            routes=[Route("/", endpoint, methods=["POST"])],
            exception_handlers=handlers,
            middleware=[Middleware(cls) for cls in classes],
        )

    return make


class Passes(BaseHTTPMiddleware):
    async def dispatch(self, request: Any, call_next: Any) -> Any:
        return await call_next(request)


def in_mounts(endpoint: Any, handlers: Any) -> Any:
    inner = Mount("/", routes=[Route("/", endpoint, methods=["POST"])], middleware=[Middleware(Passes)])
    return Application(routes=[Mount("/", routes=[inner])], exception_handlers=handlers)


def class_based(endpoint: Any, handlers: Any) -> Any:
    class Item(HTTPEndpoint):
        async def post(self, request: Any) -> Any:
            return await endpoint(request)

    return Application(routes=[Route("/", Item)], exception_handlers=handlers)


def in_a_thread(endpoint: Any, handlers: Any) -> Any:
    def sync_endpoint(request: Any) -> Any:
        return anyio.from_thread.run(endpoint, request)

    return Application(routes=[Route("/", sync_endpoint, methods=["POST"])], exception_handlers=handlers)


def middleware_of_a_route(endpoint: Any, handlers: Any) -> Any:
    route = Route("/", endpoint, methods=["POST"], middleware=[Middleware(CopiesScope), Middleware(Passes)])
    return Application(routes=[route], exception_handlers=handlers)


def middleware_alone(endpoint: Any, handlers: Any) -> Any:
    app: Any = Route("/", endpoint, methods=["POST"]).app
    for key, handler in handlers.items():
        app = ServerErrorMiddleware(app, handler) if key is Exception else ExceptionMiddleware(app, {key: handler})
    return app


MAKERS: dict[str, Callable[[Any, Any], Any]] = {
    "Application": application,
    "App": typed_application,
    "typed endpoint": typed_endpoint,
    "BaseHTTPMiddleware": with_middleware(Passes, Passes),
    "middleware that copies the scope": with_middleware(CopiesScope),
    "both": with_middleware(CopiesScope, Passes, CopiesScope),
    "mounts": in_mounts,
    "HTTPEndpoint": class_based,
    "thread": in_a_thread,
    "middleware of a route": middleware_of_a_route,
    "the middleware alone": middleware_alone,
}

# With `dispatch` around the endpoint.
EXCHANGES = ("BaseHTTPMiddleware", "both", "mounts", "middleware of a route")

READS: dict[str, Callable[[Any], Awaitable[Any]]] = {}


def reads(function: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
    READS[function.__name__] = function
    return function


@reads
async def nothing(request: Any) -> None: ...


@reads
async def body(request: Any) -> None:
    await request.body()


@reads
async def json(request: Any) -> None:
    await request.json()


@reads
async def stream(request: Any) -> None:
    async for _ in request.stream():
        pass


@reads
async def first_chunk(request: Any) -> None:
    await anext(request.stream())


@reads
async def disconnect(request: Any) -> None:
    await request.is_disconnected()


def handler_of(read: Any, error: type[Exception] = Broken) -> Any:
    async def handler(request: Any, exc: Exception) -> Response:
        assert isinstance(exc, error)
        try:
            return PlainTextResponse(repr(await read(request)), 418)
        except RuntimeError as failed:
            return PlainTextResponse(f"RuntimeError: {failed}", 418)

    return handler


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("key", [Broken, Exception])
@pytest.mark.parametrize("read", READS)
async def test_a_handler_reads_what_the_endpoint_has_read_or_left(maker: str, key: Any, read: str) -> None:
    async def endpoint(request: Any) -> Any:
        await READS[read](request)
        raise Broken

    async def again(request: Any) -> Any:
        return await request.body(), await request.json()

    app = MAKERS[maker](endpoint, {key: handler_of(again)})
    response = await call(app, method="POST", body=[b"[1,", b" 2]"], headers=JSON)
    # To know whether the client has disconnected, messages are received, which do not pass `dispatch` a second time.
    lost = read in ("stream", "first_chunk") or (read == "disconnect" and maker in EXCHANGES and key is Exception)
    assert response.text == ("RuntimeError: Stream consumed" if lost else "(b'[1, 2]', [1, 2])")


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("key", [Broken, Exception])
@pytest.mark.parametrize("headers", [URLENCODED, MULTIPART], ids=["urlencoded", "multipart"])
async def test_a_handler_reads_the_form_of_the_endpoint(maker: str, key: Any, headers: Any) -> None:
    async def endpoint(request: Any) -> Any:
        await request.form()
        raise Broken

    async def again(request: Any) -> Any:
        return (await request.form())["a"]

    sent = b"a=1" if headers is URLENCODED else form(part("a", "1"))
    response = await call(MAKERS[maker](endpoint, {key: handler_of(again)}), method="POST", body=sent, headers=headers)
    assert response.text == "'1'"


@pytest.mark.parametrize("maker", ["Application", "App", "typed endpoint", "HTTPEndpoint", "the middleware alone"])
async def test_a_handler_gets_the_request_of_the_endpoint_itself(maker: str) -> None:
    seen: list[Any] = []

    async def endpoint(request: Any) -> Any:
        seen.append(request)
        raise Broken

    async def handler(request: Any, exc: Exception) -> Any:
        seen.append(request)
        return Response()

    await call(MAKERS[maker](endpoint, {Broken: handler}), method="POST")
    assert seen[0] is seen[1]


@pytest.mark.parametrize("maker", MAKERS)
async def test_handlers_after_one_another_read_the_same(maker: str) -> None:
    async def endpoint(request: Any) -> Any:
        raise Broken

    async def first(request: Any, exc: Exception) -> Any:
        await request.body()
        raise OtherwiseBroken

    async def again(request: Any) -> Any:
        return await request.body()

    handlers = {Broken: first, OtherwiseBroken: handler_of(again, OtherwiseBroken)}
    assert (await call(MAKERS[maker](endpoint, handlers), method="POST", body=b"ab")).text == "b'ab'"
    handlers = {Broken: first, Exception: handler_of(again, OtherwiseBroken)}
    assert (await call(MAKERS[maker](endpoint, handlers), method="POST", body=b"ab")).text == "b'ab'"


# Middleware that reads the body.


def reader_of(read: str, *, then_fails: bool) -> Any:
    class Reads(BaseHTTPMiddleware):
        async def dispatch(self, request: Any, call_next: Any) -> Any:
            await READS[read](request)
            if then_fails:
                raise Broken
            return await call_next(request)

    return Reads


@pytest.mark.parametrize("key", [Broken, Exception])
@pytest.mark.parametrize("classes", [[], [Passes], [CopiesScope]], ids=["alone", "in another", "in a copy"])
@pytest.mark.parametrize("read", READS)
async def test_a_handler_reads_what_dispatch_has_read_before_it_failed(key: Any, classes: Any, read: str) -> None:
    async def endpoint(request: Any) -> Any:
        raise AssertionError

    async def again(request: Any) -> Any:
        return await request.body()

    app = with_middleware(*classes, reader_of(read, then_fails=True))(endpoint, {key: handler_of(again)})
    response = await call(app, method="POST", body=[b"[1,", b"2]"])
    lost = read in ("stream", "first_chunk") or (read == "disconnect" and Passes in classes and key is Exception)
    assert response.text == ("RuntimeError: Stream consumed" if lost else "b'[1,2]'")


@pytest.mark.parametrize("key", [Broken, Exception])
@pytest.mark.parametrize("in_dispatch", READS)
@pytest.mark.parametrize("in_endpoint", READS)
async def test_a_handler_reads_what_dispatch_or_the_endpoint_has_read(
    key: Any, in_dispatch: str, in_endpoint: str
) -> None:
    async def endpoint(request: Any) -> Any:
        try:
            await READS[in_endpoint](request)
        except RuntimeError:
            assert in_dispatch == "first_chunk"  # the rest alone is no body
        except ValueError:
            assert in_dispatch in ("stream", "first_chunk")  # what is left is no JSON
        raise Broken

    async def again(request: Any) -> Any:
        return await request.body()

    app = with_middleware(reader_of(in_dispatch, then_fails=False))(endpoint, {key: handler_of(again)})
    response = await call(app, method="POST", body=[b"[1,", b"2]"])
    lost = "RuntimeError: Stream consumed"
    if in_dispatch in ("body", "json"):
        # The handler of `Broken` stands inside of the middleware, and gets the request of the endpoint.
        streams = in_endpoint in ("stream", "first_chunk") and key is Broken
        assert response.text == (lost if streams else "b'[1,2]'")
    elif key is Exception and in_endpoint == "disconnect":
        assert response.text in (lost, "b'[1,2]'")
    elif in_dispatch in ("nothing", "disconnect"):
        assert response.text == (lost if in_endpoint in ("stream", "first_chunk") else "b'[1,2]'")
    else:
        assert response.text in (lost, "b''", "b'2]'")


async def test_what_was_caught_does_not_reach_a_later_handler() -> None:
    """A second run of the application leaves its own request."""

    class Retries(BaseHTTPMiddleware):
        async def dispatch(self, request: Any, call_next: Any) -> Any:
            await request.body()
            try:
                return await call_next(request)
            except Broken:
                request._body = b"second"
                return await call_next(request)

    async def endpoint(request: Any) -> Any:
        await request.body()
        runs.append(request)
        raise Broken if len(runs) == 1 else OtherwiseBroken

    async def again(request: Any) -> Any:
        return await request.body()

    runs: list[Any] = []
    app = with_middleware(Retries)(endpoint, {OtherwiseBroken: handler_of(again, OtherwiseBroken)})
    assert (await call(app, method="POST", body=b"first")).text == "b'second'"


# What remains as it was.


async def test_where_no_endpoint_was_reached_a_handler_reads_the_body() -> None:
    async def again(request: Any) -> Any:
        return await request.body()

    app = Application(exception_handlers={404: handler_of(again, HTTPException)})
    assert (await call(app, "/nowhere", "POST", body=b"ab")).text == "b'ab'"


@pytest.mark.parametrize("size", [5, 6])
async def test_a_body_that_only_a_handler_reads_is_limited_too(size: int) -> None:
    async def again(request: Any) -> Any:
        try:
            return await request.body()
        except HTTPException as exc:
            return exc.status_code

    app = App(limits=Limits(body_bytes=5), exception_handlers={404: handler_of(again, HTTPException)})
    response = await call(app, "/nowhere", "POST", body=[b"x" * size])
    assert response.text == ("b'xxxxx'" if size == 5 else "413")


@pytest.mark.parametrize("key", [Broken, Exception])
@pytest.mark.parametrize("maker", MAKERS)
async def test_a_request_that_was_handled_is_not_kept(maker: str, key: Any) -> None:
    async def endpoint(request: Any) -> Any:
        await request.body()
        raise Broken

    async def handler(request: Any, exc: Exception) -> Response:
        return JSONResponse(sorted(request.path_params))

    response: Exchange = await call(MAKERS[maker](endpoint, {key: handler}), method="POST", body=b"ab")
    assert response.text == "[]"
    assert key is Exception or "signette.request" not in response.scope
