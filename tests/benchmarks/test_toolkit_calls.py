"""The same guard for the rows of `benchmarks.toolkit`: calls of the package's functions in the event loop's thread.

A coroutine that goes on counts as called once more. What worker threads call is not counted, as they overlap; how
often one is visited is.
"""

from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

import signette
from benchmarks.toolkit import ask, listener, prepared
from benchmarks.toolkit_apps import Files, Kit
from benchmarks.toolkit_rows import ROWS, Message, Row
from signette import concurrency
from signette.responses import streaming
from tests.benchmarks.counting import Watch, table_of_calls

PACKAGE = Path(signette.__file__).parent

CALLS = {
    "minimal response, prebuilt": 1,
    "minimal response, prebuilt JSON": 1,
    "minimal response, constructed": 2,
    "minimal response, constructed JSON": 5,
    "minimal response, route": 6,
    "plain text": 9,
    "JSON in, JSON out": 14,
    "urlencoded form": 41,
    "multipart form, file of 10 KiB": 99,
    "headers, query, cookies, url": 46,
    "set_cookie, twice": 17,
    "response.headers, six changes": 36,
    # One visit to a thread, regardless of the size of a small file.
    "file of 1 KiB": 40,
    "file, a range of 1 KiB": 40,
    "static file of 1 KiB": 37,
    "static file, 304": 29,
    # 160 blocks of 64 KiB, in 40 visits. Frames that wait count each time they go on, four more on Python 3.12.
    "file of 10 MiB": 1189,
    # Two a piece: the sender goes on, and so does the user's generator, which is not counted.
    "async stream, 100 pieces": 227,
    "async stream, ASGI 2.4": 220,
    # Four a piece where each is waited for; how many are, the threads decide.
    "sync stream, 100 pieces": 700,
    "sync stream, ASGI 2.4": 700,
    # The same for any number of routes.
    "routes, first": 12,
    "routes, last": 12,
    "routes, 404": 27,
    "routes, 405": 27,
    # Three a layer: the handling of its exceptions, and a look at each of two messages.
    "5 middleware, pure ASGI": 31,
    "1 middleware, BaseHTTPMiddleware": 63,
    "3 middleware, BaseHTTPMiddleware": 147,
    "5 middleware, BaseHTTPMiddleware": 233,
    "gzip": 40,
    "WebSocket, 10 messages": 79,
    "WebSocket echo, text, 1 message": 30,
    "WebSocket echo, text, 100 messages": 426,
    "WebSocket echo, bytes, 1 message": 30,
    "WebSocket echo, bytes, 100 messages": 426,
    "WebSocket echo, iter_text, 1 message": 34,
    "WebSocket echo, iter_text, 100 messages": 529,
    "WebSocket echo, JSON, 1 message": 37,
    "WebSocket echo, JSON, 100 messages": 928,
}
VISITS = {
    "file of 1 KiB": 1,
    "file, a range of 1 KiB": 1,
    "static file of 1 KiB": 1,
    "static file, 304": 1,
    "file of 10 MiB": 40,
    "sync stream, 100 pieces": 2,
    "sync stream, ASGI 2.4": 2,
}


def key_of(row: Row) -> str:
    """The name, without how many routes there are."""
    count, routes, place = row.name.partition("routes, ")
    return routes + place if routes else count


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The applications of the rows, made where no loop runs."""
    kit, files = Kit("signette"), Files(tmp_path_factory.mktemp("files"))
    return {row.name: row.build(kit, files) for row in ROWS}


@pytest.fixture
def anyio_backend() -> str:
    """Trio starts tasks in its own order each time: who waits for whom, and so what is called, differs."""
    return "asyncio"


@pytest.fixture
def visits(monkeypatch: pytest.MonkeyPatch) -> list[Callable[..., Any]]:
    """What was called in worker threads."""
    made: list[Callable[..., Any]] = []
    run_sync = concurrency.run_sync

    async def noted(func: Callable[..., Any], *args: Any, **options: Any) -> Any:
        made.append(func)
        return await run_sync(func, *args, **options)

    monkeypatch.setattr(concurrency, "run_sync", noted)
    return made


@pytest.fixture(autouse=True)
def one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """No stream gives others a turn, however slow the machine is: a coroutine that goes on would be counted."""
    monkeypatch.setattr(streaming, "TURN_SECONDS", 3600)


async def send(message: Message) -> None:
    """The server's part, which is not counted."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_a_request_costs_no_more_calls_than_it_did(row: Row, apps: dict[str, Any], visits: list[Any]) -> None:
    app = apps[row.name]
    row = await prepared(app, row)
    for _ in range(2):
        assert (await ask(app, row)).status == row.request.status
    visits.clear()
    scope, receive = row.scope(), listener(row.messages())
    with Watch() as everything:
        await app(scope, receive, send)
    calls = [code for code in everything if is_ours(code)]
    limit = CALLS[key_of(row)]
    assert len(calls) <= limit, f"{len(calls)} calls in place of {limit}:\n{table_of_calls(calls)}"
    assert len(visits) <= VISITS.get(row.name, 0), visits


def is_ours(code: CodeType) -> bool:
    return Path(code.co_filename).is_relative_to(PACKAGE)


def test_every_row_has_a_limit() -> None:
    assert CALLS.keys() == {key_of(row) for row in ROWS}
