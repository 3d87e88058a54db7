from typing import Annotated

from pydantic import BaseModel

from signette import App, Body
from signette.formats import JSON, FormEncoded


class User(BaseModel):
    name: str


async def create(user: Annotated[User, Body(media_types=[JSON, FormEncoded])]) -> None: ...


def declare(app: App) -> None:
    app.post("/users")(create)
