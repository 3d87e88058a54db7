"""A shop whose operations are tools, in all kinds of arguments and results."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from pydantic import BaseModel, Field

from signette import (
    App,
    Body,
    Created,
    Depends,
    File,
    Header,
    Page,
    Patch,
    Problem,
    Query,
    Router,
    Stream,
    UploadFile,
)
from signette.mcp import Tool
from signette.policies import Idempotent
from signette.responses import PlainTextResponse, RedirectResponse, Response, ServerSentEvent
from signette.security import HTTPBearer


class OutOfStock(Problem, status=409, title="Out of stock", detail="ask for less"):
    left: int


class Order(BaseModel):
    sku: str = Field(min_length=2)
    quantity: int = Field(1, ge=1)


class Search(BaseModel):
    text: str = ""
    tags: list[str] = []


PNG = b"\x89PNG\r\n\x1a\n"
bearer = HTTPBearer()


def shop() -> App:
    """The application. `app.state.calls` has what its endpoints did; `app.state.started` counts its lifespans."""

    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[None]:
        app.state.started = getattr(app.state, "started", 0) + 1
        yield

    app = App(title="Shop", version="2.0", lifespan=lifespan)
    app.state.calls = []
    app.include_router(orders(app.state.calls))
    app.include_router(results())
    app.include_router(arguments())
    return app


def orders(calls: list[str]) -> Router:
    """Orders, whose router has the option."""
    router = Router(prefix="/orders", tool=True)

    @router.get("/hidden", tool=False)
    async def hidden() -> int:
        return 1

    @router.get("/news")
    async def news() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent("x")

    @router.get("/{order_id}")
    async def read_order(order_id: int, verbose: bool = False) -> Order:
        """One order."""
        return Order(sku=f"A{order_id}", quantity=2 if verbose else 1)

    @router.post("", policies=[Idempotent(required=True)])
    async def create_order(order: Order, x_client: Annotated[str, Header()] = "") -> Created[Order] | OutOfStock:
        """Order something."""
        if order.quantity > 5:
            return OutOfStock(left=5)
        calls.append(f"create {order.sku} {x_client}".strip())
        return Created(order)

    @router.patch("/{order_id}")
    async def change_order(order_id: int, patch: Patch[Order]) -> Order:
        return patch.apply(Order(sku=f"A{order_id}"))

    @router.delete("/{order_id}", tool=Tool(name="cancel_order", description="Cancel it.", open_world=False))
    async def remove_order(order_id: int) -> None:
        calls.append(f"remove {order_id}")

    return router


def results() -> Router:
    """All kinds of results."""
    router = Router(tool=True)

    @router.get("/search")
    async def search(search: Annotated[Search, Query()], page: Page.Offset) -> Page[str]:
        return page.of([search.text, *search.tags][page.offset : page.offset + page.fetch])

    @router.get("/numbers")
    async def numbers(count: int = 3) -> list[int]:
        return list(range(count))

    @router.get("/lines")
    async def lines() -> AsyncIterator[Order]:
        yield Order(sku="A1")
        yield Order(sku="A2")

    @router.get("/endless")
    async def endless() -> AsyncIterator[int]:
        while True:
            yield 1

    @router.get("/greeting")
    async def greeting() -> PlainTextResponse:
        return PlainTextResponse("hello")

    @router.get("/picture")
    async def picture() -> Response:
        return Response(PNG, media_type="image/png")

    @router.get("/archive")
    async def archive() -> Response:
        return Response(b"PK", media_type="application/zip")

    @router.get("/elsewhere")
    async def elsewhere() -> RedirectResponse:
        return RedirectResponse("/numbers", 303)

    @router.get("/me")
    async def who_am_i(credentials: Annotated[Any, Depends(bearer)]) -> str:
        return str(credentials.credentials)

    @router.get("/broken")
    async def broken() -> int:
        raise RuntimeError("no")

    return router


def arguments() -> Router:
    """Files, streams and bytes."""
    router = Router(tool=True)

    @router.post("/upload")
    async def upload(file: Annotated[UploadFile, File()], note: Annotated[str, Body()] = "") -> str:
        return (await file.read()).decode()

    @router.post("/rows")
    async def rows(rows: Stream[Order]) -> int:
        return len([row async for row in rows])

    @router.post("/raw")
    async def raw(content: Annotated[bytes, Body()]) -> int:
        return len(content)

    @router.get("/breaks")
    async def breaks() -> AsyncIterator[int]:
        yield 1
        raise RuntimeError("no")

    return router
