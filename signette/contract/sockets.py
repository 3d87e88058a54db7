"""Typed WebSockets -> contracts of sockets: the values of the handshake, and the messages in both directions."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from signette.contract.facts import deprecation_of, policies_of
from signette.contract.keys import path_key
from signette.contract.model import MessageContract, Schema, SocketContract
from signette.contract.parts import Parts
from signette.contract.schemas import plain
from signette.declarative.adapters.serializers import to_jsonable
from signette.declarative.openapi.asyncapi import messages_of, spec_of
from signette.declarative.openapi.parameters import parameters
from signette.declarative.openapi.schemas import Schemas
from signette.declarative.openapi.security import SchemeNames, requirements
from signette.declarative.plan.steps import Plan
from signette.declarative.routing.routes import TypedWebSocketRoute
from signette.declarative.signature.socket_options import SocketOptions
from signette.limits import Limits
from signette.routing.matching import without_convertors

# `max_message_bytes` is in the limits.
_OPTIONS = [each.name for each in fields(SocketOptions) if each.name != "max_message_bytes"]
_JSON = "application/json"

Sockets = tuple[dict[str, SocketContract], dict[str, dict[str, Any]], dict[str, Schema]]


def sockets_of(routes: Iterable[Any], limits: Limits) -> Sockets:
    """The sockets of an application by path, the security schemes that they require, and their schemas."""
    chosen: dict[str, TypedWebSocketRoute] = {}
    for route in routes:
        if isinstance(route, TypedWebSocketRoute) and route.options.get("include_in_schema", True):
            chosen.setdefault(path_key(without_convertors(route.plan.path)), route)  # the first one counts
    schemas = Schemas()
    schemes = SchemeNames(scheme for each in chosen.values() for scheme, _ in each.plan.security)
    described = {key: _described(route.plan, schemas, schemes) for key, route in chosen.items()}
    finished, components = schemas.finish(described)
    parts = Parts(
        {
            "openapi": "3.1.0",
            "components": {"schemas": components, "securitySchemes": to_jsonable(schemes.described)},
        }
    )
    made = {key: _socket(chosen[key], finished[key], parts, limits, routes) for key in chosen}
    return made, parts.used_schemes(), parts.schemas.finish()


def _described(plan: Plan, schemas: Schemas, schemes: SchemeNames) -> dict[str, Any]:
    """A socket as parts of an OpenAPI document."""
    spec = spec_of(plan)
    received, sent = ({}, {}) if spec is None else messages_of(spec, schemas)
    return {
        "parameters": parameters(plan, schemas, {}),
        "security": requirements(plan.security, schemes) if plan.security else [],
        "receives": received,
        "sends": sent,
    }


def _socket(
    route: TypedWebSocketRoute, described: Mapping[str, Any], parts: Parts, limits: Limits, routes: Iterable[Any]
) -> SocketContract:
    plan, path = route.plan, without_convertors(route.plan.path)
    spec = spec_of(plan)
    options = SocketOptions() if spec is None else spec.options
    of_options = options.max_message_bytes
    most = limits.websocket_message_bytes if of_options is None else of_options
    is_deprecated = route.options.get("deprecated") or any(each.documentation.deprecated for each in plan.policies)
    return {
        "name": route.name,
        "path": path,
        "deprecated": deprecation_of(plan, routes) if is_deprecated else None,
        "inputs": parts.inputs(path, described["parameters"]),
        "receives": _messages(described["receives"], parts),
        "sends": _messages(described["sends"], parts),
        "security": parts.security({"security": described["security"]}),
        "options": {} if spec is None else {name: plain(to_jsonable(getattr(options, name))) for name in _OPTIONS},
        "limits": {"websocket_message_bytes": None if most is None else int(most)},
        "policies": policies_of(plan),
    }


def _messages(described: Mapping[str, Any], parts: Parts) -> dict[str, MessageContract]:
    return {
        name: {"media_type": message.get("contentType", _JSON), "schema": parts.schemas.of(message["payload"])}
        for name, message in described.items()
    }
