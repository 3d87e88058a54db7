from pydantic import BaseModel

from signette import App, Page


class User(BaseModel):
    id: int
    name: str


USERS: list[User] = []


class UserName(BaseModel):
    name: str


async def users(page: Page.Offset) -> Page[UserName]:
    return page.of([UserName(name=user.name) for user in USERS[page.offset :][: page.fetch]])


def declare(app: App) -> None:
    app.get("/users")(users)
