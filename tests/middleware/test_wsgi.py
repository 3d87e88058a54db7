"""WSGI applications behind ASGI: what PEP 3333 promises them, and what a server may expect of them."""

import asyncio
import gzip
import io
import logging
import pickle
import sys
import threading
from contextlib import suppress
from typing import Any
from wsgiref.validate import validator

import anyio
import pytest
from anyio.to_thread import current_default_thread_limiter
from hypothesis import given
from hypothesis import strategies as st

from signette.applications import Application
from signette.concurrency import run_in_threadpool
from signette.limits import Limits
from signette.middleware.compression import CompressionMiddleware
from signette.middleware.registry import Middleware
from signette.middleware.wsgi import WSGIMiddleware
from signette.responses.plain import PlainTextResponse
from signette.routing.mount import Mount
from signette.routing.route import Route
from tests.asgi import DISCONNECT, VERSIONS, Exchange, body_of, call, exchange, scope_of
from tests.timeouts import SECONDS

TEXT = [("Content-Type", "text/plain")]


def responding_with(make: Any) -> Any:
    """A WSGI application that responds 200 with what `make` gives for the environ, checked to keep to PEP 3333."""

    def app(environ: Any, start_response: Any) -> Any:
        made = make(environ)
        start_response("200 OK", TEXT)
        return [made] if isinstance(made, bytes) else made

    return validator(app)


async def ask(app: Any, *args: Any, **options: Any) -> Exchange:
    return await call(WSGIMiddleware(app), *args, **options)


async def environ_of(path: str = "/", method: str = "GET", *, body: bytes = b"", **options: Any) -> dict[str, Any]:
    return await environ_in(scope_of(path, method, **options), body)


async def environ_in(scope: dict[str, Any], body: bytes = b"") -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def look(environ: Any) -> bytes:
        seen.update(environ)
        return b"seen"

    app = Application(routes=[Mount("/old", WSGIMiddleware(responding_with(look)))])
    response = await exchange(app, scope, *body_of(body))
    assert (response.error, response.text) == (None, "seen")
    return seen


async def test_status_fields_and_body_are_sent_in_three_messages() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response("404 Not Here", [("X-A", "1"), ("Set-Cookie", "a"), ("Set-Cookie", "b")])
        return [b"", b"one", b"", b"two"]

    response = await ask(app)
    fields = [(b"x-a", b"1"), (b"set-cookie", b"a"), (b"set-cookie", b"b")]
    assert response.messages == [
        {"type": "http.response.start", "status": 404, "headers": fields},
        {"type": "http.response.body", "body": b"one", "more_body": True},
        {"type": "http.response.body", "body": b"two", "more_body": True},
        {"type": "http.response.body", "body": b"", "more_body": False},
    ]


async def test_a_response_without_a_body_is_started() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response("204 No Content", [])
        return ()

    response = await ask(app)
    assert [message["type"] for message in response.messages] == ["http.response.start", "http.response.body"]
    assert (response.status, response.body) == (204, b"")


async def test_the_environ_has_the_request_and_where_the_application_is_mounted() -> None:
    environ = await environ_of(
        "/old/a b/\u00e9",
        "POST",
        query_string=b"q=%C3%A9",
        scheme="https",
        http_version="2",
        server=("example.org", 8443),
        client=("10.0.0.1", 5000),
        headers=[(b"content-type", b"text/x"), (b"content-length", b"2"), (b"x-a", b"1"), (b"x-a", b"2")],
        body=b"hi",
    )
    expected = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "/old",
        "PATH_INFO": "/a b/\u00c3\u00a9",
        "QUERY_STRING": "q=%C3%A9",
        "SERVER_NAME": "example.org",
        "SERVER_PORT": "8443",
        "SERVER_PROTOCOL": "HTTP/2",
        "REMOTE_ADDR": "10.0.0.1",
        "REMOTE_PORT": "5000",
        "CONTENT_TYPE": "text/x",
        "CONTENT_LENGTH": "2",
        "HTTP_X_A": "1,2",
        "wsgi.url_scheme": "https",
    }
    assert {key: environ[key] for key in expected} == expected


