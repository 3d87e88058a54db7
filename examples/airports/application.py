"""The application, with a lifespan that opens the store."""

import os
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
About 28,000 airports: look them up, search them, find those near a point, correct them, review them.

* Reading is public. Writing needs an API key in the header `X-API-Key`: `demo`, or the value of the environment
  variable `AIRPORTS_KEY`.
* The cookie `units` sets the units of lengths: `imperial`, or `metric`, which is the default.
* Error responses are problems (RFC 9457).
"""
TAGS = [
    {"name": "airports", "description": "The airports of the world, by code, by search and by distance."},
    {"name": "editing", "description": "Create, replace and delete airports. Needs an API key."},
    {
        "name": "corrections",
        "description": "Many changes at once, as a CSV file or a stream. Needs an API key.",
    },
    {"name": "reviews", "description": "Reviews of airports."},
    {"name": "export", "description": "All airports, as a stream."},
    {"name": "preferences", "description": "Stored in a cookie."},
]


class State(TypedDict):
    """The state of each request, `request.state`."""

    store: Store


@asynccontextmanager
async def lifespan(_: App) -> AsyncIterator[State]:
    """Open the store at startup, fill it if it is new, and close it at shutdown."""
    store = Store(database_path())
    await run_in_threadpool(store.prepare)
    try:
        yield {"store": store}
    finally:
        await run_in_threadpool(store.close)


# The secret that signs cursors. All processes need the same one.
CURSOR_KEY = os.environ.get("AIRPORTS_CURSOR_KEY", "only for the demo of airports")

app = App(
    title="Airports",
    version="1.0.0",
    summary="The airports of the world, typed from socket to socket.",
    description=DESCRIPTION,
    openapi_tags=TAGS,
    lifespan=lifespan,
    # An airport has a few hundred bytes.
    limits=Limits(json_bytes=64 * 1024),
    cursor_keys=[CURSOR_KEY],
)
for each in (airports, nearest, editing, corrections, reviews, countries, export, units):
    app.include_router(each.router)


@app.exception_handler(sqlite3.OperationalError)
async def report_busy(_: Request, error: sqlite3.OperationalError) -> None:
    """A locked or unavailable database is a 503; any other error of the database is an error of the application."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_BUSY)
    raise error if code == sqlite3.SQLITE_ERROR else StoreBusy from error


@app.get("/", include_in_schema=False)
async def home() -> RedirectResponse:
    """Redirect to the API docs."""
    return RedirectResponse("docs")
