"""The club: its routes, middleware, error pages and members."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypedDict

from examples.ported.club import pages
from examples.ported.club.guarding import SessionBackend
from examples.ported.club.layers import Careful, RequestMark
from examples.ported.club.members import Members
from signette.applications import Application
from signette.concurrency import run_in_threadpool
from signette.exceptions import HTTPException
from signette.middleware import Middleware
from signette.middleware.authentication import AuthenticationMiddleware
from signette.middleware.gzip import GZipMiddleware
from signette.middleware.sessions import SessionMiddleware
from signette.requests import Request
from signette.responses import HTMLResponse, Response
from signette.routing import Mount, Route
from signette.staticfiles import StaticFiles


class State(TypedDict):
    members: Members


@asynccontextmanager
async def lifespan(_: Application) -> AsyncIterator[State]:
    members = Members()
    await run_in_threadpool(members.join, "ada", "engine", ("admin",))
    yield {"members": members}


async def error_page(request: Request, exc: HTTPException) -> Response:
    context = {"status": exc.status_code, "detail": exc.detail}
    return pages.templates.TemplateResponse(request, "error.html", context, status_code=exc.status_code)


async def broken_page(request: Request, _: Exception) -> Response:
    # No template, because the template may be broken
    return HTMLResponse(f"<h1>Sorry</h1><p>Please report the number {request.state.mark}.</p>", status_code=500)


app = Application(
    lifespan=lifespan,
    routes=[
        Route("/", pages.home, name="home"),
        Route("/sign-in", pages.SignIn, name="sign_in"),
        Route("/sign-out", pages.sign_out, name="sign_out", methods=["POST"]),
        Route("/join", pages.join, name="join", methods=["POST"]),
        Route("/members/{name}", pages.member, name="member"),
        Route("/admin", pages.Admin, name="admin"),
        Route("/broken", pages.broken),
        Mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static"),
    ],
    middleware=[
        Middleware(RequestMark),
        Middleware(GZipMiddleware, minimum_size=500),
        Middleware(SessionMiddleware, secret_key="keep it out of the code", max_age=3600),
        Middleware(AuthenticationMiddleware, backend=SessionBackend()),
        Middleware(Careful),
    ],
    exception_handlers={HTTPException: error_page, 500: broken_page},
)
