"""Litestar."""

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Annotated, Any

import anyio
import msgspec
from litestar import (
    Controller,
    Litestar,
    Request,
    Response,
    Router,
    WebSocket,
    delete,
    get,
    patch,
    post,
    websocket,
    websocket_listener,
)
from litestar.connection import ASGIConnection
from litestar.contrib.pydantic import PydanticDTO
from litestar.datastructures import State
from litestar.di import Provide
from litestar.dto import DataclassDTO, DTOConfig, DTOData
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult, DefineMiddleware
from litestar.openapi import ResponseSpec
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.pagination import AbstractAsyncCursorPaginator, CursorPagination
from litestar.params import Parameter
from litestar.response import File, ServerSentEvent, Stream
from pydantic import BaseModel, Field

DOCUMENT, DOCS = "/schema/openapi.json", "/schema"
NOTES = {
    "filtered": "with `return_dto=`; the annotation alone sends all fields",
    "statuses": "in the decorator, `responses={...}`",
    "group": "`Router(middleware=[...])`",
    "override": "the test makes the application with other `dependencies=`",
    "messages": "`@websocket_listener` with `dto=`",
    "bearer": "declared separately from the check",
    "sync": "with `sync_to_thread=True`",
    "negotiated": "in the endpoint, with `request.accept.best_match(...)`",
    "cursor": "`AbstractAsyncCursorPaginator`",
    "resource": "`Controller`",
    "patch": "`DTOConfig(partial=True)`",
}
MISSING = dict.fromkeys(("items_of_body", "file_limit", "conditional"), "by hand") | {
    "wsgi": "ASGI only",
    "socket_document": "no",
}
MISSING |= {
    "client": "`openapi-python-client`",
    "generated_requests": "`schemathesis`",
    "breaking_changes": "`oasdiff`",
    "tools": "`litestar-mcp`",
}
FAILS: dict[str, str] = {}
INCLUDED = {
    "sessions": "litestar.middleware.session",
    "CORS": "litestar.middleware.cors",
    "CSRF": "litestar.middleware.csrf",
    "rate limits": "litestar.middleware.rate_limit",
    "response cache": "litestar.middleware.response_cache",
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


class Struct(msgspec.Struct):
    label: str


def items() -> Any:
    @post("/items/{item_id:str}")
    async def create(
        item_id: int,
        data: Item,
        token: Annotated[int, Parameter(header="x-token")],
        limit: Annotated[int, Parameter(ge=1, le=100)] = 20,
    ) -> Item:
        return data

    return Litestar([create])


def values() -> Any:
    @post("/values")
    async def size(data: str) -> int:
        return len(data)

    return Litestar([size])


def upload() -> Any:
    @post("/upload", status_code=200)
    async def upload(request: Request[Any, Any, State]) -> int:
        async for chunk in request.stream():
            return len(chunk)
        return 0

    return Litestar([upload])


def structs() -> Any:
    @post("/structs")
    async def struct(data: Struct) -> str:
        return data.label

    return Litestar([struct])


@dataclass
class Address:
    street: str
    zip: str | None


@dataclass
class Resident:
    name: str
    address: Address


class PatchDTO(DataclassDTO[Resident]):
    config = DTOConfig(partial=True)


def patch_user() -> Any:
    @patch("/user", dto=PatchDTO, return_dto=None)
    async def change(data: DTOData[Resident]) -> Resident:
        return data.update_instance(Resident("Ann", Address("Main St", "10115")))

    return Litestar([change])


def negotiated() -> Any:
    @get("/chosen")
    async def chosen(request: Request[Any, Any, State]) -> Response[Any]:
        media_type = request.accept.best_match(["application/json", "text/csv"])
        if media_type is None:
            raise HTTPException(status_code=406)
        return Response([{"n": 1}] if media_type == "application/json" else "n\r\n1\r\n", media_type=media_type)

    return Litestar([chosen])


class Numbers(AbstractAsyncCursorPaginator[int, int]):
    async def get_items(self, cursor: int | None, results_per_page: int) -> tuple[list[int], int | None]:
        start = cursor or 0
        return list(range(start + 1, start + 1 + results_per_page)), start + results_per_page


def pages() -> Any:
    @get("/pages")
    async def numbers(cursor: int | None = None) -> CursorPagination[int, int]:
        return await Numbers()(cursor=cursor, results_per_page=50)

    return Litestar([numbers])


def cursor_of(body: Any) -> str:
    return str(body["cursor"])


class Things(Controller):
    path = "/resource"
    value = "shared"

    @get()
    async def read(self) -> str:
        return self.value

    @delete(status_code=200)
    async def remove(self) -> str:
        return self.value


def resource() -> Any:
    return Litestar([Things])


def plain() -> Any:
    @get("/plain")
    async def read() -> dict[str, str]:
        return {"hello": "world"}

    @post("/plain")
    async def write() -> dict[str, str]:
        return {"hello": "world"}

    return Litestar([read, write])


def crash() -> Any:
    @get("/crash")
    async def crash() -> int:
        raise ValueError("a secret")

    return Litestar([crash])


def filtered() -> Any:
    @get("/user", return_dto=PydanticDTO[Public])
    async def user() -> Public:
        return User(name="ann", password="s3cr3t")

    return Litestar([user])


def unfit() -> Any:
    @get("/count")
    async def count() -> Count:
        return {"n": "many"}  # type: ignore[return-value]

    return Litestar([count])


def events() -> Any:
    async def items() -> AsyncIterator[str]:
        yield "first"

    @get("/events")
    async def events() -> ServerSentEvent:
        return ServerSentEvent(items())

    return Litestar([events])


def file() -> Any:
    @get("/file")
    async def file() -> File:
        return File(__file__)

    return Litestar([file])


def sync() -> Any:
    @get("/sync", sync_to_thread=True)
    def sync() -> dict[str, bool]:
        return {"is_main_thread": threading.current_thread() is threading.main_thread()}

    return Litestar([sync])


def endless() -> tuple[Any, threading.Event]:
    closed = threading.Event()

    async def chunks() -> AsyncIterator[bytes]:
        try:
            for _ in range(3):
                yield b"chunk"
            await anyio.sleep_forever()
        finally:
            closed.set()

    @get("/endless")
    async def endless() -> Stream:
        return Stream(chunks())

    return Litestar([endless]), closed


def socket() -> Any:
    @websocket("/socket")
    async def socket(socket: WebSocket[Any, Any, State], limit: int) -> None:
        await socket.accept()
        await socket.send_text(str(limit + 1))

    return Litestar([socket])


def messages() -> Any:
    @websocket_listener("/messages", dto=PydanticDTO[Item], return_dto=None)
    async def message(data: Item) -> str:
        return data.label

    return Litestar([message])


def shared() -> Any:
    calls: list[int] = []

    async def base() -> int:
        calls.append(1)
        return 1

    async def left(base: int) -> int:
        return base

    async def right(base: int) -> int:
        return base

    @get("/shared", dependencies={"base": Provide(base), "left": Provide(left), "right": Provide(right)})
    async def shared(left: int, right: int) -> dict[str, int]:
        return {"calls": len(calls)}

    return Litestar([shared])


def cleanup() -> tuple[Any, list[str]]:
    events: list[str] = []

    async def connection() -> AsyncIterator[int]:
        events.append("open")
        yield 1
        events.append("close")

    @get("/cleanup", dependencies={"connection": Provide(connection)})
    async def endpoint(connection: int) -> int:
        events.append("endpoint")
        return connection

    return Litestar([endpoint]), events


def override() -> tuple[Any, AbstractContextManager[Any]]:
    async def fake() -> str:
        return "fake"

    @get("/rate")
    async def read(rate: str) -> str:
        return rate

    return Litestar([read], dependencies={"rate": Provide(fake)}), nullcontext()


def marked(app: Any) -> Any:
    async def mark(scope: Any, receive: Any, send: Any) -> None:
        async def send_marked(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"x-group", b"1")]}
            await send(message)

        await app(scope, receive, send_marked)

    return mark


