"""Middleware by a dispatch function."""

from contextvars import ContextVar
from typing import Any

import anyio
import pytest

from signette.applications import Application
from signette.background import BackgroundTask
from signette.exceptions import ClientDisconnect, HTTPException
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.registry import Middleware
from signette.middleware.wsgi import WSGIMiddleware
from signette.requests import Request
from signette.responses.plain import PlainTextResponse, Response
from signette.responses.streaming import StreamingResponse
from signette.routing.route import Route
from signette.routing.websocket import WebSocketRoute
from tests.asgi import DISCONNECT, body_of, call, exchange, scope_of
from tests.timeouts import SECONDS


def around(endpoint: Any, dispatch: Any) -> Application:
    return Application(
        routes=[Route("/", endpoint, methods=["GET", "POST"])],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=dispatch)],
    )


START = {"type": "http.response.start", "status": 200, "headers": []}


async def hello(request: Any) -> Any:
    return PlainTextResponse("hello")


async def read_body(request: Any) -> Any:
    return Response(await request.body())


async def test_dispatch_changes_status_headers_and_cookies_of_the_response() -> None:
    class Own(BaseHTTPMiddleware):
        async def dispatch(self, request: Any, call_next: Any) -> Any:
            response = await call_next(request)
            response.headers["x-own"] = "1"
            response.set_cookie("a", "b")
            response.status_code = 201
            return response

    reply = await call(Application(routes=[Route("/", hello)], middleware=[Middleware(Own)]))
    assert (reply.status, reply.text, reply.headers["x-own"]) == (201, "hello", "1")
    assert reply.headers["set-cookie"].startswith("a=b")


async def test_the_messages_of_the_application_pass_as_they_are() -> None:
    async def dispatch(request: Any, call_next: Any) -> Any:
        return await call_next(request)

    sent = [
        {"type": "http.response.early_hint", "links": []},
        {"type": "http.response.start", "status": 200, "headers": [], "trailers": True},
        {"type": "http.response.body", "body": b"a", "more_body": True},
        {"type": "http.response.body", "body": b"b"},
        {"type": "http.response.trailers", "headers": [], "more_trailers": True},
        {"type": "http.response.trailers", "headers": []},
    ]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in sent:
            await send(message)

    assert (await call(BaseHTTPMiddleware(app, dispatch))).messages == sent


