"""Redirects within the application and to another site."""

from typing import Annotated

from signette import App, Cookie, Security
from signette.exceptions import HTTPException
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


async def user(session: Annotated[str, Cookie()] = "") -> str:
    """Redirects to the login, before the body is read."""
    if session != "s3cret":
        raise HTTPException(303, headers={"Location": "/new"})
    return session


@app.post("/notes", dependencies=[Security(user)], responses={303: {"description": "Log in first."}})
async def write_note(note: dict[str, str]) -> int:
    return len(note)


REPORTED: set[tuple[str, str]] = set()
