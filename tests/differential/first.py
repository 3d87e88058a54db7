"""What people notice first after the move, and what keeps Starlette's behaviour: the table at the top of the page."""

import tempfile
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

from tests.differential.building import client_of, says
from tests.differential.names import SIGNETTE, STARLETTE, Names
from tests.first_rows import FirstRows

FIRST = FirstRows()
first = FIRST.row


def compare(see: Callable[[Names], Any], kept: Callable[[Names], Any]) -> None:
    """The two differ in `see`, and not in `kept`, which gives on signette what `see` gives on Starlette."""
    assert see(STARLETTE) != see(SIGNETTE)
    assert kept(SIGNETTE) == see(STARLETTE)


def differ(see: Callable[[Names], Any]) -> None:
    """The two differ in `see`, and there is no option that keeps what Starlette does."""
    assert see(STARLETTE) != see(SIGNETTE)


@first(
    "Redirects for a slash have a relative `Location`.",
    "Resolve it against the URL of the request, as clients do: `urljoin(url, location)`.",
)
def slashes() -> None:
    def location(names: Names) -> Any:
        return client_of(names, names.Route("/a/", says(names))).get("/a").headers["location"]

    compare(location, lambda names: urljoin("http://testserver/a", location(names)))


@first(
    "`OPTIONS` is a 204 with `Allow`, and `Allow` lists the methods of all routes of the path.",
    'Add `"OPTIONS"` to the `methods` of a route that should respond on its own.',
)
def options() -> None:
    def respond(names: Names, *methods: str) -> Any:
        route = names.Route("/", says(names, "", status_code=405), methods=["GET", *methods])
        return client_of(names, route).options("/").status_code

    compare(respond, lambda names: respond(names, "OPTIONS"))


@first(
    "`await request.json()` is a 400 for an invalid body, and not a 500.",
    "Your own `except ValueError` works as before.",
)
def json() -> None:
    def status(names: Names) -> Any:
        async def endpoint(request: Any) -> Any:
            return names.JSONResponse(await request.json())

        return client_of(names, names.Route("/", endpoint, methods=["POST"])).post("/", content=b"{").status_code

    def caught(names: Names) -> Any:
        async def endpoint(request: Any) -> Any:
            try:
                await request.json()
            except ValueError:
                return names.PlainTextResponse("", 500)

        return client_of(names, names.Route("/", endpoint, methods=["POST"])).post("/", content=b"{").status_code

    compare(status, caught)


@first(
    "The response for a 500 passes the middleware, which adds headers: those of CORS, for example.",
    "There is no option: its status and body are the same.",
)
def errors() -> None:
    def respond(names: Names) -> Any:
        async def broken(request: Any) -> Any:
            raise RuntimeError

        client = client_of(names, names.Route("/", broken), layers=[(names.CORSMiddleware, ["*"])])
        return client.get("/", headers={"origin": "https://a.example"})

    differ(lambda names: respond(names).headers.get("access-control-allow-origin"))
    assert respond(STARLETTE).status_code == respond(SIGNETTE).status_code
    assert respond(STARLETTE).text == respond(SIGNETTE).text


@first(
    "The lifespan of a mounted application runs with that of the outer one.",
    "`Mount(..., run_lifespan=False)`",
)
def lifespans() -> None:
    def runs(names: Names, **option: bool) -> Any:
        ran = []

        @asynccontextmanager
        async def lifespan(app: Any) -> Any:
            ran.append("inner")
            yield

        with client_of(names, names.Mount("/inner", names.Application(lifespan=lifespan), **option)):
            return ran

    compare(runs, lambda names: runs(names, run_lifespan=False))


@first(
    "A path parameter may have a slash: `/items/a%2Fb` matches `/items/{name}`, and is not a 404.",
    'Reject it in the endpoint: `if "/" in name: raise HTTPException(404)`.',
)
def escaped_slashes() -> None:
    def status(names: Names) -> Any:
        return client_of(names, names.Route("/items/{name}", says(names))).get("/items/a%2Fb").status_code

    def rejected(names: Names) -> Any:
        async def endpoint(request: Any) -> Any:
            if "/" in request.path_params["name"]:
                raise names.HTTPException(404)
            return names.PlainTextResponse("")

        return client_of(names, names.Route("/items/{name}", endpoint)).get("/items/a%2Fb").status_code

    compare(status, rejected)


@first(
    "`url_for()` and `url_path_for()` percent-encode values.",
    "Remove your own `quote()`.",
)
def urls() -> None:
    def path(names: Names, value: str) -> Any:
        return names.Router([names.Route("/{x}", says(names), name="x")]).url_path_for("x", x=value)

    compare(lambda names: path(names, quote("a b?c")), lambda names: path(names, "a b?c"))


@first(
    "`FileResponse` responds with 304 if the client has the file.",
    "Set `conditional = False` on a subclass.",
)
def conditional_files() -> None:
    def status(names: Names, **attributes: Any) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "a.txt").write_text("a")
            response = type("File", (names.FileResponse,), attributes)

            async def endpoint(request: Any) -> Any:
                return response(Path(folder, "a.txt"))

            client = client_of(names, names.Route("/", endpoint))
            tag = client.get("/").headers["etag"]
            return client.get("/", headers={"if-none-match": tag}).status_code

    compare(status, lambda names: status(names, conditional=False))


@first(
    "`StaticFiles` does not serve files whose names start with a dot.",
    "`StaticFiles(..., dotfiles=True)`",
)
def dotfiles() -> None:
    def status(names: Names, **option: bool) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, ".env").write_text("a")
            files = names.StaticFiles(directory=folder, **option)
            return client_of(names, names.Mount("/", files)).get("/.env").status_code

    compare(status, lambda names: status(names, dotfiles=True))


@first(
    "A template that you edit while the application runs is not read again.",
    "`Jinja2Templates(..., auto_reload=True)`",
)
def templates() -> None:
    def texts(names: Names, **option: bool) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder, "page.html")
            page.write_text("old")
            found = names.Jinja2Templates(directory=folder, **option)
            before = found.get_template("page.html").render()
            page.write_text("newer")
            return before, found.get_template("page.html").render()

    compare(texts, lambda names: texts(names, auto_reload=True))


@first(
    "`receive_text()` closes a WebSocket with 1003 if the client sends a binary message.",
    "Use `receive()`, which returns messages of both kinds.",
)
def wrong_messages() -> None:
    def result(names: Names, *, both: bool = False) -> Any:
        async def endpoint(websocket: Any) -> None:
            await websocket.accept()
            try:
                message = await websocket.receive() if both else {"text": await websocket.receive_text()}
                await websocket.send_text(message["text"] if message.get("text") else "KeyError")
            except KeyError:
                await websocket.send_text("KeyError")

        with client_of(names, names.WebSocketRoute("/", endpoint)).websocket_connect("/") as socket:
            socket.send_bytes(b"binary")
            return socket.receive().get("text")

    compare(result, lambda names: result(names, both=True))


@first(
    "A header value with a line break is a `ValueError` when you set it.",
    "There is no option: replace line breaks in texts of clients.",
)
def invalid_headers() -> None:
    def headers(names: Names, value: str) -> Any:
        try:
            return dict(names.PlainTextResponse("", headers={"a": value}).headers)["a"]
        except ValueError:
            return "ValueError"

    differ(lambda names: headers(names, "b\r\nc"))
