from pydantic import BaseModel

from signette import App, Page


class User(BaseModel):
    id: int
    name: str


USERS: list[User] = []


async def users(offset: int = 0) -> Page[User]:
    return Page(USERS[offset:])


def declare(app: App) -> None:
    app.get("/users")(users)
