"""Redirects within the application and to another site."""

from signette import App
from signette.responses import RedirectResponse

app = App()


@app.get("/old", status_code=301)
async def old() -> RedirectResponse:
    return RedirectResponse("/new", status_code=301)


@app.get("/new")
async def new() -> str:
    return "content"


@app.post("/forms", status_code=303)
async def send_form() -> RedirectResponse:
    return RedirectResponse("new", status_code=303)


@app.get("/elsewhere")
async def elsewhere() -> RedirectResponse:
    return RedirectResponse("https://example.com/")


REPORTED: set[tuple[str, str]] = set()
