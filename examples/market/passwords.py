"""The members in the database: not their passwords, but the hashes by scrypt."""

import hashlib
import secrets
import sqlite3

from examples.market.models import Member
from examples.market.problems import LoginFailed, NameTaken
from examples.market.store import Store


def scrambled(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


class Members:
    """The members."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, name: str, password: str) -> Member:
        """Raises NameTaken."""
        salt = secrets.token_bytes(16)
        try:
            with self._store.transaction() as connection:
                connection.execute("INSERT INTO members VALUES (?, ?, ?)", (name, salt, scrambled(password, salt)))
        except sqlite3.IntegrityError:
            raise NameTaken from None
        return Member(name=name)

    def known(self, name: str) -> bool:
        return bool(self._store.rows("SELECT 1 FROM members WHERE name = ?", name))

    def recognise(self, name: str, password: str) -> Member:
        """Raises LoginFailed, in the same time for a wrong name and a wrong password."""
        rows = self._store.rows("SELECT salt, secret FROM members WHERE name = ?", name)
        salt, secret = rows[0] if rows else (b"nobody", b"")
        if not secrets.compare_digest(scrambled(password, salt), secret):
            raise LoginFailed
        return Member(name=name)
