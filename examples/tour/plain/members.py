"""Sessions, and endpoints for logged-in users."""

import functools
from collections.abc import Awaitable, Callable

from signette.endpoints import HTTPEndpoint
from signette.requests import Request
from signette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from signette.routing import Route

Handler = Callable[..., Awaitable[Response]]


async def session_visits(request: Request) -> Response:
    # A dictionary of JSON values, stored in a signed cookie
    request.session["visits"] = request.session.get("visits", 0) + 1
    return JSONResponse(request.session["visits"])


async def sign_in_page(request: Request) -> Response:
    return HTMLResponse('<form method="post"><input name="user" required><button>Sign in</button></form>')


async def sign_in(request: Request) -> Response:
    form = await request.form()
    user = form.get("user")
    if not isinstance(user, str) or not user:
        return JSONResponse({"error": "Who are you?"}, status_code=400)
    request.session["login_user"] = user
    return RedirectResponse("/account", status_code=303)


async def sign_out(request: Request) -> Response:
    request.session.clear()
    return RedirectResponse("/signin", status_code=303)


def login_required(login_url: str = "/signin") -> Callable[[Handler], Handler]:
    """A decorator for methods of endpoint classes: redirects users who are not logged in."""

    def decorator(handler: Handler) -> Handler:
        @functools.wraps(handler)
        async def new_handler(obj: HTTPEndpoint, request: Request) -> Response:
            if request.session.get("login_user") is None:
                return RedirectResponse(login_url, status_code=303)
            return await handler(obj, request)

        return new_handler

    return decorator


class MyAccount(HTTPEndpoint):
    @login_required()
    async def get(self, request: Request) -> Response:
        return PlainTextResponse(f"hello, {request.session['login_user']}")

    @login_required()
    async def delete(self, request: Request) -> Response:
        request.session.clear()
        return Response(status_code=204)


routes = [
    Route("/session/visits", session_visits, methods=["POST"]),
    Route("/signin", sign_in_page),
    Route("/signin", sign_in, methods=["POST"]),
    Route("/signout", sign_out, methods=["POST"]),
    Route("/account", MyAccount),
]
