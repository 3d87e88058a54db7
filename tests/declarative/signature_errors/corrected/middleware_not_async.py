from collections.abc import Awaitable, Callable

from signette import App, Request, Response

Next = Callable[[Request], Awaitable[Response]]


async def name_shop(request: Request, call_next: Next) -> Response:
    response = await call_next(request)
    response.headers["X-Shop"] = "tea"
    return response


def declare(app: App) -> None:
    app.middleware("http")(name_shop)
