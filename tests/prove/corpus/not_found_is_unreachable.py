"""A declared problem that nothing raises. It is no violation: the response is listed as never reached."""

from signette import App, Problem

app = App()


class Gone(Problem, status=410):
    """The list was deleted."""


@app.get("/items")
async def items() -> list[int] | Gone:
    return [1]


REPORTED: set[tuple[str, str]] = set()
NEVER_REACHED = {("GET /items", "410")}
