from pydantic import BaseModel

from signette import App, Page


class User(BaseModel):
    id: int
    name: str


USERS: list[User] = []


class Search(BaseModel):
    name: str


async def users(search: Search, page: Page.Offset) -> Page[User]:
    found = [user for user in USERS if user.name == search.name]
    return page.of(found[page.offset :][: page.fetch])


def declare(app: App) -> None:
    app.post("/users")(users)
