"""Whether two schemas say the same, except for titles, descriptions and examples; also recursive ones."""

from collections.abc import Mapping
from typing import Any

from signette.contract.diff.documents import Node, Part, UnresolvedReferenceError, key_of

_SILENT = frozenset({"title", "description", "example", "examples", "externalDocs", "xml", "$comment", "$defs", "$id"})
_ONE = frozenset({
    "not", "if", "then", "else", "items", "additionalProperties", "propertyNames", "contains", "contentSchema",
    "unevaluatedItems", "unevaluatedProperties", "additionalItems",
})  # fmt: skip
_LIST = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_BY_NAME = frozenset({"properties", "patternProperties", "dependentSchemas"})
_UNORDERED = frozenset({"enum", "required", "type"})

_Pair = tuple[tuple[int, int], tuple[int, int]]


class Equality:
    """Compares schemas, and keeps the pairs that are equal."""

    def __init__(self) -> None:
        self._equal: set[_Pair] = set()

    def same(self, one: Node, other: Node) -> bool:
        """Whether two schemas say the same."""
        if len(one) != len(other):
            return False
        # A pair that is assumed to be equal is equal if no pair differs.
        assumed: set[_Pair] = set()
        if all(self._same(left, right, assumed) for left, right in zip(one, other, strict=True)):
            self._equal |= assumed
            return True
        return False

    def _same(self, one: Part, other: Part, assumed: set[_Pair]) -> bool:
        one, other = _target_of(one), _target_of(other)
        if not isinstance(one.schema, Mapping) or not isinstance(other.schema, Mapping):
            return bool(key_of(one.schema) == key_of(other.schema))
        pair = one.key, other.key
        if pair in self._equal or pair in assumed:
            return True
        assumed.add(pair)
        keywords = _keywords(one.schema)
        return keywords == _keywords(other.schema) and all(
            self._same_keyword(keyword, one, other, assumed) for keyword in keywords
        )

    def _same_keyword(self, keyword: str, one: Part, other: Part, assumed: set[_Pair]) -> bool:
        left, right = one.schema[keyword], other.schema[keyword]
        if keyword == "$ref":
            try:
                targets = one.document.resolve(left), other.document.resolve(right)
            except UnresolvedReferenceError:
                return bool(left == right)
            return self._same(*targets, assumed)
        if keyword in _UNORDERED and isinstance(left, list) and isinstance(right, list):
            return {key_of(item) for item in left} == {key_of(item) for item in right}
        if keyword in _ONE and isinstance(left, Mapping) and isinstance(right, Mapping):
            return self._same(one.at(keyword), other.at(keyword), assumed)
        if keyword in _LIST and isinstance(left, list) and isinstance(right, list):
            return len(left) == len(right) and all(
                self._same(one.at(keyword, index), other.at(keyword, index), assumed) for index in range(len(left))
            )
        if keyword in _BY_NAME and isinstance(left, Mapping) and isinstance(right, Mapping):
            return left.keys() == right.keys() and all(
                self._same(one.at(keyword, name), other.at(keyword, name), assumed) for name in left
            )
        return bool(key_of(left) == key_of(right))


def _keywords(schema: Mapping[str, Any]) -> set[str]:
    return {keyword for keyword in schema if keyword not in _SILENT and not keyword.startswith("x-")}


def _target_of(part: Part) -> Part:
    """The schema that a `$ref` names, if it has no other keyword."""
    seen: set[tuple[int, int]] = set()
    while isinstance(part.schema, Mapping) and _keywords(part.schema) == {"$ref"} and part.key not in seen:
        seen.add(part.key)
        try:
            part = part.document.resolve(part.schema["$ref"])
        except UnresolvedReferenceError:
            break
    return part