async def test_a_scope_that_says_little_is_enough() -> None:
    environ = await environ_in({"type": "http", "method": "GET", "path": "/old/x"})
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("localhost", "80")
    assert "REMOTE_ADDR" not in environ
    assert "CONTENT_LENGTH" not in environ


async def test_no_field_can_pass_for_another() -> None:
    fields = [(b"x_user", b"root"), (b"proxy", b"evil"), (b"cookie", b"a=1"), (b"cookie", b"b=2")]
    environ = await environ_of("/old/x", headers=fields)
    assert {key for key in environ if key.startswith("HTTP_")} == {"HTTP_COOKIE"}
    assert environ["HTTP_COOKIE"] == "a=1; b=2"


reads = st.lists(
    st.tuples(st.just("read"), st.integers(-1, 12))
    | st.tuples(st.just("readline"), st.integers(-1, 12))
    | st.tuples(st.just("readlines"), st.integers(-1, 12)),
    max_size=8,
)


@given(st.lists(st.text("ab\n", max_size=6).map(str.encode), min_size=1, max_size=5), reads)
async def test_the_input_is_read_as_a_file_is(pieces: list[bytes], steps: list[tuple[str, int]]) -> None:
    found: list[Any] = []

    def app(environ: Any, start_response: Any) -> Any:
        found.extend(getattr(environ["wsgi.input"], name)(size) for name, size in steps)
        found.extend(environ["wsgi.input"])
        start_response("200 OK", [])
        return [b"done"]

    assert (await ask(app, "/", "POST", body=pieces)).text == "done"
    file = io.BytesIO(b"".join(pieces))
    assert found == [*(getattr(file, name)(size) for name, size in steps), *file]


async def test_neither_the_body_nor_the_response_runs_ahead() -> None:
    left = [b"x" * 10] * 50
    messages = iter(body_of(*left))
    sent = 0

    def echo(environ: Any) -> Any:
        while chunk := environ["wsgi.input"].read(10):
            assert 50 - len(left) - sent < 5
            yield chunk

    async def receive() -> Any:
        left.pop()
        return next(messages)

    async def send(message: Any) -> None:
        nonlocal sent
        sent += message["type"] == "http.response.body"
        await anyio.lowlevel.checkpoint()

    await WSGIMiddleware(responding_with(echo))(scope_of(method="POST"), receive, send)
    assert (left, sent) == ([], 51)


async def test_a_chunk_is_sent_before_the_next_one_is_produced() -> None:
    arrived = threading.Event()

    def chunks(environ: Any) -> Any:
        yield b"one"
        yield b"two" if arrived.wait(SECONDS) else b"late"

    def take(message: Any) -> None:
        if message.get("body") == b"one":
            arrived.set()

    response = await exchange(WSGIMiddleware(responding_with(chunks)), on_send=take)
    assert [message.get("body") for message in response.messages] == [None, b"one", b"two", b""]


async def test_the_write_function_sends_too() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        write = start_response("200 OK", [])
        write(b"one")
        return [b"two"]

    assert (await ask(app)).text == "onetwo"


# Errors.


def failure() -> Any:
    try:
        int("boom")
    except ValueError:
        return sys.exc_info()


async def test_a_response_may_be_replaced_before_it_starts() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", TEXT)
        start_response("500 Sorry", [], failure())
        return [b"sorry"]

    response = await ask(app)
    assert (response.status, response.headers, response.text) == (500, {}, "sorry")


def error_records(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str]]:
    return [
        (record.name, record.getMessage(), record.exc_info[0].__name__)
        for record in caplog.records
        if record.levelno == logging.ERROR and record.exc_info and record.exc_info[0]
    ]


@pytest.mark.parametrize("started_before", [False, True])
async def test_the_error_behind_an_error_response_is_logged(
    started_before: bool, caplog: pytest.LogCaptureFixture
) -> None:
    def app(environ: Any, start_response: Any) -> Any:
        if started_before:
            start_response("200 OK", TEXT)
        start_response("500 Sorry", [], failure())
        return [b"sorry"]

    response = await ask(app)
    assert (response.status, response.error) == (500, None)
    message = "The WSGI application sends an error response: 500 Sorry"
    assert error_records(caplog) == [("signette.wsgi", message, "ValueError")]
    assert 'int("boom")' in caplog.text


