"""FastAPI."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Annotated, Any

import anyio
import msgspec
from fastapi import Body, Depends, FastAPI, Header, Path, Query, Request, WebSocket
from fastapi.responses import FileResponse, StreamingResponse
from fastapi.security import HTTPBearer
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field

DOCUMENT, DOCS = "/openapi.json", "/docs"
NOTES = {
    "statuses": "in the decorator, `responses={...}`",
    "override": "`app.dependency_overrides`",
    "patch": "`model_copy(update=...)`",
}
BY_HAND = "messages items_of_body file_limit negotiated conditional"
MISSING = dict.fromkeys(BY_HAND.split(), "by hand") | {
    "wsgi": "ASGI only",
    "group": "mount an application",
    "cursor": "`fastapi-pagination`",
    "resource": "`fastapi-utils`",
    "socket_document": "no",
}
MISSING |= {
    "client": "`openapi-python-client`",
    "generated_requests": "`schemathesis`",
    "breaking_changes": "`oasdiff`",
    "tools": "`fastapi-mcp`",
}
FAILS = {"structs": "no"}
INCLUDED = {
    "sessions": "starlette.middleware.sessions",
    "CORS": "fastapi.middleware.cors",
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
    app = FastAPI()

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
    app = FastAPI()

    @app.post("/values")
    async def size(value: Annotated[str, Body()]) -> int:
        return len(value)

    return app


def upload() -> Any:
    app = FastAPI()

    @app.post("/upload")
    async def upload(request: Request) -> int:
        async for chunk in request.stream():
            return len(chunk)
        return 0

    return app


class Address(BaseModel):
    street: str | None = None
    zip: str | None = None


class Resident(BaseModel):
    name: str | None = None
    address: Address | None = None


ANN = Resident(name="Ann", address=Address(street="Main St", zip="10115"))


def patch_user() -> Any:
    app = FastAPI()

    @app.patch("/user")
    async def change(resident: Resident) -> Resident:
        return ANN.model_copy(update=resident.model_dump(exclude_unset=True))

    return app


class Struct(msgspec.Struct):
    label: str


def structs() -> Any:
    app = FastAPI()

    @app.post("/structs")
    async def struct(item: Struct) -> str:
        return item.label

    return app


def plain() -> Any:
    app = FastAPI()

    @app.get("/plain")
    async def read() -> dict[str, str]:
        return {"hello": "world"}

    @app.post("/plain")
    async def write() -> dict[str, str]:
        return {"hello": "world"}

    return app


def crash() -> Any:
    app = FastAPI()

    @app.get("/crash")
    async def crash() -> int:
        raise ValueError("a secret")

    return app


def filtered() -> Any:
    app = FastAPI()

    @app.get("/user")
    async def user() -> Public:
        return User(name="ann", password="s3cr3t")

    return app


def unfit() -> Any:
    app = FastAPI()

    @app.get("/count")
    async def count() -> Count:
        return {"n": "many"}  # type: ignore[return-value]

    return app


def events() -> Any:
    app = FastAPI()

    @app.get("/events", response_class=EventSourceResponse)
    async def events() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent(data="first")

    return app


def file() -> Any:
    app = FastAPI()

    @app.get("/file")
    async def file() -> FileResponse:
        return FileResponse(__file__)

    return app


def sync() -> Any:
    app = FastAPI()

    @app.get("/sync")
    def sync() -> dict[str, bool]:
        return {"is_main_thread": threading.current_thread() is threading.main_thread()}

    return app


def endless() -> tuple[Any, threading.Event]:
    app, closed = FastAPI(), threading.Event()

    async def chunks() -> AsyncIterator[bytes]:
        try:
            for _ in range(3):
                yield b"chunk"
            await anyio.sleep_forever()
        finally:
            closed.set()

    @app.get("/endless")
    async def endless() -> StreamingResponse:
        return StreamingResponse(chunks())

    return app, closed


def socket() -> Any:
    app = FastAPI()

    @app.websocket("/socket")
    async def socket(websocket: WebSocket, limit: int) -> None:
        await websocket.accept()
        await websocket.send_text(str(limit + 1))

    return app


def shared() -> Any:
    app, calls = FastAPI(), []

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
    app: Any = FastAPI()
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
    app = FastAPI()

    async def rate() -> str:
        return "real"

    @app.get("/rate")
    async def read(rate: Annotated[str, Depends(rate)]) -> str:
        return rate

    @contextmanager
    def replaced() -> Iterator[None]:
        app.dependency_overrides[rate] = lambda: "fake"
        yield
        app.dependency_overrides.clear()

    return app, replaced()


def wrong() -> dict[str, Callable[[], Any]]:
    def of(endpoint: Callable[..., Any], method: str = "get", path: str = "/x", times: int = 1) -> Callable[[], Any]:
        def make() -> Any:
            app = FastAPI()
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


class NoSuchShop(BaseModel):
    detail: str


def statuses() -> Any:
    app = FastAPI()

    @app.post("/statuses", status_code=201, responses={404: {"model": NoSuchShop}})
    async def create(item: Item) -> Item:
        return item

    return app


def bearer() -> Any:
    app = FastAPI()

    @app.get("/me")
    async def me(token: Annotated[Any, Depends(HTTPBearer())]) -> str:
        return str(token)

    return app
