"""An application with endpoints of all kinds, which return their arguments."""

import datetime as dt
import decimal
import enum
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from signette import (
    App,
    Body,
    Cookie,
    Depends,
    File,
    Form,
    Header,
    JSONResponse,
    Limits,
    PlainTextResponse,
    Query,
    RedirectResponse,
    Request,
    Security,
    UploadFile,
    WebSocket,
)
from signette.responses import ServerSentEvent
from signette.security import APIKeyHeader, HTTPBasic, HTTPBearer

# Smaller than by default, so that too large a request is still small.
LIMITS = Limits(body_bytes=200_000, json_bytes=150_000, form_text_bytes=120_000, form_part_bytes=50_000, form_files=5)
app = App(limits=LIMITS)


class Color(enum.Enum):
    RED = "red"


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


class Part(BaseModel):
    sku: str = Field(pattern="^[a-z]*$")
    count: int = Field(ge=1)


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(max_length=20)
    price: decimal.Decimal | None = None
    when: dt.datetime | None = None
    parts: list[Part] = []
    note: dict[str, int] = {}


class Filters(BaseModel):
    model_config = ConfigDict(extra="forbid")
    limit: int = Field(10, le=100)
    tags: list[str] = []


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    level: int = 0


class Filled(BaseModel):
    name: str
    age: int
    file: UploadFile | None = None


@dataclass
class Point:
    x: float
    y: float


class Movie(TypedDict):
    title: str
    year: int


# -- the head ----------------------------------------------------------------------------------------------------------


@app.get("/int/{n}")
async def path_int(n: int) -> int:
    return n


@app.get("/converted/{n:int}")
async def path_converted(n: int) -> int:
    return n


@app.get("/float/{x}")
async def path_float(x: float) -> float:
    return x


@app.get("/uuid/{key}")
async def path_uuid(key: uuid.UUID) -> uuid.UUID:
    return key


@app.get("/color/{color}")
def path_color(color: Color) -> Color:
    return color


@app.get("/text/{text}")
async def path_text(text: str) -> dict[str, str]:
    return {"text": text}


@app.get("/rest/{rest:path}")
async def path_rest(rest: str) -> str:
    return rest


@app.get("/scalars")
async def scalars(
    i: int | None = None,
    f: float | None = None,
    b: bool | None = None,
    s: str | None = None,
    d: decimal.Decimal | None = None,
    t: dt.datetime | None = None,
    delta: dt.timedelta | None = None,
    either: int | str | None = None,
) -> dict[str, Any]:
    return {"i": i, "f": f, "b": b, "s": s, "d": d, "t": t, "delta": delta, "either": either}


@app.get("/list")
async def query_list(i: Annotated[list[int], Query()], s: Annotated[set[str], Query()] = set()) -> list[Any]:  # noqa: B006 - read only
    return [i, sorted(s)]


@app.get("/filters")
async def query_model(filters: Annotated[Filters, Query()]) -> Filters:
    return filters


@app.get("/open")
async def query_open(found: Annotated[Open, Query()]) -> dict[str, Any]:
    return found.model_dump()


@app.get("/headers")
async def headers(
    x_number: Annotated[int | None, Header()] = None,
    x_list: Annotated[list[int] | None, Header()] = None,
    x_text: Annotated[str | None, Header()] = None,
) -> dict[str, Any]:
    return {"number": x_number, "list": x_list, "text": x_text}


@app.get("/headers/model")
async def header_model(found: Annotated[Open, Header()]) -> dict[str, Any]:
    return found.model_dump()


@app.get("/cookies")
async def cookies(
    number: Annotated[int | None, Cookie()] = None, text: Annotated[str | None, Cookie()] = None
) -> dict[str, Any]:
    return {"number": number, "text": text}


@app.get("/cookies/model")
async def cookie_model(found: Annotated[Open, Cookie()]) -> dict[str, Any]:
    return found.model_dump()


# -- bodies ------------------------------------------------------------------------------------------------------------


@app.post("/json/model")
async def json_model(order: Order) -> Order:
    return order


@app.post("/json/list")
async def json_list(points: list[Point]) -> list[Point]:
    return points


@app.post("/json/keyed")
async def json_keyed(a: Annotated[int, Body()], b: Annotated[str, Body()] = "") -> list[Any]:
    return [a, b]


