"""What is recorded of a callable: where it is defined, how it is called, its parameters."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.type_info import TypeInfo


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """The place of a callable, for people: `shop.items.replace (shop/items.py:41)`."""

    name: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.name} ({self.file}:{self.line})" if self.file else self.name


class Kind(Enum):
    """How a callable is called."""

    SYNC = "sync"
    ASYNC = "async"
    VALUE = "value"
    """A class that only collects its arguments: built on the spot, no thread is worth it."""
    SYNC_GENERATOR = "generator"
    ASYNC_GENERATOR = "async generator"


GENERATORS = (Kind.SYNC_GENERATOR, Kind.ASYNC_GENERATOR)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a callable, as `introspect` found it."""

    name: str
    annotation: Any
    """The type with its plain metadata, markers taken out: what pydantic checks."""
    marker: Any = None
    """The `Marker` or `Dependency` that was written, if any."""
    default: Any = MISSING
    keyword_only: bool = False
    factory: Any = None
    """The annotated class, which `Depends()` without a callable calls."""
    type: TypeInfo | None = None
    """The record of the whole annotation, markers included."""
    fields: tuple[Any, ...] = ()
    """The pydantic `Field`s that name it, or give it a default factory: `Annotated[int, Field(alias="n")]`."""
