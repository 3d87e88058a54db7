"""A result with its version, and without content for a client that has it."""

from pydantic import BaseModel

from signette import App, Problem, Tagged

app = App(openapi_url=None)


class User(BaseModel):
    name: str
    version: int = 1


class UserNotFound(Problem, status=404):
    """There is no such user."""


@app.get("/users/{user_id}")
async def read(user_id: int) -> Tagged[User] | UserNotFound:
    user = User(name="Ada")
    return Tagged(user, etag=user.version)
