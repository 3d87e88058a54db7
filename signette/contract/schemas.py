"""JSON Schemas of OpenAPI documents in canonical form, as those of a contract."""

import json
from collections.abc import Mapping
from typing import Any

from signette.contract.errors import ContractError
from signette.contract.model import SCHEMAS, Schema
from signette.contract.references import found_at, schema_name

_COMPONENTS = "#/components/schemas/"
# For people, or for the schema as a document.
_FOR_PEOPLE = frozenset(
    {"title", "description", "examples", "example", "externalDocs", "$comment", "$schema", "$id", "bearerFormat"}
)
_INNER = frozenset(
    {"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedItems",
     "unevaluatedProperties", "contentSchema", "additionalItems"}
)  # fmt: skip
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_MAPS = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs"})
_WITHOUT_ORDER = ("allOf", "anyOf", "oneOf", "enum", "required", "type")
_RANGES = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
# Values that are the same as no member.
_NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    "required": ([],),
    "properties": ({},),
    "uniqueItems": (False,),
    "deprecated": (False,),
    "readOnly": (False,),
    "writeOnly": (False,),
    "minLength": (0,),
    "minItems": (0,),
    "minProperties": (0,),
}


class Schemas:
    """The schemas of a document while its contract is made."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._is_old = str(document.get("openapi", "")).startswith("3.0")
        self._names: dict[str, str] = {}
        self._references: dict[str, str] = {}
        """The first reference to each name."""
        self._waiting: list[str] = []

    def of(self, schema: Any) -> Schema:
        """A schema in canonical form. What it refers to becomes a schema of the contract."""
        return self._schema(schema)

    def finish(self) -> dict[str, Schema]:
        """The schemas that are referred to, by name."""
        made: dict[str, Schema] = {}
        while self._waiting:
            reference = self._waiting.pop()
            made[self._names[reference]] = self._schema(found_at(self._document, reference))
        return made

    def _schema(self, schema: Any) -> Schema:
        if isinstance(schema, bool):
            return {} if schema else {"not": {}}
        if not isinstance(schema, Mapping):
            raise ContractError(f"{schema!r:.80} is not a JSON Schema", "validate the document")
        if self._is_old:
            schema = _modern(schema)
        found: Schema = {}
        for key, value in schema.items():
            if key in _FOR_PEOPLE or key.startswith("x-"):
                continue
            found[key] = self._member(key, value)
        return _simplified(found)

    def _member(self, key: str, value: Any) -> Any:
        if key == "$ref":
            return self._reference(value)
        if key == "discriminator" and isinstance(value, Mapping):
            return self._discriminator(value)
        if key in _INNER and not isinstance(value, list):
            return self._inner(value)
        if key in _LISTS and isinstance(value, list):
            return [self._inner(each) for each in value]
        if key in _MAPS and isinstance(value, Mapping):
            return {name: self._inner(each) for name, each in value.items()}
        return plain(value)

    def _inner(self, schema: Any) -> Schema | bool:
        """A schema inside of another one: `False` stays, which is easier to read than its object."""
        return False if schema is False else self._schema(schema)

    def _reference(self, reference: Any) -> str:
        found_at(self._document, reference)
        if reference not in self._names:
            name = schema_name(reference)
            while self._references.get(name, reference) != reference:  # two pointers with the same words
                name += "-2"
            self._names[reference], self._references[name] = name, reference
            self._waiting.append(reference)
        return SCHEMAS + self._names[reference]

    def _discriminator(self, value: Mapping[str, Any]) -> Schema:
        mapping = value.get("mapping")
        found: Schema = {"propertyName": value.get("propertyName")}
        if isinstance(mapping, Mapping):
            # OpenAPI 3.1 §4.8.25: a value is a reference, or the name of a component.
            found["mapping"] = {
                each: self._reference(target if "/" in str(target) else _COMPONENTS + str(target))
                for each, target in mapping.items()
            }
        return found


def plain(value: Any) -> Any:
    """A copy of a JSON value in which equal numbers are written in one way: 1.0 is 1."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def text_of_json(value: Any) -> str:
    """A value as canonical text, to sort by."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _modern(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema of OpenAPI 3.0 in the words of 3.1 (JSON Schema 2020-12)."""
    if "$ref" in schema:  # OpenAPI 3.0 §4.7.23.2: members next to it are ignored
        return {"$ref": schema["$ref"]}
    found = dict(schema)
    for limit, exclusive in _RANGES:
        if found.get(exclusive) is True and limit in found:
            found[exclusive] = found.pop(limit)
        elif isinstance(found.get(exclusive), bool):
            del found[exclusive]
    if found.pop("nullable", False) is not True:
        return found
    if "enum" in found and isinstance(found["enum"], list) and None not in found["enum"]:
        found["enum"] = [*found["enum"], None]
    if isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
        return found
    # Without a type `nullable` has no effect in 3.0.3; what is meant next to `allOf` is this.
    outer: Schema = {key: found.pop(key) for key in ("default", "deprecated", "readOnly", "writeOnly") if key in found}
    return {"anyOf": [found, {"type": "null"}], **outer} if found else outer


def _simplified(schema: Schema) -> Schema:
    """The schema without members that mean nothing, and with lists in one order."""
    found = {key: value for key, value in schema.items() if value not in _NEUTRAL.get(key, ())}
    for key in _WITHOUT_ORDER:
        if isinstance(found.get(key), list):
            found[key] = sorted(found[key], key=text_of_json) if key == "oneOf" else _sorted(found[key])
    if isinstance(found.get("dependentRequired"), Mapping):
        found["dependentRequired"] = {name: _sorted(each) for name, each in found["dependentRequired"].items()}
    if isinstance(found.get("type"), list) and len(found["type"]) == 1:
        found["type"] = found["type"][0]
    for key in ("allOf", "anyOf", "oneOf"):
        members = found.get(key)
        # One member says the same without the list, if no other member of the schema has its words.
        if isinstance(members, list) and len(members) == 1 and not (_keys(members[0]) & (found.keys() - {key})):
            del found[key]
            found |= {"not": {}} if members[0] is False else members[0]
    return found


def _keys(schema: Schema | bool) -> set[str]:
    return set(schema) if isinstance(schema, dict) else {"not"}


def _sorted(values: list[Any]) -> list[Any]:
    """Each value once, in the order of their texts."""
    return [each for _, each in sorted({text_of_json(each): each for each in values}.items())]
