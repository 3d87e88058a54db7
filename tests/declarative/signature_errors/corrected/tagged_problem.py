from pydantic import BaseModel

from signette import App, Problem, Tagged


class User(BaseModel):
    name: str
    version: int = 1


class UserNotFound(Problem, status=404):
    """There is no such user."""


async def read() -> Tagged[User] | UserNotFound: ...


def declare(app: App) -> None:
    app.get("/users/1")(read)
