"""Sessions, and endpoints for logged-in users."""

from typing import Annotated

from signette import Form, HTMLResponse, HTTPConnection, RedirectResponse, Request, Response, Router, Security

router = Router(tags=["members"])


@router.post("/session/visits")
async def session_visits(request: Request) -> int:
    visits: int = request.session.get("visits", 0) + 1
    request.session["visits"] = visits
    return visits


@router.get("/signin", response_class=HTMLResponse)
async def sign_in_page() -> str:
    return '<form method="post"><input name="user" required><button>Sign in</button></form>'


@router.post("/signin", response_class=RedirectResponse, status_code=303)
async def sign_in(user: Annotated[str, Form(min_length=1)], request: Request) -> str:
    request.session["login_user"] = user
    return "/account"


@router.post("/signout", response_class=RedirectResponse, status_code=303)
async def sign_out(request: Request) -> str:
    request.session.clear()
    return "/signin"


class SignInFirst(Exception):
    """The user is not logged in, and is redirected to the login."""


async def send_to_sign_in(_request: Request, _: Exception) -> Response:
    return RedirectResponse("/signin", status_code=303)


async def member(connection: HTTPConnection) -> str:
    """The logged-in user. Raises SignInFirst."""
    user: str | None = connection.session.get("login_user")
    if user is None:
        raise SignInFirst
    return user


Member = Annotated[str, Security(member)]
SIGN_IN = {303: {"description": "Not logged in: redirect to the login."}}


@router.get("/account", responses=SIGN_IN)
async def my_account(user: Member) -> str:
    return f"hello, {user}"


@router.delete("/account", responses=SIGN_IN, dependencies=[Security(member)])
async def leave(request: Request) -> None:
    request.session.clear()
