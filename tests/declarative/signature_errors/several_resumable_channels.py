from pydantic import BaseModel

from signette import App
from signette.channels import Channel
from signette.events import Events


class Notice(BaseModel):
    text: str


async def stream(notices: Channel[Notice], audit: Channel[str]) -> Events[Notice]:
    await audit.publish("a client listens")
    return notices.subscribe()


def declare(app: App) -> None:
    app.get("/notices")(stream)
