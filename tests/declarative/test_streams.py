"""Results that come one by one: lines of JSON, events, chunks."""

from collections.abc import AsyncIterator, Generator, Iterable, Iterator
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, Field

from signette.exceptions import ResponseValidationError
from signette.responses.events import EventSourceResponse, ServerSentEvent
from signette.responses.streaming import StreamingResponse
from tests.asgi import VERSIONS, exchange, fetch
from tests.declarative.building import app_of


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
    response = await fetch(app_of(endpoint, status_code=206), "GET /")
    assert (response.status, response["content-type"]) == (206, "application/jsonl")
    assert response.body == '{"name":"n"}\n{"name":"é"}\n'.encode()


async def test_an_invalid_item_aborts_the_stream() -> None:
    async def endpoint() -> AsyncIterator[Item]:
        yield Item(name="n")
        yield 3  # type: ignore[misc]  # the error under test

    heard: list[str] = []
    with pytest.raises(ResponseValidationError):
        await fetch(app_of(endpoint), "GET /", log=heard)
    assert heard == []  # an ordinary end would mean that all is there


async def test_events_carry_models_as_json_and_texts_as_they_are() -> None:
    async def endpoint() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent(data=Item(name="n"), event="made", id="1")
        yield ServerSentEvent(data="two\nlines")
        yield ServerSentEvent(comment="still here")

    response = await fetch(app_of(endpoint), "GET /")
    assert response["content-type"] == "text/event-stream; charset=utf-8"
    assert response.body == (b'event: made\nid: 1\ndata: {"name":"n"}\n\ndata: two\ndata: lines\n\n: still here\n\n')


async def test_chunks_go_out_as_they_are() -> None:
    class Csv(StreamingResponse):
        media_type = "text/csv"

    def endpoint() -> Iterator[str]:
        yield "a,b\n"
        yield "1,2\n"

    response = await fetch(app_of(endpoint, response_class=Csv), "GET /")
    assert (response["content-type"], response.body) == ("text/csv; charset=utf-8", b"a,b\n1,2\n")


async def test_a_disconnect_closes_the_generator() -> None:
    closed: list[str] = []

    async def endpoint() -> AsyncIterator[Item]:
        try:
            while True:
                yield SECRET
        finally:
            closed.append("closed")

    response = await exchange(app_of(endpoint), leave_at=2)
    assert (response.error, response.receives, closed) == (None, 0, ["closed"])


@pytest.mark.parametrize("version", VERSIONS)
async def test_head_responds_without_waiting_for_an_endless_stream(version: str) -> None:
    requested: list[str] = []

    async def endpoint() -> AsyncIterator[Item]:
        requested.append("asked")
        while True:
            yield Item(name="n")

    response = await fetch(app_of(endpoint), "HEAD /", version=version)
    assert response.types == ["http.response.start", "http.response.body"]
    assert (response.body, response.is_complete, requested) == (b"", True, [])


# -- events ------------------------------------------------------------------------------------------------------------


async def events_of(annotation: Any, items: list[Any], **options: Any) -> Any:
    async def endpoint() -> Any:
        for item in items:
            yield item

    endpoint.__annotations__["return"] = annotation
    return await fetch(app_of(endpoint, **options), "GET /")


async def test_events_may_be_mixed_with_models() -> None:
    items = [ServerSentEvent(data="x", event="note"), SECRET, ServerSentEvent(data=3)]
    for annotation in (AsyncIterator[ServerSentEvent | Item], AsyncIterator[Item | ServerSentEvent]):
        response = await events_of(annotation, items)
        assert response["content-type"] == "text/event-stream; charset=utf-8"
        assert response.body == b'event: note\ndata: x\n\ndata: {"name":"n"}\n\ndata: 3\n\n'


@pytest.mark.parametrize("item", ["anything", b"anything", ServerSentEvent("anything"), 3])
async def test_a_text_is_no_model(item: Any) -> None:
    with pytest.raises(ResponseValidationError):
        await events_of(AsyncIterator[Item], [item], response_class=EventSourceResponse)


