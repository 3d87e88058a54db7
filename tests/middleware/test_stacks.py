"""An application responds in one coroutine, or with middleware in layers. No one may see a difference."""

import traceback
from typing import Any

import anyio
import pytest

from signette.app import App
from signette.applications import Application
from signette.background import BackgroundTask
from signette.body import read_body
from signette.direct import DirectStack
from signette.exceptions import HTTPException, WebSocketException
from signette.limits import Limits
from signette.middleware.errors import ServerErrorMiddleware
from signette.middleware.exceptions import ExceptionMiddleware
from signette.middleware.registry import Middleware
from signette.responses.plain import PlainTextResponse, Response
from signette.responses.streaming import StreamingResponse
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.routing.websocket import WebSocketRoute
from signette.websockets import WebSocketDisconnect
from tests.asgi import CONNECT, DISCONNECT, body_of, call, connect, exchange, scope_of

# A server whose `send` does not raise after a disconnect, so that a close that comes too late is seen.
OLDER = {"version": "3.0", "spec_version": "2.3"}


class Nothing:
    """Middleware that does nothing."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(params=["direct", "layered"])
def make(request: pytest.FixtureRequest) -> Any:
    """Makes an application of either kind."""

    def make_app(**options: Any) -> Application:
        middleware = [Middleware(Nothing)] if request.param == "layered" else []
        app = Application(middleware=middleware, **options)
        stack = app.build_middleware_stack()
        assert type(stack) is (ServerErrorMiddleware if middleware else DirectStack)
        return app

    return make_app


async def hello(request: Any) -> Any:
    return PlainTextResponse("hello")


def raises(exc: Exception) -> Any:
    async def endpoint(request: Any) -> Any:
        raise exc

    return endpoint


class Sour(Exception):
    pass


class Sourer(Sour):
    pass


async def test_the_scope_has_endpoint_route_router_and_parameters(make: Any) -> None:
    seen: dict[str, Any] = {}

    async def endpoint(request: Any) -> Any:
        seen.update(request.scope)
        return Response()

    app = make(routes=[route := Route("/{a:int}/{b}", endpoint)])
    await call(app, "/3/x")
    assert seen["path_params"] == {"a": 3, "b": "x"}
    assert seen["endpoint"] is endpoint
    assert seen["route"] is route
    assert seen["router"] is app.router
    assert seen["app"] is app


async def test_an_http_exception_sends_its_status_detail_and_fields(make: Any) -> None:
    response = await call(make(routes=[Route("/", raises(HTTPException(418, "tea", {"x-a": "b"})))]))
    assert response.error is None
    assert (response.status, response.text, response.headers["x-a"]) == (418, "tea", "b")


@pytest.mark.parametrize("status", [103, 204, 205, 304])
async def test_a_status_without_a_body_gets_no_body(make: Any, status: int) -> None:
    response = await call(make(routes=[Route("/", raises(HTTPException(status, headers={"etag": '"1"'})))]))
    length = {"content-length": "0"} if status == 205 else {}
    assert (response.status, response.body, response.headers) == (status, b"", {"etag": '"1"', **length})


@pytest.mark.parametrize("is_async", [True, False])
async def test_the_handler_of_a_status_goes_before_that_of_a_class(make: Any, is_async: bool) -> None:
    async def later(request: Any, exc: Any) -> Any:
        return PlainTextResponse(f"by status {request.url.path}", status_code=exc.status_code)

    def now(request: Any, exc: Any) -> Any:
        return PlainTextResponse(f"by status {request.url.path}", status_code=exc.status_code)

    async def by_class(request: Any, exc: Any) -> Any:
        return PlainTextResponse("by class", status_code=exc.status_code)

    handlers = {HTTPException: by_class, 404: later if is_async else now}
    app = make(routes=[Route("/", raises(HTTPException(403)))], exception_handlers=handlers)
    assert (await call(app, "/nowhere")).text == "by status /nowhere"
    assert (await call(app, "/")).text == "by class"


async def test_the_handler_of_the_nearest_class_responds(make: Any) -> None:
    async def handler(request: Any, exc: Any) -> Any:
        return PlainTextResponse(f"{type(exc).__name__} {request.path_params} {request.scope['route'].path}")

    async def wrong(request: Any, exc: Any) -> Any:
        return PlainTextResponse("wrong")

    app = make(routes=[Route("/{x:int}", raises(Sourer()))], exception_handlers={Exception: wrong, Sour: handler})
    assert (await call(app, "/7")).text == "Sourer {'x': 7} /{x:int}"


async def test_a_handled_exception_keeps_no_frames(make: Any) -> None:
    exc = HTTPException(400)
    await call(make(routes=[Route("/", raises(exc))]))
    assert exc.__traceback__ is None


async def test_a_handler_may_raise_what_another_handler_is_for(make: Any) -> None:
    async def handler(request: Any, exc: Any) -> Any:
        raise HTTPException(404, "not found after all")

    response = await call(make(routes=[Route("/", raises(Sour()))], exception_handlers={Sour: handler}))
    assert (response.status, response.text) == (404, "not found after all")


async def test_handlers_that_raise_each_other_end_in_a_500(make: Any) -> None:
    async def sour(request: Any, exc: Any) -> Any:
        raise Sour

    response = await call(make(routes=[Route("/", raises(Sour()))], exception_handlers={Sour: sour}))
    assert response.status == 500
    assert isinstance(response.error, Sour)


async def test_an_exception_that_goes_on_names_each_frame_once(make: Any) -> None:
    inner = Mount("/m", routes=[Route("/", raises(Sour()), middleware=[Middleware(Nothing)])])
    response = await call(make(routes=[inner]), "/m/")
    assert response.error is not None
    frames = [frame for frame, _ in traceback.walk_tb(response.error.__traceback__)]
    assert len(frames) == len(set(frames))
    assert frames[-1].f_code.co_name == "endpoint"


async def test_what_a_handler_raises_has_the_handled_exception_as_its_context(make: Any) -> None:
    async def fails(request: Any, exc: Any) -> Any:
        raise OSError

    response = await call(make(routes=[Route("/", raises(first := Sour()))], exception_handlers={Sour: fails}))
    assert isinstance(response.error, OSError)
    assert response.error.__context__ is first


async def test_an_unhandled_exception_is_a_500_and_propagates_to_the_server(make: Any) -> None:
    response = await call(make(routes=[Route("/", raises(Sour("secret")))]))
    assert (response.status, response.text) == (500, "Internal Server Error")
    assert isinstance(response.error, Sour)


@pytest.mark.parametrize("key", [500, Exception])
async def test_the_handler_for_500_or_exception_responds_and_the_exception_propagates(make: Any, key: Any) -> None:
    def handler(request: Any, exc: Any) -> Any:
        return PlainTextResponse(f"sorry: {type(exc).__name__} at {request.url.path}", status_code=500)

    response = await call(make(routes=[Route("/", raises(Sour()))], exception_handlers={key: handler}))
    assert response.text == "sorry: Sour at /"
    assert isinstance(response.error, Sour)


async def test_debug_shows_the_traceback_instead(make: Any) -> None:
    async def handler(request: Any, exc: Any) -> Any:
        return PlainTextResponse("sorry", status_code=500)

    app = make(debug=True, routes=[Route("/", raises(Sour("why")))], exception_handlers={Exception: handler})
    assert "Sour: why" in (await call(app)).text


async def test_debug_counts_when_it_is_set_before_the_first_request(make: Any) -> None:
    app = make(routes=[Route("/", raises(Sour("why")))])
    app.debug = True
    assert "Sour: why" in (await call(app)).text


def broken_stream(exc: Exception) -> Any:
    async def endpoint(request: Any) -> Any:
        async def chunks() -> Any:
            yield b"a"
            raise exc

        return StreamingResponse(chunks())

    return endpoint


async def test_a_handled_exception_after_the_start_is_an_error(make: Any) -> None:
    response = await call(make(routes=[Route("/", broken_stream(HTTPException(400)))]))
    assert str(response.error) == "Caught handled exception, but response already started."
    assert isinstance(response.error.__cause__, HTTPException)
    assert [one["type"] for one in response.messages] == ["http.response.start", "http.response.body"]


async def test_a_response_that_fails_midway_is_aborted(make: Any) -> None:
    response = await call(make(routes=[Route("/", broken_stream(Sour()))]))
    assert isinstance(response.error, Sour)
    assert [one.get("more_body") for one in response.messages] == [None, True]


async def test_a_failing_background_task_sends_no_second_response(make: Any) -> None:
    def fail() -> None:
        raise HTTPException(400)

    async def endpoint(request: Any) -> Any:
        return Response(background=BackgroundTask(fail))

    response = await call(make(routes=[Route("/", endpoint)]))
    assert [one["type"] for one in response.messages] == ["http.response.start", "http.response.body"]
    assert str(response.error) == "Caught handled exception, but response already started."


def failing_background() -> Any:
    def fail() -> None:
        raise Sour

    async def endpoint(request: Any) -> Any:
        return Response(background=BackgroundTask(fail))

    return endpoint


@pytest.mark.parametrize("key", [500, Exception])
@pytest.mark.parametrize("fail", [failing_background, lambda: broken_stream(Sour())], ids=["background", "midway"])
@pytest.mark.parametrize("is_async", [True, False])
async def test_the_handler_of_exception_sees_what_fails_after_the_start(
    make: Any, key: Any, fail: Any, is_async: bool
) -> None:
    seen: list[Any] = []

    async def handler(request: Any, exc: Any) -> Any:
        seen.append((request.url.path, exc))
        return PlainTextResponse("too late", 500)

    def sync_handler(request: Any, exc: Any) -> Any:
        seen.append((request.url.path, exc))
        return PlainTextResponse("too late", 500)

    handlers = {key: handler if is_async else sync_handler}
    response = await call(make(routes=[Route("/", fail())], exception_handlers=handlers))
    assert seen == [("/", response.error)]
    assert isinstance(response.error, Sour)
    assert response.status == 200
    assert b"too late" not in response.body


async def test_a_handler_that_fails_after_the_start_is_an_error(make: Any) -> None:
    async def handler(request: Any, exc: Any) -> Any:
        raise KeyError

    response = await call(make(routes=[Route("/", failing_background())], exception_handlers={500: handler}))
    assert isinstance(response.error, KeyError)
    assert isinstance(response.error.__context__, Sour)


async def raw_app(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise Sour


@pytest.mark.parametrize(
    "route", [Route("/", type("App", (), {"__call__": staticmethod(raw_app)})()), Mount("/", raw_app)]
)
async def test_an_asgi_application_that_fails_after_the_start_is_left_as_it_is(make: Any, route: Any) -> None:
    response = await call(make(routes=[route]))
    assert isinstance(response.error, Sour)
    assert len(response.messages) == 1


async def test_a_route_whose_app_was_wrapped_later_is_watched_too(make: Any) -> None:
    route = Route("/", hello)
    route.app = raw_app
    assert len((await call(make(routes=[route]))).messages) == 1


async def test_404_and_405_go_through_handlers(make: Any) -> None:
    async def handler(request: Any, exc: Any) -> Any:
        return PlainTextResponse(f"{exc.status_code} {exc.headers}", status_code=exc.status_code)

    app = make(routes=[Route("/", hello)], exception_handlers={HTTPException: handler})
    assert (await call(app, "/x")).text == "404 None"
    assert (await call(app, "/", "PUT")).text == "405 {'allow': 'GET, HEAD'}"


async def test_5000_digits_are_not_found(make: Any) -> None:
    response = await call(make(routes=[Route("/{n:int}", hello)]), "/" + "1" * 5000)
    assert response.status == 404


@pytest.mark.parametrize(("path", "status"), [("/hello", 200), ("/typed", 200), ("/none", 404)])
async def test_an_unread_body_is_neither_received_nor_rejected(make: Any, path: str, status: int) -> None:
    typed = App(max_body_size=3)

    @typed.post("/typed")
    async def nothing() -> dict[str, int]:
        return {}

    app = make(routes=[Route("/hello", hello, methods=["POST"]), Mount("", typed)], max_body_size=3)

    response = await call(app, path, "POST", headers={"content-length": "4"}, body=b"long")
    assert (response.status, response.receives) == (status, 0)


async def test_a_body_over_the_limit_is_rejected_by_its_length_and_while_it_arrives(make: Any) -> None:
    async def read(request: Any) -> Any:
        return Response(await request.body())

    app = make(
        routes=[Route("/", read, methods=["POST"]), Route("/wide", read, methods=["POST"], max_body_size=9)],
        max_body_size=3,
    )
    assert (await call(app, "/", "POST", body=b"abc")).status == 200
    assert (await call(app, "/", "POST", body=[b"ab", b"cd"])).status == 413
    assert (await call(app, "/", "POST", headers=[(b"content-length", b"4")], body=b"")).status == 413
    assert (await call(app, "/wide", "POST", headers=[(b"content-length", b"4")], body=b"abcd")).status == 200
    assert (await call(app, "/wide", "POST", body=b"abcdefghij")).status == 413


LIMITS = Limits(path_bytes=10, query_bytes=10, query_params=3, header_fields=2, header_bytes=20, body_bytes=3)


@pytest.mark.parametrize(
    ("status", "detail", "request_"),
    [
        (414, "path exceeds 10 bytes", {"path": "/1234567890"}),
        (414, "query string exceeds 10 bytes", {"query_string": b"a=1234567890"}),
        (400, "query string has more than 3 parameters", {"query_string": b"a&b&c&d"}),
        (431, "request has more than 2 header fields", {"headers": [(b"a", b"b")] * 3}),
        (431, "header fields exceed 20 bytes", {"headers": [(b"a", b"b" * 20)]}),
        (413, "body exceeds 3 bytes", {"headers": [(b"content-length", b"4")]}),
    ],
)
async def test_limits_reject_what_is_too_much_and_name_the_limit(
    make: Any, status: int, detail: str, request_: Any
) -> None:
    async def read(request: Any) -> Any:
        return Response(await request.body())

    response = await call(make(routes=[Route("/", read)], limits=LIMITS), **request_)
    assert response.status == status
    assert response.text == detail


@pytest.mark.parametrize(
    ("path", "raw", "status"),
    [
        ("/aaa", b"/%61%61%61", 200),
        ("/aaaa", b"/%61%61%61a", 414),
        ("/aaa", b"/%61%61%61?a=123", 200),  # some servers leave the query in it
        ("/aaaa", b"/%61%61%61a?", 414),
        ("/aaaaaaaaa", None, 200),
        ("/aaaaaaaaaa", b"", 414),
    ],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_the_path_is_measured_as_it_was_sent(
    make: Any, path: str, raw: bytes | None, status: int, kind: str
) -> None:
    async def session(websocket: Any) -> None:
        await websocket.accept()

    app = make(routes=[Route("/{rest:path}", hello), WebSocketRoute("/{rest:path}", session)], limits=LIMITS)
    response = await call(app, path, kind=kind, raw_path=raw)
    if kind == "http":
        assert response.status == status
    else:
        assert response.messages[0]["type"] == ("websocket.accept" if status == 200 else "websocket.close")


async def test_what_just_fits_the_limits_passes(make: Any) -> None:
    app = make(routes=[Route("/", hello)], limits=LIMITS)
    assert (await call(app, query_string=b"a=1&b=2&c=", headers=[(b"a", b"b" * 9), (b"c", b"d" * 9)])).status == 200


async def test_limits_hold_for_sockets_too(make: Any) -> None:
    async def session(websocket: Any) -> None:
        await websocket.accept()

    app = make(routes=[WebSocketRoute("/", session)], limits=LIMITS)
    response = await call(app, kind="websocket", query_string=b"a&b&c&d")
    assert [one["type"] for one in response.messages] == ["websocket.close"]


def socket(*, accept: bool, exc: Exception) -> Any:
    async def session(websocket: Any) -> None:
        if accept:
            await websocket.accept()
        raise exc

    return session


@pytest.mark.parametrize("accept", [True, False])
async def test_a_websocket_exception_closes_with_its_code(make: Any, accept: bool) -> None:
    app = make(routes=[WebSocketRoute("/", socket(accept=accept, exc=WebSocketException(1008, "no")))])
    response = await call(app, kind="websocket")
    assert response.messages[-1] == {"type": "websocket.close", "code": 1008, "reason": "no"}


async def test_an_http_exception_before_accept_is_a_denial_where_the_server_offers_it(make: Any) -> None:
    app = make(routes=[WebSocketRoute("/", socket(accept=False, exc=HTTPException(401, "who?")))])
    response = await call(app, kind="websocket", extensions={"websocket.http.response": {}})
    assert (response.status, response.text) == (401, "who?")
    response = await call(app, kind="websocket")
    assert response.messages == [{"type": "websocket.close", "code": 1008, "reason": ""}]


async def test_an_http_exception_after_accept_closes(make: Any) -> None:
    app = make(routes=[WebSocketRoute("/", socket(accept=True, exc=HTTPException(401)))])
    response = await call(app, kind="websocket", extensions={"websocket.http.response": {}})
    assert [one["type"] for one in response.messages] == ["websocket.accept", "websocket.close"]


async def test_a_crash_in_a_socket_closes_with_1011_and_no_reason_and_goes_on_to_the_server(make: Any) -> None:
    app = make(routes=[WebSocketRoute("/", socket(accept=True, exc=Sour("inside")))])
    response = await call(app, kind="websocket")
    assert isinstance(response.error, Sour)
    assert [one["type"] for one in response.messages] == ["websocket.accept", "websocket.close"]
    assert response.messages[-1] == {"type": "websocket.close", "code": 1011, "reason": ""}


async def test_a_crash_before_accept_is_left_to_the_server(make: Any) -> None:
    response = await call(make(routes=[WebSocketRoute("/", socket(accept=False, exc=Sour()))]), kind="websocket")
    assert isinstance(response.error, Sour)
    assert response.messages == []


@pytest.mark.parametrize("accept", [True, False])
async def test_a_socket_that_returns_without_close_is_closed_with_1000(make: Any, accept: bool) -> None:
    async def session(websocket: Any) -> None:
        if accept:
            await websocket.accept()

    for app in (
        make(routes=[WebSocketRoute("/", session)]),
        make(routes=[Mount("/", make(routes=[WebSocketRoute("/", session)]))]),
    ):
        response = await call(app, kind="websocket")
        assert response.error is None
        assert [one["type"] for one in response.messages] == ["websocket.accept"] * accept + ["websocket.close"]
        assert response.messages[-1] == {"type": "websocket.close", "code": 1000, "reason": ""}


async def test_a_disconnected_or_denied_socket_is_not_closed_again(make: Any) -> None:
    async def left(websocket: Any) -> None:
        await websocket.accept()
        await websocket.receive()

    async def denied(websocket: Any) -> None:
        await websocket.send_denial_response(PlainTextResponse("no", 403))

    app = make(routes=[WebSocketRoute("/left", left), WebSocketRoute("/denied", denied)])
    assert (await connect(app, "/left", asgi=OLDER)).types == ["websocket.accept"]
    response = await call(app, "/denied", kind="websocket", extensions={"websocket.http.response": {}})
    assert (response.status, response.messages[-1]["type"]) == (403, "websocket.http.response.body")


async def test_a_socket_is_not_closed_again_where_another_application_reads_its_disconnect(make: Any) -> None:
    async def raw(scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        assert (await receive())["type"] == "websocket.disconnect"

    endpoint = Nothing(raw)  # an ASGI application, not a function of a WebSocket
    for route in (WebSocketRoute("/", endpoint), WebSocketRoute("/", endpoint, middleware=[Middleware(Nothing)])):
        response = await connect(make(routes=[route]), asgi=OLDER)
        assert (response.types, response.error) == (["websocket.accept"], None)


async def test_wrapped_channels_of_a_socket_get_each_message(make: Any) -> None:
    seen: list[str] = []

    class Watch(Nothing):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            async def watched() -> Any:
                message = await receive()
                seen.append(message["type"])
                return message

            async def sending(message: Any) -> None:
                seen.append(message["type"])
                await send(message)

            await self.app(scope, watched, sending)

    async def session(websocket: Any) -> None:
        await websocket.accept()
        await websocket.send_text("hello")
        async for _ in websocket.iter_text():
            raise AssertionError

    response = await connect(make(routes=[WebSocketRoute("/", session, middleware=[Middleware(Watch)])]))
    assert response.error is None
    assert seen == ["websocket.connect", "websocket.accept", "websocket.send", "websocket.disconnect"]


async def test_a_handler_that_raises_a_disconnect_again_ends_in_no_error(make: Any) -> None:
    async def handler(websocket: Any, exc: Exception) -> None:
        raise exc

    async def session(websocket: Any) -> None:
        await websocket.accept()
        await websocket.receive_text()

    app = make(routes=[WebSocketRoute("/", session)], exception_handlers={WebSocketDisconnect: handler})
    response = await connect(app)
    assert (response.types, response.error) == (["websocket.accept"], None)


async def test_a_task_group_cancelled_by_a_disconnect_is_no_error(make: Any) -> None:
    async def session(websocket: Any) -> None:
        await websocket.accept()
        async with anyio.create_task_group() as group:
            group.start_soon(websocket.receive_text)

    async def upload(request: Any) -> Any:
        await request.body()
        async with anyio.create_task_group() as group:
            group.start_soon(read_body, request.receive)

    app = make(routes=[WebSocketRoute("/", session), Route("/", upload)])
    assert (await connect(app)).error is None
    assert (await exchange(app, scope_of(), *body_of(), DISCONNECT)).error is None


async def test_a_task_group_that_failed_on_disconnect_is_an_error(make: Any) -> None:
    async def fails() -> None:
        raise Sour

    async def session(websocket: Any) -> None:
        await websocket.accept()
        async with anyio.create_task_group() as group:
            group.start_soon(fails)
            group.start_soon(websocket.receive_text)

    response = await call(make(routes=[WebSocketRoute("/", session)]), kind="websocket")
    assert isinstance(response.error, ExceptionGroup)


async def test_a_broken_connection_at_the_final_close_is_no_error(make: Any) -> None:
    async def session(websocket: Any) -> None:
        await websocket.accept()

    app = make(routes=[WebSocketRoute("/", session)])
    response = await exchange(app, scope_of(kind="websocket"), CONNECT, leave_at=1)
    assert (response.types, response.error) == (["websocket.accept", "websocket.close"], None)


async def test_the_500_of_a_mounted_application_is_the_only_one(make: Any) -> None:
    inner = make(routes=[Route("/x", raises(Sour()))])
    response = await call(make(routes=[Mount("/in", inner)]), "/in/x")
    assert response.status == 500
    assert isinstance(response.error, Sour)


async def test_route_middleware_sees_the_response_of_a_handler(make: Any) -> None:
    seen: list[int] = []

    class Watch(Nothing):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            async def watch(message: Any) -> None:
                if message["type"] == "http.response.start":
                    seen.append(message["status"])
                await send(message)

            await self.app(scope, receive, watch)

    app = make(
        routes=[
            Route("/route", raises(Sour()), middleware=[Middleware(Watch)]),
            Mount("/mount", routes=[Route("/x", raises(Sour()))], middleware=[Middleware(Watch)]),
        ],
        exception_handlers={Sour: lambda request, exc: Response(status_code=409)},
    )
    assert (await call(app, "/route")).status == 409
    assert (await call(app, "/mount/x")).status == 409
    assert seen == [409, 409]


async def test_a_package_that_wraps_the_stack_finds_the_class_of_starlette() -> None:
    import starlette.middleware.errors

    app, found = App(middleware=[Middleware(Nothing)]), []
    build = app.build_middleware_stack

    def wrapped() -> Any:
        found.append(build())
        return found[0]

    app.build_middleware_stack = wrapped  # type: ignore[method-assign]  # as packages for tracing do

    @app.get("/{n}")
    async def endpoint(n: int) -> int:
        return 1 // n

    assert (await call(app, "/1")).json == 1
    failed = await call(app, "/0")
    assert (failed.status, type(failed.error)) == (500, ZeroDivisionError)
    assert isinstance(found[0], starlette.middleware.errors.ServerErrorMiddleware)
    assert isinstance(found[0], ServerErrorMiddleware)
    inside = found[0]
    while not isinstance(inside, Nothing):
        inside = inside.app  # as they walk through it
    assert isinstance(inside.app, ExceptionMiddleware)
    assert App().build_middleware_stack().layers.__class__ is ServerErrorMiddleware  # type: ignore[attr-defined]
