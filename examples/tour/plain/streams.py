"""Streaming responses, and client disconnects."""

from collections.abc import AsyncIterator

import anyio

from signette.exceptions import HTTPException
from signette.requests import Request
from signette.responses import Response, StreamingResponse
from signette.routing import Route


def number_of(request: Request, name: str, default: float, most: float) -> float:
    try:
        number = float(request.query_params.get(name, default))
    except ValueError:
        number = -1
    if not 0 <= number <= most:
        raise HTTPException(400, f"`{name}` is a number from 0 to {most:g}")
    return number


async def stream(request: Request) -> Response:
    pause = number_of(request, "pause", 0.1, most=1)

    # Stream generated data
    async def generate_data() -> AsyncIterator[str]:
        for i in range(100):
            yield f"data chunk {i}\n"
            await anyio.sleep(pause)  # Simulate processing

    return StreamingResponse(generate_data(), media_type="text/plain")


async def csv_stream(request: Request) -> Response:
    pause = number_of(request, "pause", 0.01, most=1)

    # Stream CSV data
    async def generate_csv() -> AsyncIterator[str]:
        yield "id,name,email\n"
        # Simulate database streaming
        for i in range(1000):
            yield f"{i},User {i},user{i}@example.com\n"
            if i % 100 == 0:
                await anyio.sleep(pause)  # Yield control

    return StreamingResponse(
        generate_csv(),
        media_type="text/csv",
        headers={"Content-Disposition": "attachment; filename=users.csv"},
    )


async def server_sent_events(request: Request) -> Response:
    pause = number_of(request, "pause", 1, most=1)
    count = number_of(request, "count", 10, most=1000)

    # Server-Sent Events stream
    async def event_stream() -> AsyncIterator[str]:
        counter = 0
        while counter < count:
            # Check if client disconnected
            if await request.is_disconnected():
                break
            # Send event
            yield f"data: Event {counter}\n\n"
            counter += 1
            await anyio.sleep(pause)

    return StreamingResponse(
        event_stream(),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "Connection": "keep-alive"},
    )


routes = [
    Route("/stream", stream),
    Route("/stream/csv", csv_stream),
    Route("/events", server_sent_events),
]
