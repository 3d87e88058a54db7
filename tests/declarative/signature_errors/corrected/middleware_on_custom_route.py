from signette import App, Router
from signette.middleware import Middleware
from signette.middleware.gzip import GZipMiddleware
from signette.responses import PlainTextResponse
from signette.routing import Mount


def declare(app: App) -> None:
    routes = [Mount("/all", PlainTextResponse("all of it"))]
    app.include_router(Router(routes, middleware=[Middleware(GZipMiddleware)]))
