from pydantic import BaseModel

from signette import App, JSONPatch


class User(BaseModel):
    name: str
    email: str | None = None


async def change(user_id: int, patch: JSONPatch[User]) -> None: ...


def declare(app: App) -> None:
    app.patch("/users/{user_id}")(change)
