"""Schemas in normal form: a union of branches, each with one type and the limits of that type.

Theory of operation: `anyOf`, `oneOf`, `allOf`, `not`, `if`, `$ref` and lists of types are ways to say "or", "and" and
"not". `Reader.branches` distributes "and" over "or", so that a schema becomes a list of branches: a value fits the
schema if it fits one of them. A branch keeps what its values must not fit in `excludes` (of `not`, and of `oneOf`,
whose members exclude each other). What a branch cannot express it keeps as `opaque`: such a keyword is never silently
compatible.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from signette.contract.diff.documents import Node, Part, UnresolvedReferenceError, key_of
from signette.contract.diff.keywords import ANNOTATIONS, COMBINATORS, KINDS, LIMITS, OPAQUE_OF, TOKENS, UPPER
from signette.contract.diff.objects import Members
from signette.contract.diff.shapes import check_shapes

MOST_BRANCHES = 400


class TooManyBranchesError(Exception):
    """A schema combines so many unions that they are not compared."""


@dataclass(frozen=True)
class Limit:
    """A limit: its value, and whether the value itself is outside."""

    value: float
    exclusive: bool
    pointer: str
    keyword: str

    def is_within(self, other: "Limit", name: str) -> bool:
        """Whether all values within this limit are within the other one."""
        if self.value == other.value:
            return self.exclusive or not other.exclusive
        return self.value < other.value if name in UPPER else self.value > other.value


@dataclass(frozen=True, eq=False)
class Branch:
    """Values of one type within limits.

    `tokens` has what must all hold, by keyword: patterns, formats, multiples; with the pointer of each.
    `names` are the components that the branch comes from, from the outermost one inwards.
    """

    kind: str
    integral: bool = False
    names: tuple[str, ...] = ()
    pointer: str = ""
    values: tuple[Any, ...] | None = None
    values_at: str = ""
    limits: Mapping[str, Limit] = field(default_factory=dict)
    tokens: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)
    opaque: Mapping[tuple[str, Any], str] = field(default_factory=dict)
    members: Members = field(default_factory=Members)
    excludes: tuple[Node, ...] = ()

    @property
    def type_name(self) -> str:
        """The type as JSON Schema names it."""
        return "integer" if self.integral else self.kind


@dataclass(frozen=True, eq=False)
class _Alternative:
    """Schemas without combinators that hold together, and what they exclude."""

    parts: tuple[Part, ...] = ()
    excludes: tuple[Node, ...] = ()
    names: tuple[str, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    null_only: bool = False

    def joined(self, other: "_Alternative") -> "_Alternative":
        return _Alternative(
            self.parts + other.parts,
            self.excludes + other.excludes,
            self.names + other.names,
            self.unread + other.unread,
            self.null_only or other.null_only,
        )


class Reader:
    """Reads schemas as branches and keeps them. `hidden` is a keyword whose properties are left out: `readOnly`."""

    def __init__(self, hidden: str | None = None) -> None:
        self.hidden = hidden
        self._kept: dict[tuple[tuple[int, int], ...], tuple[Branch, ...]] = {}
        # `id()` identifies a schema while it lives.
        self._alive: list[Node] = []

    def branches(self, node: Node) -> tuple[Branch, ...]:
        """The branches of a schema; none if no value fits it.

        Raises:
            TooManyBranchesError: the schema combines too many unions.
        """
        key = tuple(part.key for part in node)
        if key not in self._kept:
            self._alive.append(node)
            alternatives = [_Alternative()]
            for part in node:
                alternatives = _product(alternatives, self._alternatives(part, frozenset()))
            found = [branch for one in alternatives for branch in self._split(one)]
            if len(found) > MOST_BRANCHES:
                raise TooManyBranchesError
            self._kept[key] = tuple(found)
        return self._kept[key]

    def _alternatives(self, part: Part, within: frozenset[tuple[int, int]]) -> list[_Alternative]:
        schema = part.schema
        if schema is False:
            return []
        if not isinstance(schema, Mapping):
            return [_Alternative()]
        if part.key in within:  # a schema that is defined on its own alone accepts any value
            return [_Alternative(unread=(("$ref", part.pointer),))]
        check_shapes(part)
        within |= {part.key}
        found = [_Alternative((part,))]
        if isinstance(schema.get("$ref"), str):
            found = _product(found, self._referenced(part, schema["$ref"], within))
        for index in range(len(schema.get("allOf", ()))):
            found = _product(found, self._alternatives(part.at("allOf", index), within))
        if "anyOf" in schema:
            found = _product(found, self._any_of(part, within))
        if "oneOf" in schema:
            found = _product(found, self._one_of(part, within))
        if "not" in schema and schema["not"] in ({}, True):
            return []
        if "not" in schema:
            found = [replace(one, excludes=(*one.excludes, (part.at("not"),))) for one in found]
        if "if" in schema:
            found = _product(found, self._conditional(part, within))
        if schema.get("nullable") is True and "type" not in schema:  # OpenAPI 3.0
            found.append(_Alternative(null_only=True))
        return found

    def _referenced(self, part: Part, reference: str, within: frozenset[tuple[int, int]]) -> list[_Alternative]:
        try:
            target = part.document.resolve(reference)
        except UnresolvedReferenceError:
            return [_Alternative(unread=(("$ref", part.pointer),))]
        name = reference.rpartition("/")[2]
        return [replace(one, names=(name, *one.names)) for one in self._alternatives(target, within)]

    def _any_of(self, part: Part, within: frozenset[tuple[int, int]]) -> list[_Alternative]:
        members = range(len(part.schema["anyOf"]))
        return [one for index in members for one in self._alternatives(part.at("anyOf", index), within)]

    def _one_of(self, part: Part, within: frozenset[tuple[int, int]]) -> list[_Alternative]:
        count = len(part.schema["oneOf"])
        found: list[_Alternative] = []
        for index in range(count):
            # A discriminator chooses the member, so that members need not exclude each other.
            chosen = "discriminator" in part.schema
            others = () if chosen else tuple((part.at("oneOf", i),) for i in range(count) if i != index)
            members = self._alternatives(part.at("oneOf", index), within)
            found.extend(replace(one, excludes=one.excludes + others) for one in members)
        return found

    def _conditional(self, part: Part, within: frozenset[tuple[int, int]]) -> list[_Alternative]:
        fits = self._alternatives(part.at("if"), within)
        if "then" in part.schema:
            fits = _product(fits, self._alternatives(part.at("then"), within))
        other = self._alternatives(part.at("else"), within) if "else" in part.schema else [_Alternative()]
        return fits + [replace(one, excludes=(*one.excludes, (part.at("if"),))) for one in other]

    def _split(self, one: _Alternative) -> Iterator[Branch]:
        """One branch for each type that an alternative has."""
        types = {"null"} if one.null_only else set(KINDS) - _excluded_types(one.excludes)
        integral = False
        for part in one.parts:
            declared = _types_of(part.schema)
            if declared is None:
                continue
            integral = integral or ("integer" in declared and "number" not in declared)
            types &= {"number" if name == "integer" else name for name in declared}
        for kind in KINDS:
            if kind in types:
                yield self._branch(kind, one, integral=integral and kind == "number")

    def _branch(self, kind: str, one: _Alternative, *, integral: bool) -> Branch:
        tokens: dict[str, dict[Any, str]] = {}
        opaque: dict[tuple[str, Any], str] = {(name, pointer): pointer for name, pointer in one.unread}
        values: list[Any] | None = None
        values_at = ""
        for part in one.parts:
            for keyword, value in part.schema.items():
                here = f"{part.pointer}/{keyword}"
                if keyword in ("enum", "const"):
                    listed = list(value) if keyword == "enum" else [value]
                    known = {key_of(item) for item in listed}
                    values = listed if values is None else [item for item in values if key_of(item) in known]
                    values_at = here
                elif kind in TOKENS.get(keyword, "").split():
                    if keyword == "uniqueItems" and value is not True:
                        continue
                    if keyword == "format" and value == "password":  # a hint for forms
                        continue
                    tokens.setdefault(keyword, {}).setdefault(value, here)
                elif _is_opaque(keyword, kind) or (keyword == "items" and isinstance(value, list)):
                    opaque.setdefault((keyword, key_of(value)), here)
        integral = integral or any(float(step).is_integer() for step in tokens.get("multipleOf", ()))
        if values is not None:
            values = [value for value in values if kind_of(value) == kind and (not integral or _is_whole(value))]
        members = Members.read(kind, one.parts, self.hidden)
        limits = _limits_of(kind, one.parts, integral=integral)
        if members.longest is not None and (
            "maxItems" not in limits or limits["maxItems"].value > members.longest
        ):  # `items: false` is a limit
            limits["maxItems"] = Limit(members.longest, False, one.parts[-1].pointer + "/items", "items")
        return Branch(
            kind, integral, one.names, one.parts[-1].pointer if one.parts else "",
            None if values is None else tuple(values), values_at, limits, tokens, opaque, members, one.excludes,
        )  # fmt: skip


def kind_of(value: Any) -> str:
    """The type of a JSON value; integers are numbers."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping) else "array"


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def _types_of(schema: Mapping[str, Any]) -> set[str] | None:
    declared = schema.get("type")
    if declared is None:
        return None
    types = {declared} if isinstance(declared, str) else set(declared)
    return types | {"null"} if schema.get("nullable") is True else types


