from pydantic import BaseModel

from signette import App, Page


class User(BaseModel):
    id: int
    name: str


USERS: list[User] = []


async def users(page: Page.Offset | None = None) -> Page[User]:
    return page.of(USERS) if page else Page(USERS)


def declare(app: App) -> None:
    app.get("/users")(users)
