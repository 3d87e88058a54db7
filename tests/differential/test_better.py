"""What hurts there and does not here: each line of the page's table, with a program that shows it on both."""

import logging
from collections.abc import Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import date
from typing import Any

import pytest

from tests.differential.building import client_of, has, says
from tests.differential.names import SIGNETTE, STARLETTE, Names

Program = Callable[[Names], Any]

ROWS: list[tuple[str, Program, Any, Any]] = []
"""What hurts, word for word; a program; what it gives there, what here."""


def shows(hurts: str, there: Any, here: Any) -> Callable[[Program], Program]:
    def note(program: Program) -> Program:
        ROWS.append((hurts, program, there, here))
        return program

    return note


@shows("the lifespan of a mounted application does not run", [], ["started", "stopped"])
def mounted(names: Names) -> Any:
    results = []

    @asynccontextmanager
    async def lifespan(app: Any) -> Any:
        results.append("started")
        yield
        results.append("stopped")

    with client_of(names, names.Mount("/inner", names.Application(lifespan=lifespan))):
        pass
    return results


@shows("a 500 has no CORS headers, as the response bypasses the middleware", (None, 500), ("*", 418))
def errors(names: Names) -> Any:
    async def broken(request: Any) -> Any:
        raise RuntimeError

    class Refuses:
        def __init__(self, app: Any) -> None: ...

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            raise names.HTTPException(418)

    cors = client_of(names, names.Route("/", broken), layers=[(names.CORSMiddleware, ["*"])])
    allowed = cors.get("/", headers={"origin": "https://a.example"}).headers.get("access-control-allow-origin")
    return allowed, client_of(names, layers=[(Refuses,)]).get("/").status_code


@shows("a context variable that is set inside of `BaseHTTPMiddleware` is lost outside", "unset", "set")
def variables(names: Names) -> Any:
    variable, seen = ContextVar("variable", default="unset"), []

    async def endpoint(request: Any) -> Any:
        variable.set("set")
        return names.PlainTextResponse("")

    class Layer(names.BaseHTTPMiddleware):  # type: ignore[name-defined, misc]
        async def dispatch(self, request: Any, call_next: Any) -> Any:
            response = await call_next(request)
            seen.append(variable.get())
            return response

    client_of(names, names.Route("/", endpoint), layers=[(Layer,)]).get("/")
    return seen[0]


@shows("`Allow` is incomplete, and `OPTIONS` a 405", (["GET", "HEAD"], 405), (["GET", "HEAD", "POST"], 204))
def methods(names: Names) -> Any:
    client = client_of(names, *(names.Route("/", says(names), methods=[method]) for method in ("GET", "POST")))
    return sorted(client.put("/").headers["allow"].split(", ")), client.options("/").status_code


@shows(
    "redirects for a slash trust the `Host` header, and you cannot turn them off",
    ("http://evil.example/a/", False),
    ("/a/", True),
)
def slashes(names: Names) -> Any:
    client = client_of(names, names.Route("/a/", says(names)))
    location = client.get("/a", headers={"host": "evil.example"}).headers["location"]
    return location, has(names, "applications", "Application(redirect_slashes)")


@shows("a new line in a path is ignored, a number of 5,000 digits a 500", (200, 500), (404, 404))
def paths(names: Names) -> Any:
    client = client_of(names, names.Route("/a", says(names)), names.Route("/{n:int}", says(names)))
    return client.get("/a%0A").status_code, client.get("/" + "1" * 5000).status_code


@shows("an escaped slash (`%2F`) in a parameter is a 404", "Not Found", "a/b")
def escaped(names: Names) -> Any:
    async def endpoint(request: Any) -> Any:
        return names.PlainTextResponse(request.path_params["name"])

    return client_of(names, names.Route("/items/{name}", endpoint)).get("/items/a%2Fb").text


@shows("`url_path_for()` does not percent-encode", "/a b?c", "/a%20b%3Fc")
def reversed_names(names: Names) -> Any:
    return names.Router(routes=[names.Route("/{x}", says(names), name="x")]).url_path_for("x", x="a b?c")


@shows("invalid JSON, or an invalid byte in a query string, is a 500", (500, 500), (400, 200))
def requests(names: Names) -> Any:
    async def endpoint(request: Any) -> Any:
        if request.method == "POST":
            await request.json()
        return names.PlainTextResponse(str(request.url))

    class Odd:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await self.app({**scope, "query_string": b"a=\xff"}, receive, send)

    routes = [names.Route("/", endpoint, methods=["GET", "POST"])]
    broken = client_of(names, *routes).post("/", content=b"{").status_code
    return broken, client_of(names, *routes, layers=[(Odd,)]).get("/").status_code


@shows(
    "a `Response` that is used as an application is invalid from its second request on behind `GZipMiddleware`",
    [True, False],
    [True, True],
)
def compressed_again(names: Names) -> Any:
    client = client_of(names, names.Mount("/", names.PlainTextResponse("x" * 2000)), layers=[(names.GZipMiddleware,)])
    return [_is_whole(client, {"accept-encoding": coding}) for coding in ("gzip", "identity")]


