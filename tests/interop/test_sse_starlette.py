"""Server-sent events by sse-starlette: returned, annotated, and as the response class of a generator."""

from collections.abc import AsyncIterator
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent

from signette import App
from tests.interop.serving import served

EXPECTED = "event: tick\r\ndata: 0\r\n\r\nevent: tick\r\ndata: 1\r\n\r\nid: 7\r\ndata: last\r\n\r\n"


async def ticks() -> AsyncIterator[Any]:
    for number in range(2):
        yield {"event": "tick", "data": number}
    yield ServerSentEvent("last", id="7")


def test_its_response_is_a_result() -> None:
    app = App()

    @app.get("/annotated")
    async def annotated() -> EventSourceResponse:
        return EventSourceResponse(ticks(), sep="\r\n")

    @app.get("/plain")
    async def plain():  # type: ignore[no-untyped-def]
        return EventSourceResponse(ticks(), sep="\r\n")

    @app.get("/generator", response_class=EventSourceResponse)
    async def generator() -> AsyncIterator[ServerSentEvent | dict[str, Any]]:
        async for event in ticks():
            yield event

    with served(app) as client:
        for path in ("/annotated", "/plain", "/generator"):
            response = client.get(path)
            assert response.headers["content-type"].startswith("text/event-stream")
            assert response.text.replace("\r\n", "\n") == EXPECTED.replace("\r\n", "\n")
