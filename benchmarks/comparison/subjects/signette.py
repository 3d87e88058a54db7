"""signette."""

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from pathlib import Path as File
from typing import Annotated, Any

import anyio
from pydantic import BaseModel, Field

from signette import (
    App,
    Body,
    Conditional,
    Created,
    Depends,
    Header,
    Middleware,
    Page,
    Patch,
    Path,
    Problem,
    Query,
    Request,
    Router,
    Socket,
    Stream,
    Tagged,
    UploadFile,
    WebSocket,
)
from signette import File as FormFile
from signette.contract import compare, contract_of
from signette.formats import CSV, JSON
from signette.mcp import tools_of
from signette.prove import NotProved, prove
from signette.resources import Resource, delete, get
from signette.responses import ServerSentEvent
from signette.security import HTTPBearer

DOCUMENT, DOCS, PATCH = "/openapi.json", "/docs", "application/merge-patch+json"
NOTES = {
    "statuses": "in the return type",
    "group": "`Router(middleware=[...])`",
    "override": "`app.override(...)`, a block",
    "compressed": "with `request_encodings=[...]`",
    "items_of_body": "`Stream[T]`",
    "file_limit": "`File(max_bytes=...)`",
    "patch": "`Patch[T]`",
    "negotiated": "`renders=[...]`",
    "conditional": "`Tagged`, `Conditional`",
    "cursor": "`Page.Cursor[T]`, signed",
    "messages": "`Socket[In, Out]`",
    "resource": "`Resource`",
    "client": "`app.client()`, `signette client`",
    "generated_requests": "`signette prove`",
    "breaking_changes": "`signette diff`",
    "tools": "`tool=True`, `MCP(app)`",
}
MISSING = {"structs": "no", "wsgi": "ASGI only"}
FAILS: dict[str, str] = {}
INCLUDED = {
    "sessions": "signette.middleware.sessions",
    "CORS": "signette.middleware.cors",
    "rate limits": "signette.policies",
    "response cache": "signette.policies",
    "jobs": "signette.jobs",
}


class Item(BaseModel):
    label: str = Field(min_length=1)
    price: float


class Public(BaseModel):
    name: str


class User(Public):
    password: str


class Count(BaseModel):
    n: int


def items() -> Any:
    app = App()

    @app.post("/items/{item_id}")
    async def create(
        item_id: int,
        item: Item,
        x_token: Annotated[int, Header()],
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> Item:
        return item

    return app


def values() -> Any:
    app = App()

    @app.post("/values")
    async def size(value: Annotated[str, Body()]) -> int:
        return len(value)

    return app


def compressed() -> Any:
    app = App(request_encodings=["gzip"])

    @app.post("/values")
    async def size(value: Annotated[str, Body()]) -> int:
        return len(value)

    return app


def first_item() -> Any:
    app = App()

    @app.post("/first")
    async def first(rows: Stream[Item]) -> Item | None:
        async for row in rows:
            return row
        return None

    return app


def limited() -> Any:
    app = App()

    @app.post("/limited")
    async def limited(file: Annotated[UploadFile, FormFile(max_bytes=1000)]) -> int | None:
        return file.size

    return app


class Address(BaseModel):
    street: str
    zip: str | None = None


class Resident(BaseModel):
    name: str
    address: Address


ANN = Resident(name="Ann", address=Address(street="Main St", zip="10115"))


def patch_user() -> Any:
    app = App()

    @app.patch("/user")
    async def change(patch: Patch[Resident]) -> Resident:
        return patch.apply(ANN)

    return app


def upload() -> Any:
    app = App()

    @app.post("/upload")
    async def upload(request: Request) -> int:
        async for chunk in request.stream():
            return len(chunk)
        return 0

    return app


def plain() -> Any:
    app = App()

    @app.get("/plain")
    async def read() -> dict[str, str]:
        return {"hello": "world"}

    @app.post("/plain")
    async def write() -> dict[str, str]:
        return {"hello": "world"}

    return app


def crash() -> Any:
    app = App()

    @app.get("/crash")
    async def crash() -> int:
        raise ValueError("a secret")

    return app


def filtered() -> Any:
    app = App()

    @app.get("/user")
    async def user() -> Public:
        return User(name="ann", password="s3cr3t")

    return app


def unfit() -> Any:
    app = App()

    @app.get("/count")
    async def count() -> Count:
        return {"n": "many"}  # type: ignore[return-value]

    return app


def events() -> Any:
    app = App()

    @app.get("/events")
    async def events() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent("first")

    return app


def file() -> Any:
    app = App()

    @app.get("/file")
    async def file() -> File:
        return File(__file__)

    return app


def negotiated() -> Any:
    app = App()

    @app.get("/chosen", renders=[JSON, CSV])
    async def chosen() -> list[Count]:
        return [Count(n=1)]

    return app


def conditional() -> Any:
    app = App()

    @app.get("/thing")
    async def read() -> Tagged[str]:
        return Tagged("thing", etag=1)

    @app.put("/thing")
    async def replace(value: Annotated[str, Body()], cond: Conditional) -> str:
        cond.check(etag=1)
        return value

    return app


def pages() -> Any:
    app = App(cursor_keys=["a secret of 32 bytes, for this page"])

    @app.get("/pages")
    async def numbers(page: Page.Cursor[int]) -> Page[int]:
        start = page.after or 0
        return page.of(range(start + 1, start + 1 + page.fetch), key=lambda number: number)

    return app


def cursor_of(body: Any) -> str:
    return str(body["next"])


def sync() -> Any:
    app = App()

    @app.get("/sync")
    def sync() -> dict[str, bool]:
        return {"is_main_thread": threading.current_thread() is threading.main_thread()}

    return app


def endless() -> tuple[Any, threading.Event]:
    app, closed = App(), threading.Event()

    @app.get("/endless")
    async def endless() -> AsyncIterator[bytes]:
        try:
            for _ in range(3):
                yield b"chunk"
            await anyio.sleep_forever()
        finally:
            closed.set()

    return app, closed


def socket() -> Any:
    app = App()

    @app.websocket("/socket")
    async def socket(websocket: WebSocket, limit: int) -> None:
        await websocket.accept()
        await websocket.send_text(str(limit + 1))

    return app


def messages() -> Any:
    app = App()

    @app.websocket("/messages")
    async def message(socket: Socket[Item, str]) -> None:
        async for item in socket:
            await socket.send(item.label)

    return app


def shared() -> Any:
    app, calls = App(), []

    async def base() -> int:
        calls.append(1)
        return 1

    async def left(value: Annotated[int, Depends(base)]) -> int:
        return value

    async def right(value: Annotated[int, Depends(base)]) -> int:
        return value

    @app.get("/shared")
    async def shared(a: Annotated[int, Depends(left)], b: Annotated[int, Depends(right)]) -> dict[str, int]:
        return {"calls": len(calls)}

    return app


def cleanup() -> tuple[Any, list[str]]:
    app: Any = App()
    events: list[str] = []

    async def connection() -> AsyncIterator[int]:
        events.append("open")
        yield 1
        events.append("close")

    @app.get("/cleanup")
    async def endpoint(connection: Annotated[int, Depends(connection)]) -> int:
        events.append("endpoint")
        return connection

    return app, events


def override() -> tuple[Any, AbstractContextManager[Any]]:
    app = App()

    async def rate() -> str:
        return "real"

    @app.get("/rate")
    async def read(rate: Annotated[str, Depends(rate)]) -> str:
        return rate

    return app, app.override(rate, lambda: "fake")


def marked(app: Any) -> Any:
    async def mark(scope: Any, receive: Any, send: Any) -> None:
        async def send_marked(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"x-group", b"1")]}
            await send(message)

        await app(scope, receive, send_marked)

    return mark


