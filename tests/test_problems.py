"""Problem classes: an invalid class raises where it is defined."""

import json
from typing import Any

import pytest

from signette.app import App
from signette.error_entries import DetailedEntry
from signette.exceptions import HTTPException
from signette.problems import Problem, ProblemResponse, body_of, invalid_body, invalid_text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"status": 200}, "has the status 200; the status of a problem must be from 400 to 599"),
        ({"status": "409"}, "has the status '409'; a status must be an integer"),
        ({"status": 409, "detail": "{skuu} is gone"}, "has no member `skuu`, which its detail .* it has: sku"),
        ({"status": 409, "detail": "{} is gone"}, "has no member ``, which its detail"),
        ({"status": 409, "detail": "{sku is gone"}, "has the invalid detail '{sku is gone'"),
    ],
)
def test_an_invalid_problem_class_is_rejected(options: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):

        class Gone(Problem, **options):
            sku: str


def test_a_detail_may_use_parts_of_members_and_members_of_the_base_class() -> None:
    class Gone(Problem, status=410, detail="{where[0]} has no {sku!r:>5}"):
        sku: str
        where: list[str]

    class LongGone(Gone, status=410):
        since: int

    assert LongGone(sku="A", where=["Oslo"], since=1).detail == "Oslo has no   'A'"


def test_exception_handler_must_be_called_with_a_key() -> None:
    with pytest.raises(TypeError, match="call the decorator"):
        App().exception_handler(test_exception_handler_must_be_called_with_a_key)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", ["error", 200, None, True])
def test_the_status_of_a_problem_is_that_of_the_response(status):
    body = body_of(HTTPException(404, {"status": status, "message": "no"}))
    assert (body["status"], body["message"], body["title"], body["type"]) == (404, "no", "Not Found", "about:blank")


def test_members_of_rfc_9457_are_strings():
    members = {"type": 7, "title": ["x"], "instance": {"a": 1}, "detail": {"code": 3}}
    assert body_of(HTTPException(409, members)) == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "{'code': 3}",
    }
    assert body_of(HTTPException(409, {"detail": None}))["detail"] == "Conflict"
    texts = {"type": "urn:x", "title": "X", "instance": "/x", "detail": "x"}
    assert body_of(HTTPException(409, texts)) == {**texts, "status": 409}


def test_title_and_type_may_be_in_the_body_of_the_class() -> None:
    class Gone(Problem):
        status = 410
        title = "No longer there"
        type = "https://shop.example/gone"

    class Renamed(Gone, title="Renamed"): ...

    assert [(each.title, each.type) for each in (Gone, Renamed)] == [
        ("No longer there", "https://shop.example/gone"),
        ("Renamed", "urn:problem-type:renamed"),
    ]


@pytest.mark.parametrize("count", [1, 2, 100, 101, 250])
@pytest.mark.parametrize("length", [1, 1_000, 70_000])
def test_the_text_of_validation_errors_is_that_of_a_problem_response(count, length):
    errors: Any = [{"in": "query", "name": "é" * length, "code": "missing", "message": 'a "required" value'}] * count
    assert invalid_text(errors) == ProblemResponse(invalid_body(errors), 422).body


def test_the_text_of_validation_errors_is_also_that_of_entries_with_details():
    entry = DetailedEntry({"in": "query", "code": "missing", "message": "x"}, {"loc": ("query",)})
    assert json.loads(invalid_text([entry])) == invalid_body([dict(entry)])  # type: ignore[list-item]