async def test_an_error_that_is_raised_is_not_logged_too(caplog: pytest.LogCaptureFixture) -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", TEXT)(b"one")
        start_response("500 Sorry", [], failure())
        return [b"sorry"]

    assert type((await ask(app)).error) is ValueError
    assert error_records(caplog) == []


async def test_after_that_its_error_propagates_and_aborts_the_response() -> None:
    closed: list[bool] = []

    class Pieces:
        def __init__(self, start_response: Any) -> None:
            self.start_response = start_response

        def __iter__(self) -> Any:
            yield b"one"
            self.start_response("500 Sorry", [], failure())

        def close(self) -> None:
            closed.append(True)

    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", TEXT)
        return Pieces(start_response)

    response = await ask(app)
    assert type(response.error) is ValueError
    assert response.messages[-1]["more_body"] is True
    assert closed == [True]


async def test_an_error_is_a_500_of_the_application_around() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        raise ValueError("boom")

    response = await call(Application(routes=[Mount("/", WSGIMiddleware(app))]))
    assert (response.status, type(response.error)) == (500, ValueError)


def silent(environ: Any, start_response: Any) -> Any:
    return [b"x"]


def twice(environ: Any, start_response: Any) -> Any:
    start_response("200 OK", [])
    start_response("200 OK", [])
    return [b"x"]


def splitting(environ: Any, start_response: Any) -> Any:
    start_response("200 OK", [("X-A", "1\r\nx-b: 2")])
    return [b"x"]


def wordless(environ: Any, start_response: Any) -> Any:
    start_response("OK", [])
    return [b"x"]


def textual(environ: Any, start_response: Any) -> Any:
    start_response("200 OK", [])
    return ["x"]


@pytest.mark.parametrize(
    ("app", "message"),
    [
        (silent, "before it called start_response"),
        (twice, "was called twice"),
        (splitting, "contains CR, LF or NUL"),
        (wordless, "a status like '200 OK', not 'OK'"),
        (textual, "made of bytes, not str"),
    ],
)
async def test_what_pep_3333_forbids_is_an_error_of_the_application(app: Any, message: str) -> None:
    response = await ask(app)
    assert message in str(response.error)
    assert response.messages == []


async def test_what_is_written_to_the_errors_is_logged_whole(caplog: pytest.LogCaptureFixture) -> None:
    def app(environ: Any, start_response: Any) -> Any:
        print("Traceback", file=environ["wsgi.errors"])
        environ["wsgi.errors"].writelines(["  one\n", "  two\n"])
        start_response("200 OK", [])
        return [b"x"]

    await ask(app)
    assert [(r.name, r.levelno, r.getMessage()) for r in caplog.records] == [
        ("signette.wsgi", logging.ERROR, "Traceback\n  one\n  two")
    ]


async def test_much_of_it_does_not_wait_for_the_end(caplog: pytest.LogCaptureFixture) -> None:
    def app(environ: Any, start_response: Any) -> Any:
        for _ in range(3):
            environ["wsgi.errors"].write("x" * 5000)
        start_response("200 OK", [])
        return [b"x"]

    await ask(app)
    assert [len(record.getMessage()) for record in caplog.records] == [10000, 5000]


async def test_a_body_over_its_limit_is_413_however_the_application_handles_the_error() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        try:
            environ["wsgi.input"].read()
        except Exception:  # noqa: BLE001 - as frameworks do
            start_response("500 Sorry", [])
            return [b"sorry"]
        start_response("200 OK", [])
        return [b"fine"]

    around = Application(routes=[Mount("/", WSGIMiddleware(app))], limits=Limits(body_bytes=3))
    assert (await call(around, "/", "POST", body=[b"ab", b"c"])).text == "fine"
    response = await call(around, "/", "POST", body=[b"ab", b"cd"])
    assert (response.status, response.error) == (413, None)


# A client that leaves, a server that gives up.


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_disconnect_ends_the_response_and_is_no_error(version: str) -> None:
    closed = threading.Event()

    class Endless:
        def __iter__(self) -> Any:
            return self

        def __next__(self) -> bytes:
            return b"x"

        def close(self) -> None:
            closed.set()

    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        return Endless()

    response = await exchange(WSGIMiddleware(app), scope_of(version=version), leave_at=4)
    assert (response.error, closed.is_set()) == (None, True)


