"""A problem whose detail has the value that the client sent."""

from signette import App
from signette.exceptions import HTTPException

app = App()
NOTHING = {"description": "There is no such user.", "content": {"application/problem+json": {}}}


@app.get("/users/{name}", responses={404: NOTHING})
async def read_user(name: str) -> dict[str, str]:
    raise HTTPException(404, f"There is no user {name}.")


REPORTED = {("no-echo", "GET /users/{name}")}
