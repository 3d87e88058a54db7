"""Reads -> OpenAPI parameters: one per name, also for the fields of models."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.adapters.json_schema import BINARY, is_finite, json_text
from signette.declarative.adapters.root_models import rootless
from signette.declarative.adapters.serializers import to_jsonable
from signette.declarative.openapi.conditional import precondition_fields
from signette.declarative.openapi.schemas import Part, Schema, Schemas
from signette.declarative.plan.steps import Field, Plan, Read, ReadModel
from signette.declarative.signature.annotations import is_collection, is_json_text, item_type, models_in
from signette.declarative.signature.markers import MISSING, File, Marker
from signette.declarative.signature.uploads import is_upload_alone
from signette.declarative.sources.form import FILE
from signette.declarative.sources.styles import declared_style
from signette.forms.rules import FileRule
from signette.routing.matching import parameters_in

PLACES = ("path", "query", "header", "cookie")

# The schemas of convertors, for path parameters that the endpoint does not read.
_BY_CONVERTOR: Mapping[str, Mapping[str, Any]] = {
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "uuid": {"type": "string", "format": "uuid"},
}


_RESUMES = "The id of the last event that the client has received. The stream starts with the event that follows it."

_ENCODED = {"type": "string", "description": "The encoding in which the request body is compressed."}


@dataclass(frozen=True, slots=True)
class Value:
    """A named value of the request: a parameter, or a field of a form."""

    name: str
    schema: Schema
    required: bool
    examples: Mapping[str, Any] | None = None
    style: Schema = field(default_factory=dict)
    """`style` and `explode`, if they are not the default."""
    file_rule: FileRule | None = None
    """The rule for its files."""
    written: dict[str, Schema] = field(default_factory=dict, compare=False, repr=False)
    """Its parameter object, by the name in the document."""


def parameters(plan: Plan, schemas: Schemas, renamed: Mapping[str, str]) -> list[Schema]:
    """The parameters of an operation, each once. `renamed`: names of path parameters in the document."""
    found: dict[tuple[str, str], Schema] = {}
    for place in PLACES:
        for value in values_of(plan, place, schemas):
            name = renamed.get(value.name, value.name) if place == "path" else value.name
            # OpenAPI 3.1 §4.8.10: parameters are unique by place and name; header names are case-insensitive.
            key = place, (name.lower() if place == "header" else name)
            if key not in found:
                if name not in value.written:
                    value.written[name] = Part(_parameter(place, name, value))
                found[key] = value.written[name]
            elif value.required:
                found[key] = found[key] | {"required": True}
    return list(found.values())


def values_of(plan: Plan, place: str, schemas: Schemas) -> Iterable[Value]:
    """The values that are read from a place."""
    reads = [read for read in plan.reads if read.source.place == place]
    if place == "path":
        yield from path_values(plan.path, {read.keys[0]: read for read in reads if isinstance(read, Read)}, schemas)
        return
    if place == "header" and plan.reply.resumes:
        yield Value("Last-Event-ID", {"type": "string", "description": _RESUMES}, required=False)
    if place == "header" and plan.request_encodings:
        yield Value("Content-Encoding", _ENCODED | {"enum": list(plan.request_encodings)}, required=False)
    for read in reads:
        if read.marker is not None and not read.marker.include_in_schema:
            continue
        if isinstance(read, ReadModel):
            yield from _fields(read, schemas)
        elif read.keys:
            yield _value(read, schemas)
    if place == "header":
        for name, description in precondition_fields(plan):
            yield Value(name, {"type": "string", "description": description}, required=False)


def path_values(path: str, reads: Mapping[str, Read], schemas: Schemas) -> Iterable[Value]:
    """The parameters of a path template; those that are not read have the schema of their convertor."""
    for name, convertor, *_ in parameters_in(path):
        if name in reads:
            yield _value(reads[name], schemas)
        else:
            yield Value(name, dict(_BY_CONVERTOR.get(convertor, {"type": "string"})), required=True)


def _value(read: Read, schemas: Schemas) -> Value:
    # PERF: routes share reads, and a route has its reads for longer than the document is written.
    known: Value | None = schemas.values.get(id(read))
    if known is None:
        known = schemas.values[id(read)] = _value_of(read, schemas)
    return known


def _value_of(read: Read, schemas: Schemas) -> Value:
    schema = without_null(schemas.input_schema(read.annotation))
    if isinstance(read.source.marker, type) and issubclass(read.source.marker, File):
        others = read.source == FILE and not is_upload_alone(read.annotation)
        schema = without_nulls(schema) if others else _as_file(read)
    # A default of `None` means "not sent", which `required` says; a null cannot be sent as text.
    if read.default is not MISSING and read.default is not None:
        schema |= jsonable_default(read.default, read.annotation)
    # pydantic handles `deprecated` of fields only, not of parameters.
    if read.marker is not None and read.marker.field_options.get("deprecated"):
        schema["deprecated"] = True
    examples = read.marker.openapi_examples if read.marker is not None else None
    required = read.required or getattr(read.marker, "required_in_document", False)
    return Value(read.keys[0], schema, required, examples, style_of(read, read.source.place), read.file_rule)


def _as_file(read: Read) -> Schema:
    options = read.marker.field_options if read.marker is not None else {}
    annotations = {key: options[key] for key in ("title", "description", "examples") if key in options}
    file = with_rule(BINARY, read.file_rule)
    return with_extra(({"type": "array", "items": file} if read.many else file) | annotations, read.marker)


def with_rule(file: Mapping[str, Any], rule: FileRule | None) -> Schema:
    """The schema of a file with the rule for it."""
    if rule is None:
        return dict(file)
    schema = dict(file)
    if rule.max_bytes is not None:
        schema["maxLength"] = rule.max_bytes  # OpenAPI 3.1.1 §4.8.14.3: the length of binary data is in bytes
    if rule.media_types:
        # One type can be named in the schema; several, and ranges, only in the encoding of the form.
        del schema["contentMediaType"]
        if len(rule.media_types) == 1 and not rule.media_types[0].endswith("*"):
            schema["contentMediaType"] = rule.media_types[0]
    return schema


def with_extra(schema: Schema, marker: Marker | None) -> Schema:
    """The schema with `json_schema_extra` of a marker: members to add, or a function that changes the schema."""
    extra = marker.field_options.get("json_schema_extra") if marker is not None else None
    if callable(extra):
        extra(schema)
        return schema
    return schema | (extra or {})


def _fields(read: ReadModel, schemas: Schemas) -> Iterable[Value]:
    """The fields of a model. None is required if the model has a default."""
    models = [schemas.resolve(schemas.input_schema(model)) for model in models_in(rootless(read.annotation))]
    for each in read.fields:
        if each.indexed:
            yield Value(each.wire[0], {"type": "array", "items": {}}, required=False)
            continue
        # A field may be missing: pydantic's `SkipJsonSchema` hides it, or only some models of a union have it.
        shown = [
            model["properties"][each.schema_name] for model in models if each.schema_name in model.get("properties", {})
        ]
        if shown:
            schema = without_null(_either(shown))
            if schema.get("default", MISSING) is None:
                del schema["default"]
            needed = all(each.schema_name in model.get("required", ()) for model in models)
            style = style_of(each, read.source.place)
            yield Value(each.wire[0], schema, read.required and needed, style=style, file_rule=each.file_rule)


def style_of(read: Read | Field, place: str) -> Schema:
    style = declared_style(place, read.shape, read.delimiter)
    return {} if style is None else {"style": style[0], "explode": style[1]}


def _either(schemas: list[Schema]) -> Schema:
    """One schema for a field of several models."""
    different = [schema for place, schema in enumerate(schemas) if schema not in schemas[:place]]
    return different[0] if len(different) == 1 else {"anyOf": different}


def _parameter(place: str, name: str, value: Value) -> Schema:
    schema = dict(value.schema)
    parameter: Schema = {"name": name, "in": place, "required": value.required or place == "path"}
    for key in ("description", "deprecated"):  # members of the parameter object, where tools look for them
        if schema.get(key):
            parameter[key] = schema[key] if key == "description" else True
        schema.pop(key, None)
    parameter["schema"] = schema
    if value.examples:
        parameter["examples"] = to_jsonable(value.examples)
    return parameter | value.style


def without_null(schema: Mapping[str, Any]) -> Schema:
    """The schema of a value that is sent as text, and so cannot be null."""
    if "anyOf" not in schema:
        return dict(schema)
    members = [member for member in schema["anyOf"] if member != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**members[0], **rest} if len(members) == 1 else {"anyOf": members, **rest}


def without_nulls(schema: Mapping[str, Any]) -> Schema:
    """As `without_null`, also for the items of a list."""
    found = without_null(schema)
    items = found.get("items")
    return found | {"items": without_null(items)} if isinstance(items, Mapping) else found


def jsonable_default(default: Any, annotation: Any) -> Schema:
    """`{"default": ...}` as a client would send it; empty if the value has no JSON form."""
    if not is_finite(default):
        return {}
    try:
        plain = to_jsonable(default)
    except (TypeError, ValueError):
        return {}
    if is_json_text(annotation):
        return {"default": json_text(plain)}
    if is_collection(annotation) and is_json_text(item_type(annotation)):
        return {"default": [json_text(each) for each in plain]}
    return {"default": plain}
