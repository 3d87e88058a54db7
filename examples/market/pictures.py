"""Pictures of offers: files in a folder, named by numbers and not by the client."""

import shutil
import sqlite3
from pathlib import Path
from typing import BinaryIO

from examples.market.problems import NoSuchOffer, NoSuchPicture, TooManyPictures
from examples.market.store import Store

MOST = 4
MAX_BYTES = 2_000_000
# The first bytes of each file type: the media type that a client declares is not reliable.
SIGNATURES = {".png": b"\x89PNG\r\n\x1a\n", ".jpeg": b"\xff\xd8\xff", ".gif": b"GIF8"}


def suffix_of(start: bytes) -> str | None:
    """The file type by the first bytes of a file, None if it is not a supported picture."""
    return next((suffix for suffix, signature in SIGNATURES.items() if start.startswith(signature)), None)


class Album:
    """The pictures of all offers. Its methods block."""

    def __init__(self, folder: Path, store: Store) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._store = store

    def add(self, offer: int, suffix: str, content: BinaryIO) -> int:
        """Add a picture and return its number. Raises TooManyPictures, or NoSuchOffer if it was withdrawn meanwhile."""
        with self._store.transaction() as connection:
            (count,) = connection.execute("SELECT count(*) FROM pictures WHERE offer = ?", (offer,)).fetchone()
            if count >= MOST:
                raise TooManyPictures(most=MOST)
            try:
                made = connection.execute("INSERT INTO pictures (offer, suffix) VALUES (?, ?)", (offer, suffix))
            except sqlite3.IntegrityError:
                raise NoSuchOffer(offer=offer) from None
            number = made.lastrowid or 0
            with (self._folder / f"{number}{suffix}").open("wb") as file:
                shutil.copyfileobj(content, file)
        return number

    def find(self, offer: int, picture: int) -> Path:
        """The file. Raises NoSuchPicture."""
        rows = self._store.rows("SELECT suffix FROM pictures WHERE offer = ? AND id = ?", offer, picture)
        if not rows:
            raise NoSuchPicture
        return self._folder / f"{picture}{rows[0]['suffix']}"

    def remove_files(self, pictures: list[int]) -> None:
        """Delete the files of an offer, whose rows are deleted already."""
        for picture in pictures:
            for file in self._folder.glob(f"{picture}.*"):
                file.unlink()
