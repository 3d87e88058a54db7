"""Results that come one by one: lines of JSON, events, chunks."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import pytest
from pydantic import BaseModel

from signette.exceptions import ResponseValidationError
from signette.responses.events import ServerSentEvent
from signette.responses.streaming import StreamingResponse
from tests.declarative.driving import app_of, ask


class Item(BaseModel):
    name: str


class Secret(Item):
    """What may never leave where an `Item` is declared."""

    password: str = "secret"


SECRET = Secret(name="n")


async def lines() -> AsyncIterator[Item]:
    yield SECRET
    yield Item(name="é")


def sync_lines() -> Iterator[Item]:
    yield SECRET
    yield Item(name="é")


@pytest.mark.parametrize("endpoint", [lines, sync_lines])
async def test_items_are_lines_of_json(endpoint: Any) -> None:
    answer = await ask(app_of(endpoint, status_code=206), "GET /")
    assert (answer.status, answer["content-type"]) == (206, "application/jsonl")
    assert answer.body == '{"name":"n"}\n{"name":"é"}\n'.encode()


async def test_an_item_that_is_not_valid_breaks_the_stream_off() -> None:
    async def endpoint() -> AsyncIterator[Item]:
        yield Item(name="n")
        yield 3  # type: ignore[misc]  # the mistake under test

    heard: list[str] = []
    with pytest.raises(ResponseValidationError):
        await ask(app_of(endpoint), "GET /", on=heard.append)
    assert heard == []  # an ordinary end would tell that all is there


async def test_events_carry_models_as_json_and_texts_as_they_are() -> None:
    async def endpoint() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent(data=Item(name="n"), event="made", id="1")
        yield ServerSentEvent(data="two\nlines")
        yield ServerSentEvent(comment="still here")

    answer = await ask(app_of(endpoint), "GET /")
    assert answer["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.body == (b'event: made\nid: 1\ndata: {"name":"n"}\n\ndata: two\ndata: lines\n\n: still here\n\n')


async def test_chunks_go_out_as_they_are() -> None:
    class Csv(StreamingResponse):
        media_type = "text/csv"

    def endpoint() -> Iterator[str]:
        yield "a,b\n"
        yield "1,2\n"

    answer = await ask(app_of(endpoint, response_class=Csv), "GET /")
    assert (answer["content-type"], answer.body) == ("text/csv; charset=utf-8", b"a,b\n1,2\n")


async def test_a_generator_is_closed_when_the_client_leaves() -> None:
    closed: list[str] = []

    async def endpoint() -> AsyncIterator[Item]:
        try:
            while True:
                yield SECRET
        finally:
            closed.append("closed")

    count = 0

    async def leave(message: Any) -> None:
        nonlocal count
        count += 1
        if count > 2:
            raise OSError("the client has left")

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [],
        "asgi": {"spec_version": "2.4"},
    }
    await app_of(endpoint)(scope, lambda: None, leave)  # type: ignore[arg-type, return-value]  # nobody asks for a message
    assert closed == ["closed"]


@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
async def test_head_is_answered_without_waiting_for_a_stream_that_never_ends(spec_version: str) -> None:
    asked: list[str] = []

    async def endpoint() -> AsyncIterator[Item]:
        asked.append("asked")
        while True:
            yield Item(name="n")

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "HEAD",
        "path": "/",
        "query_string": b"",
        "headers": [],
        "asgi": {"spec_version": spec_version},
    }
    with anyio.fail_after(5):
        await app_of(endpoint)(scope, anyio.sleep_forever, send)  # type: ignore[arg-type]  # nothing more to say
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert (sent[1].get("body"), sent[1].get("more_body", False), asked) == (b"", False, [])
