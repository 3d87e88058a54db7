"""An application that publishes notices and sends them to clients, in several processes that share a redis-server."""

import os

from pydantic import BaseModel

from signette.app import App
from signette.channels import Channel
from signette.events import Events
from signette.state import Backend
from signette.websockets import WebSocket

app = App(state=Backend(os.environ.get("STATE_URL", "memory://"), namespace="notices"))


class Notice(BaseModel):
    number: int


@app.post("/notices")
async def publish(notice: Notice, notices: Channel[Notice]) -> str:
    return await notices.publish(notice)


@app.get("/notices")
async def stream(notices: Channel[Notice]) -> Events[Notice]:
    return notices.subscribe()


@app.websocket("/notices")
async def forward(socket: WebSocket, notices: Channel[Notice], after: str | None = None) -> None:
    await notices.forward(socket, after=after, ids=True)
