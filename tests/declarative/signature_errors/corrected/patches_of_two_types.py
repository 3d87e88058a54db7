from pydantic import BaseModel

from signette import App, JSONPatch, Patch


class Address(BaseModel):
    city: str


class User(BaseModel):
    name: str
    address: Address


async def change(user_id: int, patch: Patch[User] | JSONPatch[User]) -> None: ...


def declare(app: App) -> None:
    app.patch("/users/{user_id}")(change)
