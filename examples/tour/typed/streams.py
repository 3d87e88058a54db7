"""Streaming responses, and client disconnects."""

from collections.abc import AsyncIterator
from typing import Annotated

import anyio

from examples.tour.typed.dependencies import Pause
from signette import Query, Response, Router, StreamingResponse
from signette.responses import ServerSentEvent

router = Router(tags=["streams"])


@router.get("/stream")
async def stream(pause: Pause = 0.1) -> AsyncIterator[str]:
    for i in range(100):
        yield f"data chunk {i}\n"
        await anyio.sleep(pause)


class CSVResponse(StreamingResponse):
    media_type = "text/csv"


@router.get("/stream/csv", response_class=CSVResponse)
async def csv_stream(response: Response, pause: Pause = 0.01) -> AsyncIterator[str]:
    # Headers are set before the first chunk: here, without a `yield`.
    response.headers["Content-Disposition"] = "attachment; filename=users.csv"
    return generate_csv(pause)


async def generate_csv(pause: float) -> AsyncIterator[str]:
    yield "id,name,email\n"
    for i in range(1000):
        yield f"{i},User {i},user{i}@example.com\n"
        if i % 100 == 0:
            await anyio.sleep(pause)


@router.get("/events")
async def server_sent_events(
    count: Annotated[float, Query(ge=0, le=1000)] = 10, pause: Pause = 1
) -> AsyncIterator[ServerSentEvent]:
    counter = 0
    while counter < count:
        yield ServerSentEvent(f"Event {counter}")
        counter += 1
        await anyio.sleep(pause)
