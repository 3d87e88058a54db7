"""The JSON Schemas of a tool: of its arguments, and of its result.

The schemas of bodies and responses are those of the OpenAPI document, whose references become local ones (`$defs`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from signette._http.media import is_json
from signette.client.runtime.items import JSON_LINES, JSON_SEQUENCE, item_format
from signette.client.runtime.spec import InputSpec, OperationSpec
from signette.declarative.adapters.serializers import to_jsonable
from signette.declarative.openapi.body import request_body
from signette.declarative.openapi.dialect import OPENAPI_3_1
from signette.declarative.openapi.responses import Responses
from signette.declarative.openapi.schemas import LOCAL, PLACE, Schemas
from signette.declarative.plan.steps import Plan
from signette.declarative.problems.format import ProblemFormat
from signette.declarative.returns.response import RESPONSE

Schema = dict[str, Any]

RESULT = "result"
"""The member that holds a result that is not a JSON object: a tool has one."""
BASE64: Schema = {"type": "string", "contentEncoding": "base64"}
LINES = (JSON_LINES, JSON_SEQUENCE)
"""The formats whose items are JSON texts, which are one list for an agent."""


def input_schema(operation: OperationSpec, plan: Plan) -> Schema:
    """The schema of the arguments: an object with a member for each."""
    schemas = Schemas()
    body = request_body(plan, schemas, OPENAPI_3_1) or {}
    properties = {each.argument: _argument(each, operation, body, schemas) for each in operation.arguments}
    made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    required = [each.argument for each in operation.arguments if each.required]
    if required:
        made["required"] = required
    found: Schema = _files_as_text(_localized(made, schemas))
    return found


def output_schema(plan: Plan, options: Mapping[str, Any], errors: ProblemFormat) -> tuple[Schema | None, bool]:
    """The schema of the result, and whether the result is the member `result` of an object.

    None if the result is not JSON.
    """
    schemas = Schemas()
    responses = Responses(schemas, errors, OPENAPI_3_1, {}).responses(plan, options)
    found = [schema for status, response in responses.items() if str(status) < "3" for schema in _contents(response)]
    if not found or (plan.reply.kind is RESPONSE and not _is_declared(responses)):  # the endpoint decides what it sends
        return None, False
    schema = _any_of(found)
    is_wrapped = not _is_object(schema, schemas)
    if is_wrapped:
        schema = {"type": "object", "properties": {RESULT: schema}, "required": [RESULT]}
    made = _localized(schema, schemas)
    if "type" not in made:  # a reference: the protocol requires the type
        made = {"type": "object", **made}
    return made, is_wrapped


def _argument(spec: InputSpec, operation: OperationSpec, body: Mapping[str, Any], schemas: Schemas) -> Schema:
    made = dict(_schema_of(spec, operation, body, schemas))
    if spec.doc:
        made["description"] = spec.doc
    return made


def _schema_of(spec: InputSpec, operation: OperationSpec, body: Mapping[str, Any], schemas: Schemas) -> Schema:
    kind = operation.body.kind if operation.body is not None and spec.place == "body" else ""
    if kind == "bytes":
        return BASE64
    if kind == "items":
        return {"type": "array", "items": schemas.input_schema(spec.type)}
    if kind in ("json", "patch", "content"):
        content = body.get("content", {})
        found = [dict(each["schema"]) for name, each in content.items() if is_json(name) and "schema" in each]
        if found:
            return _any_of(found)
    if any(name.style == "file" for name in spec.names) and not spec.is_model:
        return {"type": "array", "items": BASE64} if spec.names[0].many else BASE64
    return schemas.input_schema(spec.type)


def _contents(response: Mapping[str, Any]) -> Iterator[Schema]:
    """The schemas of the JSON that a response may have."""
    content = response.get("content", {})
    if not content:
        yield {"type": "null"}
    for media_type, media in content.items():
        if is_json(media_type):
            yield dict(media.get("schema", {}))
        elif item_format(media_type) in LINES:
            yield media["schema"] if "schema" in media else {"type": "array", "items": media.get("itemSchema", {})}
        elif media_type.startswith("text/"):
            yield {"type": "string"}


def _is_declared(responses: Mapping[Any, Any]) -> bool:
    """Whether a result has a schema."""
    return any(media.get("schema") for status, response in responses.items() if str(status) < "3"
               for media in response.get("content", {}).values())  # fmt: skip


def _any_of(schemas: Sequence[Schema]) -> Schema:
    """What one of the schemas describes: bodies of several media types may have one, or one each."""
    unique = [each for at, each in enumerate(schemas) if each not in schemas[:at]]
    return unique[0] if len(unique) == 1 else {"anyOf": unique}


def _is_object(schema: Mapping[str, Any], schemas: Schemas) -> bool:
    resolved = schemas.resolve(schema)
    if "anyOf" in resolved or "oneOf" in resolved:
        return all(_is_object(each, schemas) for each in resolved.get("anyOf", resolved.get("oneOf", ())))
    return resolved.get("type") == "object"


def _localized(schema: Schema, schemas: Schemas) -> Schema:
    """The schema with its definitions below `$defs`."""
    made, components = schemas.finish(schema)
    found: Schema = _with_local_references(made)
    if components:
        found["$defs"] = _with_local_references(components)
    return dict(to_jsonable(found))


def _with_local_references(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_local_references(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_local_references(each) for each in value]
    if isinstance(value, str) and value.startswith(PLACE):
        return LOCAL + value.removeprefix(PLACE)
    return value


def _files_as_text(value: Any) -> Any:
    """The schema with the content of files as base64: JSON has no bytes."""
    if isinstance(value, list):
        return [_files_as_text(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    if value.get("type") == "string" and (value.get("format") == "binary" or "contentMediaType" in value):
        kept = {key: each for key, each in value.items() if key not in ("format", "contentMediaType")}
        return {**kept, **BASE64}
    return {key: _files_as_text(each) for key, each in value.items()}
