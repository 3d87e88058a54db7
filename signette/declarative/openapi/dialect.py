"""Versions of OpenAPI: where 3.2 has a word that 3.1 lacks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_FIXED = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a document of one version is written."""

    version: str
    methods: frozenset[str]
    """Members of a path item that are operations."""
    tells_items: bool
    """Whether `itemSchema` tells of one item of a stream; else the whole stream is told as an array of items."""
    more_methods: str | None
    """The member of a path item that holds operations of other methods. None: each gets a key of its own, `x-copy`."""

    def put(self, path_item: dict[str, Any], method: str, operation: Mapping[str, Any]) -> None:
        """Set an operation where this version looks for its method."""
        word = method.lower()
        if word in self.methods:
            path_item[word] = operation
        elif self.more_methods is None:
            path_item[f"x-{word}"] = operation
        else:
            path_item.setdefault(self.more_methods, {})[method] = operation

    def stream(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """The media type object of a stream of such items."""
        if self.tells_items:
            return {"itemSchema": item}
        return {"schema": {"type": "array", "items": item}}


OPENAPI_3_1 = Dialect("3.1.0", _FIXED, tells_items=False, more_methods=None)
# OpenAPI 3.2 §4.9 (`query`, `additionalOperations`), §4.14 (`itemSchema`).
OPENAPI_3_2 = Dialect("3.2.0", _FIXED | {"query"}, tells_items=True, more_methods="additionalOperations")


def dialect_of(version: str) -> Dialect:
    """The dialect of a version, which may name a patch: `3.1`, `3.1.1`, `3.2.0`.

    Raises ValueError for a version that is not written here.
    """
    for dialect in (OPENAPI_3_1, OPENAPI_3_2):
        if version == dialect.version[:3]:
            return dialect
        if version.startswith(f"{dialect.version[:3]}.") and version[4:].isdecimal():
            return Dialect(version, dialect.methods, dialect.tells_items, dialect.more_methods)
    raise ValueError(f"`openapi_version={version!r}`: documents are written as 3.1 or 3.2; say '3.1.0' or '3.2.0'")
