"""Which types keep the decimals of JSON, and which cannot be validated after they were parsed."""

from typing import Any

from signette.declarative.core_schema.walk import Node, descendants

# Schemas that accept any value, or a `Decimal`.
_KEEPING = frozenset({"any", "decimal", "function-plain"})
# A collection without a schema for its items accepts any.
_ITEMS = {"list": "items_schema", "set": "items_schema", "frozenset": "items_schema", "tuple": "items_schema",
          "deque": "items_schema", "dict": "values_schema"}  # fmt: skip


def keeps_decimals(core_schema: Any) -> bool:
    """Whether a value of this schema could contain a `Decimal`."""
    return any(map(_keeps, descendants(core_schema)))


def _keeps(node: Node) -> bool:
    kind = node["type"]
    if kind in _KEEPING or (kind in _ITEMS and _ITEMS[kind] not in node):
        return True
    config = node.get("config") or {}
    return "allow" in (node.get("extra_behavior"), config.get("extra_fields_behavior"))


def json_only_setting(core_schema: Any) -> str | None:
    """The first setting by which pydantic validates JSON otherwise than the values that it was parsed to."""
    for node in descendants(core_schema):
        config = node.get("config") or {}
        if node.get("strict") or config.get("strict"):
            return "strict"
        if config.get("val_json_bytes", "utf8") != "utf8":
            return "val_json_bytes"
    return None
