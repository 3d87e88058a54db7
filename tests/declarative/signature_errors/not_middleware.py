from signette import App, Router
from signette.middleware.gzip import GZipMiddleware


def declare(app: App) -> None:
    app.include_router(Router(middleware=[GZipMiddleware]))  # type: ignore[list-item]  # that is the error
