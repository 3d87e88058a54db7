from typing import Annotated

from pydantic import BaseModel

from signette import App, Body
from signette.formats import JSON


class Event(BaseModel):
    name: str


class CloudEvent(JSON):
    media_type = "application/cloudevents+json"


async def receive(event: Annotated[Event, Body(media_types=[JSON, CloudEvent])]) -> None: ...


def declare(app: App) -> None:
    app.post("/events")(receive)
