"""CSV files of corrections: what is applied, and the message for each rejected line."""

from typing import Any

import pytest

from signette.testclient import TestClient
from tests.examples.airports.sample import KEY


def upload(client: TestClient, content: str | bytes, **fields: str) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post("/corrections", files={"file": ("c.csv", data, "text/csv")}, data=fields, headers=KEY)


FILE = """\
icao,name,elevation_m,iata
EDDF,Frankfurt Rhein-Main,112.5,
eddm,Munich,,

EDFE,,12000,
XXXX,Nowhere,1,
LFPG,,,
BIRK,,,FRA
NIUE,one,2
KJFK,"Kennedy, New York",,
"""


def test_good_lines_are_applied_and_each_bad_one_is_reported_with_its_reason(client: TestClient) -> None:
    response = upload(client, FILE)
    assert response.status_code == 200
    report = response.json()
    assert (report["applied"], report["dry_run"]) == (2, False)
    result = [
        (each["line"], *((fault["column"], fault["code"]) for fault in each["faults"])) for each in report["rejected"]
    ]
    assert result == [
        (3, ("icao", "string_pattern_mismatch")),
        (5, ("elevation_m", "less_than_equal")),
        (6, ("icao", "airport_not_found")),
        (7, (None, "nothing_to_change")),
        (8, ("iata", "duplicate_code")),
        (9, (None, "cells")),
    ]
    frankfurt = client.get("/airports/EDDF").json()
    assert (frankfurt["name"], frankfurt["elevation"]["value"]) == ("Frankfurt Rhein-Main", 112.5)
    assert frankfurt["iata"] == "FRA", "an empty cell leaves its value as it is"
    assert client.get("/airports?name=kennedy").json()["items"][0]["name"] == "Kennedy, New York"


def test_a_dry_run_reports_the_same_and_changes_nothing(client: TestClient) -> None:
    before = client.get("/airports").json()
    dry = upload(client, FILE, dry_run="true").json()
    assert client.get("/airports").json() == before
    assert dry == upload(client, FILE).json() | {"dry_run": True}


def test_a_line_sees_what_the_lines_before_it_changed(client: TestClient) -> None:
    report = upload(client, "icao,iata\nEDFE,QEF\nEDDM,QEF\n").json()
    assert (report["applied"], report["rejected"][0]["faults"][0]["message"]) == (1, "The code belongs to EDFE")


def test_the_template_can_be_sent_back_as_it_is(client: TestClient) -> None:
    template = client.get("/corrections/template.csv")
    assert template.headers["content-type"] == "text/csv; charset=utf-8"
    assert upload(client, template.content).json() == {"applied": 1, "rejected": [], "dry_run": False}


def test_a_block_of_the_template_may_be_rendered(client: TestClient) -> None:
    response = client.get("/corrections/template.csv", headers={"Range": "bytes=0-3"})
    assert (response.status_code, response.text) == (206, "icao")


def test_a_spreadsheet_s_mark_capitals_and_line_ends_are_no_matter(client: TestClient) -> None:
    assert upload(client, b"\xef\xbb\xbfICAO , Name\r\nEDDF,Frankfurt\r\n").json()["applied"] == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "its first line names no column `icao`"),
        (b"name\nx\n", "its first line names no column `icao`"),
        (b"icao,icao\n", "its first line names a column twice"),
        (b"icao,colour\n", "its first line names other columns than"),
        (b"icao\x00,name\n", "its first line names no column `icao`"),
        (b"icao,name\nEDDF,M\xfcnchen\n", "it is not UTF-8"),
        (b"\xff\xfei\x00c\x00", "it is not UTF-8"),
        (b'icao,name\nEDDF,"never closed\n', "line 2: unexpected end of data"),
        (b'icao,name\nEDDF,"a"b\n', "line 2: ',' expected after '\"'"),
        (b"icao,name\nEDDF," + b"x" * 140_000, "line 2: field larger than field limit (131072)"),
        (b"icao\n" + b"EDDF\n" * 5001, "it has more than 5000 lines"),
    ],
)
def test_another_kind_of_file_is_rejected_as_a_whole(client: TestClient, content: bytes, reason: str) -> None:
    response = upload(client, content)
    assert response.status_code == 422
    assert response.json()["title"] == "Unreadable file"
    assert response.json()["reason"].startswith(reason)


def test_nothing_of_a_truncated_file_is_applied(client: TestClient) -> None:
    before = client.get("/airports/EDDF").json()
    assert upload(client, 'icao,name\nEDDF,Frankfurt\nEDDM,"x').status_code == 422
    assert client.get("/airports/EDDF").json() == before


def test_a_cell_with_control_characters_is_rejected(client: TestClient) -> None:
    faults = upload(client, "icao,name\nEDDF,a\x00b\n").json()["rejected"][0]["faults"]
    assert [(fault["column"], fault["code"]) for fault in faults] == [("name", "string_pattern_mismatch")]


def test_a_file_over_one_mebibyte_is_rejected_while_it_arrives(client: TestClient) -> None:
    response = upload(client, b"x" * (1024 * 1024 + 1))
    assert (response.status_code, response.headers["content-type"]) == (413, "application/problem+json")
