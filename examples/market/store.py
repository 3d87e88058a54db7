"""The database: one SQLite file, which the processes of one machine share, and a connection for one caller at a time.

SQLite blocks, so endpoints and dependencies that use a store are `def` functions, which run in worker threads.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS members (name TEXT PRIMARY KEY, salt BLOB NOT NULL, secret BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS offers (
    id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, price TEXT NOT NULL, text TEXT NOT NULL,
    seller TEXT NOT NULL REFERENCES members, buyer TEXT REFERENCES members, offered TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS pictures (
    id INTEGER PRIMARY KEY AUTOINCREMENT, offer INTEGER NOT NULL REFERENCES offers ON DELETE CASCADE,
    suffix TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS pictures_by_offer ON pictures (offer);
CREATE TABLE IF NOT EXISTS requests (
    member TEXT NOT NULL, key TEXT NOT NULL, offer INTEGER NOT NULL, PRIMARY KEY (member, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT, sale INTEGER NOT NULL, recipient TEXT NOT NULL, text TEXT NOT NULL
);
"""


class Store:
    """A connection, and the lock that gives it to one thread at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = Lock()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction: an exception in the block rolls it back."""
        with self._lock, self._connection:
            yield self._connection

    def rows(self, question: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(question, values).fetchall()


@contextmanager
def opened(file: Path) -> Iterator[Store]:
    """A store for a file, which is created with its tables if it does not exist."""
    with closing(sqlite3.connect(file, check_same_thread=False)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_mode = WAL")  # several processes read while one writes
        connection.executescript(TABLES)
        yield Store(connection)
