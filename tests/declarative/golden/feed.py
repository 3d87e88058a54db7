"""A generator as endpoint: each of its items is a line of JSON."""

from collections.abc import AsyncIterator

from pydantic import BaseModel

from signette import App

app = App(openapi_url=None)


class Reading(BaseModel):
    celsius: float


@app.get("/feed/{sensor}")
async def feed(sensor: str) -> AsyncIterator[Reading]:
    yield Reading(celsius=len(sensor))
