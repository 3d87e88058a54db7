"""Logs by structlog: context variables of a middleware are set in endpoints and worker threads."""

import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars
from structlog.testing import capture_logs

from signette import App, Request
from tests.interop.serving import served


def test_context_variables_are_logged() -> None:
    app, log = App(), structlog.get_logger()

    @app.middleware("http")
    async def bound(request: Request, call_next):  # type: ignore[no-untyped-def]
        clear_contextvars()
        bind_contextvars(path=request.url.path)
        return await call_next(request)

    @app.get("/items/{n}")
    async def item(n: int) -> None:
        bind_contextvars(n=n)
        log.info("seen")

    @app.get("/sync")
    def in_thread() -> None:
        log.info("seen")

    processors = [structlog.contextvars.merge_contextvars]
    with capture_logs(processors=processors) as entries, served(app) as client:
        client.get("/items/3")
        client.get("/sync")
    assert [(each["path"], each.get("n")) for each in entries] == [("/items/3", 3), ("/sync", None)]