@app.post("/json/dict")
async def json_dict(found: dict[str, int]) -> dict[str, int]:
    return found


@app.post("/json/typed")
async def json_typed(movie: Movie) -> Movie:
    return movie


@app.post("/json/any")
async def json_any(found: Annotated[Any, Body()]) -> Any:
    return found


@app.post("/json/tagged")
async def json_tagged(pet: Annotated[Cat | Dog, Body(discriminator="kind")]) -> Cat | Dog:
    return pet


@app.post("/json/union")
async def json_union(found: Annotated[int | str | list[bool], Body()]) -> Any:
    return found


@app.post("/json/request")
async def json_request(request: Request) -> Any:
    return JSONResponse(await request.json())


@app.post("/raw")
async def raw(body: Annotated[bytes, Body()] = b"") -> bytes:
    return body


@app.post("/form")
async def form(name: Annotated[str, Form()], age: Annotated[int, Form()] = 0) -> dict[str, Any]:
    return {"name": name, "age": age}


@app.post("/form/model")
async def form_model(filled: Annotated[Filled, Form()]) -> dict[str, Any]:
    return {"name": filled.name, "age": filled.age, "file": filled.file and filled.file.filename}


@app.post("/form/open")
async def form_open(found: Annotated[Open, Form()]) -> list[str]:
    return list(found.model_extra or ())


@app.post("/form/request")
async def form_request(request: Request) -> list[str]:
    async with request.form() as found:
        return list(found)


@app.post("/file")
async def one_file(file: UploadFile, note: Annotated[str, Form()] = "") -> dict[str, Any]:
    return {"name": file.filename, "type": file.content_type, "size": len(await file.read()), "note": note}


@app.post("/files")
def several_files(files: list[UploadFile]) -> list[Any]:
    return [[file.filename, file.content_type, file.size, dict(file.headers)] for file in files]


@app.post("/file/content")
async def content(file: Annotated[bytes, File(max_bytes=1000)]) -> int:
    return len(file)


# -- responses, dependencies, sockets --------------------------------------------------------------------------------


@app.get("/stream/lines")
async def lines(n: int = 2) -> AsyncIterator[int]:
    for number in range(n):
        yield number


@app.get("/stream/text")
def text_stream(text: str = "") -> Iterator[str]:
    yield text
    yield text


@app.get("/stream/events")
async def events(data: str = "") -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(data)


@app.get("/plain")
async def plain(text: str = "") -> PlainTextResponse:
    return PlainTextResponse(text)


@app.get("/redirect")
async def redirect(to: str = "/plain") -> RedirectResponse:
    return RedirectResponse(to)


@app.get("/seen")
async def seen(request: Request) -> dict[str, Any]:
    """Read all attributes of a request."""
    return {
        "url": str(request.url),
        "base": str(request.base_url),
        "parts": [request.url.hostname, request.url.scheme, request.url.path],
        "query": request.query_params.multi_items(),
        "headers": dict(request.headers),
        "cookies": request.cookies,
        "client": request.client,
        "link": str(request.url_for("path_text", text="a b")),
    }


@app.get("/{rest:path}/end/")
async def anything(rest: str) -> str:
    return rest


async def number(n: int = 0) -> int:
    return n


@app.get("/depends")
async def depends(number: Annotated[int, Depends(number)]) -> int:
    return number


@app.get("/guarded/bearer")
async def bearer(token: Annotated[Any, Security(HTTPBearer())]) -> str:
    return "in"


@app.get("/guarded/basic")
async def basic(user: Annotated[Any, Security(HTTPBasic())]) -> str:
    return "in"


@app.post("/guarded/key")
async def key(order: Order, key: Annotated[str, Security(APIKeyHeader(name="x-key"))]) -> str:
    return "in"


@app.websocket("/socket/{n}")
async def socket(
    websocket: WebSocket,
    n: int,
    limit: int = 1,
    x_number: Annotated[int, Header()] = 0,
    c: Annotated[int, Cookie()] = 0,
) -> None:
    await websocket.accept()
    while True:
        await websocket.send_json(await websocket.receive_json())


@app.websocket("/socket/text/{n}")
async def text_socket(websocket: WebSocket, n: int) -> None:
    await websocket.accept()
    async for message in websocket.iter_text():
        await websocket.send_text(message)
