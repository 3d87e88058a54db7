"""An application with faults that only some requests show, for the tests of `signette prove`."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import uuid4

import anyio
from pydantic import BaseModel, Field

from signette import App, Created, Depends, Header, Problem, Raises, Request, Response
from signette.prove import Request as Sent
from signette.prove import Send


class Item(BaseModel):
    id: str
    name: str
    price: float


class NewItem(BaseModel):
    name: str
    price: float = Field(ge=0, le=1_000_000)


class NotLoggedIn(Problem, status=401): ...


class NoSuchItem(Problem, status=404): ...


@asynccontextmanager
async def lifespan(_: App) -> AsyncIterator[Mapping[str, dict[str, Item]]]:
    yield {"items": {}}


LARGEST = 100
app = App(title="Shop", lifespan=lifespan)


def items_of(request: Request) -> dict[str, Item]:
    items: dict[str, Item] = request.state.items
    return items


Items = Annotated[dict[str, Item], Depends(items_of)]


@app.post("/items")
async def create_item(item: NewItem, items: Items) -> Created[Item]:
    created = Item(id=str(uuid4()), **item.model_dump())
    items[created.id] = created
    return Created(created)


@app.get("/items/{item_id}")
async def read_item(item_id: str, items: Items, scale: int = 1) -> Item | NoSuchItem:
    """Fails for items that exist, with a scale above 100."""
    if item_id not in items:
        return NoSuchItem()
    if scale > LARGEST:
        raise RuntimeError("too large")
    return items[item_id]


@app.get("/teapot")
async def teapot(response: Response, cups: int = 0) -> str:
    """Sends a status that is not declared, for more than five cups."""
    if cups > 5:
        response.status_code = 418
    return "tea"


def token_is_valid(authorization: Annotated[str | None, Header()] = None) -> Annotated[None, Raises(NotLoggedIn)]:
    if authorization != f"Bearer {TOKENS[-1] if TOKENS else ''}":
        raise NotLoggedIn


TOKENS: list[str] = []


@app.post("/log-in", include_in_schema=False)
async def log_in() -> str:
    TOKENS.append(str(uuid4()))
    return TOKENS[-1]


async def logged_in(send: Send) -> dict[str, str]:
    """The headers of a user."""
    response = await send(Sent("POST", "/log-in"))
    return {"Authorization": f"Bearer {response.body.decode()}"}


@app.get("/secret", dependencies=[Depends(token_is_valid)])
async def read_secret() -> None:
    """Fails for users who are logged in."""
    raise RuntimeError("no secret")


async def forever() -> None:
    """Wait until the request is cancelled."""
    await anyio.Event().wait()
