"""Reads of the body -> OpenAPI's requestBody: JSON, the bytes as they come, or a form."""

from typing import Any

from signette.declarative.adapters.json_schema import BINARY
from signette.declarative.adapters.root_models import rootless
from signette.declarative.adapters.serializers import to_jsonable
from signette.declarative.openapi.parameters import Value, jsonable_default, values_of, with_extra, without_null
from signette.declarative.openapi.schemas import Schema, Schemas
from signette.declarative.plan.steps import Plan, Read, ReadModel
from signette.declarative.signature.annotations import models_in
from signette.declarative.signature.markers import MISSING
from signette.declarative.sources.body import KEYED_BODY
from signette.declarative.sources.form import JSON_PART
from signette.declarative.sources.source import Phase

JSON = "application/json"
BYTES = "application/octet-stream"
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def request_body(plan: Plan, schemas: Schemas) -> Schema | None:
    """What the operation takes as its body; None where it takes none."""
    reads = [read for read in plan.reads if read.source.phase is Phase.BODY]
    forms = [read for read in reads if read.source.place == "form"]
    if forms:
        return _form(plan, forms, schemas)
    whole = next((read for read in reads if isinstance(read, Read) and read.source.place == "body"), None)
    if whole is None or (whole.marker is not None and not whole.marker.include_in_schema):
        return None
    if whole.source.checks != "json":
        return _raw(whole)
    return _keyed(whole, schemas) if whole.source is KEYED_BODY else _json(whole, schemas)


def _json(read: Read, schemas: Schemas) -> Schema:
    schema = dict(schemas.taken(read.annotation))
    description = schema.pop("description", None) if read.marker is not None else None
    if read.default is not MISSING and read.default is not None:
        schema |= jsonable_default(read.default, read.annotation)
    media: Schema = {"schema": schema}
    if read.marker is not None and read.marker.openapi_examples:
        media["examples"] = to_jsonable(read.marker.openapi_examples)
    return _body(getattr(read.marker, "media_type", JSON), media, read.required, description)


def _keyed(read: Read, schemas: Schemas) -> Schema:
    """An object with a member for each parameter. It has no class of the user's, so it gets no name either."""
    made = schemas.behind(schemas.taken(read.annotation))
    schema = {key: value for key, value in made.items() if key != "title"}
    return _body(JSON, {"schema": schema}, bool(schema.get("required")))


def _raw(read: Read) -> Schema:
    said = getattr(read.marker, "media_type", JSON)
    # Bytes are taken whatever their type is; `Body()` says JSON only because nothing was said.
    words = read.marker.field_options if read.marker is not None else {}
    schema = dict(BINARY) | {word: words[word] for word in ("title", "examples") if word in words}
    media: Schema = {"schema": to_jsonable(with_extra(schema, read.marker))}
    if read.marker is not None and read.marker.openapi_examples:
        media["examples"] = to_jsonable(read.marker.openapi_examples)
    return _body(BYTES if said == JSON else said, media, read.required, words.get("description"))


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
    if len(reads) == len(spread) == 1:  # one model is the whole form: it lends its name and its words
        models = models_in(rootless(spread[0].annotation))
        if len(models) > 1:
            whole = without_null(schemas.taken(spread[0].annotation))
            return _body(_media_type(reads, schema), {"schema": whole}, spread[0].required)
        model = schemas.behind(schemas.taken(models[0]))
        words = ("title", "description", "additionalProperties")
        schema = {key: model[key] for key in words if key in model} | schema
    parts = {read.keys[0]: {"contentType": JSON} for read in reads if isinstance(read, Read) and _is_part(read)}
    # OpenAPI 3.1 §4.8.15: how the parts of a field are named. It has no word for lists of objects.
    encoding = {name: dict(value.style) for name, value in fields.items() if value.style} | parts
    media = {"schema": schema} | ({"encoding": encoding} if encoding else {})
    media_type = MULTIPART if parts else _media_type(reads, schema)
    return _body(media_type, media, bool(required))


def _is_part(read: Read) -> bool:
    return read.source == JSON_PART and not (read.marker is not None and not read.marker.include_in_schema)


def _field(value: Value) -> Schema:
    schema = value.schema | ({"examples": _plain(value.examples)} if value.examples else {})
    return _with_octets(schema)


def _with_octets(schema: Schema) -> Schema:
    """The schema with the media type of each file in it: of itself, of its items, of members of a union."""
    if _is_binary(schema):
        return {**schema, **BINARY}
    changed: Schema = {key: _with_octets(schema[key]) for key in _INSIDE if isinstance(schema.get(key), dict)}
    if "anyOf" in schema:
        changed["anyOf"] = [_with_octets(each) for each in schema["anyOf"]]
    return schema | changed if any(each is not schema[key] for key, each in changed.items()) else schema


_INSIDE = ("items", "additionalProperties")


def _holds_binary(schema: Schema) -> bool:
    inside = [*(schema[key] for key in _INSIDE if isinstance(schema.get(key), dict)), *schema.get("anyOf", ())]
    return _is_binary(schema) or any(map(_holds_binary, inside))


def _plain(examples: Any) -> list[Any]:
    """The values of named examples: a schema has room for no more."""
    return [to_jsonable(each["value"]) for each in examples.values() if "value" in each]


def _is_binary(schema: Schema) -> bool:
    """Whether it is a file, by the format that files and bytes have among a model's fields too."""
    return bool(schema.get("format") == BINARY["format"])


def _media_type(reads: list[Read | ReadModel], schema: Schema) -> str:
    """What the markers said, and multipart where a file is among the fields, which nothing else can carry."""
    if any(map(_holds_binary, schema["properties"].values())):
        return MULTIPART
    said = {getattr(read.marker, "media_type", URLENCODED) for read in reads} - {URLENCODED}
    return min(said, default=URLENCODED)


def _body(media_type: str, media: Schema, required: bool, description: str | None = None) -> Schema:
    said: dict[str, Any] = {"description": description} if description else {}
    return said | {"content": {media_type: media}, "required": required}