def _is_whole(client: Any, headers: dict[str, str]) -> bool:
    try:
        return bool(client.get("/", headers=headers).text == "x" * 2000)
    except Exception as exc:  # noqa: BLE001 - of whichever client it is
        assert "Decod" in type(exc).__name__  # noqa: PT017 - one of several responses
        return False


@shows("clients that send `gzip;q=0` get gzip; there is only gzip", ("gzip", False), (None, True))
def weights(names: Names) -> Any:
    client = client_of(names, names.Route("/", says(names, "x" * 2000)), layers=[(names.GZipMiddleware,)])
    coding = client.get("/", headers={"accept-encoding": "gzip;q=0"}).headers.get("content-encoding")
    return coding, has(names, "middleware.compression", "CompressionMiddleware")


@shows("a binary message for `receive_text()` is a `KeyError`", "KeyError", 1003)
def frames(names: Names) -> Any:
    results = []

    async def endpoint(websocket: Any) -> None:
        await websocket.accept()
        try:
            await websocket.receive_text()
        except Exception as exc:  # noqa: BLE001 - which one it is, is reported
            results.append(getattr(exc, "code", type(exc).__name__))

    with client_of(names, names.WebSocketRoute("/", endpoint)).websocket_connect("/") as socket:
        socket.send_bytes(b"binary")
    return results[0]


@shows("static files have no `Cache-Control` and no compressed variants", (False, False, False), (True, True, True))
def static(names: Names) -> Any:
    better = ("cache_control", "precompressed", "metadata_seconds")
    return tuple(has(names, "staticfiles", f"StaticFiles({word})") for word in better)


@shows(
    "sessions have 4 KiB in a cookie and one key, and changes inside of a list are lost",
    (False, [], None),
    (True, [1], [1]),
)
def sessions(names: Names) -> Any:
    async def endpoint(request: Any) -> Any:
        if request.method == "PUT":
            request.session["list"] = []
        elif request.method == "POST":
            request.session["list"].append(1)
        return names.JSONResponse(request.session.get("list"))

    route = names.Route("/", endpoint, methods=["GET", "PUT", "POST"])
    client = client_of(names, route, layers=[(names.SessionMiddleware, "key")])
    client.put("/")
    client.post("/")
    later = client_of(names, route, layers=[(names.SessionMiddleware, ["new", "key"])])
    later.cookies.update(client.cookies)
    store = has(names, "middleware.sessions", "SessionMiddleware(store)")
    return store, client.get("/").json(), later.get("/").json()


@shows(
    "uploads have no limit for a file, and no part is available before the last; `UploadFile` has no `tell()`,"
    " no iteration and no `async with`",
    (False, False, False, False, False),
    (True, True, True, True, True),
)
def uploads(names: Names) -> Any:
    file = tuple(has(names, "datastructures", f"UploadFile.{word}") for word in ("tell", "__aiter__", "__aenter__"))
    return has(names, "requests", "Request.form(max_file_size)"), has(names, "requests", "Request.parts"), *file


@shows("`JSONResponse` rejects dates, UUIDs, dataclasses and enums", "TypeError", b'["2026-01-02"]')
def json(names: Names) -> Any:
    try:
        return names.JSONResponse([date(2026, 1, 2)]).body
    except TypeError as exc:
        return type(exc).__name__


@shows("header values with line breaks are sent unchanged", b"b\r\nc: d", "ValueError")
def headers(names: Names) -> Any:
    try:
        return dict(names.PlainTextResponse("", headers={"a": "b\r\nc: d"}).raw_headers)[b"a"]
    except ValueError as exc:
        return type(exc).__name__


@shows("there is no asynchronous test client", False, True)
def clients(names: Names) -> Any:
    return has(names, "testclient", "AsyncTestClient")


@shows(
    "there are no server-sent events; one failed background task stops the others",
    (False, ["one"]),
    (True, ["one", "two"]),
)
def background(names: Names) -> Any:
    done = []

    def note(name: str, fails: bool) -> None:
        done.append(name)
        if fails:
            raise RuntimeError

    async def endpoint(request: Any) -> Any:
        tasks = names.BackgroundTasks()
        tasks.add_task(note, "one", True)
        tasks.add_task(note, "two", False)
        return names.PlainTextResponse("", background=tasks)

    client_of(names, names.Route("/", endpoint)).get("/")
    return has(names, "responses", "EventSourceResponse"), done


@pytest.mark.parametrize(("hurts", "program", "there", "here"), ROWS, ids=[row[1].__name__ for row in ROWS])
def test_known_problems_of_starlette_do_not_occur(
    hurts: str, program: Program, there: Any, here: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    assert (program(STARLETTE), program(SIGNETTE)) == (there, here), hurts
