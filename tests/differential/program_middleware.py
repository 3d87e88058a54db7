"""Programs for differences between middleware."""

import gc
import inspect
import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from typing import Any
from unittest.mock import patch

import anyio
import itsdangerous

from tests.asgi import scope_of
from tests.differential.building import client_for, client_of, says
from tests.differential.names import Names
from tests.differential.programs import Programs

rows = Programs()


@contextmanager
def _logged(name: str) -> Iterator[list[logging.LogRecord]]:
    """The records of a logger."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    try:
        yield records
    finally:
        logger.removeHandler(handler)


@rows.differs(
    "`GZipMiddleware` compresses with level 9",
    "it compresses with level 6",
    "`compresslevel=9`",
    returns=(9, 6),
)
def level(names: Names) -> Any:
    return inspect.signature(names.GZipMiddleware).parameters["compresslevel"].default


@rows.differs(
    "`GZipMiddleware` compresses a response below `minimum_size` that passes a `BaseHTTPMiddleware`",
    "it does not, and the response has no `Vary: Accept-Encoding`",
    returns=(("gzip", "Accept-Encoding"), (None, None)),
)
def too_short(names: Names) -> Any:
    class Passes(names.BaseHTTPMiddleware):  # type: ignore[name-defined, misc]
        async def dispatch(self, request: Any, call_next: Any) -> Any:
            return await call_next(request)

    client = client_of(names, names.Route("/", says(names)), layers=[(names.GZipMiddleware,), (Passes,)])
    headers = client.get("/", headers={"accept-encoding": "gzip"}).headers
    return headers.get("content-encoding"), headers.get("vary")


@rows.differs(
    "a 304 behind `GZipMiddleware` keeps its strong `ETag`",
    "the tag is that of the compressed response",
    returns=('"x"', 'W/"x"'),
)
def not_modified(names: Names) -> Any:
    route = names.Route("/", says(names, "", status_code=304, headers={"etag": '"x"'}))
    client = client_of(names, route, layers=[(names.GZipMiddleware,)])
    return client.get("/", headers={"accept-encoding": "gzip"}).headers["etag"]


@rows.differs(
    "a session that is changed after the response has started is lost",
    "it is lost, too, and the log has a warning",
    "change the session before",
    returns=((None, 0), (None, 1)),
)
def late_sessions(names: Names) -> Any:
    async def change(request: Any) -> Any:
        async def chunks() -> Any:
            yield "a"
            request.session["late"] = True
            yield "b"

        return names.StreamingResponse(chunks())

    async def read(request: Any) -> Any:
        return names.JSONResponse(request.session.get("late"))

    client = client_of(
        names,
        names.Route("/", change),
        names.Route("/read", read),
        layers=[(names.SessionMiddleware, "key")],
    )
    with _logged(f"{names.package}.sessions") as records:
        client.get("/")
    return client.get("/read").json(), len(records)


@rows.differs(
    "the cookie of a session is checked for each request",
    "it is checked when the session is used",
    returns=(1, 0),
)
def unused_sessions(names: Names) -> Any:
    async def change(request: Any) -> Any:
        request.session["a"] = 1
        return names.PlainTextResponse("")

    client = client_of(
        names,
        names.Route("/", says(names)),
        names.Route("/change", change),
        layers=[(names.SessionMiddleware, "key")],
    )
    client.get("/change")
    checks = []
    unsign = itsdangerous.TimestampSigner.unsign

    def counted(self: Any, *args: Any, **options: Any) -> Any:
        checks.append(args)
        return unsign(self, *args, **options)

    with patch("itsdangerous.TimestampSigner.unsign", counted):
        client.get("/")
    return len(checks)


@rows.differs(
    "`on_error` of `AuthenticationMiddleware` is a plain function",
    "it may be an `async def`, too",
    returns=(500, 401),
)
def authentication_errors(names: Names) -> Any:
    class Backend(names.AuthenticationBackend):  # type: ignore[name-defined, misc]
        async def authenticate(self, conn: Any) -> Any:
            raise names.AuthenticationError("no")

    async def on_error(conn: Any, exc: Any) -> Any:
        return names.PlainTextResponse("", 401)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # Starlette never awaits it
        client = client_of(
            names,
            names.Route("/", says(names)),
            layers=[(_with(names.AuthenticationMiddleware, backend=Backend(), on_error=on_error),)],
        )
        status = client.get("/").status_code
        gc.collect()
    return status


def _with(middleware: Any, **options: Any) -> Any:
    return lambda app: middleware(app, **options)


@rows.differs(
    "an error response of `TrustedHostMiddleware` does not pass the application's handler of `HTTPException`",
    "it does, so that all errors have one format",
    returns=("Invalid host header", '{"detail":"Invalid host header"}'),
)
def hosts(names: Names) -> Any:
    async def handler(request: Any, exc: Any) -> Any:
        return names.JSONResponse({"detail": exc.detail}, exc.status_code)

    layers = [(names.TrustedHostMiddleware, ["a.example"])]
    return client_of(names, layers=layers, exception_handlers={names.HTTPException: handler}).get("/").text


@rows.differs(
    "an application whose response a `BaseHTTPMiddleware` discards gets `http.disconnect` from its first `receive()`",
    "it gets the request first, then `http.disconnect`",
    returns=(["http.disconnect", "http.disconnect"], ["http.request", "http.disconnect"]),
)
def discarded(names: Names) -> Any:
    received: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await names.PlainTextResponse("")(scope, receive, send)
        received.extend([(await receive())["type"] for _ in range(2)])

    class Layer(names.BaseHTTPMiddleware):  # type: ignore[name-defined, misc]
        async def dispatch(self, request: Any, call_next: Any) -> Any:
            await call_next(request)
            return names.PlainTextResponse("")

    messages = [{"type": "http.request", "body": b""}]

    async def receive() -> Any:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None: ...

    anyio.run(Layer(app), scope_of("/"), receive, send)
    return received


def _run_again(module: str) -> None:
    """Run the code of a module that may be imported already."""
    spec = find_spec(module)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(module_from_spec(spec))


def _wsgi(names: Names, app: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module(f"{names.package}.middleware.wsgi").WSGIMiddleware(app)


@rows.differs(
    "`WSGIMiddleware` is deprecated, and collects the whole request body",
    "it is not deprecated, and reads the body in chunks",
    returns=((True, 3), (False, 1)),
)
def wsgi_bodies(names: Names) -> Any:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        _run_again(f"{names.package}.middleware.wsgi")
    taken: list[bytes] = []

    def chunks() -> Any:
        for chunk in (b"a", b"b", b"c"):
            taken.append(chunk)
            yield chunk

    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        seen.append(len(taken))
        return [b""]

    seen: list[int] = []
    client_for(names, _wsgi(names, app)).post("/", content=chunks())
    return bool(caught), seen[0]


@rows.differs(
    "an exception that a WSGI application gives as `exc_info` is raised after the response",
    "it is logged with its traceback: the application has handled it",
    "watch the log `signette.wsgi`",
    returns=(("KeyError", 0), (500, 1)),
)
def wsgi_errors(names: Names) -> Any:
    def app(environ: Any, start_response: Any) -> Any:
        try:
            environ["no such key"]
        except KeyError:
            start_response("500 Internal Server Error", [], sys.exc_info())
        return [b"sorry"]

    with _logged(f"{names.package}.wsgi") as records:
        try:
            result: Any = names.TestClient(_wsgi(names, app)).get("/").status_code
        except KeyError as exc:
            result = type(exc).__name__
    return result, len(records)
