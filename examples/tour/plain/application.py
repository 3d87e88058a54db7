"""The application: the routes of all files."""

# ruff: noqa: ERA001 - the tests send the last lines

from examples.tour import bare
from examples.tour.backstage import lifespan
from examples.tour.plain import (
    background,
    bodies,
    context,
    cookies,
    errors,
    files,
    members,
    middleware,
    news,
    pages,
    requests,
    responses,
    state,
    streams,
    uploads,
)
from signette.applications import Application
from signette.middleware import Middleware
from signette.middleware.sessions import SessionMiddleware
from signette.routing import Mount

app = Application(
    lifespan=lifespan,
    # The first is the outermost
    middleware=[*middleware.middleware, Middleware(SessionMiddleware, secret_key="keep it out of the code")],
    routes=[
        *requests.routes,
        *context.routes,
        *bodies.routes,
        *uploads.routes,
        *responses.routes,
        *files.routes,
        *pages.routes,
        *streams.routes,
        *news.routes,
        *cookies.routes,
        *members.routes,
        *state.routes,
        *background.routes,
        *errors.routes,
        Mount("/bare/method", bare.method_and_path),
        Mount("/bare/echo", bare.echo),
    ],
)

# try: GET /users/3/posts/0 -> 200 {"user_id": 3, "post_id": 0}
# try: GET /search?q=tour&page=two -> 400 {"error": "Invalid parameters"}
# try: POST /form form name=Ada&interest=a&interest=b -> 200 {"name": "Ada", "email": "", "interests": ["a", "b"]}
