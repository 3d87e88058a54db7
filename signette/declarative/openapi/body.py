"""Reads of the body -> the OpenAPI request body: JSON, raw bytes, or a form."""

from dataclasses import replace
from typing import Any

from signette.declarative.adapters.json_schema import BINARY
from signette.declarative.adapters.root_models import rootless
from signette.declarative.adapters.serializers import to_jsonable
from signette.declarative.openapi.dialect import Dialect
from signette.declarative.openapi.parameters import (
    Value,
    jsonable_default,
    values_of,
    with_extra,
    with_rule,
    without_null,
)
from signette.declarative.openapi.schemas import Schema, Schemas
from signette.declarative.openapi.stream_body import stream_body
from signette.declarative.plan.steps import Plan, Read, ReadModel
from signette.declarative.signature.annotations import models_in, union_members
from signette.declarative.signature.markers import MISSING
from signette.declarative.sources.body import KEYED_BODY
from signette.declarative.sources.form import JSON_PART
from signette.declarative.sources.parts import PARTS
from signette.declarative.sources.patch import JSON_PATCH, PATCH, PATCH_TYPES
from signette.declarative.sources.source import Phase
from signette.forms.rules import FileRule

JSON = "application/json"
BYTES = "application/octet-stream"
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def request_body(plan: Plan, schemas: Schemas, dialect: Dialect) -> Schema | None:
    """The request body of an operation, or None."""
    reads = [read for read in plan.reads if read.source.phase is Phase.BODY]
    forms = [read for read in reads if read.source.place == "form"]
    if forms and forms[0].source == PARTS:
        return _parts(forms[0])
    if forms:
        return _form(plan, forms, schemas)
    whole = next((read for read in reads if isinstance(read, Read) and read.source.place == "body"), None)
    if whole is None or (whole.marker is not None and not whole.marker.include_in_schema):
        return None
    if whole.stream is not None:
        return stream_body(whole.stream, whole.annotation, schemas, dialect)
    if whole.source == JSON_PATCH:
        return _patches(whole, schemas)
    if whole.formats:
        return _formats(whole, schemas)
    if whole.source.checks != "json":
        return _raw(whole)
    if whole.source == PATCH:
        return _patch(whole, schemas)
    return _keyed(whole, schemas) if whole.source is KEYED_BODY else _json(whole, schemas)


def _json(read: Read, schemas: Schemas) -> Schema:
    schema = dict(schemas.input_schema(read.annotation))
    description = schema.pop("description", None) if read.marker is not None else None
    if read.default is not MISSING and read.default is not None:
        schema |= jsonable_default(read.default, read.annotation)
    media: Schema = {"schema": schema}
    if read.marker is not None and read.marker.openapi_examples:
        media["examples"] = to_jsonable(read.marker.openapi_examples)
    return _body(getattr(read.marker, "media_type", JSON), media, read.required, description)


def _patch(read: Read, schemas: Schemas) -> Schema:
    """A merge patch, in both of its media types."""
    body = _json(read, schemas)
    (media,) = body["content"].values()
    return body | {"content": dict.fromkeys(PATCH_TYPES, media)}


def _patches(read: Read, schemas: Schemas) -> Schema:
    """A JSON Patch, or a patch of either kind: each media type has the schema of its kind."""
    kinds = [_json(replace(read, annotation=each), schemas) for each in union_members(read.annotation)]
    content = {
        name: media
        for body, each in zip(kinds, read.formats, strict=True)
        for media in body["content"].values()
        for name in each.names
    }
    return kinds[0] | {"content": content}


def _formats(read: Read, schemas: Schemas) -> Schema:
    """A body in one of several formats: the same value in all their media types."""
    body = _json(read, schemas)
    (media,) = body["content"].values()
    return body | {"content": {name: media for each in read.formats for name in each.names}}


def _keyed(read: Read, schemas: Schemas) -> Schema:
    """An object with a member for each parameter. It is inline, as there is no class that names it."""
    generated = schemas.resolve(schemas.input_schema(read.annotation))
    schema = {key: value for key, value in generated.items() if key != "title"}
    return _body(JSON, {"schema": schema}, bool(schema.get("required")))


def _raw(read: Read) -> Schema:
    media_type = getattr(read.marker, "media_type", JSON)
    options = read.marker.field_options if read.marker is not None else {}
    schema = dict(BINARY) | {key: options[key] for key in ("title", "examples") if key in options}
    media: Schema = {"schema": to_jsonable(with_extra(schema, read.marker))}
    if read.marker is not None and read.marker.openapi_examples:
        media["examples"] = to_jsonable(read.marker.openapi_examples)
    # JSON is the default of `Body()`, which says nothing about raw bytes.
    return _body(BYTES if media_type == JSON else media_type, media, read.required, options.get("description"))


