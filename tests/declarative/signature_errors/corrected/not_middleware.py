from signette import App, Router
from signette.middleware import Middleware
from signette.middleware.gzip import GZipMiddleware


def declare(app: App) -> None:
    app.include_router(Router(middleware=[Middleware(GZipMiddleware)]))
