"""A patch of operations, or a merge patch: the media type decides."""

from pydantic import BaseModel

from signette import App, JSONPatch, Patch

app = App(openapi_url=None)


class User(BaseModel):
    name: str
    email: str | None = None


KEPT = User(name="Ada")


@app.patch("/users/{user_id}")
async def change(user_id: int, patch: Patch[User] | JSONPatch[User]) -> User:
    return patch.apply(KEPT)
