import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import given
from hypothesis import strategies as st

from signette import App, draining
from signette._per_loop import PerLoop
from signette.draining import Draining, current_draining
from signette.exceptions import ClientDisconnect
from signette.responses import EventSourceResponse, ServerSentEvent
from tests.asgi import VERSIONS, exchange, fetch, scope_of

every_version = pytest.mark.parametrize("version", VERSIONS)
TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\r\n\0: \u2028\x85"))
LINE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"))


def read_events(stream: bytes) -> list[dict[str, Any]]:
    """What a browser makes of the stream, step by step as the HTML standard says (9.2.6)."""
    events: list[dict[str, Any]] = []
    last_id = retry = None
    kind, data = "", ""
    for line in re.split("\r\n|\r|\n", stream.decode())[:-1]:
        if not line:
            if data:
                events.append({"event": kind, "data": data[:-1], "id": last_id, "retry": retry})
            kind, data = "", ""
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            kind = value
        elif name == "data":
            data += value + "\n"
        elif name == "id" and "\0" not in value:
            last_id = value
        elif name == "retry" and value.isdigit():
            retry = int(value)
    return events


@given(TEXT, st.none() | LINE, st.none() | LINE, st.none() | st.integers(0, 10**9), st.none() | TEXT)
def test_an_event_arrives_as_it_was_written(
    data: str,
    event: str | None,
    id: str | None,  # noqa: A002 - its name on the wire
    retry: int | None,
    comment: str | None,
) -> None:
    stream = ServerSentEvent(data, event, id, retry, comment).encode()
    expected = {"event": event or "", "data": re.sub("\r\n|\r", "\n", data), "id": id, "retry": retry}
    assert read_events(stream) == [expected]


@given(st.lists(TEXT, max_size=4))
def test_events_do_not_run_into_each_other(texts: list[str]) -> None:
    stream = b"".join(ServerSentEvent(text, comment=text).encode() for text in texts)
    assert [event["data"] for event in read_events(stream)] == [re.sub("\r\n|\r", "\n", text) for text in texts]


@pytest.mark.parametrize("splitter", ["\r", "\n", "\r\n", "\0", "x\ndata: forged"])
def test_an_event_or_id_of_several_lines_is_rejected(splitter: str) -> None:
    with pytest.raises(ValueError, match="`event`"):
        ServerSentEvent("x", event=splitter)
    with pytest.raises(ValueError, match="`id`"):
        ServerSentEvent("x", id=splitter)


@pytest.mark.parametrize("retry", [-1, 1.5, True, "5"])
def test_a_retry_that_is_not_a_number_of_milliseconds_is_rejected(retry: Any) -> None:
    with pytest.raises(ValueError, match="`retry`"):
        ServerSentEvent("x", retry=retry)


def test_an_integer_is_an_id() -> None:
    event = ServerSentEvent(data="x", id=7)
    assert (event.id, event.encode()) == ("7", b"id: 7\ndata: x\n\n")
    assert ServerSentEvent(data="x", id=0).encode() == b"id: 0\ndata: x\n\n"


@pytest.mark.parametrize("value", [True, 1.5, b"7", ["7"], {}])
@pytest.mark.parametrize("name", ["id", "event", "comment"])
def test_a_field_of_another_type_is_named(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"`{name}` of an event must be a string, not a `{type(value).__name__}`"):
        ServerSentEvent(data="x", **{name: value})


@pytest.mark.parametrize("name", ["event", "comment"])
def test_a_number_is_not_a_name_or_a_comment(name: str) -> None:
    with pytest.raises(TypeError, match=f"`{name}`"):
        ServerSentEvent(data="x", **{name: 7})  # type: ignore[arg-type]  # the error under test


def test_an_event_without_data_moves_the_id_alone() -> None:
    assert ServerSentEvent(id="7").encode() == b"id: 7\n\n"
    assert ServerSentEvent(comment="a\nb").encode() == b": a\n: b\n\n"


def test_an_event_does_not_change() -> None:
    with pytest.raises(AttributeError):
        ServerSentEvent("x").data = "y"  # type: ignore[misc]  # the error under test


async def test_values_are_sent_as_events() -> None:
    async def events() -> AsyncIterator[Any]:
        yield {"a": "é\n"}
        yield "two\nlines"
        yield b"bytes"
        yield 7
        yield None
        yield ServerSentEvent([1], event="list", id="5")

    response = await exchange(EventSourceResponse(events()))
    assert response.headers == {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
        "x-accel-buffering": "no",
    }
    seen = read_events(response.body)
    assert json.loads(seen[0]["data"]) == {"a": "é\n"}
    assert [event["data"] for event in seen[1:]] == ["two\nlines", "bytes", "7", "null", "[1]"]
    assert (seen[-1]["event"], seen[-1]["id"]) == ("list", "5")
    assert len(response.messages) == 8  # an event is one message
    assert response.is_complete


async def test_explicit_headers_are_kept() -> None:
    response = await exchange(
        EventSourceResponse([], headers={"Cache-Control": "no-store", "X-Accel-Buffering": "yes"})
    )
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-accel-buffering"] == "yes"


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_pings_take_time(seconds: float) -> None:
    with pytest.raises(ValueError, match="`ping_seconds`"):
        EventSourceResponse([], ping_seconds=seconds)


@every_version
async def test_comments_keep_an_idle_stream_open(version: str) -> None:
    pinged = anyio.Event()

    async def silent() -> AsyncIterator[str]:
        yield "before"
        await pinged.wait()
        yield "after"

    def listen(message: Any) -> None:
        if message.get("body") == b": ping\n\n":
            pinged.set()

    response = EventSourceResponse(silent(), ping_seconds=0.001)
    result = await exchange(response, scope_of(version=version), on_send=listen)
    assert b"\n\n: ping\n\n" in result.body
    assert [event["data"] for event in read_events(result.body)] == ["before", "after"]
    assert result.messages[-1]["body"] == b""


