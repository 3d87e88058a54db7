"""Programs for differences between requests, responses, files, templates and endpoints."""

import os
import tempfile
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

import anyio
import anyio.to_thread

from tests.asgi import scope_of
from tests.differential.building import client_for, client_of, says
from tests.differential.names import Names
from tests.differential.programs import Programs

rows = Programs()


@rows.differs(
    "`partitioned=True` of `set_cookie` and `delete_cookie` is a `ValueError` before Python 3.14",
    "it works on every version of Python",
    returns=("ValueError", True),
    until=(3, 14),
)
def partitioned(names: Names) -> Any:
    response = names.Response()
    try:
        response.set_cookie("a", "b", secure=True, partitioned=True)
    except ValueError:
        return "ValueError"
    return "Partitioned" in response.headers["set-cookie"]


@rows.differs(
    "background tasks stop at the first that fails",
    "the other tasks still run, then the exception is raised",
    "put tasks that must stop together into one task",
    returns=(["one"], ["one", "two"]),
)
def background(names: Names) -> Any:
    done = []

    def note(name: str, *, fails: bool) -> None:
        done.append(name)
        if fails:
            raise RuntimeError

    async def endpoint(request: Any) -> Any:
        tasks = names.BackgroundTasks()
        tasks.add_task(note, "one", fails=True)
        tasks.add_task(note, "two", fails=False)
        return names.PlainTextResponse("", background=tasks)

    client_of(names, names.Route("/", endpoint)).get("/")
    return done


@rows.differs(
    "`StaticFiles` outside of an application raises `HTTPException` to the server",
    "it responds with 404 or 405 on its own; in an application, both call its handlers",
    returns=((500, 500), (404, 405)),
)
def files_alone(names: Names) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        client = client_for(names, names.StaticFiles(directory=folder, html=True))
        return client.get("/nothing").status_code, client.post("/nothing").status_code


@rows.differs(
    "a loop of symbolic links below `StaticFiles` is a 500",
    "it is a 404",
    returns=(500, 404),
)
def loop_of_links(names: Names) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a").symlink_to(Path(folder, "b"))
        Path(folder, "b").symlink_to(Path(folder, "a"))
        return client_of(names, names.Mount("/", names.StaticFiles(directory=folder))).get("/a").status_code


@rows.differs(
    "a file is looked up and read in several visits to worker threads",
    "a small file takes one visit",
    returns=(True, False),
)
def visits_to_threads(names: Names) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.txt").write_text("a")
        client = client_of(names, names.Mount("/", names.StaticFiles(directory=folder)))
        client.get("/a.txt")
        visits = []
        original = anyio.to_thread.run_sync

        async def counted(*args: Any, **options: Any) -> Any:
            visits.append(threading.get_ident())
            return await original(*args, **options)

        with patch("anyio.to_thread.run_sync", counted):
            client.get("/a.txt")
        return len(visits) > 1


def _templates(names: Names, folder: str, **options: Any) -> Any:
    return import_module(f"{names.package}.templating").Jinja2Templates(directory=folder, **options)


def _rendered(names: Names, templates: Any, name: str, context: Any = None) -> Any:
    request = names.Request({"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""})
    return templates.TemplateResponse(request, name, context).body.decode()


@rows.differs(
    "templates are looked up on the disk for each request",
    "they are read when `Jinja2Templates` is made, unless `auto_reload=True`",
    "`auto_reload=True` while you write templates",
    returns=(["old", "new"], ["old", "old"]),
)
def templates_on_disk(names: Names) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.html")
        page.write_text("old")
        templates = _templates(names, folder)
        before = _rendered(names, templates, "page.html")
        page.write_text("new")
        os.utime(page, (1, 1))
        return [before, _rendered(names, templates, "page.html")]


@rows.differs(
    "a context processor overrides the context of a call",
    "the context of the call counts, and is not changed",
    "rename one of the two",
    returns=("processor", "call"),
)
def context_processors(names: Names) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "page.html").write_text("{{ by }}")
        templates = _templates(names, folder, context_processors=[lambda request: {"by": "processor"}])
        return _rendered(names, templates, "page.html", {"by": "call"})


@rows.differs(
    "values in `page.html.j2` are not escaped",
    "they are escaped, as in `page.html`",
    "`markupsafe.Markup(value)` for values that are HTML",
    returns=("<b>", "&lt;b&gt;"),
)
def escaped_templates(names: Names) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "page.html.j2").write_text("{{ value }}")
        return _rendered(names, _templates(names, folder), "page.html.j2", {"value": "<b>"})


