"""Values to try in generated requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Candidates:
    """Values to try in requests of an operation, by name: of its path, of its query, and of its JSON body."""

    path: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    query: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    body: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    bodies: tuple[Any, ...] = ()
    """Whole JSON bodies: examples of the document."""
    boundaries: Mapping[tuple[str, str], tuple[Any, ...]] = field(default_factory=dict)
    """Values at the edges of schemas, by `query` or `body` and a name: requests with them fit the document."""

    def __bool__(self) -> bool:
        return bool(self.path or self.query or self.body or self.bodies)