async def test_a_disconnect_while_the_body_is_read_is_an_error_of_the_read_alone() -> None:
    seen: list[Any] = []

    def app(environ: Any, start_response: Any) -> Any:
        seen.append(environ["wsgi.input"].read(2))
        try:
            environ["wsgi.input"].read()
        except OSError as exc:
            seen.append(str(exc))
            raise
        raise AssertionError("read what was not sent")

    first = {"type": "http.request", "body": b"ab", "more_body": True}
    response = await exchange(WSGIMiddleware(app), scope_of(method="POST"), first, DISCONNECT)
    assert (response.messages, response.error) == ([], None)
    assert seen == [b"ab", "The client has left"]


async def test_an_os_error_without_a_disconnect_is_an_error() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        raise FileNotFoundError("x")

    assert type((await ask(app)).error) is FileNotFoundError


async def test_a_server_that_gives_up_stops_the_application_at_its_next_chunk() -> None:
    closed = threading.Event()

    def chunks(environ: Any) -> Any:
        try:
            while True:
                yield b"x"
        finally:
            closed.set()

    response = await exchange(WSGIMiddleware(responding_with(chunks)), cancel_at=1)
    assert (response.was_cancelled, closed.is_set()) == (True, True)


@pytest.mark.parametrize("reads", [True, False])
def test_so_does_one_that_cancels_as_asyncio_does_which_waits_for_no_thread(reads: bool) -> None:
    ended: list[Any] = []
    over = threading.Event()

    def chunks(environ: Any) -> Any:
        try:
            yield b"x"
            over.wait(SECONDS)
            if reads:
                environ["wsgi.input"].read(9)
            while True:
                yield b"x"
        except OSError as exc:
            ended.append(str(exc))
        finally:
            ended.append("closed")
            closed.set()

    closed = threading.Event()

    async def main() -> None:
        begun = asyncio.Event()

        async def receive() -> Any:
            await asyncio.sleep(3600)

        async def send(message: Any) -> None:
            begun.set()

        task = asyncio.create_task(WSGIMiddleware(responding_with(chunks))(scope_of(), receive, send))
        await begun.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        over.set()
        await asyncio.to_thread(closed.wait, 5)

    asyncio.run(main())
    assert ended == (["The request is over", "closed"] if reads else ["closed"])


class Slow:
    """Clients of WSGI applications that hold back, and the threads that are busy for them."""

    def __init__(self) -> None:
        self.counting = threading.Lock()
        self.inside = self.most = 0

    def __call__(self, environ: Any) -> bytes:
        with self.counting:
            self.inside += 1
            self.most = max(self.most, self.inside)
        environ["wsgi.input"].read(99)
        with self.counting:
            self.inside -= 1
        return b"x"


async def overtakes(around: Any, path: str, *clients: tuple[str, list[Any], list[bytes]]) -> bool:
    """Whether a request gets a response while these clients have sent no more than some pieces of their bodies."""
    go_on = anyio.Event()

    async def slow(path: str, headers: list[Any], pieces: list[bytes]) -> None:
        is_whole = False

        async def receive() -> Any:
            nonlocal is_whole
            if pieces:
                return {"type": "http.request", "body": pieces.pop(0), "more_body": True}
            await go_on.wait()
            if is_whole:
                await anyio.sleep_forever()
            is_whole = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        await around({"type": "http", "method": "POST", "path": path, "headers": headers}, receive, send)

    statuses: list[int] = []
    async with anyio.create_task_group() as group:
        for client in clients:
            group.start_soon(slow, *client)
        await anyio.wait_all_tasks_blocked()
        with anyio.move_on_after(SECONDS) as patience:
            overtaker = await call(around, path)
        waited = list(statuses)
        go_on.set()
    assert statuses == [200] * len(clients)
    return not patience.cancelled_caught and overtaker.status == 200 and waited == []


DECLARED = [[(b"content-length", b"9")], [(b"transfer-encoding", b"chunked")]]


