"""Random values of types, made by their JSON Schema and then validated."""

import json
from typing import Any

from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
_FORMATS: dict[str, st.SearchStrategy[str]] = {
    "date": st.dates().map(str),
    "date-time": st.datetimes().map(lambda each: f"{each.isoformat()}Z"),
    "uuid": st.uuids().map(str),
}


def values_of(annotation: Any) -> st.SearchStrategy[Any]:
    """Values of a type, as the application validates them."""
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    schema = adapter.json_schema()
    return json_values(schema, schema.get("$defs", {})).map(json.dumps).flatmap(lambda text: _validated(adapter, text))


def _validated(adapter: TypeAdapter[Any], text: str) -> st.SearchStrategy[Any]:
    try:
        return st.just(adapter.validate_json(text))
    except ValidationError:
        return st.nothing()


def json_values(schema: Any, definitions: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of a JSON Schema, most of them valid."""
    if "$ref" in schema:
        return json_values(definitions[schema["$ref"].rpartition("/")[2]], definitions, depth)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return st.one_of(*(json_values(each, definitions, depth) for each in schema[key]))
    return _OF_TYPE.get(schema.get("type", ""), _anything)(schema, definitions, depth)


def _string(schema: Any, definitions: Any, depth: int) -> st.SearchStrategy[Any]:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True).filter(lambda text: text.isprintable())
    least = schema.get("minLength", 0)
    return st.text(
        st.characters(exclude_categories=["Cs", "Cc"]),
        min_size=least,
        max_size=min(schema.get("maxLength", 8), least + 8),
    )


def _integer(schema: Any, definitions: Any, depth: int) -> st.SearchStrategy[Any]:
    least = schema.get("minimum", schema.get("exclusiveMinimum", -1001) + 1)
    return st.integers(least, schema.get("maximum", schema.get("exclusiveMaximum", 1001) - 1))


def _number(schema: Any, definitions: Any, depth: int) -> st.SearchStrategy[Any]:
    least = schema.get("minimum", schema.get("exclusiveMinimum", -1e6))
    return st.floats(least, schema.get("maximum", schema.get("exclusiveMaximum", 1e6)))


def _array(schema: Any, definitions: Any, depth: int) -> st.SearchStrategy[Any]:
    items = json_values(schema.get("items", {}), definitions, depth + 1)
    least = schema.get("minItems", 0)
    return st.lists(items, min_size=least, max_size=min(schema.get("maxItems", 3), least + 3))


def _object(schema: Any, definitions: Any, depth: int) -> st.SearchStrategy[Any]:
    properties = schema.get("properties", {})
    required = set(schema.get("required", ()))
    inner = {name: json_values(each, definitions, depth + 1) for name, each in properties.items()} if depth < 4 else {}
    if not properties and isinstance(schema.get("additionalProperties"), dict):
        return st.dictionaries(_TEXTS, json_values(schema["additionalProperties"], definitions, depth + 1), max_size=2)
    return st.fixed_dictionaries(
        {name: each for name, each in inner.items() if name in required},
        optional={name: each for name, each in inner.items() if name not in required},
    )


def _anything(schema: Any, definitions: Any, depth: int) -> st.SearchStrategy[Any]:
    scalars = st.none() | st.booleans() | st.integers(-100, 100) | _TEXTS
    return scalars | st.lists(scalars, max_size=2) | st.dictionaries(_TEXTS, scalars, max_size=2)


_OF_TYPE = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": lambda *_: st.booleans(),
    "null": lambda *_: st.none(),
    "array": _array,
    "object": _object,
}


def is_same(one: Any, other: Any) -> bool:
    """Whether two values and the types in them are the same. NaN is the same as NaN, and sets have no order."""
    return repr(one) == repr(other) or (one == other and sorted(repr(one)) == sorted(repr(other)))
