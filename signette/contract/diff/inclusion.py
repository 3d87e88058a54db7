"""Whether every value of one schema is a value of another one, and if not, why not.

Theory of operation: both schemas are read as branches. Each branch of the first must lie within one branch of the
second (or, if its values are listed, each value must fit the second). If it lies within none, the reasons come from the
branch that fits best. Two schemas that contain themselves are compared once: a pair that is being compared is assumed
to hold, which is right because each turn takes a step into a finite value.

The comparison is sound: without a reason, no value of the first schema is outside of the second. It is not complete: a
reason that is not `certain` means that it cannot decide.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from signette.contract.diff.branches import Branch, Reader, TooManyBranchesError
from signette.contract.diff.disjoint import is_disjoint_from
from signette.contract.diff.documents import Node, key_of
from signette.contract.diff.equality import Equality
from signette.contract.diff.keywords import CONTEXTUAL
from signette.contract.diff.limits import is_listed, limit_reasons, token_reasons
from signette.contract.diff.members import compare_arrays, compare_contents, compare_objects
from signette.contract.diff.membership import any_of, fits_branch, is_empty, listed_values, whole_numbers
from signette.contract.diff.reasons import Reason, within

_Key = tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]


class Inclusion:
    """Compares schemas. `closed`: properties that the narrower schema does not list are not sent.

    `closed` is how contracts are meant: a client does not send what its contract does not have, and a server does not
    either, although JSON Schema lets objects have any other property. `textual`: values are sent as texts, as those of
    queries and headers are, so a number is a text, too.
    """

    def __init__(
        self, reader: Reader, *, closed: bool = True, textual: bool = False, equality: Equality | None = None
    ) -> None:
        self.reader = reader
        self.closed = closed
        self.textual = textual
        self.equality = equality or Equality()
        # What a schema excludes is read as it stands.
        self._open = Inclusion(reader, closed=False, equality=self.equality) if closed else self
        self._kept: dict[_Key, tuple[Reason, ...]] = {}
        self._alive: list[tuple[Node, Node]] = []  # `id()` identifies a schema while it lives
        self._running: dict[_Key, int] = {}
        self._assumed = 1 << 30  # the outermost pair that was assumed to hold

    def reasons(self, sub: Node, sup: Node) -> tuple[Reason, ...]:
        """Why not every value of `sub` is a value of `sup`; empty if every value is."""
        key = tuple(part.key for part in sub), tuple(part.key for part in sup)
        if key in self._kept:
            return self._kept[key]
        if key in self._running:
            self._assumed = min(self._assumed, self._running[key])
            return ()
        depth = len(self._running)
        outer, self._assumed = self._assumed, 1 << 30
        self._running[key] = depth
        try:
            found = () if self.equality.same(sub, sup) else _without_repeats(self._unequal(sub, sup))
        except TooManyBranchesError:
            found = (Reason("keyword", (), "anyOf", None, None, _pointer(sub), _pointer(sup), certain=False),)
        finally:
            del self._running[key]
        if self._assumed >= depth:  # the result depends on no pair that is still being compared
            self._kept[key] = found
            self._alive.append((sub, sup))
            self._assumed = outer
        else:
            self._assumed = min(outer, self._assumed)
        return found

    def _unequal(self, sub: Node, sup: Node) -> Iterator[Reason]:
        subs = [branch for branch in self.reader.branches(sub) if not is_empty(self.reader, branch)]
        sups = self.reader.branches(sup)
        missing = [branch for branch in subs if all(branch.kind != other.kind for other in sups)]
        if self.textual and any(_is_any_text(other) for other in sups):
            missing = [branch for branch in missing if branch.kind not in ("number", "boolean")]
        if missing:
            kind = "null" if [branch.kind for branch in missing] == ["null"] and sups else "type"
            yield Reason(kind, (), "type", _types(subs), _types(sups), _pointer(sub), _pointer(sup))
        for branch in subs:
            candidates = [other for other in sups if other.kind == branch.kind]
            if candidates:
                yield from self._against(branch, candidates, subs)

    def _against(self, branch: Branch, candidates: list[Branch], subs: list[Branch]) -> Iterable[Reason]:
        """Why a branch lies within none of the candidates."""
        values = listed_values(self.reader, branch)
        if values is not None:
            return self._listed(values, branch, candidates)
        found: list[tuple[Branch, list[Reason]]] = []
        for other in candidates:
            reasons = list(self._within(branch, other))
            if not any(not reason.soft for reason in reasons):
                return reasons
            found.append((other, reasons))
        numbers = whole_numbers(self.reader, branch)
        if numbers is not None and not list(self._listed(numbers, branch, candidates)):
            return ()
        return self._best(branch, found, [one for one in subs if one.kind == branch.kind])

    def _listed(self, values: list[Any], branch: Branch, candidates: list[Branch]) -> Iterator[Reason]:
        verdicts = [(value, any_of(fits_branch(self.reader, value, other) for other in candidates)) for value in values]
        allowed = [value for other in candidates for value in listed_values(self.reader, other) or ()]
        at = branch.values_at or branch.pointer
        sup_at = candidates[0].values_at or candidates[0].pointer
        for certain in (True, False):
            missing = [value for value, verdict in verdicts if verdict is (False if certain else None)]
            if missing:
                yield Reason("member", (), "enum", missing, allowed or None, at, sup_at, certain)

    def _best(self, branch: Branch, found: list[tuple[Branch, list[Reason]]], subs: list[Branch]) -> Iterable[Reason]:
        """The reasons from the candidate that is most like the branch."""
        several = len(found) > 1 or len(subs) > 1
        if not several:
            return found[0][1]
        label = _label(branch, subs)
        others = [other for other, _ in found]
        same_name = [one for one in found if label and label == _label(one[0], others if len(others) > 1 else subs)]
        conflicts = {id(other): _tags_differ(self.reader, branch, other) for other, _ in found}
        alike = same_name or [one for one in found if not conflicts[id(one[0])]]
        if not alike or (label and not same_name and branch.kind == "object"):
            return [Reason("union", (), label or branch.type_name, label or branch.type_name, None,
                           branch.pointer, found[0][0].pointer)]  # fmt: skip
        best = min(alike, key=lambda one: (sum(reason.certain for reason in one[1]), len(one[1])))
        return within(f"<{label}>", best[1]) if label else best[1]

    def _within(self, sub: Branch, sup: Branch) -> Iterator[Reason]:
        """Why a branch does not lie within another one of its type."""
        if sup.integral and not sub.integral:
            yield Reason("type", (), "type", ["number"], ["integer"], sub.pointer, sup.pointer)
        if sup.values is not None and not is_listed(sub, sup.values):
            yield Reason("enum", (), "enum", None, list(sup.values), sub.pointer, sup.values_at)
        yield from limit_reasons(sub, sup, closed=self.closed)
        yield from token_reasons(sub, sup)
        for (keyword, value), at in sup.opaque.items():
            if keyword in CONTEXTUAL or (keyword, value) not in sub.opaque:
                yield Reason("keyword", (), keyword, None, None, sub.pointer, at, certain=False)
        if sup.kind == "object":
            yield from compare_objects(sub, sup, self.reasons, self.reader, closed=self.closed)
        if sup.kind == "array":
            yield from compare_arrays(sub, sup, self.reasons)
        if sup.kind == "string":
            yield from compare_contents(sub, sup, self.reasons)
        yield from self._excluded(sub, sup)

    def _excluded(self, sub: Branch, sup: Branch) -> Iterator[Reason]:
        for node in sup.excludes:
            if is_disjoint_from(self.reader, sub, node):
                continue
            if any(not self._open.reasons(node, own) for own in sub.excludes):
                continue
            yield Reason("excluded", (), "not", None, None, sub.pointer, _pointer(node), certain=False)


def _is_any_text(branch: Branch) -> bool:
    least = branch.limits.get("minLength")
    unlimited = branch.limits.keys() <= {"minLength"} and (least is None or least.value <= 1)
    restricted = (
        branch.values is not None or branch.tokens or branch.opaque or branch.excludes or branch.members.content
    )
    return branch.kind == "string" and unlimited and not restricted


def _without_repeats(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    found: list[Reason] = []
    for reason in reasons:
        if reason not in found:
            found.append(reason)
    return tuple(found)


def _pointer(node: Node) -> str:
    return node[-1].pointer if node else ""


def _types(branches: Iterable[Branch]) -> list[str]:
    return sorted({branch.type_name for branch in branches})


def _label(branch: Branch, among: list[Branch]) -> str | None:
    """The component that one member of a union has and the others do not."""
    shared = set(among[0].names).intersection(*(one.names for one in among)) if len(among) > 1 else set()
    return next((name for name in branch.names if name not in shared), None)


def _tags_differ(reader: Reader, one: Branch, other: Branch) -> bool:
    """Whether a property with listed values, such as a discriminator, differs between two members of a union."""
    for name in one.members.declared:
        left, right = one.members.of_property(name), other.members.of_property(name)
        if name not in other.members.declared or not left or not right:
            continue
        values = [
            {key_of(value) for branch in reader.branches(node) for value in branch.values or ()}
            for node in (left, right)
        ]
        if values[0] and values[1] and not values[0] & values[1]:
            return True
    return False
