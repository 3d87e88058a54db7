from pydantic import BaseModel

from signette import App, Page


class User(BaseModel):
    id: int
    name: str


USERS: list[User] = []


async def users(page: Page.Offset, limit: int = 10) -> Page[User]:
    return page.of(USERS[page.offset :][: min(limit, page.fetch)])


def declare(app: App) -> None:
    app.get("/users")(users)