def _parts(read: Read | ReadModel) -> Schema | None:
    """Parts of any name, as the endpoint decides which it takes."""
    if read.marker is not None and not read.marker.include_in_schema:
        return None
    return _body(MULTIPART, {"schema": {"type": "object"}}, required=True)


def _form(plan: Plan, reads: list[Read | ReadModel], schemas: Schemas) -> Schema:
    fields: dict[str, Value] = {}
    for value in values_of(plan, "form", schemas):
        if value.name not in fields or value.required:
            fields[value.name] = value
    schema: Schema = {
        "type": "object",
        "properties": {name: _field(value) for name, value in fields.items()},
    }
    required = [name for name, value in fields.items() if value.required]
    if required:
        schema["required"] = required
    spread = [read for read in reads if isinstance(read, ReadModel)]
    if len(reads) == len(spread) == 1:  # one model is the whole form: use its title and description
        models = models_in(rootless(spread[0].annotation))
        if len(models) > 1:
            whole = without_null(schemas.input_schema(spread[0].annotation))
            return _body(_media_type(reads, schema), {"schema": whole}, spread[0].required)
        model = schemas.resolve(schemas.input_schema(models[0]))
        copied = ("title", "description", "additionalProperties")
        schema = {key: model[key] for key in copied if key in model} | schema
    parts = {read.keys[0]: {"contentType": JSON} for read in reads if isinstance(read, Read) and _is_part(read)}
    parts |= {name: {"contentType": types} for name, value in fields.items() if (types := _types_of(value))}
    # OpenAPI 3.1 §4.8.15: how the parts of a field are named. Lists of objects cannot be described.
    encoding = {name: dict(value.style) for name, value in fields.items() if value.style} | parts
    media = {"schema": schema} | ({"encoding": encoding} if encoding else {})
    media_type = MULTIPART if parts else _media_type(reads, schema)
    return _body(media_type, media, bool(required))


def _types_of(value: Value) -> str:
    """The media types of a field's files, as in the encoding of a form."""
    return ", ".join(value.file_rule.media_types) if value.file_rule is not None else ""


def _is_part(read: Read) -> bool:
    return read.source == JSON_PART and not (read.marker is not None and not read.marker.include_in_schema)


def _field(value: Value) -> Schema:
    schema = value.schema | ({"examples": _plain(value.examples)} if value.examples else {})
    return _with_files(schema, value.file_rule)


def _with_files(schema: Schema, rule: FileRule | None) -> Schema:
    """The schema with the media type and the rule of each file: itself, its items, or members of a union."""
    if _is_binary(schema):
        return with_rule({**schema, **BINARY}, rule)
    changed: Schema = {key: _with_files(schema[key], rule) for key in _INSIDE if isinstance(schema.get(key), dict)}
    if "anyOf" in schema:
        changed["anyOf"] = [_with_files(each, rule) for each in schema["anyOf"]]
    return schema | changed if any(each is not schema[key] for key, each in changed.items()) else schema


_INSIDE = ("items", "additionalProperties")


def _holds_binary(schema: Schema) -> bool:
    inside = [*(schema[key] for key in _INSIDE if isinstance(schema.get(key), dict)), *schema.get("anyOf", ())]
    return _is_binary(schema) or any(map(_holds_binary, inside))


def _plain(examples: Any) -> list[Any]:
    """The values of named examples, as schemas have no names for them."""
    return [to_jsonable(each["value"]) for each in examples.values() if "value" in each]


def _is_binary(schema: Schema) -> bool:
    """Whether it is a file, by the format of files and bytes."""
    return bool(schema.get("format") == BINARY["format"])


def _media_type(reads: list[Read | ReadModel], schema: Schema) -> str:
    """The media type of the form: that of the markers, or multipart if a field is a file."""
    if any(map(_holds_binary, schema["properties"].values())):
        return MULTIPART
    declared = {getattr(read.marker, "media_type", URLENCODED) for read in reads} - {URLENCODED}
    return min(declared, default=URLENCODED)


def _body(media_type: str, media: Schema, required: bool, description: str | None = None) -> Schema:
    body: Schema = {"description": description} if description else {}
    return body | {"content": {media_type: media}, "required": required}
