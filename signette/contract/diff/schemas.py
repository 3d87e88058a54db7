"""Two schemas of one place -> findings. Both are compared in both directions: what was lost, and what was gained."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from signette.contract.diff.branches import Branch, Reader, TooManyBranchesError
from signette.contract.diff.documents import Document, Node, Part
from signette.contract.diff.findings import Finding, found
from signette.contract.diff.inclusion import Inclusion
from signette.contract.diff.reasons import Reason
from signette.contract.diff.schema_rules import ROWS, SCHEMA_RULES, sentence, shown, verdict_of

# A property with this keyword is not part of what is sent in that direction (OpenAPI 3.1 §4.8.24).
_HIDDEN = {"input": "readOnly", "output": "writeOnly"}


@dataclass(frozen=True)
class Place:
    """Where a schema is: the operation, the part of it in words, the pointer to the schema in its contract."""

    operation: str
    where: str
    pointer: str


class SchemaComparison:
    """Compares schemas of two contracts, as inputs or as outputs."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old = old
        self.new = new
        self._inclusions = {
            (direction, textual): Inclusion(Reader(hidden), textual=textual)
            for direction, hidden in _HIDDEN.items()
            for textual in (False, True)
        }

    def compare(
        self, direction: str, place: Place, old: Any, new: Any, old_pointer: str | None = None, *, textual: bool = False
    ) -> list[Finding]:
        """The findings for the schemas of two contracts. `textual`: values are sent as texts, not as JSON."""
        before: Node = (Part(old, place.pointer if old_pointer is None else old_pointer, self.old),)
        after: Node = (Part(new, place.pointer, self.new),)
        inclusion = self._inclusions[direction, textual]
        lost, gained = list(inclusion.reasons(before, after)), list(inclusion.reasons(after, before))
        return _without_repeats(list(_findings(direction, place, lost, gained)))

    def includes(self, direction: str, place: Place, old: Any, new: Any) -> bool:
        """Whether a change breaks no client."""
        return all(finding.verdict != "breaking" for finding in self.compare(direction, place, old, new))


def has_members(schema: Any, document: Document) -> bool:
    """Whether a value of a schema can be a list or an object."""
    try:
        return any(branch.kind in ("array", "object") for branch in _branches(schema, document))
    except TooManyBranchesError:
        return True


def properties_of(schema: Any, document: Document) -> dict[str, Any]:
    """The schemas of the properties that a schema lists, by name."""
    return {
        name: node[0].schema
        for branch in _branches(schema, document)
        for name in branch.members.declared
        if (node := branch.members.of_property(name))
    }


def _branches(schema: Any, document: Document) -> tuple[Branch, ...]:
    return Reader().branches((Part(schema, "", document),))


def _findings(direction: str, place: Place, lost: list[Reason], gained: list[Reason]) -> Iterator[Finding]:
    both = {(reason.kind, reason.path) for reason in lost} & {(reason.kind, reason.path) for reason in gained}
    undecided: set[tuple[str, ...]] = set()
    for side, reasons in (("lost", lost), ("gained", gained)):
        for reason in reasons:
            if not reason.certain and reason.kind != "default":
                # What cannot be decided is noted once, whichever direction it is.
                if reason.path not in undecided and (side, direction) in {("lost", "input"), ("gained", "output")}:
                    undecided.add(reason.path)
                    yield _undecided(direction, side, place, reason)
                continue
            row = ROWS.get(reason.kind)
            at_once = row is not None and row.changed is not None and (reason.kind, reason.path) in both
            if at_once:
                if verdict_of(direction, side) == "breaking":
                    yield _of_row(direction, "changed", place, reason, side)
                continue
            finding = _special(direction, side, place, reason)
            if finding is not None:
                yield finding
            elif row is not None and not reason.soft and not _is_another_finding(direction, side, reason):
                yield _of_row(direction, side, place, reason, side)


# A finding of the left says what one of the right says, too.
_SAYS_TOO = {
    "output-required-property-removed": "output-property-removed",
    "input-required-property-added": "input-property-added",
}


def _without_repeats(findings: list[Finding]) -> list[Finding]:
    repeated = {(_SAYS_TOO[one.rule], one.about) for one in findings if one.rule in _SAYS_TOO}
    kept: list[Finding] = []
    for one in findings:
        if (one.rule, one.about) not in repeated and one not in kept:
            kept.append(one)
    return kept


