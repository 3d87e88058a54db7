"""The examples keep their contracts: `signette prove` finds nothing, twice the same."""

import shutil
from pathlib import Path

import pytest

from examples.airports import app as airports
from examples.market import app as market
from examples.market.prove import buyer_and_seller
from examples.tour.typed import app as tour
from signette.prove import Report, prove

pytestmark = pytest.mark.slow


def test_airports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = tmp_path / "airports.sqlite3"
    monkeypatch.setenv("AIRPORTS_DB", str(database))
    filled = tmp_path / "filled.sqlite3"

    def reset() -> None:
        """The database as it was after the first start."""
        if filled.exists():
            shutil.copy(filled, database)
        elif database.exists():
            shutil.copy(database, filled)
        for name in ("-wal", "-shm"):
            database.with_name(database.name + name).unlink(missing_ok=True)

    report = prove(airports, auth="demo", reset=reset, max_examples=8)
    assert reached(report) >= {"get_airport 304", "get_airport 404", "create_airport 201", "download_template 206"}


def test_market_twice() -> None:
    report = prove(market, before=buyer_and_seller, max_examples=8)
    assert reached(report) >= {"offer_something 201", "offer_something 413", "buy 409", "withdraw 204"}
    again = prove(market, before=buyer_and_seller, max_examples=8)
    assert again.as_dict() == report.as_dict()


def test_tour() -> None:
    # It waits for news for half a minute.
    report = prove(tour, exclude="wait_for_news", max_examples=4)
    assert len(report.operations) > 50


def reached(report: Report) -> set[str]:
    """The names of operations with the responses that were reached."""
    return {f"{each.name} {status}" for each in report.operations for status in each.reached}
