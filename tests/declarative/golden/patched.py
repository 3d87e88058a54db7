"""A merge patch of a model, which the endpoint applies."""

from pydantic import BaseModel

from signette import App, Patch

app = App(openapi_url=None)


class User(BaseModel):
    name: str
    email: str | None = None


KEPT = User(name="Ada")


@app.patch("/users/{user_id}")
async def change(user_id: int, patch: Patch[User]) -> User:
    return patch.apply(KEPT)
