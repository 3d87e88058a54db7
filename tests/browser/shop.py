"""An application with every feature that the documentation page shows, and with names that try to be markup."""

from collections.abc import AsyncIterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from signette import (
    App,
    Body,
    Cookie,
    Created,
    Depends,
    File,
    Form,
    Header,
    HTTPException,
    Path,
    Problem,
    Query,
    Security,
    UploadFile,
)
from signette.responses import Response
from signette.security import (
    APIKeyCookie,
    APIKeyHeader,
    APIKeyQuery,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
    OAuth2PasswordBearer,
    OAuth2PasswordRequestForm,
)

MARKUP = "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script>"


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Part(BaseModel):
    """A part, which has parts."""

    name: str = Field(max_length=40, examples=["wheel"])
    weight: float | None = None
    parts: list["Part"] = []


class Order(BaseModel):
    """What somebody wants."""

    sku: str = Field(min_length=2, pattern="^[a-z]+$", examples=["tea"])
    pieces: int = Field(gt=0, le=100)
    colour: Colour = Colour.RED
    wanted: date | None = None
    parts: list[Part] = []


class OutOfStock(Problem, status=409, detail="{left} of {sku} are left"):
    """There is less of it than was asked for."""

    sku: str
    left: int


app = App(
    title=f"Shop {MARKUP}",
    version="1.2.3",
    summary="A shop for tests.",
    description=(
        f"Sells *tea*, **all** day: `buy()`.\n\n* one\n* two\n\n[bad](javascript:window.hacked=1) and "
        f"[good](https://example.com/) {MARKUP}\n\n```\ncode <b>\n```"
    ),
    openapi_tags=[{"name": "orders", "description": f"All about *orders* {MARKUP}"}, {"name": "echo"}],
)


@app.post("/orders", tags=["orders"], dependencies=[Depends(APIKeyHeader(name="X-Key"))])
async def place_order(order: Order) -> Created[Order] | OutOfStock:
    """Places an order.

    Sent at once if it is in stock.
    """
    if order.pieces > 12:
        return OutOfStock(sku=order.sku, left=12)
    return Created(order, headers={"Location": "/orders/1"})


@app.get("/orders/{order_id}", tags=["orders"])
async def read_order(
    order_id: Annotated[int, Path(description="The order's number", examples=[7], ge=1)],
    since: Annotated[date | None, Query(description=MARKUP)] = None,
    colour: list[Colour] | None = Query(None),
    tags: Annotated[list[str], Query(max_length=3)] = [],  # noqa: B006 - as people write it
    limit: Annotated[int, Query(ge=1, le=100, multiple_of=5)] = 20,
    details: bool = False,
    x_trace: Annotated[UUID | None, Header()] = None,
    visits: Annotated[int | None, Cookie()] = None,
) -> dict[str, Any]:
    return {
        "order_id": order_id, "since": since, "colour": colour, "tags": tags, "limit": limit, "details": details,
        "x_trace": x_trace, "visits": visits, "big": 12345678901234567890, "markup": MARKUP,
    }  # fmt: skip


@app.delete("/orders/{order_id}", tags=["orders"], deprecated=True)
async def drop_order(order_id: int) -> None: ...


@app.post("/login", tags=["echo"])
async def login(username: Annotated[str, Form()], remember: Annotated[bool, Form()] = False) -> dict[str, Any]:
    return {"username": username, "remember": remember}


@app.post("/upload", tags=["echo"])
async def upload(
    note: Annotated[str, Form(max_length=100)], files: Annotated[list[UploadFile], File()]
) -> dict[str, Any]:
    return {"note": note, "files": [[file.filename, len(await file.read())] for file in files]}


@app.put("/raw", tags=["echo"])
async def raw(data: Annotated[bytes, Body()]) -> dict[str, int]:
    return {"bytes": len(data)}


@app.get("/who/key", tags=["who"])
async def who_key(
    query: Annotated[str, Depends(APIKeyQuery(name="key"))], cookie: Annotated[str, Depends(APIKeyCookie(name="sid"))]
) -> dict[str, str]:
    return {"query": query, "cookie": cookie}


@app.get("/who/basic", tags=["who"])
async def who_basic(user: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())]) -> dict[str, str]:
    return {"username": user.username, "password": user.password}


@app.get("/who/bearer", tags=["who"])
async def who_bearer(token: Annotated[Any, Depends(HTTPBearer(bearerFormat="JWT"))]) -> dict[str, str]:
    return {"token": token.credentials}


members = OAuth2PasswordBearer("login/token", scopes={"read": f"Read {MARKUP}", "write": "Write"})


@app.post("/login/token", tags=["who"])
async def token(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> dict[str, str]:
    if form.password != "p w&d":
        raise HTTPException(400, f"Not {form.username}'s {MARKUP}")
    return {"access_token": f"{form.username}:{'+'.join(form.scopes)}:{form.client_id}", "token_type": "bearer"}


@app.get("/who/member", tags=["who"])
async def who_member(token: Annotated[str, Security(members, scopes=["read"])]) -> dict[str, str]:
    return {"token": token}


@app.get("/page")
async def markup_page() -> Response:
    return Response(MARKUP, media_type="text/html")


@app.get("/picture")
async def picture() -> Response:
    return Response(b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\x00\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00"
                    b"\x02\x02D\x01\x00;", media_type="image/gif")  # fmt: skip


@app.get("/archive")
async def archive() -> bytes:
    return b"\0" * 2000


@app.get("/count")
async def count() -> AsyncIterator[int]:
    for number in range(3):
        yield number


@app.webhooks.post("order-placed")
async def order_placed(body: Order, x_signature: Annotated[str, Header()]) -> None:
    """Sent to everyone who asked for it."""
