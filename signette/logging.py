"""Structured logs: JSON lines with the ids of the request, by the logging module of the standard library.

`RequestIDMiddleware` (`signette.middleware.request_id`) sets the ids. Each record that is logged while a request is
handled has them, also those of other libraries and of worker threads.
"""

import json
import logging
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from signette._dataclasses import dataclass

__all__ = ["JSONFormatter", "RequestIDFilter", "RequestIDs", "current_request_ids", "json_config"]


@dataclass(frozen=True, slots=True)
class RequestIDs:
    """The ids of a request: its own, and those of its trace (W3C Trace Context)."""

    request_id: str
    trace_id: str
    span_id: str
    trace_flags: str = "00"

    @property
    def traceparent(self) -> str:
        """The value of the header `traceparent` for requests to other services."""
        return f"00-{self.trace_id}-{self.span_id}-{self.trace_flags}"


REQUEST_IDS: ContextVar[RequestIDs | None] = ContextVar("signette.request_ids", default=None)


def current_request_ids() -> RequestIDs | None:
    """The ids of the request that is being handled; None outside of requests, or without the middleware."""
    return REQUEST_IDS.get()


class RequestIDFilter(logging.Filter):
    """Adds `request_id`, `trace_id` and `span_id` to each record, for a format with `%(request_id)s`.

    They are "-" outside of requests. Add it to a handler; a filter of a logger does not see records of loggers below.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the ids. Keeps every record."""
        ids = REQUEST_IDS.get()
        record.request_id = ids.request_id if ids else "-"
        record.trace_id = ids.trace_id if ids else "-"
        record.span_id = ids.span_id if ids else "-"
        return True


# The attributes of every record; all others come from `extra=`.
_KNOWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
# The formatted and colored message of uvicorn.
_OMITTED = frozenset({"color_message"})


class JSONFormatter(logging.Formatter):
    """Formats each record as one line of JSON: time, level, logger, message, ids, `extra=`, and the exception.

    Text is escaped, so that no value can begin a new line. `fields` are constant members: `{"service": "shop"}`.
    """

    def __init__(self, fields: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.fields = dict(fields or {})

    def format(self, record: logging.LogRecord) -> str:
        """The line, without a line end."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "time": time.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (ids := REQUEST_IDS.get()) is not None:
            line |= {"request_id": ids.request_id, "trace_id": ids.trace_id, "span_id": ids.span_id}
        line |= self.fields
        for name, value in record.__dict__.items():
            if name not in _KNOWN and name not in _OMITTED:
                line.setdefault(name, value)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        elif record.exc_text:
            line["exception"] = record.exc_text
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        # ASCII: a log may be written in any encoding, and text from clients may have lone surrogates.
        return json.dumps(line, default=_as_text, skipkeys=True)


def _as_text(value: Any) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - a value that cannot be shown must not lose the record
        return f"<{type(value).__name__}>"


def json_config(level: str = "INFO", *, fields: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A configuration for `logging.config.dictConfig`: all loggers write JSON lines to standard error.

    Those of uvicorn, granian and hypercorn too: their loggers lose their handlers.
    """
    servers = (
        "uvicorn", "uvicorn.error", "uvicorn.access", "_granian", "granian.access", "hypercorn.error",
        "hypercorn.access",
    )  # fmt: skip
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "signette.logging.JSONFormatter", "fields": dict(fields or {})}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {name: {"handlers": [], "level": level, "propagate": True} for name in servers},
    }
