"""Unions whose validation takes exponential time, and the discriminator that makes it linear.

pydantic validates a value by each member of a union, and keeps the best result. If two members contain the union again
under the same key, each level of the value doubles the work:

    class And(BaseModel):                   class Or(BaseModel):
        args: "list[And | Or]"                  args: "list[And | Or]"

The theory is that of automata. The schemas with parts (models, lists, ...) are states, the keys and indices of a part
are letters, a union is a choice. The work is exponential if and only if some state can return to itself in two ways
with the same letters ("exponential degree of ambiguity"): if, in the graph of pairs of states, a pair of one state and
itself and a pair of two different states are on one cycle. So `Tree | int` is linear, and so are members that contain
the union under different keys, or one as an object and the other as an array.

A tagged union chooses one member by the value itself, so two of its members never form such a pair.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from itertools import combinations
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.core_schema.walk import Node, children, descendants

# Schemas that wrap the schema of the same value, and the key of the inner schema. Of two alternatives, for JSON and for
# Python, one is enough.
_WRAPPERS = {
    "definitions": "schema",
    "nullable": "schema",
    "default": "schema",
    "function-before": "schema",
    "function-after": "schema",
    "function-wrap": "schema",
    "custom-error": "schema",
    "model": "schema",
    "dataclass": "schema",
    "call": "arguments_schema",
    "lax-or-strict": "lax_schema",
    "json-or-python": "json_schema",
}
_ARRAYS = frozenset({"list", "set", "frozenset", "deque", "generator"})
_MAPPINGS = frozenset({"dict", "frozendict", "ordered-dict", "counter"})
_ANY = None

Label = tuple[str, Any]
Tags = tuple[str, frozenset[Any]]


@dataclass(frozen=True, slots=True)
class Member:
    """A state that may validate a value, and the choices that lead to it."""

    state: int
    choices: tuple[tuple[int, int], ...] = ()
    """The unions on the way, by their identity, and the index of the chosen member."""
    tags: tuple[Tags, ...] = ()
    """The tags that a value must have, by the discriminator that reads them."""

    def excludes(self, other: "Member") -> bool:
        """Whether a tagged union never chooses both for the same value."""
        return any(
            reads == also_reads and values.isdisjoint(other_values)
            for reads, values in self.tags
            for also_reads, other_values in other.tags
        )


Edge = tuple[Label, tuple[Member, ...]]
Pair = tuple[int, int]


@dataclass(slots=True)
class Automaton:
    """A core schema as states and edges. A state is the identity of its schema."""

    schema: Node
    start: list[Member] = field(default_factory=list)
    definitions: dict[str, Node] = field(default_factory=dict)
    nodes: dict[int, Node] = field(default_factory=dict)
    edges: dict[int, list[Edge]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in descendants(self.schema):
            for each in node.get("definitions", ()):
                self.definitions[each["ref"]] = each
        self.start = list(self._members(self.schema))
        waiting = [member.state for member in self.start]
        while waiting:
            state = waiting.pop()
            if state in self.edges:
                continue
            self.edges[state] = [(label, tuple(self._members(child))) for label, child in _parts_of(self.nodes[state])]
            waiting += [member.state for _, members in self.edges[state] for member in members]

    def _members(
        self, node: Node, choices: tuple[tuple[int, int], ...] = (), tags: tuple[Tags, ...] = (), seen: Any = ()
    ) -> Iterator[Member]:
        kind = node.get("type")
        if kind == "definition-ref":
            ref = node["schema_ref"]
            if ref not in seen and ref in self.definitions:
                yield from self._members(self.definitions[ref], choices, tags, (*seen, ref))
        elif kind == "union":
            for index, choice in enumerate(choices_of(node)):
                yield from self._members(choice, (*choices, (id(node), index)), tags, seen)
        elif kind == "tagged-union":
            reads = repr(node["discriminator"])
            for values, choice in _choices_by_tag(node):
                yield from self._members(choice, choices, (*tags, (reads, values)), seen)
        elif kind == "chain":
            yield from self._members(node["steps"][0], choices, tags, seen)
        elif kind in _WRAPPERS:
            yield from self._members(node[_WRAPPERS[kind]], choices, tags, seen)
        elif next(children(node), None) is not None:
            self.nodes[id(node)] = node
            yield Member(id(node), choices, tags)

    def ambiguous_unions(self) -> list[int]:
        """The unions that make validation exponential, by their identity."""
        recursive = {state for group in _cycles(self._successors()) for state in group}
        if not recursive:
            return []
        steps, splits = self._pairs(recursive)
        found: dict[int, None] = {}
        for group in _cycles(steps):
            here = set(group)
            apart = any(first != second for first, second in group)
            for start, end, union in splits:
                if union is not None and start in here and end in here and (apart or start[0] == start[1] == end[0]):
                    found[union] = None
        return list(found)

    def unions_of(self, unions: Iterable[int]) -> set[int]:
        """These unions, and all others with the same members, which only enter the recursion."""
        choices: dict[int, dict[int, set[int]]] = {}
        for members in (self.start, *(members for edges in self.edges.values() for _, members in edges)):
            for member in members:
                for union, index in member.choices:
                    choices.setdefault(union, {}).setdefault(index, set()).add(member.state)
        known = [set().union(*choices[union].values()) for union in unions]
        return {
            union
            for union, found in choices.items()
            if any(sum(1 for states in found.values() if states & those) > 1 for those in known)
        }

    def _successors(self) -> dict[int, list[int]]:
        return {
            state: [member.state for _, members in edges for member in members] for state, edges in self.edges.items()
        }

    def _pairs(self, recursive: set[int]) -> tuple[dict[Pair, list[Pair]], list[tuple[Pair, Pair, int | None]]]:
        """The steps of two ways that read the same letters, and the steps at which one way splits into two."""
        steps: dict[Pair, list[Pair]] = {}
        splits: list[tuple[Pair, Pair, int | None]] = []
        waiting: list[Pair] = [(state, state) for state in self.edges if state in recursive]
        while waiting:
            pair = waiting.pop()
            if pair in steps:
                continue
            steps[pair] = []
            for one, other in self._next(pair):
                if one.state not in recursive or other.state not in recursive:
                    continue
                step = (one.state, other.state) if one.state <= other.state else (other.state, one.state)
                steps[pair].append(step)
                waiting.append(step)
                if pair[0] == pair[1] and one != other:
                    splits.append((pair, step, _split_at(one, other)))
        return steps, splits

    def _next(self, pair: Pair) -> Iterator[tuple[Member, Member]]:
        first, second = pair
        if first == second:  # a key of one value is read once, so both ways follow the same edge
            for _, members in self.edges[first]:
                yield from ((each, each) for each in members)
                yield from ((one, other) for one, other in combinations(members, 2) if not one.excludes(other))
            return
        for members, others in self._same_letters(first, second):
            yield from ((one, other) for one in members for other in others if not one.excludes(other))

    def _same_letters(self, first: int, second: int) -> Iterator[tuple[tuple[Member, ...], tuple[Member, ...]]]:
        """The edges of two states that read the same letter."""
        by_label: dict[Label, list[tuple[Member, ...]]] = {}
        for label, members in self.edges[second]:
            by_label.setdefault(label, []).append(members)
        for (kind, name), members in self.edges[first]:
            if name is _ANY:
                yield from (
                    (members, others) for (other, _), found in by_label.items() if other == kind for others in found
                )
            else:
                yield from ((members, others) for others in by_label.get((kind, name), ()))
                yield from ((members, others) for others in by_label.get((kind, _ANY), ()))


def choices_of(union: Node) -> list[Node]:
    """The members of a union, without their labels."""
    return [choice[0] if isinstance(choice, tuple) else choice for choice in union["choices"]]


def _choices_by_tag(union: Node) -> Iterable[tuple[frozenset[Any], Node]]:
    found: dict[Any, tuple[set[Any], Node]] = {}
    for tag, choice in union["choices"].items():
        if isinstance(choice, Mapping):
            key = choice.get("schema_ref", id(choice))
            found.setdefault(key, (set(), choice))[0].add(tag)
    return [(frozenset(values), choice) for values, choice in found.values()]


def _split_at(one: Member, other: Member) -> int | None:
    """The union at which two ways split, if they split at a union."""
    for (union, index), (also, other_index) in zip(one.choices, other.choices, strict=False):
        if union == also and index != other_index:
            return union
        if union != also:
            return None
    return None


def _parts_of(node: Node) -> Iterator[tuple[Label, Node]]:
    """The parts of a value of a schema: their keys and indices, and their schemas."""
    kind = node["type"]
    if kind in _ARRAYS:
        yield ("index", _ANY), node["items_schema"]
    elif kind == "tuple":
        variadic = node.get("variadic_item_index")
        for index, item in enumerate(node["items_schema"]):
            yield ("index", _ANY if variadic is not None and index >= variadic else index), item
    elif kind in _MAPPINGS:
        if "values_schema" in node:
            yield ("key", _ANY), node["values_schema"]
    else:
        for key, name, child in children(node):
            if key in ("fields", "arguments_schema"):
                by_index = kind in ("named-tuple", "arguments", "arguments-v3")
                yield from _named_parts(child, child.get("name", name), name if by_index else None)
            elif key in ("extras_schema", "var_kwargs_schema"):
                yield ("key", _ANY), child
            elif key == "var_args_schema":
                yield ("index", _ANY), child
            else:
                yield (key, _ANY), child


def _named_parts(part: Node, name: str, index: int | None) -> Iterator[tuple[Label, Node]]:
    """A field by each of its names, and by its index if it has one."""
    if index is not None:
        yield ("index", index), part["schema"]
    for key in dict.fromkeys((*(path[0] for path in paths_of(part)), name)):
        yield ("key", key), part["schema"]


def paths_of(part: Node) -> list[Sequence[Any]]:
    """The aliases of a field, as paths into the value."""
    alias = part.get("validation_alias", part.get("alias"))
    if alias is None:
        return []
    if isinstance(alias, str):
        return [(alias,)]
    return [alias] if isinstance(alias[0], str) else list(alias)


def _cycles(edges: Mapping[Any, Iterable[Any]]) -> Iterator[list[Any]]:
    """The strongly connected components of a graph that contain a cycle (Tarjan, without recursion)."""
    index: dict[Any, int] = {}
    low: dict[Any, int] = {}
    stack: list[Any] = []
    on_stack: set[Any] = set()
    for root in edges:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        work = [(root, iter(edges[root]))]
        while work:
            node, targets = work[-1]
            target = next(targets, _DONE)
            if target is _DONE:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    group = _popped(stack, on_stack, node)
                    if len(group) > 1 or node in edges[node]:
                        yield group
            elif target not in index:
                index[target] = low[target] = len(index)
                stack.append(target)
                on_stack.add(target)
                work.append((target, iter(edges[target])))
            elif target in on_stack:
                low[node] = min(low[node], index[target])


_DONE = object()


def _popped(stack: list[Any], on_stack: set[Any], until: Any) -> list[Any]:
    group = []
    while True:
        node = stack.pop()
        on_stack.discard(node)
        group.append(node)
        if node == until:
            return group
