from pydantic import BaseModel

from signette import App, Tagged


class User(BaseModel):
    name: str
    version: int = 1


async def read() -> Tagged[list[User]]: ...


def declare(app: App) -> None:
    app.get("/users")(read)
