from typing import Annotated

from pydantic import BaseModel

from signette import App
from signette.channels import Channel, Topic


class Notice(BaseModel):
    text: str


async def announce(notices: Annotated[Channel[Notice], Topic(on_missed="ignore")]) -> None: ...  # type: ignore[arg-type]


def declare(app: App) -> None:
    app.post("/notices")(announce)
