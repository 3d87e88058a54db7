"""A problem whose class declares the member that it sends back."""

from signette import App, Problem

app = App()


class UserNotFound(Problem, status=404, detail="There is no user {name}."):
    """There is no such user."""

    name: str


@app.get("/users/{name}")
async def read_user(name: str) -> dict[str, str] | UserNotFound:
    return {"name": name} if name.startswith("a") else UserNotFound(name=name)


REPORTED: set[tuple[str, str]] = set()