def _excluded_types(excludes: tuple[Node, ...]) -> set[str]:
    """The types of which no value is left: `not: {type: string}`."""
    schemas = [part.schema for node in excludes for part in node if len(node) == 1 and isinstance(part.schema, Mapping)]
    return {name for schema in schemas if schema.keys() == {"type"} for name in _types_of(schema) or ()}


def _product(left: list[_Alternative], right: list[_Alternative]) -> list[_Alternative]:
    if len(left) * len(right) > MOST_BRANCHES:
        raise TooManyBranchesError
    return [one.joined(other) for one in left for other in right]


def _is_opaque(keyword: str, kind: str) -> bool:
    if keyword in OPAQUE_OF:
        return OPAQUE_OF[keyword] == kind
    known = keyword in ANNOTATIONS or keyword in COMBINATORS or keyword in LIMITS or keyword in TOKENS
    return not known and not keyword.startswith("x-")


def _limits_of(kind: str, parts: tuple[Part, ...], *, integral: bool) -> dict[str, Limit]:
    limits: dict[str, Limit] = {}
    for part in parts:
        for keyword, (name, of_kind, exclusive) in LIMITS.items():
            value = part.schema.get(keyword)
            if of_kind != kind or isinstance(value, bool) or not isinstance(value, int | float):
                continue
            # OpenAPI 3.0: `exclusiveMinimum: true` next to `minimum`.
            outside = exclusive or part.schema.get("exclusive" + keyword[0].upper() + keyword[1:]) is True
            limit = Limit(value, outside, f"{part.pointer}/{keyword}", keyword)
            limit = _whole(limit, name) if integral else limit
            if limit.value == 0 and name in ("minLength", "minItems", "minProperties"):
                continue
            if name not in limits or limit.is_within(limits[name], name):
                limits[name] = limit
    return limits


def _whole(limit: Limit, name: str) -> Limit:
    """The limit of an integer: `> 0.5` is `>= 1`."""
    if name in UPPER:
        value = math.ceil(limit.value) - 1 if limit.exclusive else math.floor(limit.value)
    else:
        value = math.floor(limit.value) + 1 if limit.exclusive else math.ceil(limit.value)
    return replace(limit, value=value, exclusive=False)
