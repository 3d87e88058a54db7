"""The database file: made once, by the process that starts first; real data; files that are invalid."""

import json
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, nullcontext
from pathlib import Path

import pytest

from examples.airports import app
from examples.airports.catalogue import Catalogue
from examples.airports.models import Airport, AirportSearch
from examples.airports.store import Store, cache_folder, database_path
from signette.testclient import TestClient
from tests.examples.airports import sample


def test_the_real_list_is_loaded_at_the_first_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRPORTS_DB", str(tmp_path / "airports.sqlite3"))
    with TestClient(app) as client:
        assert client.get("/airports").json()["total"] > 25_000
        assert client.get("/airports/HND").json()["icao"] == "RJTT"
        assert client.get("/airports?name=zurich&country=ch&has_iata=true").json()["items"][0]["icao"] == "LSZH"
        pole = client.get("/nearest?latitude=-90&longitude=0").json()[0]["airport"]
        assert pole["latitude"] < -89
        iceland = client.get("/export/airports.jsonl?country=is").text.splitlines()
        assert {json.loads(line)["country"] for line in iceland} == {"IS"}
        assert len(iceland) == client.get("/airports?country=is").json()["total"]


def test_a_second_start_finds_what_the_first_has_left(database: Path) -> None:
    with TestClient(app) as client:
        client.delete("/airports/EDDF", headers=sample.KEY)
    with TestClient(app) as client:
        assert client.get("/airports/EDDF").status_code == 404
        assert client.get("/airports").json()["total"] == 9


def test_of_several_that_start_together_one_fills_the_file(tmp_path: Path) -> None:
    filled = []

    def airports() -> list[Airport]:
        filled.append(1)
        return sample.airports()

    stores = [Store(tmp_path / "airports.sqlite3") for _ in range(6)]
    threads = [threading.Thread(target=store.prepare, args=[airports]) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert filled == [1]
    with stores[-1].connection() as connection:
        assert Catalogue(connection).search(AirportSearch())[0] == 10
    stores[-1].close()


def test_an_aborted_start_leaves_nothing_open(tmp_path: Path) -> None:
    store = Store(tmp_path / "airports.sqlite3")

    def broken() -> list[Airport]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.prepare(broken)
    store.prepare(sample.airports)
    with store.connection() as connection:
        assert Catalogue(connection).find("EDDF")
    store.close()


def test_another_version_s_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "airports.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(RuntimeError, match="made by another version"):
        Store(path).prepare(sample.airports)


def test_a_file_that_is_no_database_is_reported_by_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database " * 100)
    with pytest.raises(RuntimeError, match=r"notes\.txt cannot be used"):
        Store(path).prepare(sample.airports)


def test_the_file_is_in_the_users_cache_unless_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRPORTS_DB", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert database_path().parent == cache_folder() == tmp_path / "signette"
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert database_path().parent != cache_folder(), "a cache that cannot be made is passed over"
    monkeypatch.setenv("AIRPORTS_DB", str(tmp_path / "named.sqlite3"))
    assert database_path() == tmp_path / "named.sqlite3"


def test_connections_are_lent_and_given_back(database: Path) -> None:
    store = Store(database)
    with store.connection() as one, store.connection() as other:
        assert one is not other
    with store.connection() as again:
        assert again in {one, other}
    store.close()
    with pytest.raises(sqlite3.ProgrammingError):
        one.execute("SELECT 1")


def test_a_connection_is_given_back_clean(database: Path) -> None:
    store = Store(database)
    with store.connection() as connection:
        connection.execute("BEGIN")
        Catalogue(connection).delete("EDDF")
    with store.connection() as connection:
        assert not connection.in_transaction
        assert Catalogue(connection).find("EDDF")
    store.close()


def test_importing_the_example_opens_no_file(tmp_path: Path) -> None:
    code = "import examples.airports"
    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=Path(__file__).parents[3],
        env={"AIRPORTS_DB": str(tmp_path / "airports.sqlite3"), "PATH": ""},
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("code", "is_raised"), [(sqlite3.SQLITE_BUSY, False), (sqlite3.SQLITE_CORRUPT, True)])
def test_a_file_that_others_write_to_is_tidied_the_next_time(
    database: Path, monkeypatch: pytest.MonkeyPatch, code: int, is_raised: bool
) -> None:
    class Busy:
        def execute(self, statement: str) -> None:
            error = sqlite3.OperationalError(statement)
            error.sqlite_errorcode = code
            raise error

    monkeypatch.setattr(Store, "connection", lambda _: nullcontext(Busy()))
    with closing(Store(database)) as store, pytest.raises(sqlite3.OperationalError) if is_raised else nullcontext():
        store.tidy()
