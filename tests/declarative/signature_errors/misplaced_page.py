from pydantic import BaseModel

from signette import App, Page


class User(BaseModel):
    id: int
    name: str


USERS: list[User] = []


async def users(page: Page.Offset) -> dict[str, Page[User]]:
    return {"users": page.of(USERS[page.offset :][: page.fetch])}


def declare(app: App) -> None:
    app.get("/users")(users)
