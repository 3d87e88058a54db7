"""The SQLite file of the airports, which is created and filled at the first start, and its connections.

SQLite blocks, so everything here is called from worker threads: plain `def` endpoints and dependencies run there. A
connection is lent to one request at a time, so that many read at once; writers wait for one another in `BEGIN
IMMEDIATE`, and readers never wait for a writer (write-ahead log).
"""

import os
import sqlite3
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import airportsdata

from examples.airports.catalogue import row_of
from examples.airports.geometry import METRES_IN_A_FOOT
from examples.airports.models import Airport, Elevation

# It is in the file (`PRAGMA user_version`) and in its default name: files of older releases are left alone.
VERSION = 1
# How long a writer waits for another process. A client can try again; a waiting thread serves no other request.
WAIT_SECONDS = 5
TABLES = """
CREATE TABLE airports (
    icao TEXT PRIMARY KEY, iata TEXT UNIQUE, name TEXT NOT NULL, city TEXT, region TEXT, country TEXT NOT NULL,
    latitude REAL NOT NULL, longitude REAL NOT NULL, elevation_m REAL NOT NULL, timezone TEXT NOT NULL,
    folded TEXT NOT NULL, x REAL NOT NULL, y REAL NOT NULL, z REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX airports_by_country ON airports (country);
CREATE INDEX airports_by_latitude ON airports (latitude, longitude);
CREATE TABLE reviews (
    id TEXT PRIMARY KEY, icao TEXT NOT NULL REFERENCES airports ON DELETE CASCADE, author TEXT NOT NULL,
    rating INTEGER NOT NULL, text TEXT, visited TEXT, written TEXT NOT NULL
);
CREATE INDEX reviews_by_airport ON reviews (icao, written);
"""
INSERT = f"INSERT INTO airports VALUES ({', '.join('?' * 14)})"  # noqa: S608 - only question marks


def database_path() -> Path:
    """The file in `AIRPORTS_DB`, by default in the user's cache, otherwise in the folder for temporary files."""
    named = os.environ.get("AIRPORTS_DB")
    if named:
        return Path(named)
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # no home, or one that cannot be written to
        folder = Path(tempfile.gettempdir())
    return folder / f"signette-airports-{VERSION}.sqlite3"


def cache_folder() -> Path:
    """The folder for the user's cache on this system."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or tempfile.gettempdir()) / "signette"
    if sys.platform == "darwin":
        return Path("~/Library/Caches/signette").expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "signette"


def real_airports() -> Iterator[Airport]:
    """The airports of the `airportsdata` package."""
    for entry in airportsdata.load().values():
        yield Airport(
            icao=entry["icao"],
            iata=entry["iata"] or None,
            name=entry["name"],
            city=entry["city"] or None,
            region=entry["subd"] or None,
            country=entry["country"],
            latitude=entry["lat"],
            longitude=entry["lon"],
            elevation=Elevation(value=entry["elevation"] * METRES_IN_A_FOOT),
            timezone=entry["tz"],
        )


class Store:
    """The database, and its free connections."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._free: deque[sqlite3.Connection] = deque()  # its `append` and `pop` are safe among threads

    def prepare(self, airports: Callable[[], Iterable[Airport]] = real_airports) -> None:
        """Create and fill the tables, unless they exist.

        All of it is one transaction: if several workers start together, one does it and the others wait, and an
        interrupted start leaves nothing behind.

        Raises:
            RuntimeError: the file has the tables of another version, or is not a database.
        """
        try:
            with closing(self._connect()) as connection:
                _write_ahead(connection)
                with transaction(connection):
                    found = connection.execute("PRAGMA user_version").fetchone()[0]
                    if found == 0:
                        _fill(connection, airports())
                        found = VERSION
        except sqlite3.DatabaseError as exc:
            raise RuntimeError(
                f"{self.path} cannot be used as the airports' database: {exc}; name another file in AIRPORTS_DB"
            ) from exc
        if found != VERSION:
            raise RuntimeError(
                f"{self.path} was made by another version ({found}, not {VERSION}); delete it, or name another file "
                "in AIRPORTS_DB"
            )

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection for one request, which is returned afterwards."""
        try:
            connection = self._free.pop()
        except IndexError:
            connection = self._connect()
        try:
            yield connection
        finally:
            if connection.in_transaction:
                connection.rollback()
            self._free.append(connection)

    def tidy(self) -> None:
        """Merge the write-ahead log into the database and update its statistics, after many changes.

        While another request writes to the database, this is left to the next call.
        """
        try:
            with self.connection() as connection:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
                connection.execute("PRAGMA optimize")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise

    def close(self) -> None:
        """Close the free connections."""
        while self._free:
            self._free.pop().close()

    def _connect(self) -> sqlite3.Connection:
        # One request uses it, but from several worker threads, one after another.
        connection = sqlite3.connect(self.path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction: an exception in the block rolls it back."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Set the journal mode, which the file keeps. If several connections do so together, SQLite lets one succeed."""
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as exc:
        if exc.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise


def _fill(connection: sqlite3.Connection, airports: Iterable[Airport]) -> None:
    # Not `executescript`, which would commit the surrounding transaction.
    for statement in filter(str.strip, TABLES.split(";")):
        connection.execute(statement)
    connection.executemany(INSERT, map(row_of, airports))
    connection.execute(f"PRAGMA user_version = {VERSION}")
