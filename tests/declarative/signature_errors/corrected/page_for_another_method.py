from pydantic import BaseModel

from signette import App, Page


class User(BaseModel):
    id: int
    name: str


USERS: list[User] = []


async def users(name: str, page: Page.Offset) -> Page[User]:
    found = [user for user in USERS if user.name == name]
    return page.of(found[page.offset :][: page.fetch])


def declare(app: App) -> None:
    app.get("/users")(users)
