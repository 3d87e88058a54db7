"""Dependencies: functions, classes, chains, with `yield`, global."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated

import anyio
from anyio.abc import TaskGroup

from signette import App, Cookie, Depends, Header, HTTPException, Query

LOG: list[str] = []


async def kitchen_key(x_key: Annotated[str, Header()]) -> None:
    """For all endpoints: it returns nothing, it only rejects requests."""
    if x_key != "open":
        raise HTTPException(400, detail="The key is invalid")


app = App(title="Kitchen", dependencies=[Depends(kitchen_key)])


async def part(q: str | None = None, skip: int = 0, limit: Annotated[int, Query(le=50)] = 10) -> dict[str, object]:
    return {"q": q, "skip": skip, "limit": limit}


Part = Annotated[dict[str, object], Depends(part)]


@app.get("/dishes")
async def dishes(part: Part) -> dict[str, object]:
    return part


@app.get("/cooks")
def cooks(part: Part, name: str = "ada") -> dict[str, object]:
    return part | {"name": name}


class Selection:
    """A class is called like a function, with its own parameters."""

    def __init__(self, dish: str, hot: bool = True) -> None:
        self.dish = dish
        self.hot = hot


@app.get("/selection")
async def selection(selection: Annotated[Selection, Depends()]) -> dict[str, object]:
    return {"dish": selection.dish, "hot": selection.hot}


class Holds:
    """A callable instance, created once with its text."""

    def __init__(self, content: str) -> None:
        self.content = content

    def __call__(self, q: str = "") -> bool:
        return self.content in q


@app.get("/holds")
async def holds(found: Annotated[bool, Depends(Holds("salt"))]) -> dict[str, bool]:
    return {"found": found}


def query(q: str | None = None) -> str | None:
    return q


def query_or_cookie(
    q: Annotated[str | None, Depends(query)], last_q: Annotated[str | None, Cookie()] = None
) -> str | None:
    return q or last_q


@app.get("/last")
async def last(q: Annotated[str | None, Depends(query_or_cookie)]) -> dict[str, str | None]:
    return {"q": q}


count = 0


def counted() -> int:
    global count
    count += 1
    return count


@app.get("/cached")
async def cached(a: Annotated[int, Depends(counted)], b: Annotated[int, Depends(counted)]) -> dict[str, bool]:
    return {"same": a == b}


@app.get("/fresh")
async def fresh(
    a: Annotated[int, Depends(counted)], b: Annotated[int, Depends(counted, use_cache=False)]
) -> dict[str, bool]:
    return {"same": a == b}


class Burnt(Exception):
    """The dish is lost."""


async def oven() -> AsyncIterator[str]:
    LOG.append("oven on")
    try:
        yield "oven"
    except Burnt:
        LOG.append("smoke")
        raise HTTPException(418, detail="It is burnt") from None
    finally:
        LOG.append("oven off")


def pan(oven: Annotated[str, Depends(oven)]) -> Iterator[str]:
    LOG.append("pan on the " + oven)
    yield "pan"
    LOG.append("pan washed")


@app.get("/fry")
async def fry(pan: Annotated[str, Depends(pan)]) -> dict[str, object]:
    return {"in": pan, "log": list(LOG)}


@app.get("/bake")
async def bake(oven: Annotated[str, Depends(oven, scope="function")], minutes: int) -> dict[str, str]:
    if minutes > 60:
        raise Burnt
    return {"in": oven}


@app.get("/log")
async def log(empty: bool = False) -> list[str]:
    found = list(LOG)
    if empty:
        LOG.clear()
    return found


async def timer() -> AsyncIterator[float]:
    with anyio.fail_after(60) as scope:
        yield scope.deadline


async def helpers() -> AsyncIterator[TaskGroup]:
    async with anyio.create_task_group() as tasks:
        yield tasks
    LOG.append("helpers gone")


async def stir(what: str) -> None:
    LOG.append(f"{what} stirred")


@app.get("/simmer")
async def simmer(
    what: str,
    timer: Annotated[float, Depends(timer)],
    helpers: Annotated[TaskGroup, Depends(helpers, scope="function")],
) -> dict[str, bool]:
    helpers.start_soon(stir, what)
    return {"in time": anyio.current_time() < timer}


@app.get("/boil")
async def boil(timer: Annotated[float, Depends(timer)]) -> dict[str, str]:
    raise HTTPException(418, detail="It boils over")


async def apron(x_apron: Annotated[str, Header()]) -> str:
    if x_apron != "white":
        raise HTTPException(400, detail="X-Apron is not white")
    return x_apron


@app.get("/stove", dependencies=[Depends(apron), Depends(counted)])
async def stove() -> dict[str, str]:
    return {"stove": "yours"}
