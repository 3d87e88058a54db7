"""All definitions of a module, in an order in which Python can run them."""

import heapq
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from signette.client.generate.classes import definition_source
from signette.client.generate.scope import Definition, Scope

__all__ = ["define", "joined"]


# What models are printed with. Their names stay those of the libraries.
WORDS = frozenset({
    "Annotated", "Any", "ClassVar", "ConfigDict", "Field", "Generic", "Literal", "BaseModel", "RootModel", "NamedTuple",
    "NewType", "NotRequired", "TypedDict", "TypeAliasType", "TypeVar", "dataclass", "field", "with_config",
})  # fmt: skip


def joined(sources: Iterable[str]) -> str:
    """Classes with two empty lines around them, and assignments in lines below each other."""
    text, before = "", ""
    for source in sources:
        is_line = not source.endswith("\n")
        text += ("" if not text else "\n" if is_line and before == "line" else "\n\n\n") + source.rstrip("\n")
        before = "line" if is_line else "class"
    return text


def define(
    scope: Scope,
    reserved: frozenset[str],
    use: Callable[[], Any],
    sent: Callable[[], Any],
    owned: frozenset[str] = frozenset(),
) -> list[str]:
    """The sources of all definitions, in order.

    `use` prints the rest of the module, with references to what it uses, and `sent` those that clients send. The names
    are settled afterwards: the rest is printed again with them.

    Raises:
        GenerationError: a definition has no source.
    """
    sent()
    inputs = _closure(scope)
    use()
    _closure(scope)
    scope.settle(reserved | owned | WORDS, owned)
    sources = {
        each: definition_source(each, scope, inputs) for each in sorted(scope.definitions.values(), key=_name_in(scope))
    }
    return [sources[each] for each in _ordered(scope)]


def _closure(scope: Scope) -> frozenset[Any]:
    """Print all definitions until there are no new ones."""
    printed: set[Definition] = set()
    while pending := [each for each in scope.definitions.values() if each not in printed]:
        for each in pending:
            definition_source(each, scope, frozenset())
            printed.add(each)
    return frozenset(each.target for each in printed if not isinstance(each.target, TypeVar))


def _name_in(scope: Scope) -> Callable[[Definition], tuple[bool, str]]:
    def key(definition: Definition) -> tuple[bool, str]:
        return not isinstance(definition.target, TypeVar), scope.defined(definition.target)

    return key


def _ordered(scope: Scope) -> list[Definition]:
    """By name, but each after what it needs, and after what it uses where that makes no circle."""
    key = _name_in(scope)
    place = {each: index for index, each in enumerate(_depth_first(sorted(scope.definitions.values(), key=key), key))}
    waiting = {each: len(each.needs) for each in place}
    needed_by: dict[Definition, list[Definition]] = {}
    for each in place:
        for need in each.needs:
            needed_by.setdefault(need, []).append(each)
    ready = [(place[each], each) for each, count in waiting.items() if not count]
    heapq.heapify(ready)
    ordered = []
    while ready:
        _, definition = heapq.heappop(ready)
        ordered.append(definition)
        for each in needed_by.get(definition, ()):
            waiting[each] -= 1
            if not waiting[each]:
                heapq.heappush(ready, (place[each], each))
    assert len(ordered) == len(place), "a class needs itself"
    return ordered


def _depth_first(definitions: Iterable[Definition], key: Callable[[Definition], Any]) -> list[Definition]:
    """Each definition after those that it refers to. In a circle, the first one by name comes last."""
    found: dict[Definition, None] = {}
    entered: set[Definition] = set()
    stack = [(each, False) for each in reversed(list(definitions))]
    while stack:
        definition, is_done = stack.pop()
        if is_done:
            found[definition] = None
        elif definition not in entered:
            entered.add(definition)
            stack.append((definition, True))
            below = sorted(definition.needs | definition.uses, key=key, reverse=True)
            stack.extend((each, False) for each in below if each not in entered)
    return list(found)
