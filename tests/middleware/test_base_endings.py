"""Middleware by a dispatch function: how a request ends that fails, is discarded, or loses its client."""

from typing import Any

import anyio
import pytest

from signette.applications import Application
from signette.background import BackgroundTasks
from signette.exceptions import ClientDisconnect
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.registry import Middleware
from signette.requests import Request
from signette.responses.plain import PlainTextResponse, Response
from signette.responses.streaming import StreamingResponse
from signette.routing.route import Route
from tests.asgi import DISCONNECT, body_of, call, scope_of

START = {"type": "http.response.start", "status": 200, "headers": []}
LAST = {"type": "http.response.body", "body": b""}


def around(endpoint: Any, *dispatches: Any) -> Application:
    return Application(
        routes=[Route("/", endpoint, methods=["GET", "POST"])],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=dispatch) for dispatch in dispatches],
    )


async def passes(request: Any, call_next: Any) -> Any:
    return await call_next(request)


async def hello(request: Any) -> Any:
    return PlainTextResponse("hello")


# An exception that `dispatch` has caught.


class OutOfStock(Exception): ...


async def fails_at_once(request: Any) -> Any:
    raise OutOfStock


async def fails_midway(request: Any) -> Any:
    async def chunks() -> Any:
        yield b"x"
        raise OutOfStock

    return StreamingResponse(chunks())


async def catches(request: Any, call_next: Any) -> Any:
    try:
        response = await call_next(request)
        body = b"".join([chunk async for chunk in response.body_iterator])
    except OutOfStock:
        return PlainTextResponse("caught", 400)
    return PlainTextResponse(body)


@pytest.mark.parametrize("endpoint", [fails_at_once, fails_midway])
@pytest.mark.parametrize("outer", [[], [passes], [catches]])
async def test_an_exception_that_dispatch_has_caught_is_not_raised_again(endpoint: Any, outer: Any) -> None:
    reply = await call(around(endpoint, *outer, catches))
    assert (reply.text, reply.error) == ("caught", None)


async def test_of_two_runs_only_the_exception_that_was_not_caught_is_raised() -> None:
    async def fails_first(request: Any) -> Any:
        runs.append(request)
        if len(runs) == 1:
            raise OutOfStock
        return PlainTextResponse("second")

    async def retries(request: Any, call_next: Any) -> Any:
        try:
            return await call_next(request)
        except OutOfStock:
            return await call_next(request)

    runs: list[Any] = []
    reply = await call(around(fails_first, retries))
    assert (reply.text, reply.error) == ("second", None)


async def test_an_exception_that_dispatch_did_not_see_is_raised_at_the_end() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send(LAST)
        raise OutOfStock

    reply = await call(BaseHTTPMiddleware(app, passes))
    assert type(reply.error) is OutOfStock
    assert reply.messages == [START, LAST]


