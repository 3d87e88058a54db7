from typing import Annotated

from pydantic import BaseModel

from signette import App, Page


class User(BaseModel):
    id: int
    name: str


USERS: list[User] = []


async def users(page: Annotated[Page.Offset, Page.Limit(50, max_offset=500)]) -> Page[User]:
    return page.of(USERS[page.offset :][: page.fetch])


def declare(app: App) -> None:
    app.get("/users")(users)
