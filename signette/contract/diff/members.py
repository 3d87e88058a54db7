"""Properties and items: those of one branch against those of another one."""

from collections.abc import Callable, Iterator
from typing import Any

from signette.contract.diff.branches import Branch, Reader
from signette.contract.diff.documents import Document, Node, Part, pointer_of
from signette.contract.diff.membership import fits
from signette.contract.diff.objects import Members
from signette.contract.diff.reasons import Reason, within

Compare = Callable[[Node, Node], tuple[Reason, ...]]

_TEXT = Part({"type": "string"}, "", Document(None))


def compare_objects(sub: Branch, sup: Branch, compare: Compare, reader: Reader, *, closed: bool) -> Iterator[Reason]:
    """Compare the properties of two branches. `closed`: properties that `sub` does not list are not sent."""
    own, other = sub.members, sup.members
    closed = closed and not own.says_others
    yield from _missing(sub, sup)
    for name in other.declared:
        yield from _property(sub, sup, name, compare, closed=closed)
    for name in own.declared:
        if name not in other.declared:
            yield from _undeclared(sub, sup, name, compare)
    if not closed:
        yield from _others(sub, sup, compare)
    yield from _names(sub, sup, compare, reader, closed=closed)
    for (name, needed), at in other.dependent.items():
        never_sent = closed and own.of_property(name) is None
        if not (needed in own.required or (name, needed) in own.dependent or never_sent):
            yield Reason("dependent", (f".{needed}",), name, None, name, sub.pointer, at)


def _missing(sub: Branch, sup: Branch) -> Iterator[Reason]:
    for name, at in sup.members.required.items():
        if name in sub.members.required:
            continue
        declared = name in sub.members.declared
        sub_at = sub.pointer + (pointer_of("properties", name) if declared else "")
        yield Reason("required", (f".{name}",), name, "optional" if declared else None, "required", sub_at, at)


def _property(sub: Branch, sup: Branch, name: str, compare: Compare, *, closed: bool) -> Iterator[Reason]:
    own, other = sub.members.of_property(name), sup.members.of_property(name) or ()
    if own is None and (closed or name in sub.members.hidden):
        return
    yield from within(f".{name}", compare(own or (), other))
    if own and name in sub.members.declared:
        optional = name not in sub.members.required and name not in sup.members.required
        yield from within(f".{name}", _annotations(own, other, optional=optional))


def _annotations(own: Node, other: Node, *, optional: bool) -> Iterator[Reason]:
    """What changes the meaning of a property, but not its values."""
    before, after = _values_of(own, "default"), _values_of(other, "default")
    if optional and before != after:
        missing = not before or not after
        yield Reason(
            "default", (), "default", before[0] if before else None, after[0] if after else None,
            _keyword_at(own, "default"), _keyword_at(other, "default"), certain=not missing, soft=True,
        )  # fmt: skip
    if (_values_of(own, "deprecated") == [True]) != (_values_of(other, "deprecated") == [True]):
        sub, sup = _values_of(own, "deprecated") == [True], _values_of(other, "deprecated") == [True]
        places = _keyword_at(own, "deprecated"), _keyword_at(other, "deprecated")
        yield Reason("deprecated", (), "deprecated", sub, sup, *places, soft=True)


def _values_of(node: Node, keyword: str) -> list[Any]:
    return [part.schema[keyword] for part in node if isinstance(part.schema, dict) and keyword in part.schema][:1]


def _keyword_at(node: Node, keyword: str) -> str:
    found = [part for part in node if isinstance(part.schema, dict) and keyword in part.schema]
    return f"{found[0].pointer}/{keyword}" if found else node[0].pointer if node else ""


def _undeclared(sub: Branch, sup: Branch, name: str, compare: Compare) -> Iterator[Reason]:
    """A property that only `sub` lists."""
    target = sup.members.of_property(name)
    at = sub.pointer + pointer_of("properties", name)
    own = sub.members.of_property(name) or ()
    if target is None:
        yield Reason("property", (f".{name}",), name, "optional", None, at, sup.pointer, soft=True)
    elif any(part.schema is False for part in target):
        if not any(part.schema is False for part in own):
            yield Reason("property", (f".{name}",), name, "optional", None, at, target[0].pointer)
    else:
        yield from within(f".{name}", compare(own, target))


def _others(sub: Branch, sup: Branch, compare: Compare) -> Iterator[Reason]:
    """Properties that no schema lists: of `additionalProperties` and `patternProperties`."""
    own, other = sub.members, sup.members
    sources: list[tuple[str | None, Node]] = [(None, own.rest), *own.patterns.items()]
    targets: list[tuple[str | None, Node]] = [(None, other.rest), *other.patterns.items()]
    for pattern, source in sources:
        if any(part.schema is False for part in source):
            continue
        for wanted, target in targets:
            # Names that fit a pattern of both sides are compared by that pattern.
            covered = (pattern is None and wanted in own.patterns) or (wanted is None and pattern in other.patterns)
            if not target or covered:
                continue
            reasons = _values_of_others(sub, source, target, compare)
            if pattern is not None and wanted is not None and pattern != wanted and reasons:
                reasons = [Reason("keyword", ("{}",), "patternProperties", pattern, wanted, sub.pointer, sup.pointer,
                                  certain=False)]  # fmt: skip
            yield from reasons


def _values_of_others(sub: Branch, source: Node, target: Node, compare: Compare) -> list[Reason]:
    if any(part.schema is False for part in target):
        return [Reason("others", (), "additionalProperties", True, False, sub.pointer, target[0].pointer)]
    return list(within("{}", compare(source, target)))


def _names(sub: Branch, sup: Branch, compare: Compare, reader: Reader, *, closed: bool) -> Iterator[Reason]:
    wanted = sup.members.names
    if not wanted:
        return
    only_declared = closed or (_forbids_others(sub.members) and not sub.members.patterns)
    if not only_declared:
        yield from within("{names}", compare((*sub.members.names, _TEXT), wanted))
        return
    for name in sub.members.declared:
        if fits(reader, name, wanted) is not True:
            yield Reason("names", (f".{name}",), name, name, None, sub.pointer, wanted[0].pointer)


def _forbids_others(members: Members) -> bool:
    return any(part.schema is False for part in members.rest)


def compare_arrays(sub: Branch, sup: Branch, compare: Compare) -> Iterator[Reason]:
    """Compare the items of two branches."""
    own, other = sub.members, sup.members
    most = sub.limits["maxItems"].value if "maxItems" in sub.limits else None
    first_rest = max(own.prefix, other.prefix)
    for index in range(first_rest + 1):
        if most is not None and index >= most:
            break
        target = other.of_item(index)
        # An item that is not allowed is a limit of the length.
        if target and not any(part.schema is False for part in target):
            step = "[]" if index == first_rest else f"[{index}]"
            yield from within(step, compare(own.of_item(index), target))


def compare_contents(sub: Branch, sup: Branch, compare: Compare) -> Iterator[Reason]:
    """Compare what two branches of strings decode to."""
    if sup.members.content:
        yield from within("(decoded)", compare(sub.members.content, sup.members.content))
