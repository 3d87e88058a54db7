from pydantic import BaseModel

from signette import App, Page


class User(BaseModel):
    id: int
    name: str


USERS: list[User] = []


async def users(page: Page.Offset) -> list[User]:
    return USERS[page.offset :][: page.limit]


def declare(app: App) -> None:
    app.get("/users")(users)
