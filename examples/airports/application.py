"""The application, and the store that it opens when it starts."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from examples.airports.problems import StoreBusy
from examples.airports.routers import airports, corrections, countries, editing, export, nearest, reviews, units
from examples.airports.store import Store, database_path
from signette import App, Limits, RedirectResponse, Request
from signette.concurrency import run_in_threadpool

DESCRIPTION = """\
Some 28,000 airports of the world: look them up, search them, find those near a point, correct them, review them.

* Reading is open to all. Writing takes the API key `demo` in the header `X-API-Key`, or the one that the server's
  environment names in `AIRPORTS_KEY`.
* A cookie says in which units lengths are told: `units=imperial`, or `metric`, which is the default.
* Whatever goes wrong is told as a problem document (RFC 9457).
"""
TAGS = [
    {"name": "airports", "description": "The airports of the world, by code, by search and by distance."},
    {"name": "editing", "description": "Create, replace and delete airports. Needs a key."},
    {"name": "corrections", "description": "Many small changes at once, as a CSV file. Needs a key."},
    {"name": "reviews", "description": "What travellers say."},
    {"name": "export", "description": "Everything at once, as a stream."},
    {"name": "preferences", "description": "Kept by the client, in a cookie."},
]


class State(TypedDict):
    """What every request finds in `request.state`."""

    store: Store


@asynccontextmanager
async def lifespan(_: App) -> AsyncIterator[State]:
    """Open the store at start, filling it if it is new, and close it at the end."""
    store = Store(database_path())
    await run_in_threadpool(store.prepare)
    try:
        yield {"store": store}
    finally:
        await run_in_threadpool(store.close)


app = App(
    title="Airports",
    version="1.0.0",
    summary="The airports of the world, typed from socket to socket.",
    description=DESCRIPTION,
    openapi_tags=TAGS,
    lifespan=lifespan,
    # An airport is a few hundred bytes. What is much longer is none.
    limits=Limits(json_bytes=64 * 1024),
)
for each in (airports, nearest, editing, corrections, reviews, countries, export, units):
    app.include_router(each.router)


@app.exception_handler(sqlite3.OperationalError)
async def tell_busy(_: Request, error: sqlite3.OperationalError) -> None:
    """A database that is locked, or cannot be reached, is a 503; a statement that is wrong stays an error of ours."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_BUSY)
    raise error if code == sqlite3.SQLITE_ERROR else StoreBusy from error


@app.get("/", include_in_schema=False)
async def home() -> RedirectResponse:
    """The documentation page."""
    return RedirectResponse("docs")
