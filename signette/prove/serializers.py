"""Request bodies of media types that schemathesis does not know."""

import json
from collections.abc import Callable
from typing import Any

from signette.declarative.formats.messagepack import MessagePack
from signette.declarative.streams.formats import LINES


def json_lines(context: Any, value: Any) -> bytes:  # noqa: ARG001 - the shape of a serializer
    """A line for each item. What is no list, in a test of invalid bodies, is one line."""
    return b"".join(_json(item) + b"\n" for item in _items(value))


def json_sequence(context: Any, value: Any) -> bytes:  # noqa: ARG001
    """A text for each item, after a record separator (RFC 7464)."""
    return b"".join(b"\x1e" + _json(item) + b"\n" for item in _items(value))


def message_pack(context: Any, value: Any) -> bytes:  # noqa: ARG001
    """MessagePack, if its library is installed; else JSON, which is not valid."""
    try:
        encode = MessagePack().encoder(None)  # type: ignore[arg-type]
        return encode(value) if callable(encode) else _json(value)
    except (ImportError, TypeError, ValueError, OverflowError):
        return _json(value)


SERIALIZERS: dict[str, Callable[[Any, Any], bytes]] = {
    **dict.fromkeys((LINES.media_type, *LINES.aliases), json_lines),
    "application/json-seq": json_sequence,
    "application/vnd.msgpack": message_pack,
    "application/msgpack": message_pack,
    "application/x-msgpack": message_pack,
}


def _json(value: Any) -> bytes:
    return json.dumps(value, default=str).encode()


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
