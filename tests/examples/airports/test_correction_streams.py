"""Streams of corrections: in any format, in batches, and with a stream as the response."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from examples.airports.routers import corrections
from signette.testclient import TestClient
from tests.examples.airports.sample import KEY

CORRECTIONS: list[dict[str, Any]] = [
    {"icao": "EDDF", "name": "Frankfurt Rhein-Main", "elevation_m": 112.5},
    {"icao": "eddm", "name": "Munich"},
    {"icao": "XXXX", "name": "Nowhere"},
    {"icao": "BIRK", "iata": "FRA"},
    {"icao": "KJFK", "name": "Kennedy, New York"},
]
TABLE = b"""\
icao,name,elevation_m,iata
EDDF,Frankfurt Rhein-Main,112.5,
eddm,Munich,,
XXXX,Nowhere,,
BIRK,,,FRA
KJFK,"Kennedy, New York",,
"""
BODIES = [
    ("application/jsonl", "\n".join(map(json.dumps, CORRECTIONS)).encode()),
    ("application/json", json.dumps(CORRECTIONS).encode()),
    ("text/csv", TABLE),
]


@pytest.mark.parametrize(("media_type", "body"), BODIES, ids=[media_type for media_type, _ in BODIES])
def test_corrections_are_applied_in_every_format(client: TestClient, media_type: str, body: bytes) -> None:
    response = client.post("/corrections/stream", content=body, headers=KEY | {"content-type": media_type})
    assert response.status_code == 200
    report = response.json()
    assert (report["applied"], report["skipped"]) == (2, 1)
    assert [(each["icao"], each["faults"][0]["code"]) for each in report["rejected"]] == [
        ("XXXX", "airport_not_found"),
        ("BIRK", "duplicate_code"),
    ]
    frankfurt = client.get("/airports/EDDF").json()
    assert (frankfurt["name"], frankfurt["elevation"]["value"]) == ("Frankfurt Rhein-Main", 112.5)


def test_the_template_is_a_stream_too(client: TestClient) -> None:
    template = client.get("/corrections/template.csv").content
    response = client.post("/corrections/stream", content=template, headers=KEY | {"content-type": "text/csv"})
    assert response.json() == {"applied": 1, "skipped": 0, "rejected": []}


def test_what_was_applied_stays_when_a_later_correction_is_not_json(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrections, "BATCH", 1)
    body = b'{"icao":"EDDF","name":"Frankfurt"}\n{"icao":'
    response = client.post("/corrections/stream", content=body + b"\xff", headers=KEY | JSONL)
    assert response.json() == {"applied": 1, "skipped": 1, "rejected": []}
    assert client.get("/airports/EDDF").json()["name"] == "Frankfurt"


JSONL = {"content-type": "application/jsonl"}


def test_a_preview_is_a_stream_that_changes_nothing(client: TestClient) -> None:
    before = client.get("/airports/EDDF").json()

    def lines() -> Iterator[bytes]:
        for each in CORRECTIONS:
            yield json.dumps(each).encode() + b"\n"

    response = client.post("/corrections/preview", content=lines(), headers=JSONL)
    assert response.headers["content-type"] == "application/jsonl"
    found = [json.loads(line) for line in response.text.splitlines()]
    assert [(each["icao"], [fault["code"] for fault in each["faults"]]) for each in found] == [
        ("EDDF", []),
        ("XXXX", ["airport_not_found"]),
        ("BIRK", ["duplicate_code"]),
        ("KJFK", []),
    ]
    assert found[0]["airport"] == before | {"name": "Frankfurt Rhein-Main", "elevation": {"value": 112.5, "unit": "m"}}
    assert client.get("/airports/EDDF").json() == before


@pytest.mark.parametrize("body", [b"[", b"[{}", b"{}", b"\xff\xfe", b"[1] 2"])
def test_an_array_that_is_malformed_is_a_400(client: TestClient, body: bytes) -> None:
    headers = KEY | {"content-type": "application/json"}
    response = client.post("/corrections/stream", content=body, headers=headers)
    assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json")


def test_a_null_changes_nothing_as_an_empty_cell_does(client: TestClient) -> None:
    before = client.get("/airports/EDDF").json()
    nothing = dict.fromkeys(("name", "city", "country", "latitude", "longitude", "elevation_m", "timezone"))
    some = nothing | {"icao": "EDDF", "name": "Frankfurt Rhein-Main"}
    found = client.post("/corrections/preview", json=[{"icao": "EDDF", **nothing}, some])
    first, second = [json.loads(line) for line in found.text.splitlines()]
    assert [fault["code"] for fault in first["faults"]] == ["nothing_to_change"]
    assert second["airport"] == before | {"name": "Frankfurt Rhein-Main"}
    report = client.post("/corrections/stream", json=[{"icao": "EDDF", **nothing}], headers=KEY)
    assert (report.status_code, report.json()["applied"]) == (200, 0)
    assert client.get("/airports/EDDF").json() == before
