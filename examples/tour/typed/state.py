"""What is kept beside a request: with the application, with the request, in a `State` of one's own."""

import sqlite3
import time
from typing import Annotated

from signette import Depends, HTTPConnection, Router
from signette.datastructures import State

router = Router(tags=["state"])


async def database(connection: HTTPConnection) -> sqlite3.Connection:
    """What the application opened at its start."""
    dbconn: sqlite3.Connection = connection.app.state.dbconn
    return dbconn


@router.post("/visits")
def visits(dbconn: Annotated[sqlite3.Connection, Depends(database)]) -> int | None:
    # Not `async`: it runs in a worker thread, as it waits for a database.
    with dbconn:
        return dbconn.execute("INSERT INTO visits DEFAULT VALUES").lastrowid


async def start_time(connection: HTTPConnection) -> float:
    """What a layer wrote for this request alone: see layers.py."""
    started: float = connection.state.start_time
    return started


@router.get("/elapsed")
async def elapsed(started: Annotated[float, Depends(start_time)]) -> dict[str, float]:
    return {"seconds": time.time() - started}


@router.get("/wrapped")
async def wrapped(name: str = "Bo") -> dict[str, str]:
    person = State({"name": name})
    return {"name": person.name}