async def test_a_ping_waits_for_the_event_that_is_being_sent() -> None:
    sending = 0
    pings = 0
    go_on = anyio.Event()

    async def take_long(message: Any) -> None:
        nonlocal sending, pings
        assert sending == 0
        sending += 1
        pings += message.get("body") == b": ping\n\n"
        if pings >= 3:
            go_on.set()
        for _ in range(3):
            await checkpoint()
        sending -= 1

    async def events() -> AsyncIterator[int]:
        number = 0
        while not go_on.is_set():
            number += 1
            yield number
            await checkpoint()

    response = await exchange(EventSourceResponse(events(), ping_seconds=0.000_001), on_send=take_long)
    assert (response.error, sending, pings >= 3) == (None, 0, True)


async def test_no_ping_before_the_start_or_after_the_end() -> None:
    closing = anyio.Event()

    class Slow:
        def __aiter__(self) -> Any:
            return self

        async def __anext__(self) -> Any:
            raise StopAsyncIteration

        async def aclose(self) -> None:
            with anyio.move_on_after(0.05):  # many times the ping's time
                await closing.wait()

    async def start_slowly(message: Any) -> None:
        if message["type"] == "http.response.start":
            with anyio.move_on_after(0.05):
                await closing.wait()

    response = await exchange(EventSourceResponse(Slow(), ping_seconds=0.001), on_send=start_slowly)
    # A ping may come between the two on a slow machine, where it belongs.
    types = [(message["type"], message.get("more_body")) for message in response.messages]
    assert types[0] == ("http.response.start", None)
    assert types.index(("http.response.body", False)) == len(types) - 1


async def test_pings_can_be_disabled() -> None:
    response = await exchange(EventSourceResponse(["a"], ping_seconds=None))
    assert response.body == b"data: a\n\n"


@every_version
async def test_a_disconnect_ends_an_idle_stream_at_once(version: str) -> None:
    closed = []

    async def silent() -> AsyncIterator[str]:
        try:
            yield "one"
            await anyio.sleep_forever()
        finally:
            closed.append(1)

    await exchange(EventSourceResponse(silent()), scope_of(version=version), leave_at=1)
    assert closed == [1]


@every_version
@pytest.mark.parametrize("how", ["leave_at", "cancel_at", "cancel_after"])
@pytest.mark.parametrize("at", [1, 2, 3])
async def test_the_iterator_is_closed_once_however_the_stream_ends(version: str, how: str, at: int) -> None:
    closed = []

    def numbers() -> Iterator[int]:
        try:
            yield from (1, 2, 3)
        finally:
            closed.append(1)

    response = await exchange(EventSourceResponse(numbers()), scope_of(version=version), **{how: at})  # type: ignore[arg-type]
    assert closed == [1]
    assert response.error is None or isinstance(response.error, ClientDisconnect)
    assert len(response.messages) <= at + 2


@every_version
async def test_a_stream_that_fails_is_broken_off(version: str) -> None:
    async def failing() -> AsyncIterator[str]:
        yield "one"
        raise LookupError("half way")

    response = await exchange(EventSourceResponse(failing()), scope_of(version=version))
    assert isinstance(response.error, LookupError)
    assert not response.is_complete


@every_version
async def test_head_does_not_wait_for_an_event(version: str) -> None:
    async def silent() -> AsyncIterator[str]:
        await anyio.sleep_forever()
        yield ""

    response = await exchange(EventSourceResponse(silent()), scope_of(method="HEAD", version=version))
    assert (response.error, response.body, response.is_complete) == (None, b"", True)


@pytest.fixture
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests of the same event loop go on."""
    monkeypatch.setattr(draining, "_of_loops", PerLoop(Draining))


async def stop_at(message: dict[str, Any]) -> None:
    """End the process when the first event is sent."""
    if message.get("body"):
        current_draining().stop()


@pytest.mark.parametrize("ping_seconds", [15, None])
@pytest.mark.usefixtures("one_process")
async def test_a_stream_ends_with_an_event_when_the_process_ends(ping_seconds: float | None) -> None:
    closed = []

    async def events() -> AsyncIterator[ServerSentEvent]:
        try:
            yield ServerSentEvent("a", id=7)
            await anyio.sleep_forever()
        finally:
            closed.append(True)

    response = await exchange(EventSourceResponse(events(), ping_seconds=ping_seconds), on_send=stop_at)
    first, last = read_events(response.or_raise().body)
    assert first["data"] == "a"
    assert (last["event"], json.loads(last["data"])) == ("draining", {"reason": "shutdown"})
    assert last["id"] == "7"  # still that of the event before it
    assert 500 <= last["retry"] < 3000
    assert response.is_complete
    assert closed == [True]


@pytest.mark.usefixtures("one_process")
async def test_a_stream_without_an_event_ends_when_the_process_ends() -> None:
    app = App()

    @app.get("/")
    async def silent() -> AsyncIterator[ServerSentEvent]:
        current_draining().stop()
        await anyio.sleep_forever()
        yield ServerSentEvent("never")

    response = await fetch(app, "GET /")
    assert response.status == 200
    assert [event["event"] for event in read_events(response.body)] == ["draining"]
    assert response.is_complete


@pytest.mark.usefixtures("one_process")
async def test_a_stream_that_ends_by_itself_has_no_further_event() -> None:
    response = await exchange(EventSourceResponse(["a"]))
    assert [event["data"] for event in read_events(response.or_raise().body)] == ["a"]