@pytest.mark.parametrize("headers", DECLARED)
async def test_a_client_that_has_not_sent_anything_takes_no_thread(headers: Any) -> None:
    used = Slow()
    around = Application(routes=[Mount("/", WSGIMiddleware(responding_with(used)))], limits=Limits(worker_threads=2))
    assert await overtakes(around, "/", *[("/", headers, [])] * 5)


@pytest.mark.parametrize("headers", [[], *DECLARED])
async def test_a_started_one_takes_no_limits_of_the_outer_or_another_application(headers: Any) -> None:
    def here(request: Any) -> PlainTextResponse:
        return PlainTextResponse("here")

    slow, other = Slow(), Slow()
    around = Application(
        routes=[
            Route("/sync", here),
            Mount("/slow", WSGIMiddleware(responding_with(slow))),
            Mount("/other", WSGIMiddleware(responding_with(other))),
        ],
        limits=Limits(worker_threads=2),
    )
    for path in ("/sync", "/other/x"):
        assert await overtakes(around, path, *[("/slow/x", headers, [b"x"]) for _ in range(5)])
    assert slow.most == 2


async def test_an_unread_body_over_its_limit_does_not_fail_the_response() -> None:
    wsgi = WSGIMiddleware(responding_with(lambda environ: b"unread"))
    around = Application(routes=[Mount("/", wsgi)], max_body_size=3)
    response = await call(around, method="POST", body=b"x" * 9, headers=[(b"content-length", b"9")])
    assert (response.status, response.text) == (200, "unread")


def test_it_can_be_pickled_after_it_was_used() -> None:
    wsgi = WSGIMiddleware(_hello)
    assert asyncio.run(call(wsgi)).text == "hello"
    assert asyncio.run(call(pickle.loads(pickle.dumps(wsgi)))).text == "hello"


def _hello(environ: Any, start_response: Any) -> Any:
    start_response("200 OK", TEXT)
    return [b"hello"]


async def test_outer_middleware_that_needs_a_thread_does_not_wait_for_this_one() -> None:
    around = Application(
        routes=[Mount("/", WSGIMiddleware(responding_with(lambda environ: b"x" * 999)))],
        middleware=[Middleware(CompressionMiddleware, thread_minimum_size=1)],
        limits=Limits(worker_threads=1),
    )
    response = await call(around, headers=[(b"accept-encoding", b"gzip")])
    assert gzip.decompress(response.body) == b"x" * 999


async def test_alone_it_leaves_the_threads_of_the_event_loop_to_outer_middleware() -> None:
    app = WSGIMiddleware(responding_with(lambda environ: b"x"))

    async def hopping(scope: Any, receive: Any, send: Any) -> None:
        async def send_after_a_hop(message: Any) -> None:
            await run_in_threadpool(lambda: None)
            await send(message)

        await app(scope, receive, send_after_a_hop)

    limiter = current_default_thread_limiter()
    limiter.total_tokens = 1
    assert (await call(hopping)).body == b"x"


async def test_a_cancellation_while_it_reads_is_not_the_end_of_the_body() -> None:
    read: list[Any] = []
    chunks = [{"type": "http.request", "body": b"half", "more_body": True}]

    def app(environ: Any, start_response: Any) -> Any:
        try:
            read.append(environ["wsgi.input"].read())
        except BaseException:
            read.append("broken off")
            raise

    async def receive() -> Any:
        if chunks:
            return chunks.pop()
        server.cancel()
        return await anyio.sleep_forever()

    async def send(message: Any) -> None:
        raise AssertionError(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    with anyio.fail_after(SECONDS), anyio.CancelScope() as server:
        await WSGIMiddleware(app)(scope, receive, send)
    assert read == ["broken off"]


# What is no HTTP.


async def test_a_socket_is_closed() -> None:
    response = await ask(responding_with(lambda environ: b"x"), kind="websocket")
    assert response.messages == [{"type": "websocket.close", "code": 1000, "reason": ""}]


async def test_it_can_be_served_alone() -> None:
    messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    found = await exchange(WSGIMiddleware(responding_with(lambda environ: b"x")), {"type": "lifespan"}, *messages)
    assert found.types == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
