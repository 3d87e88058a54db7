"""The offers in the database, and the queries for them."""

import sqlite3
from datetime import UTC, datetime
from decimal import Decimal

from examples.market.models import NewOffer, Offer, Page
from examples.market.problems import AlreadySold, NoSuchOffer, NotYours, OwnOffer
from examples.market.store import Store

SELECT = """
SELECT offers.*, (SELECT group_concat(pictures.id) FROM pictures WHERE pictures.offer = offers.id) AS pictures
FROM offers
"""
LATER = "WHERE id > ? AND (? OR buyer IS NULL) AND title LIKE ? ESCAPE '!' ORDER BY id LIMIT ?"


class Catalogue:
    """The offers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(self, after: int, size: int, word: str, with_sold: bool) -> Page[Offer]:
        """Up to `size` offers after the last one of the previous page."""
        like = "%" + "".join("!" + letter if letter in "!%_" else letter for letter in word) + "%"
        # One more than requested shows whether there is a next page.
        found = [_offer_of(row) for row in self._store.rows(SELECT + LATER, after, with_sold, like, size + 1)]
        return Page(items=found[:size], next=found[size - 1].id if len(found) > size else None)

    def get(self, offer: int) -> Offer:
        """Raises NoSuchOffer."""
        rows = self._store.rows(SELECT + "WHERE id = ?", offer)
        if not rows:
            raise NoSuchOffer(offer=offer)
        return _offer_of(rows[0])

    def add(self, new: NewOffer, seller: str, key: str | None = None) -> Offer:
        """Add an offer, or find the one that an earlier request with the same key has added."""
        with self._store.transaction() as connection:
            found = _offer_of_request(connection, seller, key)
            if found is None:
                made = connection.execute(
                    "INSERT INTO offers (title, price, text, seller, offered) VALUES (?, ?, ?, ?, ?)",
                    (new.title, str(new.price), new.text, seller, datetime.now(UTC).isoformat()),
                )
                found = made.lastrowid or 0
                _keep_request(connection, seller, key, found)
        return self.get(found)

    def buy(self, offer: int, buyer: str, key: str | None = None) -> Offer:
        """Buy an offer, unless an earlier request with the same key has done so.

        Raises NoSuchOffer, OwnOffer, AlreadySold: if two members buy at once, one of them is too late.
        """
        if self.get(offer).seller == buyer:
            raise OwnOffer
        with self._store.transaction() as connection:
            if _offer_of_request(connection, buyer, key) != offer:
                sold = connection.execute("UPDATE offers SET buyer = ? WHERE id = ? AND buyer IS NULL", (buyer, offer))
                if not sold.rowcount:
                    raise AlreadySold
                _keep_request(connection, buyer, key, offer)
        return self.get(offer)

    def owned(self, offer: int, member: str) -> Offer:
        """An offer that its seller can still change. Raises NoSuchOffer, NotYours, AlreadySold."""
        found = self.get(offer)
        if found.seller != member:
            raise NotYours
        if found.buyer is not None:
            raise AlreadySold
        return found

    def withdraw(self, offer: int, member: str) -> Offer:
        """Remove an offer of its seller. Raises NoSuchOffer, NotYours, AlreadySold."""
        mine = self.owned(offer, member)
        self.remove(offer)
        return mine

    def remove(self, offer: int) -> None:
        """Raises AlreadySold if it was bought meanwhile."""
        with self._store.transaction() as connection:
            removed = connection.execute("DELETE FROM offers WHERE id = ? AND buyer IS NULL", (offer,))
        if not removed.rowcount:
            raise AlreadySold


def _offer_of_request(connection: sqlite3.Connection, member: str, key: str | None) -> int | None:
    """The offer of an earlier request: its process may have been killed before it could respond."""
    if key is None:
        return None
    rows = connection.execute("SELECT offer FROM requests WHERE member = ? AND key = ?", (member, key)).fetchall()
    return rows[0]["offer"] if rows else None


def _keep_request(connection: sqlite3.Connection, member: str, key: str | None, offer: int) -> None:
    """Part of the same transaction as the offer: either both are in the database, or none."""
    if key is not None:
        connection.execute("INSERT INTO requests (member, key, offer) VALUES (?, ?, ?)", (member, key, offer))


def _offer_of(row: sqlite3.Row) -> Offer:
    pictures = sorted(map(int, row["pictures"].split(","))) if row["pictures"] else []
    return Offer.model_validate(dict(row) | {"price": Decimal(row["price"]), "pictures": pictures})
