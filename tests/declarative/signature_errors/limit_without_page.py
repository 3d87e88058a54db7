from typing import Annotated

from pydantic import BaseModel

from signette import App, Page


class User(BaseModel):
    id: int
    name: str


USERS: list[User] = []


async def users(limit: Annotated[int, Page.Limit(50)] = 50) -> list[User]:
    return USERS[:limit]


def declare(app: App) -> None:
    app.get("/users")(users)
