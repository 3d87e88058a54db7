"""The application: the routers of all files."""

# ruff: noqa: ERA001 - the tests send the last lines

from examples.tour import bare
from examples.tour.backstage import lifespan
from examples.tour.typed import (
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
from signette import App, Middleware
from signette.middleware.sessions import SessionMiddleware

app = App(
    title="Tour",
    lifespan=lifespan,
    middleware=[*middleware.middleware, Middleware(SessionMiddleware, secret_key="keep it out of the code")],
    exception_handlers={members.SignInFirst: members.send_to_sign_in},
)
for each in (
    requests,
    context,
    bodies,
    uploads,
    responses,
    files,
    pages,
    streams,
    news,
    cookies,
    members,
    state,
    background,
):
    app.include_router(each.router)
app.mount("/trouble", errors.app)
app.mount("/bare/method", bare.method_and_path)
app.mount("/bare/echo", bare.echo)

# try: GET /users/3/posts/0 -> 200 {"user_id": 3, "post_id": 0}
# try: GET /search?q=tour&page=two -> 422 has {"detail": "request validation failed: 1 error"}
# try: POST /form form name=Ada&interest=a&interest=b -> 200 {"name": "Ada", "email": "", "interests": ["a", "b"]}
