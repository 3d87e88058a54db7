"""JSON lines and the ids of requests in the logs of the standard library."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.logging import (
    REQUEST_IDS,
    JSONFormatter,
    RequestIDFilter,
    RequestIDs,
    current_request_ids,
    json_config,
)

IDS = RequestIDs("r-1", "a" * 32, "b" * 16, "01")


@pytest.fixture
def handled() -> Iterator[None]:
    token = REQUEST_IDS.set(IDS)
    yield
    REQUEST_IDS.reset(token)


def record_of(message: str, *args: Any, **more: Any) -> logging.LogRecord:
    return logging.getLogger("shop").makeRecord("shop", logging.WARNING, "file.py", 3, message, args, **more)


def line_of(record: logging.LogRecord, formatter: JSONFormatter | None = None) -> dict[str, Any]:
    line: dict[str, Any] = json.loads((formatter or JSONFormatter()).format(record))
    return line


def test_a_line_has_time_level_logger_and_message() -> None:
    record = record_of("paid %s", 3, exc_info=None)
    record.created = 1_900_000_000.25
    assert line_of(record) == {
        "time": "2030-03-17T17:46:40.250Z",
        "level": "WARNING",
        "logger": "shop",
        "message": "paid 3",
    }


@pytest.mark.usefixtures("handled")
def test_a_line_has_the_ids_of_the_request() -> None:
    line = line_of(record_of("paid", exc_info=None))
    assert (line["request_id"], line["trace_id"], line["span_id"]) == ("r-1", "a" * 32, "b" * 16)
    assert current_request_ids() is IDS
    assert IDS.traceparent == f"00-{'a' * 32}-{'b' * 16}-01"


def test_extra_values_and_constant_fields_are_members() -> None:
    record = record_of("paid", exc_info=None, extra={"order": 3, "when": object, "level": "mine", "color_message": "x"})
    line = line_of(record, JSONFormatter({"service": "shop"}))
    assert (line["order"], line["service"], line["when"]) == (3, "shop", str(object))
    assert line["level"] == "WARNING"  # an extra value replaces none of the formatter's
    assert "color_message" not in line


def test_an_exception_and_a_stack_are_members() -> None:
    try:
        int("wrong")
    except ValueError as exc:
        record = record_of("failed", exc_info=(type(exc), exc, exc.__traceback__), sinfo="Stack")
    line = line_of(record)
    assert "ValueError: invalid literal" in line["exception"].splitlines()[-1]
    assert line["stack"] == "Stack"
    record.exc_info, record.exc_text = None, "cached"
    assert line_of(record)["exception"] == "cached"


class Broken:
    def __str__(self) -> str:
        raise RuntimeError


def test_a_value_that_cannot_be_shown_loses_no_line() -> None:
    record = record_of("paid", exc_info=None, extra={"broken": Broken(), "keys": {(1, 2): 3, "a": 1}})
    line = line_of(record)
    assert (line["broken"], line["keys"]) == ("<Broken>", {"a": 1})


@given(st.text(), st.text())
def test_any_text_stays_in_one_line_of_ascii(message: str, value: str) -> None:
    text = JSONFormatter().format(record_of("%s", message, exc_info=None, extra={"value": value}))
    assert text.isascii()
    assert len(text.splitlines()) == 1
    assert (json.loads(text)["message"], json.loads(text)["value"]) == (message, value)


@pytest.mark.usefixtures("handled")
def test_the_filter_adds_the_ids_to_text() -> None:
    record = record_of("paid", exc_info=None)
    assert RequestIDFilter().filter(record)
    assert logging.Formatter("%(request_id)s %(trace_id)s %(message)s").format(record) == f"r-1 {'a' * 32} paid"


def test_the_filter_has_a_mark_outside_of_requests() -> None:
    record = record_of("paid", exc_info=None)
    assert RequestIDFilter().filter(record)
    assert (record.request_id, record.span_id) == ("-", "-")  # type: ignore[attr-defined]


@pytest.mark.usefixtures("kept_logging")
def test_the_configuration_makes_all_loggers_write_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    logging.getLogger("uvicorn.access").addHandler(logging.StreamHandler(io.StringIO()))
    logging.config.dictConfig(json_config("INFO", fields={"service": "shop"}))
    logging.getLogger("uvicorn.access").info("GET")
    logging.getLogger("shop").debug("not shown")
    logging.getLogger("shop").info("paid")
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["logger"], line["message"], line["service"]) for line in lines] == [
        ("uvicorn.access", "GET", "shop"),
        ("shop", "paid", "shop"),
    ]
