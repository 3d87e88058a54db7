from typing import Annotated

from pydantic import BaseModel

from signette import App, Body
from signette.formats import JSON


class User(BaseModel):
    name: str


async def create(user: Annotated[User, Body(media_types=JSON)]) -> None: ...


def declare(app: App) -> None:
    app.post("/users")(create)
