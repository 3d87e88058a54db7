from typing import Annotated

from pydantic import BaseModel

from signette import App, Depends, Page


class User(BaseModel):
    id: int
    name: str


USERS: list[User] = []


async def found_users(page: Page.Offset) -> list[User]:
    return USERS[page.offset :][: page.fetch]


async def users(found: Annotated[list[User], Depends(found_users)], page: Page.Offset) -> Page[User]:
    return page.of(found)


def declare(app: App) -> None:
    app.get("/users")(users)