@pytest.mark.parametrize("error", [OSError("no mail server"), ConnectionError("no mail server")])
async def test_an_operating_system_error_of_the_application_is_not_taken_for_a_discarded_response(
    error: OSError,
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send(LAST)
        await ended.wait()
        raise error

    async def around_all(scope: Any, receive: Any, send: Any) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(BaseHTTPMiddleware(app, own), scope, receive, send)
            await anyio.wait_all_tasks_blocked()
            ended.set()

    async def own(request: Any, call_next: Any) -> Any:
        await call_next(request)
        return Response()

    ended = anyio.Event()
    reply = await call(around_all)
    assert isinstance(reply.error, ExceptionGroup)
    assert reply.error.exceptions == (error,)


# Background tasks that fail.


@pytest.mark.parametrize("failing", ["endpoint", "dispatch", "both"])
@pytest.mark.parametrize("kind", ["as it came", "with another body", "another response"])
async def test_a_background_task_that_fails_ends_no_other_and_is_raised_at_the_end(failing: str, kind: str) -> None:
    def tasks_of(place: str) -> BackgroundTasks:
        tasks = BackgroundTasks()
        if failing in (place, "both"):
            tasks.add_task(fails)
        tasks.add_task(done, place)
        return tasks

    async def fails() -> None:
        await anyio.lowlevel.checkpoint()
        raise OutOfStock

    async def done(place: str) -> None:
        for _ in range(9):
            await anyio.lowlevel.checkpoint()
        log.append(place)

    async def endpoint(request: Any) -> Any:
        return PlainTextResponse("hello", background=tasks_of("endpoint"))

    async def adds(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        inner = response.body_iterator
        if kind == "another response":
            response = StreamingResponse(inner)
        elif kind == "with another body":
            response.body_iterator = (chunk async for chunk in inner)
        response.background = tasks_of("dispatch")
        return response

    async def handler(request: Any, exc: Exception) -> Any:
        log.append(type(exc).__name__)
        return Response()

    log: list[str] = []
    app = around(endpoint, passes, adds)
    app.add_exception_handler(Exception, handler)
    reply = await call(app)
    assert (reply.text, reply.is_complete, type(reply.error)) == ("hello", True, OutOfStock)
    assert sorted(log[:2]) == ["dispatch", "endpoint"]
    assert log[2:] == ["OutOfStock"]


# A response that is discarded.


async def test_a_body_may_be_closed_after_its_first_chunk() -> None:
    async def peeks(request: Any, call_next: Any) -> Any:
        chunks = (await call_next(request)).body_iterator
        first = await anext(chunks)
        await chunks.aclose()
        await chunks.aclose()
        assert [chunk async for chunk in chunks] == []
        return PlainTextResponse(first.upper())

    reply = await call(around(hello, peeks))
    assert (reply.text, reply.error) == ("HELLO", None)


async def test_a_closed_body_is_a_disconnect_for_the_application() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        try:
            for _ in range(9):
                await send({"type": "http.response.body", "body": b"x", "more_body": True})
        except OSError:
            seen.append("OSError")
        seen.append((await receive())["type"])

    async def closes(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        await response.body_iterator.aclose()
        await anyio.wait_all_tasks_blocked()
        seen.append("dispatch")
        return PlainTextResponse("instead")

    seen: list[str] = []
    reply = await call(BaseHTTPMiddleware(app, closes))
    assert (reply.text, reply.error) == ("instead", None)
    assert seen == ["OSError", "http.disconnect", "dispatch"]


@pytest.mark.parametrize("grouped", [False, True])
async def test_an_application_that_ends_because_of_it_has_not_failed(grouped: bool) -> None:
    async def sends_for_ever(send: Any) -> None:
        while True:
            await send({"type": "http.response.body", "body": b"x", "more_body": True})

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        if not grouped:
            await sends_for_ever(send)
        async with anyio.create_task_group() as group:
            group.start_soon(sends_for_ever, send)
            group.start_soon(Request(scope, receive).body)

    async def closes(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        await response.body_iterator.aclose()
        return response

    reply = await call(BaseHTTPMiddleware(app, closes))
    assert (reply.body, reply.is_complete, reply.error) == (b"", True, None)


async def test_a_wrapped_body_that_ends_early_closes_the_one_below() -> None:
    async def endpoint(request: Any) -> Any:
        async def chunks() -> Any:
            try:
                while True:
                    yield b"x"
            finally:
                log.append("closed")

        return StreamingResponse(chunks())

    async def shortens(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        inner = response.body_iterator

        async def first() -> Any:
            yield await anext(inner)

        response.body_iterator = first()
        return response

    log: list[str] = []
    reply = await call(around(endpoint, shortens))
    assert (reply.body, reply.is_complete, reply.error) == (b"x", True, None)
    assert log == ["closed"]


async def test_a_response_whose_body_was_read_is_sent_without_it() -> None:
    async def reads(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        assert [chunk async for chunk in response.body_iterator] == [b"ab", b"c"]
        return response

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in sent:
            await send(message)

    trailers = {"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]}
    pieces = [{**LAST, "body": b"ab", "more_body": True}, {**LAST, "body": b"c"}]
    sent = [START, *pieces]
    assert (await call(BaseHTTPMiddleware(app, reads))).messages == [START, LAST]
    sent = [{**START, "trailers": True}, *pieces, trailers]
    assert (await call(BaseHTTPMiddleware(app, reads))).messages == [sent[0], LAST, trailers]


# A client that disconnects.


@pytest.mark.parametrize("middleware", [1, 2])
@pytest.mark.parametrize("body", [[], body_of(b"ab", b"c")[:1]])
async def test_dispatch_knows_of_a_disconnect_that_the_application_saw(middleware: int, body: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        with pytest.raises(ClientDisconnect):
            await Request(scope, receive).body()
        await Response()(scope, receive, send)

    async def asks(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        seen.append(await request.is_disconnected())
        return response

    seen: list[bool] = []
    stack = app
    for _ in range(middleware):
        stack = BaseHTTPMiddleware(stack, asks)  # type: ignore[assignment]
    messages = [*body, DISCONNECT]

    async def once() -> Any:
        return messages.pop(0) if messages else await anyio.sleep_forever()

    async def drop(message: Any) -> None: ...

    await stack(scope_of(), once, drop)
    assert seen == [True] * middleware
