"""A problem whose detail has the value that the client sent."""

from signette import App, Problem

app = App()


class UserNotFound(Problem, status=404, detail="There is no user {name}."):
    """There is no such user."""

    name: str


@app.get("/users/{name}")
async def read_user(name: str) -> dict[str, str] | UserNotFound:
    return UserNotFound(name=name)


REPORTED = {("no-echo", "GET /users/{name}")}