async def test_an_event_around_a_model_has_no_more_than_the_model() -> None:
    item = ServerSentEvent(data=SECRET, id=7)
    response = await events_of(AsyncIterator[Item], [item], response_class=EventSourceResponse)
    assert response.body == b'id: 7\ndata: {"name":"n"}\n\n'


@pytest.mark.parametrize(
    ("annotation", "item", "data"),
    [
        (AsyncIterator[str], "a", b"a"),
        (AsyncIterator[bytes], b"a", b"a"),
        (AsyncIterator[str | Item], "a", b"a"),
        (AsyncIterator[str | Item], SECRET, b'{"name":"n"}'),
        (AsyncIterator[Annotated[str, AfterValidator(str.upper)]], "a", b"A"),
        (AsyncIterator[Annotated[str, AfterValidator(str.upper)] | Item], "a", b"A"),
        (AsyncIterator[Any], "a", b"a"),
        (AsyncIterator[Any], {"a": 1}, b'{"a":1}'),
    ],
)
async def test_a_text_is_sent_as_it_is_where_one_is_declared(annotation: Any, item: Any, data: bytes) -> None:
    response = await events_of(annotation, [item], response_class=EventSourceResponse)
    assert response.body == b"data: %b\n\n" % data


async def test_chunks_are_validated_where_their_annotation_says_more() -> None:
    upper = Annotated[str, AfterValidator(str.upper)]
    assert (await events_of(AsyncIterator[upper], ["a", "b"])).body == b"AB"
    response = await events_of(AsyncIterator[upper], ["a"], response_class=StreamingResponse)
    assert response.body == b"A"
    with pytest.raises(ResponseValidationError):
        await events_of(AsyncIterator[Annotated[bytes, Field(max_length=2)]], [b"abc"])


async def test_a_class_that_renders_models_gets_what_is_declared() -> None:
    class Names(StreamingResponse):
        def render_chunk(self, chunk: Any) -> bytes:
            return repr(chunk).encode()

    assert (await events_of(AsyncIterator[Item], [SECRET], response_class=Names)).body == b"{'name': 'n'}"


# -- iterables ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("annotation", "result"),
    [
        (Iterable[Item], lambda: [SECRET]),
        (Iterable[Item], lambda: (SECRET,)),
        (Iterable[Item], lambda: iter([SECRET])),
        (Generator[Item, None, None], lambda: (each for each in [SECRET])),
    ],
    ids=["list", "tuple", "iterator", "generator"],
)
@pytest.mark.parametrize("how", ["annotation", "response_model"])
async def test_an_iterable_that_a_function_returns_is_an_array(annotation: Any, result: Any, how: str) -> None:
    async def endpoint() -> Any:
        return result()

    options = {"response_model": annotation} if how == "response_model" else {}
    endpoint.__annotations__["return"] = annotation
    app = app_of(endpoint, **options)
    kind = app.openapi()["paths"]["/"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["type"]
    response = await fetch(app, "GET /")
    assert (kind, response["content-type"], response.json) == ("array", "application/json", [{"name": "n"}])


async def test_an_iterable_of_texts_is_an_array_too() -> None:
    async def endpoint() -> Iterable[str]:
        return ["a", "b"]

    assert (await fetch(app_of(endpoint), "GET /")).json == ["a", "b"]


@pytest.mark.parametrize("annotation", [Iterable[Item], Iterator[Item], Generator[Item, None, None]])
async def test_a_generator_function_gives_json_lines_for_each_iterator_annotation(annotation: Any) -> None:
    def endpoint() -> Any:
        yield SECRET

    endpoint.__annotations__["return"] = annotation
    assert (await fetch(app_of(endpoint), "GET /"))["content-type"] == "application/jsonl"


async def test_an_iterator_that_a_function_returns_gives_lines() -> None:
    async def endpoint() -> Iterator[Item]:
        return iter([SECRET])

    assert (await fetch(app_of(endpoint), "GET /"))["content-type"] == "application/jsonl"