def _of_row(direction: str, side: str, place: Place, reason: Reason, order: str) -> Finding:
    row = ROWS[reason.kind]
    name = {"lost": row.lost, "gained": row.gained, "changed": row.changed}[side]
    # A property that is required or not is the object's matter.
    path = reason.path[:-1] if reason.kind in {"required", "dependent", "names"} else reason.path
    change = sentence(row, direction, side, _what(place, path), reason)
    return _found(direction, str(name), place, reason, change, order)


def _found(direction: str, name: str, place: Place, reason: Reason, change: str, side: str) -> Finding:
    before, after = (reason.sub, reason.sup) if side == "lost" else (reason.sup, reason.sub)
    old_at, new_at = (reason.sub_at, reason.sup_at) if side == "lost" else (reason.sup_at, reason.sub_at)
    rule = SCHEMA_RULES[f"{direction}-{name}"]
    about = "".join(reason.path)
    return found(rule, place.operation, place.where, new_at or old_at or place.pointer, change, before, after, about)


def _what(place: Place, path: tuple[str, ...]) -> str:
    inner = "".join(path).removeprefix(".")
    return f"`{inner}` in the {place.where}" if inner else f"the {place.where}"


def _undecided(direction: str, side: str, place: Place, reason: Reason) -> Finding:
    what = _what(place, reason.path)
    words = {"excluded": "values that other members of `oneOf`, or `not`, exclude"}
    about = words.get(reason.kind, f"`{reason.subject}`")
    return _found(
        direction, "not-compared", place, reason, f"{what}: {about} changed in a way that is not compared", side
    )


_IN_OTHER_FINDINGS = {("input", "gained"), ("output", "lost")}


def _is_another_finding(direction: str, side: str, reason: Reason) -> bool:
    """Whether another finding has the change: a property that the new contract does not have."""
    return reason.kind == "required" and reason.sub is None and (direction, side) in _IN_OTHER_FINDINGS


def _special(direction: str, side: str, place: Place, reason: Reason) -> Finding | None:
    """The finding of a reason that has its own words."""
    named = {
        "default": _default, "deprecated": _deprecated, "property": _property, "required": _required,
    }.get(reason.kind)  # fmt: skip
    chosen = None if named is None else named(direction, side, _what(place, reason.path), reason)
    return None if chosen is None else _found(direction, chosen[0], place, reason, chosen[1], side)


def _default(direction: str, side: str, what: str, reason: Reason) -> tuple[str, str] | None:
    if direction == "output" or side == "gained":
        return None
    if reason.certain:
        return "default-changed", f"the default of {what} is {shown(reason.sup)} instead of {shown(reason.sub)}"
    if reason.sub is None:
        return "default-set", f"{what} has the default {shown(reason.sup)}, and had none"
    return "default-unset", f"{what} has no default, and had {shown(reason.sub)}"


def _deprecated(direction: str, side: str, what: str, reason: Reason) -> tuple[str, str] | None:
    if side == "gained":
        return None
    prefix = "" if direction == "input" else "property-"
    if reason.sup:
        return f"{prefix}deprecated", f"{what} is deprecated"
    return f"{prefix}undeprecated", f"{what} is no longer deprecated"


def _property(direction: str, side: str, what: str, reason: Reason) -> tuple[str, str] | None:
    """A property that only one contract lists."""
    rejected = not reason.soft
    if direction == "input":
        if side == "gained":
            return "property-added", f"{what} is new and optional"
        if rejected:
            return "property-rejected", f"{what} is no longer accepted"
        return "property-ignored", f"{what} is no longer read"
    if side == "lost":
        return "property-removed", f"{what} is no longer sent"
    if rejected:
        return "property-undeclared", f"{what} is new, and the old contract has no other properties"
    return "property-added", f"{what} is new"


def _required(direction: str, side: str, what: str, reason: Reason) -> tuple[str, str] | None:
    if direction == "input" and side == "lost" and reason.sub is None:
        return "required-property-added", f"{what} is new and required"
    if direction == "output" and side == "gained" and reason.sub is None:
        return "required-property-removed", f"{what} is no longer sent"
    return None
