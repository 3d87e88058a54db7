"""BlackSheep, with dataclasses and its own bindings."""

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import anyio
import msgspec
from blacksheep import (
    Application,
    FromHeader,
    FromJSON,
    FromRoute,
    Request,
    Response,
    Router,
    RoutesRegistry,
    StreamedContent,
    WebSocket,
    json,
    text,
)
from blacksheep.server.controllers import Controller, get
from blacksheep.server.di import di_scope_middleware
from blacksheep.server.openapi.common import ContentInfo, ResponseInfo, SecurityInfo
from blacksheep.server.openapi.v3 import OpenAPIHandler
from blacksheep.server.sse import ServerSentEvent, ServerSentEventsResponse
from guardpost import AuthenticationHandler, Identity, Policy
from guardpost.common import AuthenticatedRequirement
from openapidocs.v3 import HTTPSecurity, Info
from pydantic import BaseModel, Field

DOCUMENT, DOCS, FILE = "/openapi.json", "/docs/", "/blacksheep.py"
NOTES = {
    "statuses": "in a decorator of the document, `@docs(responses={...})`",
    "shared": "with `di_scope_middleware`",
    "bearer": "declared separately from the check",
    "group": "`on_response` of a controller",
    "override": "`app.services`, a container",
    "resource": "`Controller`",
}
BY_HAND = "messages items_of_body file_limit patch negotiated conditional cursor"
MISSING = dict.fromkeys(BY_HAND.split(), "by hand") | {
    "wsgi": "ASGI only",
    "cleanup": "not in its container",
    "limits": "no such limits",
    "socket_document": "no",
}
MISSING |= {
    "client": "`openapi-python-client`",
    "generated_requests": "`schemathesis`",
    "breaking_changes": "`oasdiff`",
    "tools": "`fastmcp`",
}
FAILS: dict[str, str] = {"trio": "no"}
INCLUDED = {
    "sessions": "blacksheep.sessions",
    "CORS": "blacksheep.server.cors",
    "CSRF": "blacksheep.server.csrf",
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


class Token(FromHeader[int]):
    name = "x-token"


def made(schemes: dict[str, Any] | None = None) -> tuple[Application, OpenAPIHandler]:
    app = Application(router=Router())
    docs = OpenAPIHandler(info=Info(title="API", version="1"), security_schemes=schemes)
    docs.bind_app(app)
    return app, docs


def items() -> Any:
    app, _ = made()

    @app.router.post("/items/{item_id}")
    async def create(item_id: int, item: FromJSON[Item], token: Token, limit: int = 20) -> Item:
        return item.value

    return app


def values() -> Any:
    app = Application(router=Router())

    @app.router.post("/values")
    async def size(request: Request) -> int:
        return len(await request.json())

    return app


def compressed() -> Any:
    app = Application(router=Router())

    @app.router.post("/values")
    async def size(value: FromJSON[str]) -> int:
        return len(value.value)

    return app


def upload() -> Any:
    app = Application(router=Router())

    @app.router.post("/upload")
    async def upload(request: Request) -> int:
        async for chunk in request.stream():
            return len(chunk)
        return 0

    return app


def structs() -> Any:
    app = Application(router=Router())

    @app.router.post("/structs")
    async def struct(item: FromJSON[Struct]) -> str:
        return item.value.label

    return app


def plain() -> Any:
    app = Application(router=Router())

    @app.router.get("/plain")
    async def read() -> dict[str, str]:
        return {"hello": "world"}

    @app.router.post("/plain")
    async def write() -> dict[str, str]:
        return {"hello": "world"}

    return app


def crash() -> Any:
    app = Application(router=Router())

    @app.router.get("/crash")
    async def crash() -> int:
        raise ValueError("a secret")

    return app


def filtered() -> Any:
    app = Application(router=Router())

    @app.router.get("/user")
    async def user() -> Public:
        return User(name="ann", password="s3cr3t")

    return app


def unfit() -> Any:
    app = Application(router=Router())

    @app.router.get("/count")
    async def count() -> Count:
        return {"n": "many"}  # type: ignore[return-value]

    return app


def events() -> Any:
    app = Application(router=Router())

    async def items() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent({"first": 1})

    @app.router.get("/events")
    async def events() -> ServerSentEventsResponse:
        return ServerSentEventsResponse(items)

    return app


def file() -> Any:
    app = Application(router=Router())
    app.serve_files(__file__.rpartition("/")[0], extensions={".py"})
    return app


def sync() -> Any:
    app = Application(router=Router())

    @app.router.get("/sync")
    def sync() -> dict[str, bool]:
        return {"is_main_thread": threading.current_thread() is threading.main_thread()}

    return app


def endless() -> tuple[Any, threading.Event]:
    app, closed = Application(router=Router()), threading.Event()

    async def chunks() -> AsyncIterator[bytes]:
        try:
            for _ in range(3):
                yield b"chunk"
            await anyio.sleep_forever()
        finally:
            closed.set()

    @app.router.get("/endless")
    async def endless() -> Response:
        return Response(200, content=StreamedContent(b"text/plain", chunks))

    return app, closed


def socket() -> Any:
    app = Application(router=Router())

    @app.router.ws("/socket")
    async def socket(websocket: WebSocket, limit: int) -> None:
        await websocket.accept()
        await websocket.send_text(str(limit + 1))

    return app


class Base:
    made: list[int]

    def __init__(self) -> None:
        Base.made.append(1)


class Left:
    def __init__(self, base: Base) -> None:
        self.base = base


class Right:
    def __init__(self, base: Base) -> None:
        self.base = base


def shared() -> Any:
    app = Application(router=Router())
    Base.made = []
    app.middlewares.append(di_scope_middleware)
    for service in (Base, Left, Right):
        app.services.add_scoped(service)  # type: ignore[attr-defined]

    @app.router.get("/shared")
    async def shared(left: Left, right: Right) -> dict[str, int]:
        return {"calls": len(Base.made)}

    return app


class Rate:
    value = "real"


class Fake(Rate):
    value = "fake"


def override() -> tuple[Any, AbstractContextManager[Any]]:
    app = Application(router=Router())

    @app.router.get("/rate")
    async def read(rate: Rate) -> str:
        return rate.value

    app.services.add_instance(Fake(), Rate)  # type: ignore[attr-defined]
    return app, nullcontext()


def resource() -> Any:
    app = Application(router=Router())
    routes = app.controllers_router = RoutesRegistry()

    class Things(Controller):
        value = "shared"

        @classmethod
        def route(cls) -> str:
            return "/resource"

        @routes.get("/")
        async def read(self) -> Response:
            return text(self.value)

        @routes.delete("/")
        async def remove(self) -> Response:
            return text(self.value)

    return app


def group() -> Any:
    app = Application()

    class Group(Controller):
        @classmethod
        def route(cls) -> str:
            return "/group"

        async def on_response(self, response: Response) -> None:
            response.add_header(b"x-group", b"1")

        @get("/item")
        async def item(self) -> Response:
            return text("item")

    @app.router.get("/other/item")
    async def other() -> Response:
        return text("item")

    return app


def wrong() -> dict[str, Callable[[], Any]]:
    def of(endpoint: Callable[..., Any], method: str = "get", times: int = 1) -> Callable[[], Any]:
        def make() -> Any:
            app = Application(router=Router())
            for _ in range(times):
                getattr(app.router, method)("/x")(endpoint)
            return app

        return make

    async def unknown_path_parameter(item_id: FromRoute[int]) -> int:
        return item_id.value

    async def wrong_default(limit: int = "many") -> int:  # type: ignore[assignment]
        return limit

    async def same_twice() -> int:
        return 1

    async def unknown_type(item: "Missing") -> int:  # type: ignore[name-defined]  # noqa: F821
        return 1

    async def no_json() -> threading.Event:
        return threading.Event()

    return {
        "a path parameter that the template does not have": of(unknown_path_parameter),
        "a default of another type": of(wrong_default),
        "the same method and path twice": of(same_twice, times=2),
        "a type that does not exist": of(unknown_type, "post"),
        "a return type that JSON does not have": of(no_json),
    }


class NoSuchShop(BaseModel):
    detail: str


def statuses() -> Any:
    app, docs = made()

    responses = {
        201: ResponseInfo("Created", content=[ContentInfo(Item)]),
        404: ResponseInfo("No such shop", content=[ContentInfo(NoSuchShop)]),
    }

    @docs(responses=responses)  # type: ignore[arg-type]
    @app.router.post("/statuses")
    async def create(item: FromJSON[Item]) -> Response:
        return json(item.value, 201)

    return app


class Bearer(AuthenticationHandler):
    async def authenticate(self, context: Any) -> Identity | None:
        token = context.get_first_header(b"authorization")
        return Identity({"name": "ann"}, "bearer") if token else None


def bearer() -> Any:
    app, docs = made({"bearer": HTTPSecurity("bearer")})
    app.use_authentication().add(Bearer())
    app.use_authorization().with_default_policy(Policy("authenticated", AuthenticatedRequirement()))

    @docs(security=[SecurityInfo("bearer", [])])
    @app.router.get("/me")
    async def me() -> str:
        return "ann"

    return app
