"""The asynchronous client runs in the event loop of the test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import nullcontext
from contextvars import ContextVar
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.testclient import AsyncTestClient
from signette.types import Message, Receive, Scope, Send
from tests.testclient.apps import DONE, START, body, sends, without_lifespan

WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


@without_lifespan
async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    await send(START)
    more = True
    while more:
        message = await receive()
        more = message["more_body"]
        await send(body(message["body"], more))


async def test_the_application_runs_on_the_loop_of_the_test() -> None:
    tokens = []
    asked, result = anyio.Event(), anyio.Event()

    @without_lifespan
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        tokens.append(anyio.lowlevel.current_token())
        asked.set()
        await result.wait()
        await sends(START, DONE)(scope, receive, send)

    responses = []
    async with AsyncTestClient(app) as client, anyio.create_task_group() as tasks:

        async def ask() -> None:
            responses.append(await client.get("/"))

        tasks.start_soon(ask)
        await asked.wait()
        assert responses == []
        result.set()
    assert [response.text for response in responses] == ["done"]
    assert tokens == [anyio.lowlevel.current_token()]


async def test_context_variables_of_the_test_reach_the_application() -> None:
    seen = []

    @without_lifespan
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(WHO.get())
        WHO.set("the application")
        await sends(START, DONE)(scope, receive, send)

    async with AsyncTestClient(app) as client:
        WHO.set("the test")
        await client.get("/")
    assert (seen, WHO.get()) == (["the test"], "the test")


async def test_requests_can_run_at_the_same_time() -> None:
    waiting = 0
    all_here = anyio.Event()

    @without_lifespan
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal waiting
        waiting += 1
        if waiting == 3:
            all_here.set()
        await all_here.wait()
        await sends(START, DONE)(scope, receive, send)

    async with AsyncTestClient(app) as client, anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(client.get, "/")
    assert waiting == 3


@pytest.mark.parametrize("opened", [True, False])
async def test_a_cancelled_request_cancels_the_application(opened: bool) -> None:
    started, ended = anyio.Event(), []

    @without_lifespan
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        started.set()
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(True)

    client = AsyncTestClient(app)

    async def cancelled_request() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.get, "/")
            await started.wait()
            tasks.cancel_scope.cancel()

    if opened:
        async with client:
            await cancelled_request()
            assert ended == [True]
    else:
        await cancelled_request()
    assert ended == [True]


async def test_a_request_that_is_cancelled_at_once_never_hangs() -> None:
    async with AsyncTestClient(without_lifespan(lambda *_: anyio.sleep_forever())) as client:
        with anyio.CancelScope() as scope:
            scope.cancel()
            await client.get("/")
        assert scope.cancelled_caught


async def test_waiting_for_background_work_can_be_cancelled() -> None:
    ended = []

    @without_lifespan
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await sends(START, DONE)(scope, receive, send)
        scopes[0].cancel()
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(True)

    scopes: list[anyio.CancelScope] = []
    async with AsyncTestClient(app) as client:
        with anyio.CancelScope() as scope:
            scopes.append(scope)
            await client.get("/")
        assert scope.cancelled_caught
        assert ended == [True]


async def test_a_request_and_its_response_can_stream_at_the_same_time() -> None:
    send_echo, receive_echo = anyio.create_memory_object_stream[bytes](1)

    async def questions() -> AsyncIterator[bytes]:
        yield b"1"
        for _ in range(3):
            yield await receive_echo.receive() + b"+"

    seen = []
    with send_echo, receive_echo:
        async with (
            AsyncTestClient(echo) as client,
            client.stream("POST", "/", content=questions()) as response,
        ):
            async for chunk in response.aiter_raw():
                seen.append(chunk)
                if len(seen) < 4:
                    await send_echo.send(chunk)
    assert seen == [b"1", b"1+", b"1++", b"1+++"]


@pytest.mark.parametrize("opened", [True, False])
@given(chunks=st.lists(st.binary(max_size=5)))
def test_every_body_is_echoed(opened: bool, chunks: list[bytes]) -> None:
    async def questions() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    async def run() -> None:
        client = AsyncTestClient(echo)
        if opened:
            async with client:
                response = await client.post("/", content=questions())
        else:
            response = await client.post("/", content=b"".join(chunks))
        assert response.content == b"".join(chunks)

    anyio.run(run)


async def test_a_small_form_is_one_message_and_a_large_one_several() -> None:
    seen: list[Message] = []

    @without_lifespan
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        more = True
        while more:
            seen.append(message := await receive())
            more = message["more_body"]
        await sends(START, DONE)(scope, receive, send)

    async with AsyncTestClient(app) as client:
        await client.post("/", files={"f": ("a.txt", b"small", "text/plain")})
        assert [message["more_body"] for message in seen] == [False]
        seen.clear()
        await client.post("/", files={"f": ("a.txt", b"x" * 200_000, "text/plain")})
        assert [message["more_body"] for message in seen][-2:] == [True, False]


@pytest.mark.parametrize("opened", [True, False])
async def test_a_body_that_fails_is_the_tests_error(opened: bool) -> None:
    async def questions() -> AsyncIterator[bytes]:
        yield b"x"
        raise ZeroDivisionError

    heard = []

    @without_lifespan
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        heard.extend([(await receive())["type"] for _ in range(2)])

    client = AsyncTestClient(app)
    async with client if opened else nullcontext():
        with pytest.raises(ZeroDivisionError):
            await client.post("/", content=questions())
    assert heard == ["http.request", "http.disconnect"]


@pytest.mark.parametrize("opened", [True, False])
async def test_exceptions_of_the_application_are_raised_unchanged(opened: bool) -> None:
    client = AsyncTestClient(sends(START, body(b"x", more=True), raises=ZeroDivisionError()))
    async with client if opened else nullcontext():
        with pytest.raises(ZeroDivisionError):
            await client.get("/")


@pytest.mark.parametrize("opened", [True, False])
async def test_without_raising_a_failure_is_a_500(opened: bool) -> None:
    client = AsyncTestClient(sends(raises=ZeroDivisionError()), raise_server_exceptions=False)
    async with client if opened else nullcontext():
        response = await client.get("/")
    assert response.status_code == 500


async def test_template_and_trailers_are_on_the_response() -> None:
    app = sends(
        {"type": "http.response.debug", "info": {"template": "T", "context": {}}},
        {**START, "trailers": True},
        DONE,
        {"type": "http.response.trailers", "headers": [(b"a", b"b")]},
    )
    response: Any = await AsyncTestClient(app).get("/")
    assert (response.text, response.template) == ("done", "T")
    assert response.extensions["http.response.trailers"] == [(b"a", b"b")]


async def test_the_client_can_be_entered_again_and_used_outside() -> None:
    client = AsyncTestClient(sends(START, DONE))
    for _ in range(2):
        async with client:
            assert (await client.get("/")).text == "done"
    assert (await client.get("/")).text == "done"


def test_on_asyncio_another_task_may_exit_the_block() -> None:
    # As plugins do that run the set-up and the tear-down of a fixture in separate tasks.
    async def fixture() -> AsyncIterator[AsyncTestClient]:
        async with AsyncTestClient(sends(START, DONE)) as client:
            yield client

    with asyncio.Runner() as runner:
        generator = fixture()

        async def step() -> AsyncTestClient | None:
            return await anext(generator, None)

        client = runner.run(step())
        assert client is not None
        assert runner.run(client.get("/")).text == "done"
        assert runner.run(step()) is None
