"""A channel whose topic has a path parameter: its messages are sent as events, with their ids."""

from typing import Annotated

from pydantic import BaseModel

from signette import App, Channel, Topic
from signette.events import Events

app = App(openapi_url=None)


class Notice(BaseModel):
    text: str


@app.get("/users/{user_id}/notices")
async def notices(user_id: int, notices: Annotated[Channel[Notice], Topic("notices/{user_id}")]) -> Events[Notice]:
    return notices.subscribe()
