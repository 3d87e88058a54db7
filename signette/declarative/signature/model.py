"""Records of a callable: source location, kind and parameters."""

from collections.abc import Callable
from dataclasses import field
from enum import Enum
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.type_info import TypeInfo, type_info


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """The location of a callable for messages: `shop.items.replace (shop/items.py:41)`."""

    name: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.name} ({self.file}:{self.line})" if self.file else self.name


class Kind(Enum):
    """How to call a callable."""

    SYNC = "sync"
    ASYNC = "async"
    VALUE = "value"
    """A class that only stores its arguments. It is called without a thread."""
    SYNC_GENERATOR = "generator"
    ASYNC_GENERATOR = "async generator"


GENERATORS = (Kind.SYNC_GENERATOR, Kind.ASYNC_GENERATOR)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a callable."""

    name: str
    annotation: Any
    """The type with its other metadata, without markers: what pydantic validates."""
    marker: Any = None
    """The `Marker` or `Dependency`, if any."""
    default: Any = MISSING
    keyword_only: bool = False
    factory: Any = None
    """The annotated class, which `Depends()` without an argument calls."""
    declaration: TypeInfo | None = None
    """The whole annotation as written, with markers; None: it has no markers."""
    fields: tuple[Any, ...] = ()
    """The pydantic `Field`s with a name or a default factory: `Annotated[int, Field(alias="n")]`."""
    convert: Callable[[Any], Any] | None = None
    """Makes the argument from the value, if the parameter was annotated with a class of another framework."""
    type: TypeInfo = field(init=False, repr=False, compare=False)
    """What the annotation means."""
    decided: "dict[Any, Any] | None" = field(init=False, repr=False, compare=False)
    """What was decided for it, if routes share it: a later route need not decide that again. A copy has none."""

    def __post_init__(self) -> None:
        whole = self.declaration
        info = whole if whole is not None and whole.annotation is self.annotation else type_info(self.annotation)
        object.__setattr__(self, "type", info)  # the class is frozen
        object.__setattr__(self, "decided", None)
