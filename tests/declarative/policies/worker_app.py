"""An application for worker processes: a limit of 100 requests in a window, counted in Redis, and a deadline."""

import os
from collections.abc import AsyncIterator

import anyio

from signette import App
from signette.policies import Deadline, RateLimit

app = App(state=os.environ["STATE_URL"], openapi_url=None)


@app.get("/", policies=[RateLimit("100/hour", on_failure="closed")])
async def read() -> str:
    return "all is well"


@app.get("/lines", policies=[Deadline(1)])
async def lines() -> AsyncIterator[int]:
    yield 1
    await anyio.sleep_forever()
