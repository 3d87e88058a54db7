"""The checks of each response against the OpenAPI document: status, media type, body, headers; and no server error."""

import json
import traceback
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from signette._http.media import is_json
from signette.declarative.streams.formats import LINES, SEQUENCE, format_named
from signette.prove.law import Exchange, Law, ProvedOperation, Send, Violation, describe_status
from signette.prove.schemas import Schemas

NO_BODY = {204, 205, 304}


class NoServerError(Law):
    """The response is no 500, and the application raises no exception."""

    name = "no-server-error"
    summary = "No request causes an exception or a 500"

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:  # noqa: ARG002
        if exchange.error is not None:
            return [self.violation(operation, f"the application raised {where_raised(exchange.error)}", exchange)]
        if exchange.status == 500:
            return [self.violation(operation, "the response is a 500", exchange)]
        return []


class RespondsInTime(Law):
    """The application sends the start of a response."""

    name = "responds-in-time"
    summary = "Each request gets a response before the timeout of the run"

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:  # noqa: ARG002
        if exchange.status is not None or exchange.error is not None:
            return []
        return [self.violation(operation, "no response has started before the timeout", exchange)]


class DeclaredStatus(Law):
    """The status is one of the OpenAPI document."""

    name = "declared-status"
    summary = "Each status code is declared"

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:  # noqa: ARG002
        status = exchange.status
        if status is None or status == 500 or operation.response_for(status) is not None:
            return []
        return [self.violation(operation, f"{describe_status(status)} is not declared", exchange)]


class DeclaredMediaType(Law):
    """The media type is one that is declared for the status."""

    name = "declared-media-type"
    summary = "Each response has a media type that is declared for its status code"

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:  # noqa: ARG002
        declared = _declared(operation, exchange)
        if declared is None or operation.method == "HEAD" or exchange.status in NO_BODY:
            return []
        content = declared.get("content", {})
        # Without `content` nothing is promised: the endpoint makes its response by hand.
        if not content or (not exchange.media_type and not exchange.body):
            return []
        if media_of(content, exchange.media_type) is None:
            status = describe_status(exchange.status or 0)
            message = f"{status} has the media type `{exchange.media_type}`, which is not declared"
            return [self.violation(operation, message, exchange)]
        return []


class DeclaredBody(Law):
    """A JSON body fits its schema, and each item of a stream of JSON fits the schema of items."""

    name = "declared-body"
    summary = "Each JSON body fits its declared schema"

    def __init__(self) -> None:
        self._schemas: dict[int, Schemas] = {}

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:  # noqa: ARG002
        declared = _declared(operation, exchange)
        if declared is None or operation.method == "HEAD" or exchange.status in NO_BODY:
            return []
        media = media_of(declared.get("content", {}), exchange.media_type)
        if media is None:
            return []
        problem = self._problem(operation, exchange, media)
        if problem is None:
            return []
        status = describe_status(exchange.status or 0)
        return [self.violation(operation, f"the body of {status} does not fit its schema: {problem}", exchange)]

    def _problem(self, operation: ProvedOperation, exchange: Exchange, media: Mapping[str, Any]) -> str | None:
        values: list[tuple[Any, Any]]
        schema = media.get("schema")
        try:
            if is_json(exchange.media_type):
                if not exchange.complete:
                    return None
                values = [(schema, exchange.json())]
            elif format_named(exchange.media_type) in (LINES, SEQUENCE):
                values = [(media.get("itemSchema") or _items_of(operation, schema), item) for item in _items(exchange)]
            else:
                return None
        except ValueError:
            return "it is not JSON"
        schemas = self._schemas.setdefault(id(operation.document), Schemas(operation.document))
        problems = (schemas.problem(each, value) for each, value in values if each is not None)
        return next((problem for problem in problems if problem is not None), None)


class DeclaredHeaders(Law):
    """Headers that are declared as required are sent."""

    name = "declared-headers"
    summary = "Each response has the headers that are declared as required, with values of their type"

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:  # noqa: ARG002
        declared = _declared(operation, exchange) or {}
        found = []
        for name, described in declared.get("headers", {}).items():
            header = operation.resolve(described)
            value = exchange.header(name)
            status = describe_status(exchange.status or 0)
            if value is None and header.get("required"):
                found.append(self.violation(operation, f"{status} has no header `{name}`", exchange))
            elif value is not None and not _is_of_type(value, operation.resolve(header.get("schema", {}))):
                found.append(self.violation(operation, f"the header `{name}` of {status} is not of its type", exchange))
        return found


DECLARED: tuple[type[Law], ...] = (
    NoServerError,
    RespondsInTime,
    DeclaredStatus,
    DeclaredMediaType,
    DeclaredBody,
    DeclaredHeaders,
)


def media_of(content: Mapping[str, Any], media_type: str) -> Mapping[str, Any] | None:
    """The declared media type object of a media type: the exact one, or a range such as `image/*`."""
    exact = {name.partition(";")[0].strip().lower(): media for name, media in content.items()}
    found = [media for name, media in exact.items() if name == media_type]
    found += [media for name, media in exact.items() if "*" in name and fnmatchcase(media_type, name)]
    return found[0] if found else None


def where_raised(error: BaseException) -> str:
    """The class of an exception, and what raised it; without its text, which may have values of the request."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "site-packages" not in frame.filename and "/signette/" not in frame.filename]
    kind, last = type(error).__name__, (own or list(frames))[-1:]
    return f"`{kind}` in `{last[0].name}`, line {last[0].lineno}" if last else f"`{kind}`"


def _declared(operation: ProvedOperation, exchange: Exchange) -> Mapping[str, Any] | None:
    return None if exchange.status is None else operation.response_for(exchange.status)


def _items_of(operation: ProvedOperation, schema: Any) -> Any:
    resolved = operation.resolve(schema)
    return resolved.get("items") if isinstance(resolved, Mapping) else None


def _items(exchange: Exchange) -> list[Any]:
    if exchange.media_type == "application/json-seq":
        lines = exchange.body.split(b"\x1e")
    else:
        lines = exchange.body.split(b"\n")
    if not exchange.complete:
        lines.pop()  # cut off
    return [json.loads(line) for line in lines if line.strip()]


def _is_of_type(value: str, schema: Mapping[str, Any]) -> bool:
    match schema.get("type"):
        case "integer":
            return value.strip().removeprefix("-").isdecimal()
        case "number":
            try:
                float(value)
            except ValueError:
                return False
        case "boolean":
            return value in {"true", "false"}
    return True
