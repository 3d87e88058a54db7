"""WebSocket routes -> the AsyncAPI 3.0 document: channels, their messages and operations.

Each route is a channel, with the values of its handshake in the WebSocket binding. A `Socket` parameter has the types
of its messages: those of the client are those that the application receives, which is an operation, and those to the
client are another one. A route with a plain `WebSocket` is a channel without messages.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from signette.declarative.adapters.serializers import to_jsonable
from signette.declarative.openapi.info import Info
from signette.declarative.openapi.names import Operation, in_words, operation_ids
from signette.declarative.openapi.operation import tag_of
from signette.declarative.openapi.parameters import values_of
from signette.declarative.openapi.schemas import Schema, Schemas
from signette.declarative.openapi.security import SchemeNames, requirements
from signette.declarative.plan.steps import Plan, Read
from signette.declarative.problems.schema import VALIDATION_SCHEMA
from signette.declarative.routing.routes import TypedWebSocketRoute
from signette.declarative.signature.annotations import strip_annotated, union_members
from signette.declarative.sockets.messages import is_json, is_none
from signette.declarative.sockets.spec import SocketSpec
from signette.routing.matching import without_convertors

VERSION = "3.0.0"
_PROTOCOLS = {"http": "ws", "https": "wss"}
_PLAIN = {str: ("text/plain", {"type": "string"}), bytes: ("application/octet-stream", {"type": "string"})}


def asyncapi_document(routes: Iterable[Any], info: Info) -> dict[str, Any]:
    """The AsyncAPI document of the typed WebSocket routes. Of routes with the same path, the first counts.

    Raises SignatureError for an annotation with an undefined name.
    """
    chosen: dict[str, TypedWebSocketRoute] = {}
    for route in routes:
        if isinstance(route, TypedWebSocketRoute) and route.options.get("include_in_schema", True):
            chosen.setdefault(without_convertors(route.plan.path), route)
    schemas, schemes = Schemas(), SchemeNames(scheme for each in chosen.values() for scheme, _ in each.plan.security)
    ids = operation_ids(_identity(path, route) for path, route in chosen.items())
    channels: dict[str, Schema] = {}
    operations: dict[str, Schema] = {}
    for path, route in sorted(chosen.items()):
        name = ids[_identity(path, route)]
        channel = _Channel(name, path, route, schemas)
        channels[name] = channel.as_dict()
        operations |= channel.operations(_security(route.plan, schemes))
    finished, components = schemas.finish({"channels": channels, "operations": operations})
    document: dict[str, Any] = {"asyncapi": VERSION, "info": _info(info), **_servers(info)}
    document |= {"defaultContentType": "application/json", **finished}
    parts = {
        "schemas": components,
        "securitySchemes": {name: _scheme(each) for name, each in schemes.described.items()},
    }
    if any(parts.values()):
        document["components"] = {name: part for name, part in parts.items() if part}
    return document


class _Channel:
    """The channel of a route while it is written."""

    def __init__(self, name: str, path: str, route: TypedWebSocketRoute, schemas: Schemas) -> None:
        self.name = name
        self.path = path
        self.route = route
        self.plan: Plan = route.plan
        self.schemas = schemas
        self.spec = spec_of(self.plan)
        self.received, self.sent = ({}, {}) if self.spec is None else messages_of(self.spec, schemas)

    def as_dict(self) -> Schema:
        options = self.route.options
        channel: Schema = {"address": self.path, "title": options.get("summary") or in_words(self.route.name)}
        # The part of a docstring after a form feed is for readers of the code only.
        description = options.get("description") or self.plan.docstring.partition("\f")[0].strip()
        if description:
            channel["description"] = description
        if self.received or self.sent:
            channel["messages"] = {**self.received, **self.sent}
        parameters = {
            value.name: _parameter(self.schemas.resolve(value.schema))
            for value in values_of(self.plan, "path", self.schemas)
        }
        if parameters:
            channel["parameters"] = parameters
        if options.get("tags"):
            channel["tags"] = [{"name": tag_of(tag)} for tag in options["tags"]]
        channel["bindings"] = {"ws": self._binding()}
        return channel

    def operations(self, security: list[Schema]) -> dict[str, Schema]:
        """What the application receives, and what it sends."""
        found: dict[str, Schema] = {}
        for action, messages in (("receive", self.received), ("send", self.sent)):
            if messages:
                operation: Schema = {
                    "action": action,
                    "channel": {"$ref": f"#/channels/{self.name}"},
                    "messages": [{"$ref": f"#/channels/{self.name}/messages/{each}"} for each in messages],
                }
                beat = self.spec.options.heartbeat if self.spec is not None else None
                if action == "send" and beat is not None:
                    operation["description"] = f"After {beat:g} seconds without a message, a heartbeat is sent."
                if security:
                    operation["security"] = security
                found[f"{self.name}_{action}"] = operation
        return found

    def _binding(self) -> Schema:
        """The handshake (WebSockets binding 0.1.0): its query parameters and headers."""
        binding: Schema = {"method": "GET"}
        for member, place in (("query", "query"), ("headers", "header")):
            values = list(values_of(self.plan, place, self.schemas))
            if values:
                required = [value.name for value in values if value.required]
                binding[member] = {"type": "object", "properties": {value.name: value.schema for value in values}} | (
                    {"required": required} if required else {}
                )
        return binding | {"bindingVersion": "0.1.0"}


def spec_of(plan: Plan) -> SocketSpec | None:
    """The typed WebSocket of a plan; None for a plain one."""
    return next((each.messages for each in plan.reads if isinstance(each, Read) and each.messages), None)


def messages_of(spec: SocketSpec, schemas: Schemas) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """The messages of the client, and those of the application: Message Objects by name."""
    received = {name: _message(annotation, schemas.input_schema) for name, annotation in _members(spec.incoming)}
    sent = {
        f"{name}-sent" if name in received else name: _message(annotation, schemas.output_schema)
        for name, annotation in _members(spec.outgoing)
    }
    if spec.options.on_invalid == "problem":
        problem = schemas.adopt(_MESSAGE_PROBLEM, "signette")
        sent["Problem"] = {"contentType": "application/problem+json", "payload": problem}
    return received, sent


_MESSAGE_PROBLEM: Mapping[str, Any] = {
    **VALIDATION_SCHEMA,
    "title": "MessageProblem",
    "description": "A message of the client is invalid. The connection stays open.",
    "properties": {
        **VALIDATION_SCHEMA["properties"],
        "status": {"type": "integer", "enum": [400, 422]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "in": {"const": "message", "type": "string"},
                    "pointer": {"type": "string", "format": "json-pointer"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
                "required": ["in", "code", "message"],
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
}


def _identity(path: str, route: TypedWebSocketRoute) -> Operation:
    given = route.options.get("operation_id")
    return Operation("WEBSOCKET", path, str(given or route.name), bool(given))


def _members(annotation: Any) -> Iterator[tuple[str, Any]]:
    """The messages of one direction, each with its name."""
    if is_none(annotation):
        return
    members = union_members(annotation) if is_json(annotation) else (annotation,)
    for number, member in enumerate(members, 1):
        name = getattr(strip_annotated(member), "__name__", "")
        yield (name if name.isidentifier() else f"message{number}"), member


def _message(annotation: Any, schema_of: Any) -> Schema:
    if annotation in _PLAIN:
        content_type, schema = _PLAIN[annotation]
        return {"contentType": content_type, "payload": dict(schema)}
    return {"payload": schema_of(annotation)}


def _parameter(schema: Mapping[str, Any]) -> Schema:
    """A parameter of the address. Those of AsyncAPI are texts without a schema."""
    found: Schema = {}
    if "description" in schema:
        found["description"] = schema["description"]
    if isinstance(schema.get("enum"), list):
        found["enum"] = [str(each) for each in schema["enum"]]
    return found


def _security(plan: Plan, schemes: SchemeNames) -> list[Schema]:
    """The schemes of an operation. AsyncAPI has no scopes of a required scheme by reference."""
    names = (
        dict.fromkeys(name for each in requirements(plan.security, schemes) for name in each) if plan.security else ()
    )
    return [{"$ref": f"#/components/securitySchemes/{name}"} for name in names]


def _scheme(scheme: Mapping[str, Any]) -> Schema:
    """A security scheme of OpenAPI in AsyncAPI's words."""
    found: Schema = dict(to_jsonable(scheme))
    if found.get("type") == "apiKey":
        found["type"] = "httpApiKey"
    for flow in found.get("flows", {}).values():
        flow["availableScopes"] = flow.pop("scopes", {})
    return found


def _servers(info: Info) -> dict[str, Any]:
    servers = {}
    for number, server in enumerate(info.servers, 1):
        url = urlsplit(str(server.get("url", "")))
        if url.netloc:
            found = {"host": url.netloc, "protocol": _PROTOCOLS.get(url.scheme, url.scheme)}
            if url.path.strip("/"):
                found["pathname"] = url.path
            if server.get("description"):
                found["description"] = server["description"]
            servers[f"server{number}"] = found
    return {"servers": servers} if servers else {}


def _info(info: Info) -> dict[str, Any]:
    license_info = {key: value for key, value in (info.license_info or {}).items() if key in ("name", "url")}
    members = {
        "title": info.title,
        "version": info.version,
        "description": info.description or info.summary,
        "termsOfService": info.terms_of_service,
        "contact": info.contact,
        "license": license_info or None,
        "tags": list(info.tags) or None,
        "externalDocs": info.external_docs,
    }
    return {name: to_jsonable(value) for name, value in members.items() if value is not None}
