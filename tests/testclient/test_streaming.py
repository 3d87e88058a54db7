"""Streaming responses: not buffered, and closed early without errors."""

import signal
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from signette._app_tasks import task
from signette.testclient import AsyncTestClient, TestClient
from signette.types import Message, Receive, Scope, Send
from tests.testclient.apps import DONE, START, body, sends, without_lifespan


class Endless:
    """Sends chunks for ever, and notes how it ended."""

    def __init__(self) -> None:
        self.sent = 0
        self.end: BaseException | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        await send(START)
        try:
            while True:
                self.sent += 1
                await send(body(b"%d" % self.sent, more=True))
        except BaseException as end:
            self.end = end
            raise


def test_chunks_arrive_one_by_one_and_the_application_is_at_most_one_ahead(backend: Any) -> None:
    app = Endless()
    with TestClient(app, backend=backend).stream("GET", "/") as response:
        chunks = response.iter_raw()
        assert [next(chunks), next(chunks), next(chunks)] == [b"1", b"2", b"3"]
        assert app.sent in {3, 4}


class Counted:
    """Sends this chunk ten times, and counts those that the client has taken."""

    def __init__(self, chunk: bytes) -> None:
        self.chunk = chunk
        self.taken = 0
        self.waits = threading.Event()
        self.end: BaseException | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        await send(START)
        try:
            async with anyio.create_task_group() as tasks:
                # Runs once `send` lets other tasks run; then `send` has had time to return, if it does not wait.
                tasks.start_soon(self._let_the_test_go_on)
                for _ in range(10):
                    await send(body(self.chunk, more=True))
                    self.taken += 1
                await send(body(b"", more=False))
        except BaseException as end:
            self.end = end
            raise

    async def _let_the_test_go_on(self) -> None:
        for _ in range(100):
            await anyio.lowlevel.checkpoint()
        self.waits.set()


@pytest.mark.parametrize(("method", "chunk"), [("GET", b""), ("HEAD", b""), ("HEAD", b"abc"), ("GET", b"abc")])
def test_a_chunk_that_brings_nothing_waits_for_the_reader_too(method: str, chunk: bytes, backend: Any) -> None:
    app = Counted(chunk)
    with TestClient(app, backend=backend) as client, client.stream(method, "/") as response:
        assert app.waits.wait(10)
        assert app.taken == 0
        expected = [] if method == "HEAD" else [chunk] * 10
        assert list(response.iter_raw()) == [one for one in expected if one]
    assert (app.taken, app.end) == (10, None)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_the_asynchronous_client_waits_for_the_reader_too(method: str) -> None:
    app = Counted(b"")
    async with AsyncTestClient(app) as client, client.stream(method, "/") as response:
        await anyio.to_thread.run_sync(app.waits.wait, 10)
        assert app.taken == 0
        assert [chunk async for chunk in response.aiter_raw()] == []
    assert (app.taken, app.end) == (10, None)


@pytest.mark.parametrize(("method", "chunk"), [("GET", b""), ("HEAD", b"abc")])
def test_a_reader_that_leaves_disconnects_an_application_that_sends_nothing(
    method: str, chunk: bytes, backend: Any
) -> None:
    app = Counted(chunk)
    with TestClient(app, backend=backend).stream(method, "/"):
        pass
    assert app.taken == 0
    assert app.end is not None


@pytest.mark.parametrize("opened", [True, False])
def test_send_raises_an_oserror_after_a_disconnect(opened: bool, backend: Any) -> None:
    app = Endless()
    client = TestClient(app, backend=backend)
    if opened:
        with client, client.stream("GET", "/"):
            pass
    else:
        with client.stream("GET", "/"):
            pass
    assert isinstance(app.end, OSError)


def test_receive_returns_a_disconnect(backend: Any) -> None:
    heard = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        heard.append(await receive())

    with TestClient(app, backend=backend).stream("GET", "/"):
        pass
    assert heard == [{"type": "http.disconnect"}]


def test_an_application_that_does_not_notice_is_cancelled(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "DISCONNECT_SECONDS", 0)
    ended = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(True)

    with TestClient(app, backend=backend).stream("GET", "/"):
        pass
    assert ended == [True]


