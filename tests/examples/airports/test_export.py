"""Everything as JSON Lines."""

import csv
import io
import json
import sqlite3
from pathlib import Path

import pytest

from examples.airports import app
from examples.airports.models import AirportRow
from examples.airports.routers import export
from examples.airports.store import Store
from signette.testclient import TestClient
from tests.asgi import exchange, scope_of
from tests.examples.airports.sample import KEY, airports


@pytest.mark.parametrize("batch", [1, 3, 10, 500])
def test_each_airport_is_a_line_in_the_order_of_codes(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(export, "BATCH", batch)
    response = client.get("/export/airports.jsonl")
    assert response.headers["content-type"] == "application/jsonl"
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert [line["icao"] for line in lines] == sorted(airport.icao for airport in airports())
    assert lines[0] == client.get(f"/airports/{lines[0]['icao']}").json()


def test_a_country_alone(client: TestClient) -> None:
    assert len(client.get("/export/airports.jsonl?country=de").text.splitlines()) == 3
    assert client.get("/export/airports.jsonl?country=zz").text == ""


def test_what_was_exported_can_be_sent_back(client: TestClient) -> None:
    for line in client.get("/export/airports.jsonl").text.splitlines():
        airport = json.loads(line)
        assert client.put(f"/airports/{airport['icao']}", content=line, headers=KEY | JSON).json() == airport


JSON = {"Content-Type": "application/json"}


async def test_a_disconnect_returns_the_connection(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "BATCH", 1)
    store = Store(database)
    scope = scope_of("/export/airports.jsonl", version="2.3", state={"store": store})
    await exchange(app, scope, leave_at=1)
    with store.connection() as connection:
        pass
    store.close()
    with pytest.raises(sqlite3.ProgrammingError):  # it was the only one, and it was there to be closed
        connection.execute("SELECT 1")


def test_the_table_is_json_json_lines_or_csv(client: TestClient) -> None:
    rows = client.get("/export/airports").json()
    assert [row["icao"] for row in rows] == sorted(airport.icao for airport in airports())
    lines = client.get("/export/airports", headers={"Accept": "application/jsonl"}).text.splitlines()
    assert [json.loads(line) for line in lines] == rows
    response = client.get("/export/airports", headers={"Accept": "text/csv"})
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["vary"] == "Accept"
    table = list(csv.DictReader(io.StringIO(response.text, newline="")))
    assert [{key: value or None for key, value in each.items()} for each in table] == [
        {key: None if value is None else str(value) for key, value in row.items()} for row in rows
    ]


def test_a_country_without_airports_has_a_header_row(client: TestClient) -> None:
    response = client.get("/export/airports?country=zz", headers={"Accept": "text/csv"})
    assert response.text == ",".join(AirportRow.model_fields) + "\r\n"


def test_another_media_type_is_a_406(client: TestClient) -> None:
    response = client.get("/export/airports", headers={"Accept": "application/xml"})
    assert response.status_code == 406
    assert response.json()["available"] == ["application/json", "application/jsonl", "text/csv; charset=utf-8"]
