"""Operation ids: the name of the function, made longer only where two would be the same."""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from signette._dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operation:
    """The identity of an operation: its method, its path in the document, and its preferred id."""

    method: str
    path: str
    name: str
    is_given: bool = False
    """The user chose the id: it stays as it is, unless two operations would have the same."""


def operation_ids(operations: Iterable[Operation]) -> dict[Operation, str]:
    """A unique id for each operation. Does not depend on the order of the operations."""
    groups: dict[str, list[Operation]] = defaultdict(list)
    for operation in operations:
        groups[operation.name if operation.is_given else identifier(operation.name)].append(operation)
    ids: dict[Operation, str] = {}
    taken = set(groups)
    for name, group in sorted(groups.items()):
        first = [each for each in group if each.is_given] or group
        if len(first) == 1:
            ids[first[0]] = name
        rest = sorted((each for each in group if each not in ids), key=lambda each: (each.path, each.method))
        if rest:
            found = _longer(name, rest, taken)
            taken |= set(found.values())
            ids |= found
    return ids


def _longer(name: str, group: list[Operation], taken: set[str]) -> Mapping[Operation, str]:
    """Ids for operations of the same name: with the method, the path or both, whichever is unique first."""
    proposals = (
        {each: f"{name}_{each.method.lower()}" for each in group},
        {each: _joined(name, each.path) for each in group},
        {each: _joined(name, each.path, each.method.lower()) for each in group},
    )
    for proposal in proposals:
        ids = set(proposal.values())
        if len(ids) == len(group) and not ids & taken:
            return proposal
    free = (f"{name}_{number}" for number in itertools.count(1) if f"{name}_{number}" not in taken)
    return dict(zip(group, free, strict=False))  # `free` is infinite


def _joined(name: str, *parts: str) -> str:
    return "_".join((name, *filter(None, map(_word, parts))))


def _word(text: str) -> str:
    return re.sub(r"[^a-zA-Z0-9]+", "_", text).strip("_")


def identifier(text: str) -> str:
    """The text as an identifier, for the method names of generated clients."""
    return _word(text) or "operation"


def in_words(name: str) -> str:
    """`list_items` and `listItems` -> `List items`."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", name)
    text = " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)
    return text[:1].upper() + text[1:] or name
