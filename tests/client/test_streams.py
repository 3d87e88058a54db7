"""Streams, events, WebSockets, forms and pages of an application, in process and over HTTP."""

import io
from collections.abc import AsyncIterator, Iterator
from threading import Event
from typing import Annotated, Any

import pytest
from anyio import to_thread
from pydantic import BaseModel

from signette import (
    App,
    Form,
    HTTPException,
    Items,
    Page,
    Parts,
    Problem,
    Raises,
    Security,
    Socket,
    Stream,
    UploadFile,
    WebSocket,
)
from signette.client import (
    APIKey,
    AsyncClient,
    Client,
    Reconnect,
    SocketClosed,
    UnexpectedResponse,
)
from signette.events import Events, LastEventID, ServerSentEvent
from signette.security import APIKeyCookie, APIKeyHeader
from signette.sockets import SocketOptions
from tests.client.ways import WAYS, url_of
from tests.timeouts import SECONDS

# httpx leaves generators behind when a response is closed before its end.
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.either_loop,
    pytest.mark.filterwarnings("ignore:Async generator .http(x|core)2:ResourceWarning"),
]


class Tick(BaseModel):
    number: int


class Tock(BaseModel):
    text: str


class OutOfTicks(Problem, status=409, detail="There are no more ticks."):
    """There are no more."""

    last: int


app = App(cursor_keys=["only for these tests"])


@app.get("/ticks")
async def ticks(after: LastEventID[int] = None) -> Events[Tick | Tock]:
    """Breaks after each event until the third one."""
    number = (after or 0) + 1
    yield ServerSentEvent(Tick(number=number), id=number, retry=0)
    if number < 3:
        raise RuntimeError("the connection is lost")
    yield Tock(text="end")


@app.get("/few-ticks")
async def few_ticks() -> Annotated[Events[Tick], Raises(OutOfTicks)]:
    yield Tick(number=1)
    raise OutOfTicks(last=1)


@app.get("/lines")
async def lines(count: int = 3) -> AsyncIterator[str]:
    for number in range(count):
        yield f"ä{number}\n"


class State:
    closed: Event


state = State()


@app.get("/endless")
async def endless() -> AsyncIterator[Tick]:
    try:
        number = 0
        while True:
            yield Tick(number=number)
            number += 1
    finally:
        state.closed.set()


@app.post("/rows")
async def rows(rows: Annotated[Stream[Tick], Items(media_types=["text/csv"])]) -> list[int]:
    return [row.number async for row in rows]


@app.post("/first-row")
async def first_row(rows: Stream[Tick]) -> int:
    async for row in rows:
        raise HTTPException(409, f"The first row is {row.number}")
    return 0


@app.get("/list")
def numbers(page: Page.Offset) -> Page[int]:
    return page.of(list(range(7))[page.offset : page.offset + page.fetch], total=7)


@app.post("/files")
async def files(
    files: list[UploadFile],
    tick: Annotated[Tick, Form(media_type="application/json")] | None = None,
    note: str = Form(""),
) -> list[Any]:
    return [(each.filename, (await each.read()).decode()) for each in files] + [tick, note]


@app.post("/parts")
async def parts(parts: Parts) -> list[tuple[str, str | None, str]]:
    return [(part.name, part.filename, (await part.read()).decode()) async for part in parts]


@app.websocket("/echo/{name}")
async def echo(
    name: str, socket: Annotated[Socket[Tick, Tick | Tock], SocketOptions(subprotocol="ticks.v1")], times: int = 1
) -> None:
    await socket.send(Tock(text=name))
    async for tick in socket:
        if tick.number == 0:
            await socket.close(4001, "zero")
            return
        if tick.number < 0:
            raise RuntimeError("a negative tick")
        for _ in range(times):
            await socket.send(tick)


