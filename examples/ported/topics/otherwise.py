"""Differences from FastAPI: each endpoint is one line of docs/how-to/from-fastapi.md."""

from collections.abc import AsyncIterable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel

from signette import App, Body, Depends, Form, Header, HTTPException, Query, Security
from signette.responses import EventSourceResponse, JSONResponse, ServerSentEvent

app = App(title="Otherwise")


@app.get("/text")
async def text() -> str:
    return "plain"


@app.get("/text/json", response_class=JSONResponse)
async def text_json() -> str:
    return "JSON"


@app.get("/none")
async def none() -> None:
    """Nothing."""


@app.get("/bytes")
async def content() -> bytes:
    return b"abc"


@app.get("/file")
async def file() -> Path:
    return Path(__file__)


@app.get("/times")
async def times() -> dict[str, object]:
    return {"took": timedelta(hours=36), "price": Decimal("2.50")}


@app.get("/mapping")
async def mapping() -> dict[str, int]:
    raise HTTPException(409, detail={"left": 3})


@app.get("/list")
async def several() -> dict[str, int]:
    raise HTTPException(409, detail=["a", "b"])


class A(BaseModel):
    model_config = {"extra": "forbid"}
    a: int = 1


class B(BaseModel):
    model_config = {"extra": "forbid"}
    b: int = 2


@app.get("/side-by-side")
async def side_by_side(first: Annotated[A, Query()], second: Annotated[B, Query()]) -> dict[str, int]:
    return {"a": first.a, "b": second.b}


class Parcel(BaseModel):
    to: dict[str, str] = {}


@app.post("/nested")
async def nested(parcel: Annotated[Parcel, Form()]) -> Parcel:
    return parcel


@app.post("/raw")
async def raw(content: Annotated[bytes, Body()]) -> dict[str, int]:
    return {"length": len(content)}


@app.get("/says", response_class=EventSourceResponse)
async def says() -> AsyncIterable[ServerSentEvent]:
    yield ServerSentEvent(data="hello")


@app.get("/names")
async def names() -> AsyncIterable[str]:
    yield "ada"


class Car(BaseModel):
    seats: int


class Bus(Car):
    floors: int = 1


@app.get("/widest")
async def widest() -> Car | Bus:
    return Bus(seats=60, floors=2)


async def secret(x_secret: Annotated[str, Header()]) -> str:
    if x_secret != "s3":
        raise HTTPException(403, detail="The secret is not right")
    return x_secret


@app.post("/guarded")
async def guarded(item: Car, secret: Annotated[str, Depends(secret)]) -> Car:
    return item


@app.post("/guarded/first")
async def guarded_first(item: Car, secret: Annotated[str, Security(secret)]) -> Car:
    return item


@app.get("/broken", response_model=Car)
async def broken() -> object:
    return {"seats": "many"}
