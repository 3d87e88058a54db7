from pydantic import BaseModel

from signette import App, Created


class PublicUser(BaseModel):
    name: str


class User(PublicUser):
    password: str


async def create_user(user: User) -> Created[User]:
    return Created(user)


def declare(app: App) -> None:
    app.post("/users", response_model=PublicUser)(create_user)
