"""Whether one value fits a schema: yes, no, or unknown (None). For the members of an enum."""

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from signette.contract.diff.branches import Branch, Reader, kind_of
from signette.contract.diff.documents import Node, key_of
from signette.contract.diff.keywords import UPPER

MOST_WHOLE_NUMBERS = 64

_URI = r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#@!$&'()*+,;=\[\]-]|%[0-9A-Fa-f]{2})*"
_DATE = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
# Whether a listed value has a format. Only what is certain: other formats are not decided.
_FORMATS = {
    "uri": re.compile(_URI),
    "uri-reference": re.compile(rf"{_URI}|(?:[A-Za-z0-9._~/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{{2}})*"),
    "date": re.compile(_DATE),
    "uuid": re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
}


def all_of(verdicts: Iterable[bool | None]) -> bool | None:
    """True if all are true, False if one is false, else None."""
    unknown = False
    for verdict in verdicts:
        if verdict is False:
            return False
        unknown = unknown or verdict is None
    return None if unknown else True


def any_of(verdicts: Iterable[bool | None]) -> bool | None:
    """True if one is true, False if all are false, else None."""
    unknown = False
    for verdict in verdicts:
        if verdict:
            return True
        unknown = unknown or verdict is None
    return None if unknown else False


def fits(reader: Reader, value: Any, node: Node) -> bool | None:
    """Whether a value fits a schema."""
    return any_of(fits_branch(reader, value, branch) for branch in reader.branches(node))


def fits_branch(reader: Reader, value: Any, branch: Branch) -> bool | None:
    """Whether a value fits a branch."""
    if kind_of(value) != branch.kind:
        return False
    return all_of(_verdicts(reader, value, branch))


def _verdicts(reader: Reader, value: Any, branch: Branch) -> Iterable[bool | None]:
    if branch.values is not None:
        known = key_of(value)
        yield any(key_of(one) == known for one in branch.values)
    measured = value if branch.kind == "number" else len(value) if hasattr(value, "__len__") else 0
    for name, limit in branch.limits.items():
        inside = measured < limit.value if name in UPPER else measured > limit.value
        yield inside or (measured == limit.value and not limit.exclusive)
    if branch.integral:
        yield float(value).is_integer()
    for keyword, tokens in branch.tokens.items():
        for token in tokens:
            yield _holds(keyword, token, value)
    if branch.opaque:
        yield None
    yield from _member_verdicts(reader, value, branch)
    for excluded in branch.excludes:
        verdict = fits(reader, value, excluded)
        yield None if verdict is None else not verdict


def _holds(keyword: str, token: Any, value: Any) -> bool | None:
    if keyword == "pattern":
        try:
            return re.search(token, value) is not None
        except re.error:
            return None
    if keyword == "multipleOf":
        return Fraction(str(value)) % Fraction(str(token)) == 0
    if keyword == "uniqueItems":
        return len({key_of(item) for item in value}) == len(value)
    if keyword == "format" and token in _FORMATS:
        return isinstance(value, str) and _FORMATS[token].fullmatch(value) is not None
    return None  # another format, or an encoding


def _member_verdicts(reader: Reader, value: Any, branch: Branch) -> Iterable[bool | None]:
    members = branch.members
    if branch.kind == "array":
        for index, item in enumerate(value):
            yield fits(reader, item, members.of_item(index))
    if branch.kind == "string" and members.content:
        yield None
    if branch.kind != "object":
        return
    for name in members.required:
        yield name in value
    for name, other in members.dependent:
        yield name not in value or other in value
    for name, inner in value.items():
        node = members.of_property(name)
        if node is not None:
            yield fits(reader, inner, node)
        if members.names:
            yield fits(reader, name, members.names)


def listed_values(reader: Reader, branch: Branch) -> list[Any] | None:
    """The values of a branch, if a schema lists them: an enum, `null`, the booleans."""
    values = branch.values
    if values is None and branch.kind == "null":
        values = (None,)
    if values is None and branch.kind == "boolean":
        values = (True, False)
    if values is None:
        return None
    return [value for value in values if fits_branch(reader, value, branch) is not False]


def whole_numbers(reader: Reader, branch: Branch) -> list[Any] | None:
    """The values of a branch of whole numbers, if they are few."""
    low, high = branch.limits.get("minimum"), branch.limits.get("maximum")
    if not branch.integral or low is None or high is None or high.value - low.value >= MOST_WHOLE_NUMBERS:
        return None
    numbers = range(int(low.value), int(high.value) + 1)
    return [number for number in numbers if fits_branch(reader, number, branch) is not False]


def is_empty(reader: Reader, branch: Branch, within: frozenset[int] = frozenset()) -> bool:
    """Whether it is certain that no value fits a branch."""
    if id(branch) in within or branch.opaque:
        return False
    if branch.values is not None and not listed_values(reader, branch):
        return True
    for low, high in (
        ("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems"), ("minProperties", "maxProperties")
    ):  # fmt: skip
        if low in branch.limits and high in branch.limits:
            least, most = branch.limits[low], branch.limits[high]
            if least.value > most.value or (least.value == most.value and (least.exclusive or most.exclusive)):
                return True
    within |= {id(branch)}
    if branch.kind == "object":
        nodes = [branch.members.of_property(name) for name in branch.members.required]
        return any(node is not None and is_empty_node(reader, node, within) for node in nodes)
    if branch.kind == "array" and "minItems" in branch.limits:
        most_items = min(int(branch.limits["minItems"].value), branch.members.prefix + 1)
        return any(is_empty_node(reader, branch.members.of_item(i), within) for i in range(most_items))
    return False


def is_empty_node(reader: Reader, node: Node, within: frozenset[int] = frozenset()) -> bool:
    """Whether it is certain that no value fits a schema."""
    return all(is_empty(reader, branch, within) for branch in reader.branches(node))
