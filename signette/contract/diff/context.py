"""What the parts of a comparison share."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from signette.contract.diff.documents import Document, pointer_of
from signette.contract.diff.findings import Finding, found
from signette.contract.diff.rules import RULES
from signette.contract.diff.schemas import Place, SchemaComparison


@dataclass(frozen=True, eq=False)
class Context:
    """Two contracts, and the comparison of their schemas. `today` decides whether a sunset date has passed."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    today: date
    schemas: SchemaComparison = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "schemas", SchemaComparison(Document(self.old), Document(self.new)))


@dataclass(frozen=True)
class At:
    """A part of an operation: the operation's key, the part in words, its path in the contract."""

    operation: str
    where: str
    path: tuple[str | int, ...]

    def below(self, where: str, *tokens: str | int) -> "At":
        """A part of this part."""
        return At(self.operation, where, self.path + tokens)

    def finding(self, rule: str, change: str, before: Any = None, after: Any = None) -> Finding:
        """A finding of a rule at this place."""
        return found(RULES[rule], self.operation, self.where, pointer_of(*self.path), change, before, after)

    def place(self) -> Place:
        """The place of a schema."""
        return Place(self.operation, self.where, pointer_of(*self.path))


def compare_schemas(
    context: Context, direction: str, at: At, old: Any, new: Any, old_path: Any = None, *, textual: bool = False
) -> Iterator[Finding]:
    """The findings for the schemas of two contracts; `old_path`, if it is elsewhere in the old contract."""
    old_pointer = None if old_path is None else pointer_of(*old_path)
    yield from context.schemas.compare(direction, at.place(), old, new, old_pointer, textual=textual)


def has_passed(moment: str | None, today: date) -> bool:
    """Whether a time of a contract is over."""
    return moment is not None and datetime.fromisoformat(moment).date() <= today


def names(old: Iterable[str], new: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
    """Names that are gone, that are new, and that both have; each in order."""
    before, after = list(old), list(new)
    return (
        [name for name in before if name not in after],
        [name for name in after if name not in before],
        [name for name in before if name in after],
    )