@pytest.mark.parametrize(
    "sent",
    [
        [START, {"type": "http.response.pathsend", "path": "/x"}],
        [{"type": "http.response.debug", "info": {"template": "x"}}, START, {"type": "http.response.body"}],
    ],
)
async def test_so_do_those_of_extensions(sent: list[Any]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in sent:
            await send(message)

    async def dispatch(request: Any, call_next: Any) -> Any:
        return await call_next(request)

    assert (await call(BaseHTTPMiddleware(app, dispatch))).messages == sent


async def test_an_endless_body_does_not_run_ahead_and_stops_when_it_is_unwanted() -> None:
    made = 0
    closed = False

    async def chunks() -> Any:
        nonlocal made, closed
        try:
            while True:
                made += 1
                yield b"x"
        finally:
            closed = True

    async def endpoint(request: Any) -> Any:
        return StreamingResponse(chunks())

    async def dispatch(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        body = aiter(response.body_iterator)
        taken = [await anext(body) for _ in range(3)]
        return PlainTextResponse(f"{taken}")

    reply = await call(around(endpoint, dispatch))
    assert (reply.status, reply.text, reply.error) == (200, "[b'x', b'x', b'x']", None)
    assert made < 20
    assert closed


async def test_the_body_may_be_replaced() -> None:
    async def dispatch(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        inner = response.body_iterator

        async def loud() -> Any:
            async for chunk in inner:
                yield chunk.upper()

        response.body_iterator = loud()
        return response

    assert (await call(around(hello, dispatch))).text == "HELLO"


async def test_dispatch_may_respond_without_the_application_or_instead_of_it() -> None:
    async def own(request: Any, call_next: Any) -> Any:
        if request.query_params:
            await call_next(request)
        return PlainTextResponse("own")

    assert (await call(around(hello, own))).text == "own"
    assert (await call(around(hello, own), query_string=b"a=b")).text == "own"


@pytest.mark.parametrize("before", ["body", "stream", "piece", ""])
@pytest.mark.parametrize("after", ["body", "stream", ""])
async def test_what_dispatch_read_of_the_body_is_given_again_and_only_that(before: str, after: str) -> None:
    log: list[Any] = []

    async def look(request: Request, how: str) -> None:
        try:
            if how == "body":
                log.append(await request.body())
            elif how == "stream":
                log.append([chunk async for chunk in request.stream()])
            elif how == "piece":
                log.append(await anext(aiter(request.stream())))
        except RuntimeError as exc:
            log.append(str(exc))

    async def dispatch(request: Any, call_next: Any) -> Any:
        await look(request, before)
        response = await call_next(request)
        await look(request, after)
        return response

    reply = await call(around(read_body, dispatch), "/", "POST", body=[b"ab", b"c"])
    seen = {"body": b"abc", "stream": [b"ab", b"c", b""], "piece": b"ab", "": None}[before]
    again = {"body": b"abc", "stream": [b"abc", b""]}.get(after) if before == "body" else "Stream consumed"
    assert log == [one for how, one in ((before, seen), (after, again)) if how]
    assert reply.body == {"body": b"abc", "stream": b"", "piece": b"c", "": b"abc"}[before]


async def test_exceptions_of_the_application_reach_dispatch_as_they_are() -> None:
    async def boom(request: Any) -> Any:
        raise ValueError("boom")

    async def dispatch(request: Any, call_next: Any) -> Any:
        try:
            return await call_next(request)
        except ValueError as exc:
            return PlainTextResponse(f"caught {exc}")

    assert (await call(around(boom, dispatch))).text == "caught boom"

    async def nothing(request: Any, call_next: Any) -> Any:
        return await call_next(request)

    response = await call(around(boom, nothing))
    assert response.status == 500
    assert type(response.error) is ValueError


async def test_an_exception_of_dispatch_stops_the_application() -> None:
    stopped = anyio.Event()

    async def endless(request: Any) -> Any:
        async def chunks() -> Any:
            try:
                yield b"x"
                await anyio.sleep_forever()
            finally:
                stopped.set()

        return StreamingResponse(chunks())

    async def dispatch(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        await anext(aiter(response.body_iterator))
        raise KeyError("x")

    reply = await call(around(endless, dispatch))
    assert type(reply.error) is KeyError
    assert stopped.is_set()


async def test_an_application_that_fails_midway_aborts_the_response() -> None:
    async def endpoint(request: Any) -> Any:
        async def chunks() -> Any:
            yield b"x"
            raise ValueError("midway")

        return StreamingResponse(chunks())

    async def dispatch(request: Any, call_next: Any) -> Any:
        return await call_next(request)

    response = await call(around(endpoint, dispatch))
    assert type(response.error) is ValueError
    assert response.messages[-1] == {"type": "http.response.body", "body": b"x", "more_body": True}


async def test_an_application_that_sends_no_response_is_an_error() -> None:
    async def silent(scope: Any, receive: Any, send: Any) -> None: ...

    async def dispatch(request: Any, call_next: Any) -> Any:
        return await call_next(request)

    response = await call(BaseHTTPMiddleware(silent, dispatch))
    assert str(response.error) == "No response returned."


async def test_background_work_runs_after_the_last_byte() -> None:
    order: list[str] = []

    async def work() -> None:
        order.append("work")

    async def endpoint(request: Any) -> Any:
        return Response(b"x", background=BackgroundTask(work))

    async def dispatch(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        response.background = BackgroundTask(work)
        return response

    async def app(scope: Any, receive: Any, send: Any) -> None:
        async def noting(message: Any) -> None:
            order.append(message["type"])
            await send(message)

        await around(endpoint, dispatch)(scope, receive, noting)

    await call(app)
    assert sorted(order) == ["http.response.body", "http.response.start", "work", "work"]


# Context variables.

VALUE: ContextVar[str] = ContextVar("VALUE", default="none")


class Sets:
    """Middleware without a task that sets the variable on the way in."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        VALUE.set("layer")
        await self.app(scope, receive, send)


async def sets_value(request: Any) -> Any:
    seen = VALUE.get()
    VALUE.set("endpoint")
    return PlainTextResponse(seen)


@pytest.mark.parametrize("middleware", [1, 3])
async def test_what_the_endpoint_sets_is_seen_after_call_next_and_the_other_way_round(middleware: int) -> None:
    log: list[str] = []

    async def dispatch(request: Any, call_next: Any) -> Any:
        VALUE.set("dispatch")
        response = await call_next(request)
        log.append(VALUE.get())
        return response

    layer = Middleware(BaseHTTPMiddleware, dispatch=dispatch)
    app = Application(routes=[Route("/", sets_value)], middleware=[layer] * middleware)
    assert (await call(app)).text == "dispatch"
    assert log == ["endpoint"] * middleware
    assert VALUE.get() == "endpoint"  # as after a plain call


@pytest.mark.parametrize("exc", [ValueError(), HTTPException(404)])
async def test_what_was_set_before_a_failure_is_seen_too(exc: Exception) -> None:
    log: list[str] = []

    async def fails(request: Any) -> Any:
        VALUE.set("failed")
        raise exc

    async def dispatch(request: Any, call_next: Any) -> Any:
        try:
            return await call_next(request)
        finally:
            log.append(VALUE.get())

    await call(around(fails, dispatch))
    assert log == ["failed"]


async def test_what_is_set_after_the_start_stays_below_and_what_dispatch_sets_stays() -> None:
    log: list[str] = []

    async def endpoint(request: Any) -> Any:
        VALUE.set("before")

        async def chunks() -> Any:
            VALUE.set("late")
            yield b"x"

        return StreamingResponse(chunks())

    async def dispatch(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        log.append(VALUE.get())
        VALUE.set("own")
        body = [chunk async for chunk in response.body_iterator]
        log.append(VALUE.get())
        return Response(b"".join(body))

    assert (await call(around(endpoint, dispatch))).text == "x"
    assert log == ["before", "own"]


async def test_the_outer_one_sees_what_plain_middleware_between_sets() -> None:
    log: list[str] = []

    async def dispatch(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        log.append(VALUE.get())
        return response

    middleware = Middleware(BaseHTTPMiddleware, dispatch=dispatch)
    app = Application(routes=[Route("/", hello)], middleware=[middleware, Middleware(Sets), middleware])
    await call(app)
    assert log == ["layer", "layer"]


async def test_after_a_disconnect_each_receive_reports_it() -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend([(await receive())["type"] for _ in range(3)])
        await Response()(scope, receive, send)

    async def dispatch(request: Any, call_next: Any) -> Any:
        return await call_next(request)

    await exchange(BaseHTTPMiddleware(app, dispatch), scope_of(), *body_of(), DISCONNECT)
    assert seen == ["http.request", "http.disconnect", "http.disconnect"]


async def test_sockets_pass() -> None:
    async def session(websocket: Any) -> None:
        await websocket.close()

    class Own(BaseHTTPMiddleware):
        async def dispatch(self, request: Any, call_next: Any) -> Any:
            raise AssertionError("no request")

    app = Application(routes=[WebSocketRoute("/", session)], middleware=[Middleware(Own)])
    assert (await call(app, kind="websocket")).messages[0]["type"] == "websocket.close"


async def test_several_tasks_of_the_application_may_send() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        async def send_chunks() -> None:
            for _ in range(9):
                await send({"type": "http.response.body", "body": b"x", "more_body": True})

        await send(START)
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(send_chunks)
        await send({"type": "http.response.body", "body": b""})

    async def dispatch(request: Any, call_next: Any) -> Any:
        return await call_next(request)

    assert (await call(BaseHTTPMiddleware(app, dispatch))).body == b"x" * 27


async def test_a_body_truncated_by_a_disconnect_is_not_taken_for_a_whole_one() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass

    async def dispatch(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        with pytest.raises(ClientDisconnect):
            b"".join([chunk async for chunk in response.body_iterator])
        response.body_iterator = chunks(response.body_iterator)
        return response

    async def chunks(inner: Any) -> Any:
        async for chunk in inner:
            yield chunk

    reply = await exchange(BaseHTTPMiddleware(app, dispatch), scope_of(), *body_of(), DISCONNECT)
    assert isinstance(reply.error, ClientDisconnect)
    assert not any(message["type"] == "http.response.body" for message in reply.messages)


async def test_a_cancellation_does_not_wait_for_a_thread_that_waits_for_room() -> None:
    def wsgi(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        return [b"x"] * 99

    async def dispatch(request: Any, call_next: Any) -> Any:
        await call_next(request)
        await anyio.wait_all_tasks_blocked()
        server.cancel()
        await anyio.sleep_forever()

    app = BaseHTTPMiddleware(WSGIMiddleware(wsgi), dispatch)
    with anyio.fail_after(SECONDS), anyio.CancelScope() as server:
        await call(app)
    assert server.cancelled_caught
