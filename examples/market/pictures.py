"""Pictures of offers: files in a folder, named by numbers and not by the client."""

import sqlite3
from pathlib import Path

from examples.market.problems import NoSuchOffer, NoSuchPicture, TooManyPictures
from examples.market.store import Store

MOST = 4
MAX_BYTES = 2_000_000
MEDIA_TYPES = ["image/png", "image/jpeg", "image/gif"]
# By the first byte of a file, which has one of the media types.
SUFFIXES = {b"\x89": ".png", b"\xff": ".jpeg", b"G": ".gif"}


class Album:
    """The pictures of all offers. Its methods block."""

    def __init__(self, folder: Path, store: Store) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self._store = store

    def add(self, offer: int, file: Path) -> int:
        """Move a picture into the album and return its number.

        Raises TooManyPictures, or NoSuchOffer if it was withdrawn meanwhile.
        """
        with file.open("rb") as content:
            suffix = SUFFIXES[content.read(1)]
        with self._store.transaction() as connection:
            (count,) = connection.execute("SELECT count(*) FROM pictures WHERE offer = ?", (offer,)).fetchone()
            if count >= MOST:
                raise TooManyPictures(most=MOST)
            try:
                made = connection.execute("INSERT INTO pictures (offer, suffix) VALUES (?, ?)", (offer, suffix))
            except sqlite3.IntegrityError:
                raise NoSuchOffer(offer=offer) from None
            number = made.lastrowid or 0
            file.rename(self.folder / f"{number}{suffix}")
        return number

    def find(self, offer: int, picture: int) -> Path:
        """The file. Raises NoSuchPicture."""
        rows = self._store.rows("SELECT suffix FROM pictures WHERE offer = ? AND id = ?", offer, picture)
        if not rows:
            raise NoSuchPicture
        return self.folder / f"{picture}{rows[0]['suffix']}"

    def remove_files(self, pictures: list[int]) -> None:
        """Delete the files of an offer, whose rows are deleted already."""
        for picture in pictures:
            for file in self.folder.glob(f"{picture}.*"):
                file.unlink()
