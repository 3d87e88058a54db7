from typing import Annotated

from pydantic import BaseModel

from signette import App
from signette.channels import Channel, Topic


class Notice(BaseModel):
    text: str


async def announce(user_id: int, notices: Annotated[Channel[Notice], Topic("notices/{user}")]) -> None: ...


def declare(app: App) -> None:
    app.post("/users/{user_id}/notices")(announce)
