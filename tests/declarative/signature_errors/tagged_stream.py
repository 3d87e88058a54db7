from collections.abc import AsyncIterator

from pydantic import BaseModel

from signette import App, Tagged


class User(BaseModel):
    name: str
    version: int = 1


async def read() -> Tagged[AsyncIterator[User]]: ...


def declare(app: App) -> None:
    app.get("/users")(read)
