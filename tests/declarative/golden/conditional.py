"""A change that is rejected without `If-Match`, or with that of an earlier version."""

from pydantic import BaseModel

from signette import App, RequiredConditional

app = App(openapi_url=None)


class User(BaseModel):
    name: str
    version: int = 1


KEPT = User(name="Ada")


@app.put("/users/{user_id}")
async def replace(user_id: int, user: User, cond: RequiredConditional) -> User:
    cond.check(etag=KEPT.version)
    return user
