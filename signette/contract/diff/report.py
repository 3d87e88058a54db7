"""The result of a comparison, and its groups: a change of a shared schema is one group for all its operations."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from signette.contract.diff.allowed import Allowed
from signette.contract.diff.documents import key_of
from signette.contract.diff.findings import VERDICTS, Finding, Verdict

FORMAT = 1


@dataclass(frozen=True)
class Group:
    """Findings with one cause: the first one, and where it shows."""

    first: Finding
    places: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """All findings of a comparison, and the entries of the list of allowed changes that allow none of them."""

    findings: tuple[Finding, ...]
    unused: tuple[Allowed, ...] = ()

    @property
    def breaking(self) -> list[Finding]:
        """What breaks clients and is not allowed."""
        return [finding for finding in self.findings if finding.breaks]

    @property
    def allowed(self) -> list[Finding]:
        """What is allowed, with reasons."""
        return [finding for finding in self.findings if finding.allowed is not None]

    def of(self, verdict: Verdict) -> list[Finding]:
        """The findings of a verdict that are not allowed."""
        return [finding for finding in self.findings if finding.verdict == verdict and finding.allowed is None]

    def fails(self, *, on_notes: bool = False) -> bool:
        """Whether there is a breaking change that is not allowed; or a note, if you want."""
        return bool(self.breaking or (on_notes and self.of("note")))

    def summary(self) -> str:
        """How many changes there are, in words."""
        if not self.findings:
            return "no changes"
        numbers = {verdict: len(groups(self.of(verdict))) for verdict in VERDICTS}
        notes = "note" if numbers["note"] == 1 else "notes"
        words = {"breaking": "breaking", "note": notes, "compatible": "compatible"}
        counts = [f"{numbers[verdict]} {words[verdict]}" for verdict in VERDICTS]
        allowed = len(groups(self.allowed))
        return "changes: " + ", ".join([*counts, *([f"{allowed} allowed"] if allowed else [])])

    def as_json(self) -> dict[str, Any]:
        """The report as a JSON value."""
        return {
            "signette_diff": FORMAT,
            "fails": self.fails(),
            **{verdict: len(self.of(verdict)) for verdict in VERDICTS},
            "allowed": len(self.allowed),
            "findings": [finding.as_json() for finding in self.findings],
            "unused": [str(entry) for entry in self.unused],
        }


def groups(findings: Iterable[Finding]) -> list[Group]:
    """The findings by their causes, in order."""
    found: dict[Any, list[Finding]] = {}
    for one in findings:
        key = one.rule, one.pointer, key_of(one.before), key_of(one.after), one.allowed
        found.setdefault(key, []).append(one)
    return [Group(same[0], tuple(dict.fromkeys(_place(one) for one in same))) for same in found.values()]


def _place(finding: Finding) -> str:
    return f"{finding.operation}, {finding.where}" if finding.operation else finding.where