@pytest.mark.parametrize("wrap", [False, True])
def test_an_error_caused_by_a_disconnect_is_not_raised(wrap: bool, backend: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await Endless()(scope, receive, send)
        except OSError as left:
            if wrap:
                raise ExceptionGroup("", [ValueError()]) from left
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(send, body(b"", more=True))

    with TestClient(app, backend=backend).stream("GET", "/"):
        pass


def test_an_error_whose_context_is_its_own_group_is_raised(backend: Any) -> None:
    """A middleware that takes its application's error out of a task group, as Starlette's `BaseHTTPMiddleware` does."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(fails)
        except ExceptionGroup as group:
            raise group.exceptions[0] from group.exceptions[0].__cause__

    async def fails() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        TestClient(app, backend=backend).get("/")


def test_a_group_that_is_the_context_of_its_exceptions_is_raised_completely(backend: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        inner = ZeroDivisionError()
        outer = ExceptionGroup("", [ExceptionGroup("", [inner])])
        inner.__context__ = outer
        raise outer

    with pytest.raises(ExceptionGroup):
        TestClient(app, backend=backend).get("/")


def test_another_error_after_a_disconnect_is_raised(backend: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        await receive()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), TestClient(app, backend=backend).stream("GET", "/"):
        pass


def test_an_error_in_the_middle_is_raised_after_the_chunks_before_it(backend: Any) -> None:
    app = sends(START, body(b"1", more=True), body(b"2", more=True), raises=ZeroDivisionError())
    seen = []
    with pytest.raises(ZeroDivisionError), TestClient(app, backend=backend).stream("GET", "/") as response:
        seen.extend(response.iter_raw())
    assert seen == [b"1", b"2"]


def test_the_response_is_there_before_its_first_chunk() -> None:
    may_go_on = anyio.Event()

    @without_lifespan
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await may_go_on.wait()
        await send(DONE)

    with TestClient(app) as client, client.stream("GET", "/") as response:
        assert response.status_code == 200
        assert client.portal is not None
        client.portal.call(may_go_on.set)
        assert response.read() == b"done"


def test_trailers_are_there_once_the_body_was_read() -> None:
    trailers = {"type": "http.response.trailers", "headers": [(b"a", b"b")]}
    app = sends({**START, "trailers": True}, body(b"x", more=True), DONE, trailers)
    with TestClient(app).stream("GET", "/") as response:
        assert "http.response.trailers" not in response.extensions
        response.read()
        assert response.extensions["http.response.trailers"] == [(b"a", b"b")]


def test_open_responses_are_closed_with_the_client(backend: Any) -> None:
    app = Endless()
    with TestClient(app, backend=backend) as client:
        request = client.build_request("GET", "/")
        response = client.send(request, stream=True)
        assert not response.is_closed
    assert isinstance(app.end, OSError)


class WorksInTheBackground:
    """Responds, and then works until `release`, or for ever. Notes how it ended."""

    def __init__(self, *messages: Message) -> None:
        self.messages = messages
        self.release = anyio.Event()
        self.results: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        for message in self.messages:
            await send(message)
        try:
            await self.release.wait()
            self.results.append("finished")
        except anyio.get_cancelled_exc_class():
            self.results.append("cancelled")
            raise


TRAILERS: Message = {"type": "http.response.trailers", "headers": []}
COMPLETE = [[START, DONE], [{**START, "trailers": True}, DONE], [{**START, "trailers": True}, DONE, TRAILERS]]


@pytest.mark.parametrize("messages", COMPLETE, ids=["complete", "without trailers", "with trailers"])
@pytest.mark.parametrize("read", [False, True])
def test_leaving_the_client_cancels_background_work_of_open_responses(
    messages: list[Message], read: bool, backend: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task, "DISCONNECT_SECONDS", 0)
    app = WorksInTheBackground(*messages)
    with TestClient(app, backend=backend) as client:
        response = client.send(client.build_request("GET", "/"), stream=True)
        chunks = response.iter_raw()
        if read:
            assert next(chunks) == b"done"
    assert app.results == ["cancelled"]


@pytest.mark.parametrize("messages", COMPLETE, ids=["complete", "without trailers", "with trailers"])
async def test_leaving_the_asynchronous_client_cancels_background_work_of_open_responses(
    messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task, "DISCONNECT_SECONDS", 0)
    app = WorksInTheBackground(*messages)
    async with AsyncTestClient(app) as client:
        await client.send(client.build_request("GET", "/"), stream=True)
    assert app.results == ["cancelled"]


class EndTogether:
    """Each connection ends when all `count` of them are disconnected."""

    def __init__(self, count: int) -> None:
        self.missing = count
        self.all_disconnected = anyio.Event()
        self.results: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        await receive()
        await send(START if scope["type"] == "http" else {"type": "websocket.accept"})
        await receive()
        self.missing -= 1
        if not self.missing:
            self.all_disconnected.set()
        try:
            await self.all_disconnected.wait()
            self.results.append("finished")
        except anyio.get_cancelled_exc_class():
            self.results.append("cancelled")
            raise


def test_leaving_the_client_disconnects_all_at_once(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "DISCONNECT_SECONDS", 5)
    app = EndTogether(4)
    with TestClient(app, backend=backend) as client:
        for _ in range(2):
            client.send(client.build_request("GET", "/"), stream=True)
            client.websocket_connect("/").__enter__()
    assert app.results == ["finished"] * 4


async def test_leaving_the_asynchronous_client_disconnects_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "DISCONNECT_SECONDS", 5)
    app = EndTogether(3)
    async with AsyncTestClient(app) as client:
        for _ in range(3):
            await client.send(client.build_request("GET", "/"), stream=True)
    assert app.results == ["finished"] * 3


def test_background_work_may_end_while_the_client_is_left(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "DISCONNECT_SECONDS", 60)
    app = WorksInTheBackground(START, DONE)
    with TestClient(app, backend=backend) as client:
        client.send(client.build_request("GET", "/"), stream=True)
        assert client.portal is not None
        client.portal.call(app.release.set)
    assert app.results == ["finished"]


def test_closing_a_response_waits_for_its_background_work(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "DISCONNECT_SECONDS", 0)
    app = WorksInTheBackground(START, DONE)
    with TestClient(app, backend=backend) as client:
        response = client.send(client.build_request("GET", "/"), stream=True)
        assert client.portal is not None
        released = client.portal.start_task_soon(release_later, app)
        response.close()
    assert app.results == ["finished"]
    released.result()


async def release_later(app: WorksInTheBackground) -> None:
    """Longer than a task needs to be cancelled."""
    for _ in range(1000):
        await anyio.lowlevel.checkpoint()
    app.release.set()


def test_an_error_of_background_work_is_raised_when_the_client_is_left(backend: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        await send(START)
        await send(DONE)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), TestClient(app, backend=backend) as client:
        client.send(client.build_request("GET", "/"), stream=True)


def test_several_streams_can_be_open_at_once(backend: Any) -> None:
    @without_lifespan
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Endless()(scope, receive, send)

    with (
        TestClient(app, backend=backend) as client,
        client.stream("GET", "/") as one,
        client.stream("GET", "/") as two,
    ):
        first, second = one.iter_raw(), two.iter_raw()
        assert [next(first), next(second), next(first), next(second)] == [b"1", b"1", b"2", b"2"]


def test_a_download_of_any_size_needs_little_memory() -> None:
    @without_lifespan
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        for _ in range(512):
            await send(body(b"x" * 65536, more=True))
        await send(DONE)

    with TestClient(app) as client, client.stream("GET", "/") as response:
        tracemalloc.start()
        total = sum(map(len, response.iter_raw()))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert total == 512 * 65536 + 4
    assert peak < 4 * 1024 * 1024


async def test_the_asynchronous_client_streams_alike() -> None:
    app = Endless()
    async with AsyncTestClient(app) as client, client.stream("GET", "/") as response:
        chunks = response.aiter_raw()
        assert [await anext(chunks), await anext(chunks)] == [b"1", b"2"]
        await chunks.aclose()
        assert app.sent in {2, 3}
    assert isinstance(app.end, OSError)


async def test_open_responses_are_closed_with_the_asynchronous_client() -> None:
    app = Endless()
    async with AsyncTestClient(app) as client:
        await client.send(client.build_request("GET", "/"), stream=True)
    assert isinstance(app.end, OSError)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """SIGINT raises KeyboardInterrupt, also where a shell runs the tests in the background and ignores it for them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("opened", [True, False])
@pytest.mark.parametrize("messages", [[], [START], [START, DONE]], ids=["first", "started", "background"])
def test_interrupting_the_test_cancels_the_application(
    messages: list[Message], opened: bool, backend: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task, "DISCONNECT_SECONDS", 0)
    main_thread = threading.get_ident()
    ended = []

    @without_lifespan
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
        signal.pthread_kill(main_thread, signal.SIGINT)
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(True)

    client = TestClient(app, backend=backend)
    with client if opened else nullcontext(), pytest.raises(KeyboardInterrupt):
        client.get("/")
    assert ended == [True]
