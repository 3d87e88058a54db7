from pydantic import BaseModel

from signette import App, Page


class User(BaseModel):
    id: int
    name: str


USERS: list[User] = []


class Place:
    def __init__(self, row: int) -> None:
        self.row = row


async def users(page: Page.Cursor[Place]) -> Page[User]:
    return page.of(USERS, next=None)


def declare(app: App) -> None:
    app.get("/users")(users)