@app.websocket("/plain")
async def plain(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_bytes((await websocket.receive_text()).encode())
    await websocket.close()


@app.websocket("/guarded")
async def guarded(
    socket: Socket[None, str],
    key: Annotated[str, Security(APIKeyHeader(name="X-Key"))],
    session: Annotated[str, Security(APIKeyCookie(name="session"))],
) -> None:
    await socket.send(f"{key} {session}")


@app.websocket("/forbidden")
async def forbidden(websocket: WebSocket) -> None:
    raise HTTPException(403, "Not for you")


@pytest.fixture(params=WAYS, scope="module")
def base_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    with url_of(app, request.param) as url:
        yield url


@pytest.fixture
async def client(base_url: str | None) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(app, base_url, reconnect=Reconnect(seconds=0)) as client:
        yield client


# -- events ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base_url", WAYS[1:], indirect=True)
async def test_a_stream_goes_on_after_a_lost_connection(client: AsyncClient) -> None:
    events = client.ticks()
    assert [each async for each in events] == [Tick(number=1), Tick(number=2), Tick(number=3), Tock(text="end")]
    assert events.last_event_id == "3"


@pytest.mark.parametrize("base_url", WAYS[1:], indirect=True)
def test_a_stream_goes_on_without_async(base_url: str) -> None:
    with Client(app, base_url, reconnect=Reconnect(seconds=0)) as client:
        assert list(client.ticks(after=1)) == [Tick(number=2), Tick(number=3), Tock(text="end")]


async def test_an_application_in_process_raises_its_exception() -> None:
    async with AsyncClient(app) as client, client.ticks() as events:
        assert await anext(events) == Tick(number=1)
        with pytest.raises(RuntimeError, match="the connection is lost"):
            await anext(events)


async def test_a_problem_ends_a_stream(client: AsyncClient) -> None:
    events = client.few_ticks()
    assert await anext(events) == Tick(number=1)
    with pytest.raises(OutOfTicks) as raised:
        await anext(events)
    assert raised.value.last == 1
    with pytest.raises(StopAsyncIteration):
        await anext(events)


# -- items and chunks --------------------------------------------------------------------------------------------------


async def test_chunks_of_text_are_decoded(client: AsyncClient) -> None:
    assert await client.lines() == "ä0\nä1\nä2\n"
    assert "".join([chunk async for chunk in client.lines(count=2)]) == "ä0\nä1\n"


async def test_a_block_ends_an_endless_stream(client: AsyncClient) -> None:
    state.closed = Event()
    async with client.endless() as items:
        assert [(await anext(items)).number for _ in range(3)] == [0, 1, 2]
    assert await to_thread.run_sync(state.closed.wait, SECONDS)


async def test_items_are_sent_in_the_format_that_is_accepted(client: AsyncClient) -> None:
    assert await client.rows(rows=[Tick(number=1), Tick(number=2)]) == [1, 2]


async def test_an_iterator_is_closed_if_the_response_comes_before_its_end() -> None:
    is_closed = False

    async def many_rows() -> AsyncIterator[Tick]:
        nonlocal is_closed
        try:
            for number in range(10**6):
                yield Tick(number=number)
        finally:
            is_closed = True

    async with AsyncClient(app) as client:
        with pytest.raises(UnexpectedResponse, match="The first row is 0"):
            await client.first_row(rows=many_rows())
        assert is_closed


async def test_an_open_client_is_needed_for_a_stream() -> None:
    with pytest.raises(RuntimeError, match="an open client"):
        await anext(AsyncClient(app).endless())


async def test_a_stream_has_no_whole_reply(client: AsyncClient) -> None:
    with pytest.raises(TypeError, match="`endless` has no reply that is read whole"):
        await client.endless.reply()


# -- pages -------------------------------------------------------------------------------------------------------------


async def test_pages_follow_their_offsets(client: AsyncClient) -> None:
    page = await client.numbers(limit=3, offset=3)
    assert (list(page), page.next, page.total) == ([3, 4, 5], "6", 7)
    assert [each async for each in client.numbers(limit=2)] == list(range(7))


# -- forms -------------------------------------------------------------------------------------------------------------


async def test_a_form_has_files_json_and_text(client: AsyncClient) -> None:
    found = await client.files(
        files=[("a.txt", b"1"), ("b.txt", io.BytesIO(b"2"), "text/plain")], tick=Tick(number=1), note="x"
    )
    assert found == [["a.txt", "1"], ["b.txt", "2"], {"number": 1}, "x"]
    assert await client.files(files=[b"1"]) == [["file", "1"], None, ""]


async def test_a_form_has_parts_of_any_name(client: AsyncClient) -> None:
    assert await client.parts(parts={"note": "x", "file": ("a.txt", b"1")}) == [
        ("note", None, "x"),
        ("file", "a.txt", "1"),
    ]


async def test_a_value_that_is_not_a_file_names_its_argument(client: AsyncClient) -> None:
    with pytest.raises(TypeError, match=r"argument `files` .*text is not a file"):
        await client.files(files=["a.txt"])


# -- WebSockets --------------------------------------------------------------------------------------------------------


async def test_a_websocket_has_path_query_and_subprotocol(client: AsyncClient) -> None:
    async with client.echo(name="a/b", times=2) as socket:
        assert socket.subprotocol == "ticks.v1"
        assert await socket.receive() == Tock(text="a/b")
        for number in (1, 2):
            await socket.send(Tick(number=number))
        assert [(await socket.receive()).number for _ in range(4)] == [1, 1, 2, 2]
        await socket.send(Tick(number=0))
        with pytest.raises(SocketClosed, match="4001: zero"):
            await anext(socket)


async def test_a_closed_websocket_ends_the_iteration(client: AsyncClient) -> None:
    async with client.plain() as socket:
        await socket.send("ä")
        assert [message async for message in socket] == ["ä".encode()]


async def test_a_websocket_that_is_rejected_has_the_response(client: AsyncClient) -> None:
    with pytest.raises(UnexpectedResponse, match="Not for you"):
        async with client.forbidden():
            pass


async def test_a_websocket_sends_credentials(client: AsyncClient) -> None:
    keyed = client.with_options(auth={"APIKeyHeader": APIKey("k"), "APIKeyCookie": APIKey("s")})
    async with keyed.guarded() as socket:
        assert [message async for message in socket] == ["k s"]
    with pytest.raises(UnexpectedResponse, match="401"):
        async with client.guarded():
            pass


async def test_an_exception_of_an_application_in_process_is_raised() -> None:
    async with AsyncClient(app) as client, client.echo(name="x") as socket:
        await socket.receive()
        await socket.send(Tick(number=-1))
        with pytest.raises(RuntimeError, match="a negative tick"):
            await socket.receive()


async def test_an_exception_that_nothing_has_received_is_raised_at_the_end() -> None:
    async with AsyncClient(app) as client:
        with pytest.raises(RuntimeError, match="a negative tick"):
            async with client.echo(name="x") as socket:
                await socket.send(Tick(number=-1))


def test_a_websocket_without_async(base_url: str | None) -> None:
    with Client(app, base_url) as client:
        with client.echo(name="x") as socket:
            assert socket.receive(SECONDS) == Tock(text="x")
            with pytest.raises(TimeoutError):
                socket.receive(0.01)
            socket.send(Tick(number=1))
            assert next(socket) == Tick(number=1)
        with pytest.raises(UnexpectedResponse, match="Not for you"), client.forbidden():
            pass
        with client.plain() as socket:
            socket.send("x")
            assert list(socket) == [b"x"]