@rows.differs(
    "a docstring that is not YAML is an error when the schema is made",
    "the route is left out of the schema",
    returns=("error", {}),
)
def plain_docstrings(names: Names) -> Any:
    async def endpoint(request: Any) -> None:
        """Return all: [of them."""

    generator = import_module(f"{names.package}.schemas").SchemaGenerator({})
    try:
        return generator.get_schema([names.Route("/", endpoint)])["paths"]
    except Exception:  # noqa: BLE001 - of YAML, or of what is made of it
        return "error"


@rows.differs(
    "`OpenAPIResponse` writes YAML with sorted keys",
    "it keeps the order of the keys: the same document, in the order in which you wrote it",
    returns=(["info:", "openapi:"], ["openapi:", "info:"]),
)
def order_of_keys(names: Names) -> Any:
    response = import_module(f"{names.package}.schemas").OpenAPIResponse({"openapi": "3.1.0", "info": {"title": "a"}})
    return [line.partition(" ")[0] for line in response.body.decode().splitlines() if not line.startswith(" ")]


@rows.differs(
    "`WebSocketEndpoint.decode()` closes the WebSocket when a message has the wrong type",
    "`dispatch()` closes it; `decode()` only raises the same exception",
    returns=(("RuntimeError", ["websocket.close"]), ("RuntimeError", [])),
)
def decoding(names: Names) -> Any:
    sent: list[str] = []

    class Endpoint(names.WebSocketEndpoint):  # type: ignore[name-defined, misc]
        encoding = "text"

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        if message["type"] != "websocket.accept":
            sent.append(message["type"])

    async def run() -> Any:
        scope = scope_of("/", kind="websocket")
        socket = names.WebSocket(scope, receive, send)
        await socket.accept()
        try:
            await Endpoint(scope, receive, send).decode(socket, {"type": "websocket.receive", "bytes": b"a"})
        except RuntimeError as exc:
            return type(exc).__mro__[-4].__name__ if type(exc) is not RuntimeError else "RuntimeError"

    return anyio.run(run), sent


@rows.differs(
    "a mounted application of another framework gets every path, also `//admin`",
    "a path that it could read as another one is a 404 ([why](../decisions/0017-one-reading-of-a-path.md))",
    "`Mount(..., escaped_slashes=True)` if it needs `%2F` or `//`",
    returns=(200, 404),
)
def foreign_paths(names: Names) -> Any:
    async def foreign(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return client_of(names, names.Mount("/old", foreign)).get("/old//admin").status_code


@rows.differs(
    "a route with several parameters may take time by the square or cube of the path's length",
    "each route takes time in proportion to the path's length",
    returns=(True, False),
)
def long_paths(names: Names) -> Any:
    route = names.Route("/{a}-{b}-{c}.txt", says(names))

    def seconds(length: int) -> float:
        scope = scope_of("/" + "-" * length)
        times = []
        for _ in range(3):
            start = time.perf_counter()
            route.matches(scope)
            times.append(time.perf_counter() - start)
        return min(times)

    return seconds(400) > 16 * seconds(100)


@rows.differs(
    "`App` does not exist",
    "`App` limits paths, bodies, forms, queries and headers ([limits](../reference/limits.md)); `Application` does not",
    "`Application(limits=Limits())` for the same limits",
    returns=((200, None), (200, 414)),
)
def limits(names: Names) -> Any:
    route = names.Route("/items/{rest:path}", says(names))
    path = "/items/" + "x" * 9000
    plain = client_of(names, route).get(path).status_code
    try:
        app = import_module(f"{names.package}.app").App(routes=[route])
    except ImportError:
        return plain, None
    return plain, names.TestClient(app).get(path).status_code
