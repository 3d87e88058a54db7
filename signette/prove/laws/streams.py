"""Laws of streams: the data of server-sent events, and the columns of CSV."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from signette.declarative.formats.base import ItemEncoder
from signette.declarative.formats.csv import CSV
from signette.declarative.returns.items import items_in
from signette.declarative.returns.rendered import content_for
from signette.declarative.returns.stream import items_of
from signette.declarative.signature.markers import MISSING
from signette.prove.law import Exchange, Law, ProvedOperation, Send, Violation
from signette.prove.schemas import Schemas

# Events that signette adds to the declared ones: an error, messages that are gone, and the end of the process.
_OF_THE_TOOLKIT = {"problem", "missed", "draining"}
# A key for events whose names are not declared: those of an untyped `ServerSentEvent`.
ANY_NAME = "*"


class EventData(Law):
    """WHATWG HTML section 9.2, OpenAPI 3.1, `contentSchema`."""

    name = "events"
    summary = "Server-sent events have declared names, and their data fits the schema of the name"

    def __init__(self) -> None:
        self._schemas: dict[int, Schemas] = {}

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.status is not None and exchange.media_type == "text/event-stream"

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        schemas = self._schemas.setdefault(id(operation.document), Schemas(operation.document))
        declared = _declared_events(operation, exchange)
        if not declared:
            return []
        messages = dict.fromkeys(_wrong(event, declared, schemas) for event in _events_in(exchange.body))
        return [self.violation(operation, message, exchange) for message in messages if message]


def _wrong(event: Mapping[str, str], declared: Mapping[str, Any], schemas: Schemas) -> str:
    """What is wrong with an event; empty if it is right."""
    name = event.get("event", "")
    if name not in declared and (name in _OF_THE_TOOLKIT or ANY_NAME in declared):
        return ""
    shown = f"an event `{name}`" if name in declared and name else "an event without a name"
    if name not in declared:
        return f"{shown} is not declared" if not name else "the name of an event is not declared"
    schema = declared[name]
    if schema is None:
        return ""
    try:
        value = json.loads(event["data"])
    except ValueError:
        return f"the data of {shown} is not JSON"
    problem = schemas.problem(schema, value)
    return f"the data of {shown} does not fit its schema: {problem}" if problem else ""


def _declared_events(operation: ProvedOperation, exchange: Exchange) -> dict[str, Any]:
    """The schemas of the data of events by name, "" for events without one; None for data that is no JSON."""
    content = (operation.response_for(exchange.status or 0) or {}).get("content", {})
    media = content.get("text/event-stream", {})
    item = media.get("itemSchema") or operation.resolve(media.get("schema", {})).get("items", {})
    found = {}
    for each in _alternatives(operation, item):
        properties = each.get("properties", {})
        data = operation.resolve(properties.get("data", {}))
        name = operation.resolve(properties.get("event", {"const": ""})).get("const", ANY_NAME)
        found[name] = data.get("contentSchema")
    return found if item else {}


def _alternatives(operation: ProvedOperation, schema: Any) -> Iterator[Mapping[str, Any]]:
    resolved = operation.resolve(schema)
    members = resolved.get("oneOf") or resolved.get("anyOf")
    if not members:
        yield resolved
    for member in members or ():
        yield from _alternatives(operation, member)


def _events_in(body: bytes) -> Iterator[dict[str, str]]:
    """The complete events of a stream that have data."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    for block in text.split("\n\n")[:-1]:
        event: dict[str, str] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data" and "data" in event:
                event["data"] += f"\n{value}"
            elif name:
                event[name] = value
        if "data" in event:
            yield event


class CSVColumns(Law):
    """RFC 4180 section 2."""

    name = "csv-columns"
    summary = "The header row of CSV has the fields of the declared model, and each row a cell for each of them"

    def applies(self, operation: ProvedOperation) -> bool:
        return any(isinstance(each, CSV) for each in operation.plan.reply.formats)

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.is_success and exchange.media_type == "text/csv" and exchange.complete

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        format_ = next(each for each in operation.plan.reply.formats if isinstance(each, CSV))
        expected = _columns(operation, exchange, format_)
        if expected is None:
            return []
        header, *rows = _rows_in(exchange.body, format_) or [[]]
        if header != expected:
            return [self.violation(operation, "the header row of CSV is not that of the declared model", exchange)]
        if any(len(row) != len(header) for row in rows):
            return [self.violation(operation, "a row of CSV has another number of cells than the header row", exchange)]
        return []


def _columns(operation: ProvedOperation, exchange: Exchange, format_: CSV) -> list[str] | None:
    """The columns of the declared result; None if they are not known."""
    reply = operation.plan.reply
    for spec in reply.responses:
        if spec.status != exchange.status or spec.kind is None:
            continue
        items = items_in(spec.annotation)
        streamed = items_of(spec.annotation)
        item = items.annotation if items is not None else spec.annotation if streamed is MISSING else streamed
        encoder = format_.item_encoder(content_for(item, reply.options))
        if isinstance(encoder, ItemEncoder):
            return _rows_in(encoder.head, format_)[0]
    return None


def _rows_in(body: bytes, format_: CSV) -> list[list[str]]:
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=format_.delimiter))
