"""What `response_model_include=` and its siblings leave of a schema, so that the document shows what is really sent."""

from collections.abc import Callable, Mapping
from typing import Any

Schema = dict[str, Any]
Behind = Callable[[Mapping[str, Any]], Mapping[str, Any]]

# Fields with a default are not required in a schema of ours, so `exclude_unset` and `exclude_defaults` change nothing.
_SHAPING = ("include", "exclude", "exclude_none")


def shaped(schema: Mapping[str, Any], options: Mapping[str, Any], behind: Behind) -> Schema:
    """The schema without what the options take away. A model that loses something stands inline, under no name."""
    if not any(options.get(name) for name in _SHAPING):
        return dict(schema)
    return _shaped(
        schema, options.get("include"), options.get("exclude"), bool(options.get("exclude_none")), behind, ()
    )


def _shaped(
    schema: Mapping[str, Any], include: Any, exclude: Any, no_nulls: bool, behind: Behind, path: tuple[str, ...]
) -> Schema:
    if include is None and exclude is None and not no_nulls:
        return dict(schema)
    raw = schema.get("$ref")
    if raw is not None:
        if raw in path:  # a model within itself: what is taken away there can no longer be told
            return dict(schema)
        path = (*path, raw)
    schema = dict(behind(schema))
    for word in ("anyOf", "oneOf"):
        if word in schema:
            schema[word] = [_shaped(each, include, exclude, no_nulls, behind, path) for each in schema[word]]
            schema.pop("discriminator", None)  # its mapping names models that stand inline now
    if isinstance(schema.get("items"), Mapping):
        inner = _inside(include, "__all__"), _inside(exclude, "__all__")
        schema["items"] = _shaped(schema["items"], *inner, no_nulls, behind, path)
    if "properties" in schema:
        schema = _without(schema, include, exclude, no_nulls)
        schema["properties"] = {
            name: _shaped(each, _inside(include, name), _inside(exclude, name), no_nulls, behind, path)
            for name, each in schema["properties"].items()
        }
    return schema


def _without(schema: Schema, include: Any, exclude: Any, no_nulls: bool) -> Schema:
    """An object's schema with fewer properties, and fewer that are required."""
    cached = {
        name: each
        for name, each in schema["properties"].items()
        if (include is None or name in include)
        and not (exclude is not None and name in exclude and _whole(exclude, name))
    }
    required = [
        name for name in schema.get("required", ()) if name in cached and not (no_nulls and _may_be_null(cached[name]))
    ]
    slim = {key: value for key, value in schema.items() if key not in ("properties", "required")}
    return slim | {"properties": cached} | ({"required": required} if required else {})


def _whole(exclude: Any, name: str) -> bool:
    """Whether a field is left out as a whole, and not just some of what is in it."""
    return not isinstance(exclude, Mapping) or exclude[name] in (True, ...)


def _inside(said: Any, name: str) -> Any:
    """What is said of the inside of a field; None for nothing."""
    inner = said.get(name) if isinstance(said, Mapping) else None
    return inner if isinstance(inner, Mapping | set | frozenset | list | tuple) else None


def _may_be_null(schema: Mapping[str, Any]) -> bool:
    return any(member == {"type": "null"} for member in schema.get("anyOf", ()))