def group() -> Any:
    app = App()
    for path, middleware in {"/group": [Middleware(marked)], "/other": []}.items():
        router = Router(prefix=path, middleware=middleware)
        router.get("/item")(item)
        app.include_router(router)
    return app


async def item() -> str:
    return "item"


class Things(Resource, prefix="/resource"):
    value: str = Depends(lambda: "shared")

    @get()
    async def read(self) -> str:
        return self.value

    @delete()
    async def remove(self) -> str:
        return self.value


def resource() -> Any:
    app = App()
    app.include(Things)
    return app


def wrong() -> dict[str, Callable[[], Any]]:
    def of(endpoint: Callable[..., Any], method: str = "get", path: str = "/x", times: int = 1) -> Callable[[], Any]:
        def make() -> Any:
            app = App()
            for _ in range(times):
                getattr(app, method)(path)(endpoint)
            return app

        return make

    async def unknown_path_parameter(item_id: Annotated[int, Path()]) -> int:
        return item_id

    async def invalid_default(limit: Annotated[int, Query(le=10)] = 50) -> int:
        return limit

    async def wrong_default(limit: Annotated[int, Query()] = "many") -> int:  # type: ignore[assignment]
        return limit

    async def same_twice() -> int:
        return 1

    async def unknown_type(item: "Missing") -> int:  # type: ignore[name-defined]  # noqa: F821
        return 1

    async def no_json() -> threading.Event:
        return threading.Event()

    return {
        "a path parameter that the template does not have": of(unknown_path_parameter),
        "a default that its own limits reject": of(invalid_default),
        "a default of another type": of(wrong_default),
        "the same method and path twice": of(same_twice, times=2),
        "a type that does not exist": of(unknown_type, "post"),
        "a return type that JSON does not have": of(no_json),
    }


class NoSuchShop(Problem, status=404):
    """There is no such shop."""


def statuses() -> Any:
    app = App()

    @app.post("/statuses")
    async def create(item: Item) -> Created[Item] | NoSuchShop:
        return Created(item)

    return app


def bearer() -> Any:
    app = App()

    @app.get("/me")
    async def me(token: Annotated[Any, Depends(HTTPBearer())]) -> str:
        return str(token)

    return app


def priced(*, by_city: bool = False) -> App:
    app = App()

    async def price(people: int = 1) -> Item:
        return Item(label="bike", price=100 // people)

    async def price_in_city(city: str, people: int = 1) -> Item:
        return Item(label=city, price=100 // people)

    app.get("/price", name="price", tool=True)(price_in_city if by_city else price)
    return app


async def called_by_client() -> Any:
    async with priced().client() as client:
        return await client.price(people=4)


def generated_requests() -> str:
    try:
        prove(priced(), max_examples=5)
    except NotProved as violated:
        return str(violated)
    return ""


def breaking_changes() -> list[str]:
    findings = compare(contract_of(priced()), contract_of(priced(by_city=True)))
    return [finding.rule for finding in findings if finding.verdict == "breaking"]


def tools() -> list[str]:
    return [tool.name for tool in tools_of(priced())]
