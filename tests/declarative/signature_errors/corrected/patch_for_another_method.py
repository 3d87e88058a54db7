from pydantic import BaseModel

from signette import App, Patch


class User(BaseModel):
    name: str
    email: str | None = None


async def change(user_id: int, patch: Patch[User]) -> None: ...


def declare(app: App) -> None:
    app.patch("/users/{user_id}")(change)
