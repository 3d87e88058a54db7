from typing import Annotated

from pydantic import BaseModel

from signette import App
from signette.channels import Channel, Topic


class Notice(BaseModel):
    text: str


async def announce(notices: Annotated[Channel[Notice], Topic(on_missed="continue")]) -> None: ...


def declare(app: App) -> None:
    app.post("/notices")(announce)
