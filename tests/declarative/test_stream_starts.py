"""What happens before the first piece of a stream decides its status and headers; what happens later ends it."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import anyio
import pytest
from pydantic import BaseModel

from signette import App, Depends, HTTPException, Problem, Response
from signette.exceptions import ResponseValidationError
from signette.responses import EventSourceResponse, ServerSentEvent, StreamingResponse
from tests.asgi import DISCONNECT, VERSIONS, body_of, call, exchange, fetch, scope_of
from tests.declarative.building import app_of


class Row(BaseModel):
    x: int = 1


class Gone(Problem, status=410):
    """It was here once."""


STREAMS: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "lines": (AsyncIterator[Row], Row(), {}),
    "text": (AsyncIterator[str], "a", {}),
    "events": (AsyncIterator[ServerSentEvent], ServerSentEvent("a"), {}),
    "events of models": (AsyncIterator[Row], Row(), {"response_class": EventSourceResponse}),
    "chunks": (AsyncIterator[bytes], b"a", {"response_class": StreamingResponse}),
}
EACH = pytest.mark.parametrize("name", STREAMS)


def streaming(name: str, before: Callable[[Response], Any], sync: bool = False) -> App:
    """An application whose stream does this before its only piece."""
    annotation, chunk, options = STREAMS[name]

    async def stream(response: Response) -> Any:
        await anyio.lowlevel.checkpoint()
        before(response)
        yield chunk

    def sync_stream(response: Response) -> Any:
        before(response)
        yield chunk

    chosen: Any = sync_stream if sync else stream
    chosen.__annotations__["return"] = Iterator[annotation.__args__[0]] if sync else annotation
    return app_of(chosen, **options)


def raising(error: Exception) -> Callable[[Response], Any]:
    def fail(_: Response) -> None:
        raise error

    return fail


@pytest.mark.parametrize("sync", [False, True], ids=["async", "sync"])
@EACH
@pytest.mark.parametrize(("error", "status"), [(HTTPException(404), 404), (Gone(), 410)], ids=["exception", "problem"])
async def test_an_error_before_the_first_chunk_has_its_own_status(
    name: str, sync: bool, error: Exception, status: int
) -> None:
    response = await fetch(streaming(name, raising(error), sync), "GET /")
    assert (response.status, response["content-type"]) == (status, "application/problem+json")


@EACH
async def test_a_crash_before_the_first_chunk_is_a_500(name: str) -> None:
    response = await call(streaming(name, lambda _: 1 / 0))
    assert (response.status, type(response.error)) == (500, ZeroDivisionError)


@pytest.mark.parametrize("version", VERSIONS)
@EACH
async def test_it_is_so_for_servers_of_either_kind(name: str, version: str) -> None:
    response = await call(streaming(name, raising(HTTPException(404))), version=version)
    assert (response.status, response.error) == (404, None)


@pytest.mark.parametrize("sync", [False, True], ids=["async", "sync"])
@EACH
async def test_status_headers_and_cookies_set_before_the_first_chunk_are_sent(name: str, sync: bool) -> None:
    def change(response: Response) -> None:
        response.status_code = 206
        response.headers["x-rows"] = "1"
        response.headers["content-type"] = "application/x-own"
        response.set_cookie("a", "1")

    reply = await fetch(streaming(name, change, sync), "GET /")
    assert (reply.status, reply["x-rows"], reply.all("content-type")) == (206, "1", ["application/x-own"])
    assert len(reply.all("set-cookie")) == 1
    assert reply.body


@EACH
async def test_a_status_without_a_body_set_before_the_first_chunk_sends_no_body(name: str) -> None:
    def change(response: Response) -> None:
        response.status_code = 204

    reply = await fetch(streaming(name, change), "GET /")
    assert (reply.status, reply.body) == (204, b"")


@pytest.mark.parametrize(
    ("annotation", "item"),
    [(AsyncIterator[Row], {"x": "a"}), (AsyncIterator[int], "a"), (AsyncIterator[ServerSentEvent | Row], "text")],
)
async def test_an_invalid_first_item_is_a_500(annotation: Any, item: Any) -> None:
    async def stream() -> Any:
        yield item

    stream.__annotations__["return"] = annotation
    response = await call(app_of(stream))
    assert (response.status, type(response.error)) == (500, ResponseValidationError)


@pytest.mark.parametrize("annotation", [AsyncIterator[Row], AsyncIterator[bytes], AsyncIterator[ServerSentEvent]])
async def test_an_empty_stream_is_a_response_without_chunks(annotation: Any) -> None:
    async def stream(response: Response) -> Any:
        response.headers["x-rows"] = "0"
        for _ in ():
            yield

    stream.__annotations__["return"] = annotation
    reply = await fetch(app_of(stream), "GET /")
    assert (reply.status, reply["x-rows"], reply.body) == (200, "0", b"")


async def test_a_later_error_aborts_the_stream() -> None:
    async def rows() -> AsyncIterator[Row]:
        yield Row()
        raise KeyError

    response = await call(app_of(rows))
    assert (response.status, response.body, type(response.error)) == (200, b'{"x":1}\n', KeyError)


async def test_a_stream_that_the_endpoint_makes_itself_is_no_exception() -> None:
    async def chunks() -> AsyncIterator[str]:
        raise HTTPException(404)
        yield ""

    async def endpoint() -> StreamingResponse:
        return StreamingResponse(chunks())

    assert (await fetch(app_of(endpoint), "GET /")).status == 404


async def test_a_dependency_sees_the_error_and_the_stream_is_closed_once() -> None:
    log: list[str] = []

    async def transaction() -> AsyncIterator[int]:
        try:
            yield 1
        except HTTPException:
            log.append("rolled back")
            raise

    async def rows(opened: Annotated[int, Depends(transaction)]) -> AsyncIterator[Row]:
        try:
            raise HTTPException(409)
            yield Row()
        finally:
            log.append("closed")

    assert (await fetch(app_of(rows), "GET /")).status == 409
    assert log == ["closed", "rolled back"]


async def test_the_second_chunk_is_not_requested_before_the_first_is_sent() -> None:
    log: list[str] = []

    async def texts() -> AsyncIterator[str]:
        for chunk in "ab":
            log.append(f"made {chunk}")
            yield chunk

    def note(message: Any) -> None:
        log.append(message["type"].rpartition(".")[2] + message.get("body", b"").decode())

    await exchange(app_of(texts), scope_of(), *body_of(), on_send=note)
    assert log == ["made a", "start", "bodya", "made b", "bodyb", "body"]


@pytest.mark.parametrize("ping_seconds", [15, None])
async def test_events_that_are_long_in_coming_do_not_keep_the_start_waiting(
    monkeypatch: pytest.MonkeyPatch, ping_seconds: float | None
) -> None:
    """A browser's `EventSource` is open when it has the start."""
    monkeypatch.setattr("signette.responses.events.START_SECONDS", 0.0)
    started = anyio.Event()

    class Own(EventSourceResponse):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options, ping_seconds=ping_seconds)

    async def news() -> AsyncIterator[str]:
        await started.wait()  # the publisher waits for the client, who waits for the start
        yield "news"

    response = await exchange(app_of(news, response_class=Own), on_send=lambda message: started.set())
    assert [message.get("body") for message in response.messages] == [None, b"data: news\n\n", b""]


@EACH
@pytest.mark.parametrize("version", VERSIONS)
async def test_head_never_starts_the_iterator_and_has_the_headers_of_dependencies(name: str, version: str) -> None:
    annotation, _, options = STREAMS[name]

    async def stamp(response: Response) -> None:
        response.headers["x-stamp"] = "1"

    async def stream(stamped: Annotated[None, Depends(stamp)]) -> Any:
        pytest.fail("it was asked")
        yield

    stream.__annotations__["return"] = annotation
    reply = await fetch(app_of(stream, **options), "HEAD /", version=version)
    assert (reply.status, reply["x-stamp"], reply.body) == (200, "1", b"")


async def test_a_disconnect_before_the_first_chunk_ends_the_stream() -> None:
    log: list[str] = []

    async def rows() -> AsyncIterator[Row]:
        try:
            await anyio.sleep_forever()
            yield Row()
        finally:
            log.append("closed")

    await exchange(
        app_of(rows), scope_of(version="2.3"), DISCONNECT, on_send=lambda message: log.append(message["type"])
    )
    assert log[0] == "closed"
    assert log.count("closed") == 1
