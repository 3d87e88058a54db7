"""Long polling: a request that waits for news, or until the client disconnects."""

from typing import Annotated

import anyio

from examples.tour.typed.dependencies import Pause, Stage
from signette import Body, Query, Request, Router

router = Router(tags=["news"])


@router.post("/news")
async def publish(stage: Stage, text: Annotated[bytes, Body()] = b"") -> None:
    stage.news.append(text.decode("utf-8", "replace"))


@router.get("/news")
async def wait_for_news(
    request: Request,
    stage: Stage,
    after: Annotated[float, Query(ge=0, le=10**9)] = 0,
    tries: Annotated[float, Query(ge=0, le=1000)] = 100,
    pause: Pause = 0.1,
) -> list[str]:
    for _ in range(int(tries)):
        if len(stage.news) > after or await request.is_disconnected():
            break
        await anyio.sleep(pause)
    return stage.news[int(after) :]
