"""An endpoint whose body is JSON, a form or MessagePack."""

from typing import Annotated

from pydantic import BaseModel

from signette import App, Body
from signette.formats import JSON, FormEncoded, MessagePack

app = App()


class User(BaseModel):
    name: str
    tags: list[str] = []


@app.post("/users")
async def create(user: Annotated[User, Body(media_types=[JSON, FormEncoded, MessagePack])]) -> str:
    return user.name
