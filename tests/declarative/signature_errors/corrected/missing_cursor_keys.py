from pydantic import BaseModel

from signette import App, Page, TypedRoute


class User(BaseModel):
    id: int
    name: str


USERS: list[User] = []


async def users(page: Page.Cursor[int]) -> Page[User]:
    found = [user for user in USERS if page.after is None or user.id > page.after]
    return page.of(found[: page.fetch], key=lambda user: user.id)


def declare(app: App) -> None:
    App(cursor_keys=["a secret of all processes"], routes=[TypedRoute("/users", users)])
