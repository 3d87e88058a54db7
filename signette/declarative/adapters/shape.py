"""Schemas under `response_model_include=` and similar options: only the fields that are sent."""

from collections.abc import Callable, Mapping
from typing import Any, get_origin

from signette.declarative.signature.annotations import item_type, models_in

Schema = dict[str, Any]
Resolve = Callable[[Mapping[str, Any]], Mapping[str, Any]]

# Fields with a default are not required in schemas, so `exclude_unset` and `exclude_defaults` change nothing.
_SHAPING = ("include", "exclude", "exclude_none")


def shaped(schema: Mapping[str, Any], annotation: Any, options: Mapping[str, Any], resolve: Resolve) -> Schema:
    """The schema of an annotation without the excluded fields. A model that loses fields is written inline, unnamed."""
    if not any(options.get(name) for name in _SHAPING):
        return dict(schema)
    include, exclude = options.get("include"), options.get("exclude")
    if options.get("by_alias", True):
        include, exclude = _sent_names(include, annotation), _sent_names(exclude, annotation)
    return _shaped(schema, include, exclude, bool(options.get("exclude_none")), resolve, ())


def _sent_names(selection: Any, annotation: Any) -> Any:
    """A selection of fields with the names that are sent in place of those of the model."""
    if not isinstance(selection, Mapping | set | frozenset | list | tuple):
        return selection
    fields = {name: field for model in models_in(annotation) for name, field in _fields_of(model).items()}
    names = {name: field[0] for name, field in fields.items()}
    if not isinstance(selection, Mapping):
        return {names.get(name, name) for name in selection}
    return {
        names.get(name, name): _sent_names(inner, fields[name][1] if name in fields else item_type(annotation))
        for name, inner in selection.items()
    }


def _fields_of(model: Any) -> dict[str, tuple[str, Any]]:
    """The fields of a model by name: the name that is sent, and the type."""
    cls = get_origin(model) or model
    infos = getattr(model, "model_fields", None) or getattr(cls, "__pydantic_fields__", None) or {}
    computed = getattr(model, "model_computed_fields", {})
    return {
        **{name: (info.serialization_alias or info.alias or name, info.annotation) for name, info in infos.items()},
        **{name: (info.alias or name, info.return_type) for name, info in computed.items()},
    }


def _shaped(
    schema: Mapping[str, Any], include: Any, exclude: Any, no_nulls: bool, resolve: Resolve, path: tuple[str, ...]
) -> Schema:
    if include is None and exclude is None and not no_nulls:
        return dict(schema)
    raw = schema.get("$ref")
    if raw is not None:
        if raw in path:  # a recursive model: its inner occurrences cannot be described separately
            return dict(schema)
        path = (*path, raw)
    schema = dict(resolve(schema))
    for word in ("anyOf", "oneOf"):
        if word in schema:
            schema[word] = [_shaped(each, include, exclude, no_nulls, resolve, path) for each in schema[word]]
            schema.pop("discriminator", None)  # its mapping has references to models that are inline now
    if isinstance(schema.get("items"), Mapping):
        inner = _inside(include, "__all__"), _inside(exclude, "__all__")
        schema["items"] = _shaped(schema["items"], *inner, no_nulls, resolve, path)
    if "properties" in schema:
        schema = _without(schema, include, exclude, no_nulls)
        schema["properties"] = {
            name: _shaped(each, _inside(include, name), _inside(exclude, name), no_nulls, resolve, path)
            for name, each in schema["properties"].items()
        }
    return schema


def _without(schema: Schema, include: Any, exclude: Any, no_nulls: bool) -> Schema:
    """The schema of an object without the excluded properties."""
    kept = {
        name: each
        for name, each in schema["properties"].items()
        if (include is None or name in include)
        and not (exclude is not None and name in exclude and _whole(exclude, name))
    }
    required = [
        name for name in schema.get("required", ()) if name in kept and not (no_nulls and _may_be_null(kept[name]))
    ]
    slim = {key: value for key, value in schema.items() if key not in ("properties", "required")}
    return slim | {"properties": kept} | ({"required": required} if required else {})


def _whole(exclude: Any, name: str) -> bool:
    """Whether the whole field is excluded, not just some of its members."""
    return not isinstance(exclude, Mapping) or exclude[name] in (True, ...)


def _inside(selection: Any, name: str) -> Any:
    """The selection for the members of a field, or None."""
    inner = selection.get(name) if isinstance(selection, Mapping) else None
    return inner if isinstance(inner, Mapping | set | frozenset | list | tuple) else None


def _may_be_null(schema: Mapping[str, Any]) -> bool:
    return any(member == {"type": "null"} for member in schema.get("anyOf", ()))
