"""What a comparison finds: a change, its rule and verdict, where it is, and what it means for clients."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

Verdict = Literal["breaking", "compatible", "note"]
VERDICTS: tuple[Verdict, ...] = ("breaking", "note", "compatible")
DIRECTIONS = ("input", "output")


@dataclass(frozen=True)
class Rule:
    """A kind of change: whether it breaks clients, why, and the safe way to make it."""

    id: str
    verdict: Verdict
    change: str
    why: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Finding:
    """A change between two contracts.

    `operation` is its key in the contract (`GET /orders/{}`), `where` the part of it (`query parameter limit`),
    `pointer` the JSON pointer of the change: into the new contract, or into the old one if only that has it.
    """

    rule: str
    verdict: Verdict
    operation: str
    where: str
    pointer: str
    before: Any
    after: Any
    change: str
    about: str = ""
    """The value that changed, inside of the part: `.items[].code`."""
    why: str = ""
    hint: str = ""
    allowed: str | None = None
    """The reason why the list of allowed changes has it."""

    @property
    def message(self) -> str:
        """The change, and why it breaks clients."""
        return f"{self.change}. {self.why}".strip() if self.why else f"{self.change}."

    @property
    def breaks(self) -> bool:
        """Whether it breaks clients and is not allowed."""
        return self.verdict == "breaking" and self.allowed is None

    def with_reason(self, reason: str) -> "Finding":
        """The same finding, allowed because of a reason."""
        return replace(self, allowed=reason)

    def as_json(self) -> dict[str, Any]:
        """The finding as a JSON value."""
        return asdict(self)


def found(
    rule: Rule, operation: str, where: str, pointer: str, change: str,
    before: Any = None, after: Any = None, about: str = "",
) -> Finding:  # fmt: skip
    """A finding of a rule, with its own words for the change."""
    return Finding(
        rule.id, rule.verdict, operation, where, pointer, before, after, change, about, rule.why, rule.hint
    )  # fmt: skip
