"""Random schemas, pairs of them that are alike, and the values that they are about."""

from typing import Any

from hypothesis import strategies as st

NAMES = ("a", "b", "c")
TEXTS = ("", "a", "b", "ab", "abc", "1", "12", "A")
PATTERNS = ("^a", "b$", "^[a-c]*$", "^[0-9]+$", "a", "^.{2}$", "^a?b?$")
NUMBERS = (-1, 0, 0.5, 1, 1.5, 2, 3, 4, 7)
SCALARS: tuple[Any, ...] = (None, True, False, *NUMBERS, *TEXTS)
ARRAYS: tuple[Any, ...] = ([], [1], ["a"], [1, "a"], ["a", 1], [1, 1], [None], [1, 2, 3], [[1]], [{"a": 1}])
OBJECTS: tuple[Any, ...] = (
    {}, {"a": 1}, {"a": "a"}, {"a": None}, {"b": 1}, {"b": "ab"}, {"a": 1, "b": 2}, {"a": "a", "b": "b"},
    {"a": 0, "c": True}, {"a": 1, "b": 1, "c": 1}, {"a": {"a": 1}}, {"a": {"a": {}}}, {"a": {"b": 2}, "b": "1"},
    {"d": 1}, {"d": "x"}, {"a": [1]}, {"a": []}, {"a": {"a": "a"}}, {"a": 1.5}, {"c": "a"}, {"a": 1, "d": 1},
)  # fmt: skip
VALUES: tuple[Any, ...] = (*SCALARS, *ARRAYS, *OBJECTS)

_bound = st.integers(-1, 4) | st.sampled_from((0.5, 1.5))
_size = st.integers(0, 3)


