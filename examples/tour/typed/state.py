"""State: of the application, of a request, and a custom `State`."""

import sqlite3
import time
from typing import Annotated

from signette import Depends, HTTPConnection, Router
from signette.datastructures import State

router = Router(tags=["state"])


async def database(connection: HTTPConnection) -> sqlite3.Connection:
    """The database that the lifespan opened."""
    dbconn: sqlite3.Connection = connection.app.state.dbconn
    return dbconn


@router.post("/visits")
def visits(dbconn: Annotated[sqlite3.Connection, Depends(database)]) -> int | None:
    # Not `async`: it runs in a worker thread, because the database blocks.
    with dbconn:
        return dbconn.execute("INSERT INTO visits DEFAULT VALUES").lastrowid


async def start_time(connection: HTTPConnection) -> float:
    """Set by middleware for this request: see middleware.py."""
    started: float = connection.state.start_time
    return started


@router.get("/elapsed")
async def elapsed(started: Annotated[float, Depends(start_time)]) -> dict[str, float]:
    return {"seconds": time.time() - started}


@router.get("/wrapped")
async def wrapped(name: str = "Bo") -> dict[str, str]:
    person = State({"name": name})
    return {"name": person.name}
