"""Creating, replacing, deleting; the key that it takes; several at once."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from examples.airports import app
from examples.airports import store as store_module
from examples.airports.catalogue import Catalogue
from examples.airports.store import Store, transaction
from signette.testclient import TestClient
from tests.asgi import JSON, fetch
from tests.examples.airports.sample import KEY, NEW


def test_a_new_airport_is_found_at_its_location_header(client: TestClient) -> None:
    response = client.post("/airports", json=NEW, headers=KEY)
    assert response.status_code == 201
    assert response.headers["location"] == "/airports/ZZ01"
    assert response.json() == NEW
    assert client.get(response.headers["location"]).json() == NEW
    assert client.get("/airports?name=meadow").json()["total"] == 1
    assert client.get("/nearest?latitude=50.1&longitude=8.7&limit=1").json()[0]["airport"] == NEW


def test_what_is_left_out_is_null(client: TestClient) -> None:
    short = {name: value for name, value in NEW.items() if value is not None}
    assert client.post("/airports", json=short, headers=KEY).json() == NEW


@pytest.mark.parametrize(
    ("change", "code", "holder"), [({"icao": "EDDF"}, "EDDF", "EDDF"), ({"iata": "FRA"}, "FRA", "EDDF")]
)
def test_a_code_belongs_to_one_airport(client: TestClient, change: dict[str, Any], code: str, holder: str) -> None:
    response = client.post("/airports", json=NEW | change, headers=KEY)
    assert response.status_code == 409
    assert response.json() == {
        "type": "urn:problem-type:duplicate-code",
        "title": "Duplicate code",
        "status": 409,
        "detail": f"The code {code} belongs to {holder}",
        "code": code,
        "holder": holder,
    }


def test_what_is_read_may_be_written_back_in_any_unit(client: TestClient) -> None:
    client.put("/units/imperial")
    read = client.get("/airports/KJFK").json()
    assert client.put("/airports/KJFK", json=read, headers=KEY).json() == read
    client.put("/units/metric")
    assert client.get("/airports/KJFK").json()["elevation"] == {"value": 4.0, "unit": "m"}


def test_replacing_replaces_the_whole_and_keeps_the_reviews(client: TestClient) -> None:
    client.post("/airports/EDFE/reviews", data={"author": "Me", "rating": 5})
    response = client.put("/airports/EDFE", json=NEW | {"icao": "EDFE"}, headers=KEY)
    assert response.status_code == 200
    assert client.get("/airports/EDFE").json() == NEW | {"icao": "EDFE"}
    assert len(client.get("/airports/EDFE/reviews").json()["items"]) == 1


@pytest.mark.parametrize(
    ("path", "change", "status", "title"),
    [
        ("/airports/ZZ02", {"icao": "ZZ02"}, 404, "Airport not found"),
        ("/airports/EDDF", {}, 422, "Code mismatch"),
        ("/airports/EDDF", {"icao": "EDDF", "iata": "MUC"}, 409, "Duplicate code"),
    ],
)
def test_a_replacement_that_does_not_fit_changes_nothing(
    client: TestClient, path: str, change: dict[str, Any], status: int, title: str
) -> None:
    before = client.get("/airports").json()
    response = client.put(path, json=NEW | change, headers=KEY)
    assert (response.status_code, response.json()["title"]) == (status, title)
    assert client.get("/airports").json() == before


def test_a_patch_changes_what_it_names(client: TestClient) -> None:
    before = client.get("/airports/EDDF").json()
    patch = {"name": "Rhein-Main", "region": None, "elevation": {"value": 112}}
    changed = before | {"name": "Rhein-Main", "region": None, "elevation": {"value": 112.0, "unit": "m"}}
    response = client.patch("/airports/EDDF", json=patch, headers=KEY)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/airports/EDDF").json() == changed


def test_of_two_changes_of_one_version_the_second_is_rejected(client: TestClient) -> None:
    read = client.get("/airports/EDDF")
    known = KEY | {"If-Match": read.headers["etag"]}
    first = client.patch("/airports/EDDF", json={"name": "Rhein-Main"}, headers=known)
    assert first.status_code == 200
    assert client.put("/airports/EDDF", json=read.json(), headers=known).status_code == 412
    assert client.patch("/airports/EDDF", json={"name": "FRA"}, headers=known).status_code == 412
    assert client.get("/airports/EDDF").json()["name"] == "Rhein-Main"
    again = KEY | {"If-Match": first.headers["etag"]}
    assert client.put("/airports/EDDF", json=read.json(), headers=again).status_code == 200


def test_a_version_is_that_of_the_units_that_are_sent(client: TestClient) -> None:
    metric = client.get("/airports/EDDF").headers["etag"]
    client.put("/units/imperial")
    imperial = client.get("/airports/EDDF").headers["etag"]
    assert metric != imperial
    change = {"name": "Rhein-Main"}
    assert client.patch("/airports/EDDF", json=change, headers=KEY | {"If-Match": metric}).status_code == 412
    assert client.patch("/airports/EDDF", json=change, headers=KEY | {"If-Match": imperial}).status_code == 200


def test_errors_of_a_patch_point_into_it(client: TestClient) -> None:
    response = client.patch("/airports/EDDF", json={"name": None, "elevation": {"unit": "yd"}}, headers=KEY)
    assert response.status_code == 422
    assert [(each["pointer"], each["code"]) for each in response.json()["errors"]] == [
        ("/name", "missing"),
        ("/elevation/unit", "literal_error"),
    ]


def test_a_deleted_airport_is_gone_and_so_are_its_reviews(client: TestClient) -> None:
    review = client.post("/airports/FRA/reviews", data={"author": "Me", "rating": 5}).headers["location"]
    response = client.delete("/airports/FRA", headers=KEY)
    assert (response.status_code, response.content) == (204, b"")
    assert client.get("/airports/EDDF").status_code == 404
    assert client.get(review).status_code == 404
    assert client.delete("/airports/FRA", headers=KEY).json()["code"] == "FRA"


WRITES = [
    ("POST", "/airports"),
    ("PUT", "/airports/EDDF"),
    ("PATCH", "/airports/EDDF"),
    ("DELETE", "/airports/EDDF"),
    ("POST", "/corrections"),
    ("POST", "/corrections/stream"),
]


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize("headers", [{}, {"X-API-Key": ""}, {"X-API-Key": "wrong"}, {"X-API-Key": "dém\xf6".encode()}])
def test_no_write_without_a_key(client: TestClient, method: str, path: str, headers: Any) -> None:
    response = client.request(method, path, headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "APIKey"
    assert response.headers["content-type"] == "application/problem+json"


def test_the_environment_may_name_another_key(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRPORTS_KEY", "another")
    assert client.post("/airports", json=NEW, headers=KEY).status_code == 401
    assert client.post("/airports", json=NEW, headers={"X-API-Key": "another"}).status_code == 201


async def test_a_request_without_a_key_is_rejected_before_its_body_is_received() -> None:
    response = await fetch(app, "POST /airports", b"x" * 100, {**JSON, "content-length": "100"}, state={})
    assert (response.status, response.receives) == (401, 0)


def test_a_failed_transaction_is_rolled_back(database: Path) -> None:
    store = Store(database)

    def delete_and_fail() -> None:
        with store.connection() as connection, transaction(connection):
            assert Catalogue(connection).delete("EDDF")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        delete_and_fail()
    with store.connection() as connection:
        assert Catalogue(connection).find("EDDF")
    store.close()


def test_of_many_concurrent_claims_of_a_code_one_succeeds(client: TestClient) -> None:
    statuses = []
    at_once = threading.Barrier(8)

    def claim(number: int) -> None:
        at_once.wait()
        statuses.append(
            client.post("/airports", json=NEW | {"icao": f"ZZ0{number}", "iata": "ZZZ"}, headers=KEY).status_code
        )

    threads = [threading.Thread(target=claim, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] + [409] * 7


def test_a_database_that_is_locked_is_a_503_and_reading_goes_on(
    client: TestClient, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "WAIT_SECONDS", 0)
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        busy = client.delete("/airports/EDDF", headers=KEY)
        assert (busy.status_code, busy.headers["retry-after"]) == (503, "5")
        assert busy.json()["status"] == 503
        assert client.get("/airports/EDDF").status_code == 200
        other.rollback()
    assert client.delete("/airports/EDDF", headers=KEY).status_code == 204


def test_a_statement_that_is_wrong_is_no_busy_database(client: TestClient, database: Path) -> None:
    with closing(sqlite3.connect(database)) as other:
        other.execute("DROP TABLE reviews")
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        client.get("/airports/EDDF/reviews")
