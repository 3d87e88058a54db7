from typing import Annotated

from pydantic import BaseModel

from signette import App, Form, UploadFile


class Profile(BaseModel):
    name: str
    picture: UploadFile


async def keep(profile: Annotated[Profile, Form()]) -> None: ...


def declare(app: App) -> None:
    app.post("/profiles")(keep)