def _some(always: dict[str, Any], /, **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A dictionary with at most three of the optional keys."""

    def chosen(keys: list[str]) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries({**{k: st.just(v) for k, v in always.items()}, **{k: optional[k] for k in keys}})

    return st.lists(st.sampled_from(sorted(optional)), max_size=3, unique=True).flatmap(chosen)


def _scalars() -> st.SearchStrategy[Any]:
    number = _some(
        {}, minimum=_bound, maximum=_bound, exclusiveMinimum=_bound, exclusiveMaximum=_bound,
        multipleOf=st.sampled_from((0.5, 1, 2, 3)),
    )  # fmt: skip
    text = _some({"type": "string"}, minLength=_size, maxLength=_size, pattern=st.sampled_from(PATTERNS))
    return st.one_of(
        number.map(lambda schema: {"type": "integer", **schema}),
        number.map(lambda schema: {"type": "number", **schema}),
        text,
        st.lists(st.sampled_from(SCALARS), min_size=1, max_size=4).map(lambda values: {"enum": values}),
        st.sampled_from(SCALARS).map(lambda value: {"const": value}),
        st.sampled_from(({"type": "null"}, {"type": "boolean"}, {}, True, False, {"type": ["string", "integer"]})),
    )


def _containers(inner: st.SearchStrategy[Any], *, plain: bool) -> st.SearchStrategy[Any]:
    properties = st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    required = st.lists(st.sampled_from(NAMES), unique=True, max_size=2)
    more = {} if plain else {
        "patternProperties": st.dictionaries(st.sampled_from(("^a", "^[a-b]$", "d")), inner, max_size=2),
        "propertyNames": st.sampled_from(({"maxLength": 1}, {"enum": ["a", "b"]}, {"pattern": "^[a-c]$"})),
        "dependentRequired": st.sampled_from(({"a": ["b"]}, {"b": ["a", "c"]})),
        "dependentSchemas": st.dictionaries(st.sampled_from(NAMES), inner, max_size=1),
        "unevaluatedProperties": st.booleans(),
    }  # fmt: skip
    objects = _some(
        {"type": "object"}, properties=properties, required=required, additionalProperties=inner | st.booleans(),
        minProperties=_size, maxProperties=_size, **more,
    )  # fmt: skip
    arrays = _some(
        {"type": "array"}, items=inner, minItems=_size, maxItems=_size, uniqueItems=st.booleans(),
        prefixItems=st.lists(inner, min_size=1, max_size=2), contains=inner, minContains=_size,
    )  # fmt: skip
    members = st.lists(inner, min_size=1, max_size=3)
    unions = members.map(lambda found: {"anyOf": found})
    if plain:
        return st.one_of(objects, objects, arrays, unions)
    return st.one_of(
        objects,
        objects,
        arrays,
        unions,
        members.map(lambda found: {"oneOf": found}),
        members.map(lambda found: {"allOf": found}),
        inner.map(lambda found: {"not": found}),
        st.tuples(inner, inner, inner).map(lambda three: dict(zip(("if", "then", "else"), three, strict=True))),
        st.just({"$ref": "#/$defs/tree"}),
        st.just({"$ref": "#/$defs/leaf"}),
    )


def schemas(*, plain: bool = False) -> st.SearchStrategy[Any]:
    """Random schemas. `plain` ones have no allOf, oneOf, not, if, $ref and patternProperties."""
    return st.recursive(_scalars(), lambda inner: _containers(inner, plain=plain), max_leaves=5)


@st.composite
def pairs(draw: st.DrawFn, *, plain: bool = False) -> tuple[Any, Any]:
    """Two schemas; the second one often is the first one with small changes."""
    first = draw(schemas(plain=plain))
    if draw(st.integers(0, 3)) == 0:
        return first, draw(schemas(plain=plain))
    second = first
    for _ in range(draw(st.integers(1, 2))):
        second = _changed(draw, second, plain=plain)
    return (first, second) if draw(st.booleans()) else (second, first)


def _changed(draw: st.DrawFn, schema: Any, *, plain: bool) -> Any:
    """A copy of a schema with one change somewhere."""
    if not isinstance(schema, dict) or not schema or draw(st.integers(0, 4)) == 0:
        wrapped = {"anyOf": [schema, draw(schemas(plain=plain))]}
        return draw(st.sampled_from((wrapped, draw(schemas(plain=plain)))))
    key = draw(st.sampled_from(sorted(schema)))
    value = schema[key]
    if draw(st.integers(0, 3)) == 0:
        return {name: inner for name, inner in schema.items() if name != key}
    if key in {"items", "additionalProperties", "contains", "not", "if", "then", "else"}:
        return {**schema, key: _changed(draw, value, plain=plain)}
    if key in {"properties", "patternProperties", "dependentSchemas"} and value:
        name = draw(st.sampled_from(sorted(value)))
        return {**schema, key: {**value, name: _changed(draw, value[name], plain=plain)}}
    if key in {"anyOf", "oneOf", "allOf", "prefixItems"} and value:
        index = draw(st.integers(0, len(value) - 1))
        changed = list(value)
        changed[index] = _changed(draw, value[index], plain=plain)
        return {**schema, key: changed}
    if key in {"enum", "required"} and isinstance(value, list) and len(value) > 1:
        return {**schema, key: value[:-1]}
    if isinstance(value, int) and not isinstance(value, bool):
        return {**schema, key: max(value + draw(st.sampled_from((-1, 1))), 0 if key != "multipleOf" else 1)}
    return schema


@st.composite
def documents(draw: st.DrawFn) -> tuple[Any, Any]:
    """A pair of schemas, each with its own components: a tree that contains itself, and a leaf."""
    first, second = draw(pairs())
    leaves = draw(pairs(plain=True))
    return tuple(  # type: ignore[return-value]
        {"allOf": [schema], "$defs": {"leaf": leaf, "tree": _tree(leaf)}}
        for schema, leaf in zip((first, second), leaves, strict=True)
    )


def _tree(leaf: Any) -> Any:
    return {"anyOf": [leaf, {"type": "object", "properties": {"a": {"$ref": "#/$defs/tree"}}, "required": ["a"]}]}


def closed(schema: Any) -> Any:
    """A plain schema whose objects have only the properties that it lists."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            result[key] = {name: closed(inner) for name, inner in value.items()}
        else:
            result[key] = value if key in {"enum", "const", "required"} else closed(value)
    if "properties" in schema and "additionalProperties" not in schema:
        result["additionalProperties"] = False
    return result
