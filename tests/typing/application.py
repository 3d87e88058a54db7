"""Read by type checkers only, never run: what is declared around endpoints, and what is rejected there."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Literal, TypedDict, assert_type

from pydantic import BaseModel

from signette import (
    App,
    Created,
    Depends,
    HTTPException,
    JSONResponse,
    Limits,
    NoContent,
    Ok,
    Problem,
    Raises,
    Request,
    Response,
    Router,
    Security,
    WebSocket,
)
from signette.middleware import Middleware
from signette.middleware.base import RequestResponseEndpoint
from signette.middleware.gzip import GZipMiddleware
from signette.middleware.sessions import SessionMiddleware
from signette.testclient import AsyncTestClient, TestClient
from signette.types import ASGIApp, Receive, Scope, Send


class Order(BaseModel):
    sku: str


class OutOfStock(Problem, status=409):
    """There are fewer pieces left than were ordered."""

    left: int


class Gone(Problem, status=410):
    """It was there."""


class Pools(TypedDict):
    database: str


# -- the application ---------------------------------------------------------------------------------------------------


@asynccontextmanager
async def lifespan(app: App) -> AsyncGenerator[Mapping[str, str], None]:
    assert_type(app.limits, Limits | None)
    yield {"database": app.openapi_url or ""}


class Header:
    def __init__(self, app: ASGIApp, name: str, value: str = "") -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


app = App(
    lifespan=lifespan,
    middleware=[Middleware(Header, "X-Shop", value="1"), Middleware(SessionMiddleware, secret_key="s")],
)
app.add_middleware(GZipMiddleware, minimum_size=100)
app.add_middleware(Header, "X-Shop")
router = Router(prefix="/orders", tags=["orders"], dependencies=[Depends(lifespan)])
app.include_router(router, prefix="/v1", deprecated=True)

App(titel="Shop")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
App(limits=100)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
App(middleware=[Header])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
Middleware(Header)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Middleware(Header, 1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Middleware(Header, "X-Shop", valeu="1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
app.add_middleware(GZipMiddleware, minimum=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
app.middleware("https")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
app.include_router(app)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Router(tag=["orders"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Limits(json_bytes="2MB")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


# -- decorators give back what they were given -------------------------------------------------------------------------


@app.exception_handler(OutOfStock)
def tell(request: Request, exc: OutOfStock) -> Response:
    return JSONResponse({"left": exc.left}, status_code=409)


@app.middleware("http")
async def passing(request: Request, call_next: RequestResponseEndpoint) -> Response:
    return await call_next(request)


@app.get("/twice/{number}", status_code=203, tags=["sums"], responses={404: {"description": "none"}})
@app.post("/twice/{number}", name="twice", validate_responses=0.5, unknown_query_params="forbid")
def twice(number: int) -> int:
    return 2 * number


assert_type(twice(2), int)
assert_type(tell(Request({}), OutOfStock(left=1)), Response)

app.get("/", status="200")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
app.get("/", status_code="200")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
app.get("/", unknown_query_params="refuse")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
app.get("/", responses={404: Order})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
app.get("/", dependencies=Depends)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
app.get("/", response_class="html")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
app.get("/", deprecated="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
app.get(twice)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
app.exception_handler("404")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
app.websocket("/", status_code=200)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
router.websocket("/", response_model=Order)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


# -- results: the annotation says all that may be returned -------------------------------------------------------------


@app.put("/orders/{number}")
async def put(number: int, order: Order) -> Created[Order] | Ok[Order] | OutOfStock:
    match number:
        case 1:
            return Created(order, headers={"Location": "/orders/1"})
        case 2:
            return OutOfStock(left=0)
        case 3:
            return Gone()  # type: ignore[return-value]  # pyright: ignore[reportReturnType]
        case 4:
            return order  # type: ignore[return-value]  # pyright: ignore[reportReturnType]
        case 5:
            return Created(number)  # type: ignore[arg-type]  # pyright: ignore[reportReturnType]
        case _:
            return Ok(order)


@app.delete("/orders/{number}")
async def drop(number: int) -> NoContent | Gone:
    return NoContent() if number else Gone()


assert_type(Created(Order(sku="A")).content, Order)
assert_type(Created("A").status_code, int)
assert_type(OutOfStock(left=1).status, int)
OutOfStock(left="one")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
OutOfStock(1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Raises(ValueError)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


# -- dependencies, requests, sockets -----------------------------------------------------------------------------------


def order_of(number: int) -> Annotated[Order, Raises(Gone)]:
    return Order(sku=str(number))


@app.get("/mine")
async def mine(
    request: Request[Pools],
    order: Annotated[Order, Depends(order_of, scope="function")],
    user: str = Security(order_of, scopes=["me"]),
    old: Order = Depends(order_of),
) -> str:
    assert_type(request.state["database"], str)
    assert_type(order.sku, str)
    assert_type(old, Order)
    if not user:
        raise HTTPException(404, "none", headers={"X-A": "b"})
    return order.size  # type: ignore[attr-defined, no-any-return]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]


Depends(order_of, scope="session")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Depends(order_of(1))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@app.websocket("/talk", name="talk")
async def talk(socket: WebSocket) -> None:
    await socket.accept(subprotocol="shop")
    assert_type(await socket.receive_text(), str)
    await socket.send_json({"a": 1})
    await socket.send_text(b"a")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    async for message in socket.iter_bytes():
        assert_type(message, bytes)
    await socket.close(1000, reason="done")


async def test_it() -> None:
    with TestClient(app, backend="trio") as client:
        assert_type(client, TestClient)
        assert_type(client.get("/mine").status_code, int)
        with client.websocket_connect("/talk", subprotocols=["shop"]) as session:
            assert_type(session.receive_text(), str)
    async with AsyncTestClient(app) as later:
        assert_type((await later.get("/mine")).text, str)
    with app.override(order_of, lambda: Order(sku="A")):
        pass
    TestClient(app, backend="curio")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


kind: Literal["app", "request", "function"] = "app"
Depends(order_of, scope=kind)
