"""Whether it is certain that no value fits two schemas at once. For `oneOf` and `not`."""

from signette.contract.diff.branches import Branch, Reader
from signette.contract.diff.documents import Node
from signette.contract.diff.membership import fits_branch, is_empty, listed_values

_RANGES = (
    ("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems"), ("minProperties", "maxProperties"),
)  # fmt: skip


def are_disjoint(reader: Reader, one: Node, other: Node, depth: int = 6) -> bool:
    """Whether it is certain that no value fits both schemas."""
    return all(is_disjoint_from(reader, branch, other, depth) for branch in reader.branches(one))


def is_disjoint_from(reader: Reader, branch: Branch, node: Node, depth: int = 6) -> bool:
    """Whether it is certain that no value of a branch fits a schema."""
    return all(_disjoint(reader, branch, other, depth) for other in reader.branches(node))


def _disjoint(reader: Reader, one: Branch, other: Branch, depth: int) -> bool:
    if one.kind != other.kind or is_empty(reader, one) or is_empty(reader, other):
        return True
    if depth == 0:
        return False
    for listed, against in ((one, other), (other, one)):
        values = listed_values(reader, listed)
        if values is not None:
            return all(fits_branch(reader, value, against) is False for value in values)
    if _apart(one, other) or _apart(other, one):
        return True
    if one.kind == "object":
        return any(
            are_disjoint(reader, left, right, depth - 1)
            for name in (*one.members.required, *other.members.required)
            if (left := one.members.of_property(name)) is not None
            and (right := other.members.of_property(name)) is not None
        )
    if one.kind == "array":
        least = max((int(b.limits["minItems"].value) for b in (one, other) if "minItems" in b.limits), default=0)
        compared = min(least, max(one.members.prefix, other.members.prefix) + 1)
        return any(
            are_disjoint(reader, one.members.of_item(i), other.members.of_item(i), depth - 1) for i in range(compared)
        )
    return False


def _apart(one: Branch, other: Branch) -> bool:
    """Whether all values of one branch are above a limit of the other."""
    for low, high in _RANGES:
        if low in one.limits and high in other.limits:
            least, most = one.limits[low], other.limits[high]
            if least.value > most.value or (least.value == most.value and (least.exclusive or most.exclusive)):
                return True
    return False