def group() -> Any:
    @get("/item")
    async def item() -> str:
        return "item"

    return Litestar(
        [Router("/group", route_handlers=[item], middleware=[marked]), Router("/other", route_handlers=[item])]
    )


def wrong() -> dict[str, Callable[[], Any]]:
    def of(endpoint: Callable[..., Any], decorator: Any = get, times: int = 1) -> Callable[[], Any]:
        return lambda: Litestar([decorator("/x")(endpoint) for _ in range(times)])

    async def invalid_default(limit: Annotated[int, Parameter(le=10)] = 50) -> int:
        return limit

    async def wrong_default(limit: int = "many") -> int:  # type: ignore[assignment]
        return limit

    async def same_twice() -> int:
        return 1

    async def unknown_type(data: "Missing") -> int:  # type: ignore[name-defined]  # noqa: F821
        return 1

    async def no_json() -> threading.Event:
        return threading.Event()

    return {
        "a default that its own limits reject": of(invalid_default),
        "a default of another type": of(wrong_default),
        "the same method and path twice": of(same_twice, times=2),
        "a type that does not exist": of(unknown_type, post),
        "a return type that JSON does not have": of(no_json),
    }


class NoSuchShop(BaseModel):
    detail: str


def statuses() -> Any:
    @post("/statuses", responses={404: ResponseSpec(data_container=NoSuchShop)})
    async def create(data: Item) -> Item:
        return data

    return Litestar([create])


class Bearer(AbstractAuthenticationMiddleware):
    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        if not connection.headers.get("authorization"):
            raise NotAuthorizedException
        return AuthenticationResult(user="ann", auth=None)


def bearer() -> Any:
    @get("/me")
    async def me() -> str:
        return "ann"

    schemes = Components(security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer")})
    config = OpenAPIConfig(title="API", version="1", components=[schemes], security=[{"bearer": []}])
    middleware = DefineMiddleware(Bearer, exclude="schema")
    return Litestar([me], middleware=[middleware], openapi_config=config)
