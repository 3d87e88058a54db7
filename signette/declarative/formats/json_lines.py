"""JSON Lines: one JSON value on each line."""

from typing import Any, ClassVar

from signette._http.json import dumps
from signette.declarative.formats.base import Content, DoesNotFit, Encode, Format, ItemEncoder, Schema


class JSONLines(Format):
    """`application/jsonl`: one line for each item of a list or an iterator; one line for another value."""

    media_type: ClassVar[str] = "application/jsonl"
    media_types: ClassVar[tuple[str, ...]] = (
        "application/x-ndjson",
        "application/jsonlines",
        "application/x-jsonlines",
    )

    def encoder(self, content: Content) -> Encode | DoesNotFit:  # noqa: ARG002 - each value has a JSON text
        def encode(value: Any) -> bytes:
            return b"".join(map(_line, value if isinstance(value, list) else (value,)))

        return encode

    def item_encoder(self, content: Content) -> ItemEncoder | DoesNotFit:  # noqa: ARG002
        return ItemEncoder(_ended, takes_text=True)

    def document(self, schema: Schema, item_schema: Schema | None) -> Schema:
        return {"itemSchema": schema if item_schema is None else item_schema}


def _line(value: Any) -> bytes:
    return _ended(dumps(value))


def _ended(text: bytes) -> bytes:
    return text + b"\n"
