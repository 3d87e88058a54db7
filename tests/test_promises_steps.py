"""A disconnect or a cancellation at any time: no resource stays open, no error is raised, nothing is logged.

At any time: at each await of the application, one after the other, until it ends without interruption.
"""

import logging
from collections.abc import Callable
from functools import cache
from itertools import product
from typing import Any

import anyio
import pytest

from signette.forms.parsers import MultiPartParser
from signette.middleware.base import BaseHTTPMiddleware
from signette.requests import Request
from tests.promises.cases import JSON, MULTIPART, URLENCODED
from tests.promises.leaving import Ledger, leaving_app
from tests.promises.plain import plain_app
from tests.promises.steps import Driver, WatchedMiddleware, open_files, running_tasks

pytestmark = pytest.mark.thorough

FILE = b'--x\r\nContent-Disposition: form-data; name="files"; filename="f"\r\n\r\n%b\r\n'
FILES = FILE % b"a" + FILE % (b"a" * 3000) + FILE % (b"a" * 3000) + b"--x--\r\n"
ORDER = b'{"name": "tea"}'
SOCKET = [{"type": "websocket.connect"}, *({"type": "websocket.receive", "text": text} for text in "ab")]

# path -> (header, body); None: nothing is sent, so it is a GET.
TYPED: dict[str, tuple[tuple[bytes, bytes] | None, bytes] | None] = {
    "/json": (JSON, ORDER),
    "/form": (URLENCODED, b"name=tea"),
    "/files": (MULTIPART, FILES),
    "/request/files": (MULTIPART, FILES),
    "/request/stream": (None, b"abcdef"),
    "/sync": (JSON, ORDER),
    "/wrong": (JSON, ORDER),
    **dict.fromkeys(("/lines", "/text", "/events", "/response", "/file"), None),
}
PLAIN: dict[str, tuple[tuple[bytes, bytes] | None, bytes] | None] = {
    **dict.fromkeys(("/form", "/form/entered", "/parts", "/class"), (MULTIPART, FILES)),
    **dict.fromkeys(("/file", "/streamed", "/streamed/thread", "/events", "/background", "/static/file"), None),
}
CASES = [
    *((leaving_app, path, asked) for path, asked in TYPED.items()),
    *((plain_app, path, asked) for path, asked in PLAIN.items()),
]


class Passing(BaseHTTPMiddleware):
    """Hands everything on, by way of a queue."""

    async def dispatch(self, request: Request, call_next: Any) -> Any:
        return await call_next(request)


def body_of(data: bytes) -> list[dict[str, Any]]:
    """The body in three messages."""
    size = -(-len(data) // 3) or 1
    pieces = [data[start : start + size] for start in range(0, len(data), size)] or [b""]
    return [{"type": "http.request", "body": piece, "more_body": piece is not pieces[-1]} for piece in pieces]


@pytest.fixture
def small_files_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a form go to disk soon, so that the whole way can be gone many times."""
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 1000)


@pytest.fixture(scope="module")
def app_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[Any, Ledger]]:
    """Makes each application once, with what it keeps account in."""
    file = tmp_path_factory.mktemp("steps") / "file"
    file.write_bytes(b"a" * 300_000)

    @cache
    def made(make: Any, layered: bool) -> tuple[Any, Ledger]:
        ledger = Ledger()
        app = make(ledger, file)
        if layered:
            app.add_middleware(WatchedMiddleware)
            app.add_middleware(Passing)
        return app, ledger

    return made


async def end_at_each_step(
    app: Any, ledger: Ledger, ends: str, messages: list[dict[str, Any]], caplog: Any, **scope: Any
) -> None:
    caplog.set_level(logging.INFO)
    ledger.forget()
    await Driver(messages, ends, at=10_000).run(app, **scope)  # what is made once is made now
    ledger.check_closed()
    tasks, files = running_tasks(), open_files()
    at = 0
    while True:
        driver = Driver(messages, ends, at)
        await driver.run(app, **scope)
        if ends == "native":  # asyncio does not wait for threads
            await anyio.to_thread.run_sync(ledger.wait_closed)
        assert running_tasks() <= tasks, at
        assert open_files() <= files, at
        ledger.check_closed()
        assert caplog.records == [], at
        if not driver.happened:
            break
        at += 1
    assert at > 3


# asyncio has a native way to cancel, too.
ends = pytest.mark.parametrize(
    ("anyio_backend", "ends"),
    [*product(("asyncio", "trio"), ("cancel", "2.3", "2.4")), ("asyncio", "native")],
    indirect=["anyio_backend"],
)
layered = pytest.mark.parametrize("layered", [False, True], ids=["direct", "layers"])


@ends
@layered
@pytest.mark.parametrize(("make", "path", "asked"), CASES, ids=[f"{make.__name__} {path}" for make, path, _ in CASES])
@pytest.mark.usefixtures("small_files_on_disk")
async def test_a_request_that_ends_at_any_await_leaves_nothing_open(
    app_of: Any, make: Any, path: str, asked: Any, ends: str, layered: bool, caplog: pytest.LogCaptureFixture
) -> None:
    header, body = asked or (None, b"")
    await end_at_each_step(
        *app_of(make, layered),
        ends,
        body_of(body),
        caplog,
        path=path,
        method="GET" if asked is None else "POST",
        headers=[header] if header else [],
    )


@ends
@layered
@pytest.mark.parametrize("make", [leaving_app, plain_app])
async def test_a_socket_that_ends_at_any_await_leaves_nothing_open(
    app_of: Any, make: Any, ends: str, layered: bool, caplog: pytest.LogCaptureFixture
) -> None:
    await end_at_each_step(*app_of(make, layered), ends, SOCKET, caplog, path="/socket", headers=[])
