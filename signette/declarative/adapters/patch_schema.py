"""The JSON Schema of a merge patch, and what in a type no patch can change."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import GetJsonSchemaHandler, RootModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from signette._dataclasses import dataclass
from signette.declarative.adapters.model_fields import ModelField, fields_of
from signette.declarative.adapters.model_schema import keys_of
from signette.declarative.adapters.validators import adapter_of
from signette.declarative.core_schema.walk import descendants
from signette.declarative.signature.annotations import (
    class_of,
    has_json_marker,
    is_collection,
    is_json_text,
    is_model,
    is_typed_dict,
    models_in,
    strip_annotated,
    union_members,
)
from signette.declarative.signature.markers import MISSING

__all__ = ["Unpatchable", "accepts_none", "is_patchable", "patch_schema", "type_of", "unpatchable"]

Schema = dict[str, Any]
NULL: Schema = {"type": "null"}
# Of the schema of an object, what is true of a patch, too.
_KEPT = ("type", "description", "propertyNames", "deprecated")
# Types that have the same strict rules for JSON and for Python's values.
_SAME_IF_STRICT = frozenset({"str", "int", "float", "bool", "model", "model-field", "nullable", "default"})


# -- the schema --------------------------------------------------------------------------------------------------------


def patch_schema(annotation: Any, of: GetJsonSchemaHandler) -> Schema:
    """The JSON Schema of a patch: each member is optional, and nullable if it can be deleted."""
    whole = of(adapter_of(annotation).core_schema)
    name = of.resolve_ref_schema(whole).get("title") or getattr(strip_annotated(annotation), "__name__", "")
    return {"title": f"{name}Patch", **_patch(whole, of.resolve_ref_schema, ())}


def _patch(schema: Schema, resolve: Callable[[Any], Any], seen: tuple[str, ...]) -> Schema:
    """The schema of what is merged into a value of this schema."""
    reference = schema.get("$ref")
    if reference in seen:
        return {"type": "object"}  # a recursive model
    found = resolve(schema) if reference else schema
    seen = (*seen, reference) if reference else seen
    for word in ("anyOf", "oneOf"):
        if word in found:
            rest = {key: found[key] for key in found if key not in (word, "discriminator", "default")}
            # Parts of several models may look the same, so `anyOf`.
            return rest | {"anyOf": [_patch(each, resolve, seen) for each in found[word]]}
    members, values = found.get("properties"), found.get("additionalProperties")
    if members is None and not isinstance(values, dict):
        return {key: value for key, value in schema.items() if key != "default"}
    made: Schema = {key: found[key] for key in _KEPT if key in found}
    if reference and "description" in schema:
        made["description"] = schema["description"]
    if members is not None:
        required = found.get("required", ())
        made["properties"] = {
            name: _member(_patch(each, resolve, seen), name not in required) for name, each in members.items()
        }
    if values is not None:
        made["additionalProperties"] = (
            _member(_patch(values, resolve, seen), True) if isinstance(values, dict) else values
        )
    return made


def _member(schema: Schema, deletable: bool) -> Schema:
    if not deletable or NULL in schema.get("anyOf", ()) or not schema:
        return schema
    if set(schema) <= {"anyOf", "description"} and "anyOf" in schema:
        return schema | {"anyOf": [*schema["anyOf"], NULL]}
    return {"anyOf": [schema, NULL]}


# -- what cannot be patched --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unpatchable:
    """A field that a patch cannot change, or that would not survive the change of another one."""

    field: str
    """Class and field: `User.nickname`."""
    why: str
    hint: str


def is_patchable(annotation: Any) -> bool:
    """Whether a type has members for a patch: one pydantic model, dataclass or TypedDict."""
    cls = class_of(annotation)
    return is_model(annotation) and not (isinstance(cls, type) and issubclass(cls, RootModel))


def unpatchable(annotation: Any, *, merges: bool = True, runs: bool = False) -> Unpatchable | None:
    """The first field that cannot be patched, in a type or in the models inside it.

    `merges`: merge patches are read, in which `null` deletes a member. `runs`: operations are read, which change the
    items of lists, too.
    """
    seen: set[Any] = set()
    waiting = [annotation]
    while waiting:
        model = strip_annotated(waiting.pop(0))
        if model in seen:
            continue
        seen.add(model)
        paths = {name: key.paths for name, key in keys_of(model).fields.items()}
        for field in fields_of(model):
            reason = _reason(model, field, bool(paths.get(field.name)), merges=merges)
            if reason is not None:
                return Unpatchable(f"{getattr(model, '__name__', model)}.{field.name}", *reason)
            waiting += _models_inside(type_of(field), in_lists=runs)
    if any(_is_strict(node) for node in descendants(adapter_of(annotation).core_schema)):
        name = getattr(strip_annotated(annotation), "__name__", str(annotation))
        why = "it is strict, and a patch has the text of a date, an id or an enum next to values of Python"
        return Unpatchable(name, why, "remove `strict=True`, or set it on fields with texts and numbers only")
    return None


def _models_inside(annotation: Any, *, in_lists: bool) -> Iterator[Any]:
    """The models whose members a patch may change one by one: a merge patch replaces lists as a whole."""
    for member in union_members(annotation):
        arguments = get_args(strip_annotated(member))
        if is_model(member):
            yield member
        elif _is_mapping(member):
            yield from (each for value in arguments[1:] for each in _models_inside(value, in_lists=in_lists))
        elif in_lists and is_collection(member):
            inner = [each for each in arguments if each is not Ellipsis]
            yield from (each for value in inner for each in _models_inside(value, in_lists=in_lists))


def _reason(model: Any, field: ModelField, has_path: bool, *, merges: bool) -> tuple[str, str] | None:
    """Why a field cannot be patched, and a hint."""
    if has_path:
        return "an `AliasPath` is not the name of one member", "give the field a plain `alias=`"
    if is_json_text(type_of(field)) or has_json_marker(field.metadata):
        return "its value is not the JSON text that `Json` reads", "annotate the type of the value, without `Json`"
    if field.name not in keys_of(model).fields or _is_init_only(model, field.name):
        return "an `InitVar` is not kept, so its value is lost", "make it a field"
    if merges and not field.required and accepts_none(type_of(field)) and _default(model, field.name) is not None:
        return "`null` deletes the member, and then it is not `None`, but the default", "let its default be `None`"
    return _reason_of_type(type_of(field))


def _reason_of_type(annotation: Any) -> tuple[str, str] | None:
    models = models_in(annotation)
    if len(models) > 1 and any(map(is_typed_dict, models)):
        return "a union with a TypedDict does not show which type a value has", "use pydantic models or dataclasses"
    for member in union_members(annotation):
        arguments = get_args(strip_annotated(member))
        if _is_mapping(member) and arguments:
            key = class_of(arguments[0])
            if key is not str and strip_annotated(arguments[0]) is not Any:
                return "the keys of JSON objects are strings, those of the dictionary are not", "use `str` as keys"
            return _reason_of_type(arguments[1]) if len(arguments) > 1 else None
    return None


def _is_mapping(annotation: Any) -> bool:
    cls = class_of(annotation)
    return cls is not None and issubclass(cls, Mapping) and not is_model(annotation)


def type_of(field: ModelField) -> Any:
    """The type of a field, without the `NotRequired[...]` of a TypedDict."""
    annotation = field.annotation
    while getattr(get_origin(strip_annotated(annotation)), "_name", "") in ("NotRequired", "Required", "ReadOnly"):
        annotation = get_args(strip_annotated(annotation))[0]
    return annotation


def accepts_none(annotation: Any) -> bool:
    """Whether `None` is a member of the type."""
    return any(strip_annotated(member) is type(None) for member in union_members(annotation))


def _is_init_only(model: Any, name: str) -> bool:
    cls: Any = class_of(model)
    return dataclasses.is_dataclass(cls) and name not in {each.name for each in dataclasses.fields(cls)}


def _default(model: Any, name: str) -> Any:
    """The default of a field; MISSING if a function makes it, or the member may be absent."""
    cls: Any = class_of(model)
    infos: Mapping[str, FieldInfo] = getattr(cls, "model_fields", None) or getattr(cls, "__pydantic_fields__", {})
    if name in infos:
        default = infos[name].default
        return MISSING if default is PydanticUndefined else default
    field = getattr(cls, "__dataclass_fields__", {}).get(name)
    return MISSING if field is None or field.default is dataclasses.MISSING else field.default


def _is_strict(node: Mapping[str, Any]) -> bool:
    config: Mapping[str, Any] = node.get("config") or {}
    if config.get("strict"):
        return True
    return bool(node.get("strict")) and node["type"] not in _SAME_IF_STRICT
