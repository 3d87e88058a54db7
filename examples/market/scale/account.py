"""The account: what was sent, confirmed, lost and done twice."""

import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examples.market.scale.load import Log


@dataclass(frozen=True)
class Row:
    """One kind of work. `lost` was confirmed and is not there; `duplicated` is there once more than it should be."""

    what: str
    sent: int
    confirmed: int
    lost: int
    duplicated: int


def rows_of(log: Log, database: Path, watchers: Sequence[Log]) -> list[Row]:
    """Compare what the clients know with the database, and with what each watcher has received."""
    with closing(sqlite3.connect(database)) as connection:
        titles = [title for (title,) in connection.execute("SELECT title FROM offers")]
        sold = [offer for (offer,) in connection.execute("SELECT id FROM offers WHERE buyer IS NOT NULL")]
        letters = [sale for (sale,) in connection.execute("SELECT sale FROM letters")]
    expected = {("offered", offer) for offer in log.offers.values()} | {("sold", offer) for offer in log.sales}
    rows = [
        _row("offers", log.sent["offer"], log.offers, titles),
        _row("sales", log.sent["sale"], log.sales, sold),
        _row("letters", log.sent["sale"], log.sales, letters),
        _row("bookmarks", log.sent["bookmark"], log.bookmarks, log.found_bookmarks),
    ]
    for number, watcher in enumerate(watchers, 1):
        rows.append(_row(f"notices, watcher {number}", len(expected), expected, list(watcher.notices.elements())))
    return rows


def is_complete(rows: Sequence[Row]) -> bool:
    """Whether nothing is missing yet: jobs run, and notices arrive, after the requests have ended."""
    return not any(row.lost for row in rows)


def _row(what: str, sent: int, confirmed: Collection[Any], found: Sequence[Any]) -> Row:
    once = set(found)
    return Row(what, sent, len(confirmed), sum(each not in once for each in confirmed), len(found) - len(once))
