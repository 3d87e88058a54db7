from pydantic import BaseModel

from signette import App
from signette.channels import Channel


class Notice(BaseModel):
    text: str


async def announce(notices: Channel[Notice]) -> None: ...


def declare(app: App) -> None:
    app.post("/notices")(announce)
