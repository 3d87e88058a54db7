"""Media types that schemathesis does not know: what it sends, and what it reads. It loads this module as its hooks."""

import json
from typing import Any

import schemathesis


@schemathesis.serializer("application/jsonl")
def json_lines(ctx: Any, value: Any) -> bytes:
    """A line for each item. What is no list, in a test of invalid bodies, is one line."""
    return b"".join(json.dumps(item).encode() + b"\n" for item in _items(value))


@schemathesis.serializer("application/json-seq")
def json_sequence(ctx: Any, value: Any) -> bytes:
    """A text for each item, after a record separator (RFC 7464)."""
    return b"".join(b"\x1e" + json.dumps(item).encode() + b"\n" for item in _items(value))


@schemathesis.deserializer("application/jsonl")
def items_of_lines(ctx: Any, response: Any) -> list[Any]:
    """The items of a response, which OpenAPI 3.1 documents as an array."""
    return [json.loads(line) for line in response.content.splitlines()]


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
