"""Versions of OpenAPI: the differences of 3.1 and 3.2."""

from collections.abc import Mapping
from typing import Any

from signette._dataclasses import dataclass

_FIXED = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """The features of an OpenAPI version."""

    version: str
    methods: frozenset[str]
    """The methods that a path item has as members."""
    has_item_schema: bool
    """Whether `itemSchema` describes the items of a stream. False: the stream is described as an array."""
    more_methods: str | None
    """The member of a path item for other methods. None: an extension per method, such as `x-copy`."""

    def put(self, path_item: dict[str, Any], method: str, operation: Mapping[str, Any]) -> None:
        """Add an operation to a path item."""
        word = method.lower()
        if word in self.methods:
            path_item[word] = operation
        elif self.more_methods is None:
            path_item[f"x-{word}"] = operation
        else:
            path_item.setdefault(self.more_methods, {})[method] = operation

    def stream(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """The media type object of a stream of items."""
        if self.has_item_schema:
            return {"itemSchema": item}
        return {"schema": {"type": "array", "items": item}}

    def media(self, described: Mapping[str, Any]) -> dict[str, Any]:
        """A media type object in the form of this version, from one of OpenAPI 3.2."""
        media = dict(described)
        return media if "itemSchema" not in media else self.stream(media.pop("itemSchema")) | media


OPENAPI_3_1 = Dialect("3.1.0", _FIXED, has_item_schema=False, more_methods=None)
# OpenAPI 3.2 §4.9 (`query`, `additionalOperations`), §4.14 (`itemSchema`).
OPENAPI_3_2 = Dialect("3.2.0", _FIXED | {"query"}, has_item_schema=True, more_methods="additionalOperations")


def dialect_of(version: str) -> Dialect:
    """The dialect of a version, with or without a patch number: `3.1`, `3.1.1`, `3.2.0`.

    Raises ValueError for an unsupported version.
    """
    for dialect in (OPENAPI_3_1, OPENAPI_3_2):
        if version == dialect.version[:3]:
            return dialect
        if version.startswith(f"{dialect.version[:3]}.") and version[4:].isdecimal():
            return Dialect(version, dialect.methods, dialect.has_item_schema, dialect.more_methods)
    raise ValueError(f"unsupported `openapi_version={version!r}`; use '3.1.0' or '3.2.0'")
