"""The data of both applications: a folder of files, a database, users, mail and news."""

import logging
import os
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypedDict

from signette.concurrency import run_in_threadpool

log = logging.getLogger(__name__)

FILES = {
    "documents/report.pdf": b"%PDF-1.4\n% the monthly report\n%%EOF\n",
    "data/export.csv": b"id,name\n1,Ada\n2,Grace\n",
    "images/chart.png": b"\x89PNG\r\n\x1a\n a chart",
}
# All files have this time, so that both applications send the same dates and ETags.
WRITTEN_AT = 1_700_000_000


class Backstage:
    """The folder of the application, and its users."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.users: list[dict[str, Any]] = []
        self.news: list[str] = []

    def new_upload(self) -> Path:
        """A path for an uploaded file. It has no part of the client's file name, which could contain `../`."""
        return self.folder / "uploads" / uuid.uuid4().hex

    def create_user(self, data: dict[str, Any]) -> int:
        """Add a user and return the number."""
        self.users.append(data)
        return len(self.users)


def send_email(to: str, subject: str, body: str) -> None:
    """Replace it with your mail service. `%r`, because an address with line breaks must not add log lines."""
    log.info("Sending email to %r: %s (%d characters)", to, subject, len(body))


class State(TypedDict):
    """The state of each request, `request.state`."""

    backstage: Backstage


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[State]:
    """Create the folder and its files at startup, open the database, and remove both at shutdown."""
    folder = await run_in_threadpool(_make_folder)
    app.state.dbconn = await run_in_threadpool(_open_database)
    try:
        # The yielded mapping is the state of each request
        yield {"backstage": Backstage(folder)}
    finally:
        await run_in_threadpool(app.state.dbconn.close)
        await run_in_threadpool(shutil.rmtree, folder)


def _open_database() -> sqlite3.Connection:
    dbconn = sqlite3.connect(":memory:", check_same_thread=False)  # endpoints run in many threads
    dbconn.execute("CREATE TABLE visits (id INTEGER PRIMARY KEY)")
    return dbconn


def _make_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="tour-"))
    (folder / "uploads").mkdir()
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir()
        path.write_bytes(content)
        os.utime(path, (WRITTEN_AT, WRITTEN_AT))
    return folder
