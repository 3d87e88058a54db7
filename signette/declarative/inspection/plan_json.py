"""Plan -> JSON, for programs. `schemas/plan.schema.json` is its schema.

Objects of the same kind have the same members in the same order; a member that does not apply is null. Types and
defaults are strings, as written in source code; their JSON Schema is in the OpenAPI document.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from enum import Enum
from typing import Any

from signette.declarative.adapters.model_fields import fields_of
from signette.declarative.channels.spec import ChannelSpec
from signette.declarative.errors.base import format_type
from signette.declarative.inspection.explain import changed_options, default_text, sink_text, type_text, value_text
from signette.declarative.inspection.option_origins import OptionOrigin
from signette.declarative.plan.steps import (
    Call,
    CheckUnknown,
    Negotiate,
    Open,
    Plan,
    RaiseErrors,
    Read,
    ReadModel,
    Split,
    Step,
)
from signette.declarative.policies.entries import AppliedPolicy
from signette.declarative.returns.kind import Reply, ResponseSpec
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.model import SourceLocation
from signette.declarative.signature.pages import Paging
from signette.declarative.signature.tool import Tool
from signette.declarative.sockets.spec import SocketSpec
from signette.declarative.streams.spec import StreamSpec
from signette.forms.rules import FileRule

Described = dict[str, Any]


def describe_plan(plan: Plan, options: Iterable[OptionOrigin] = (), routers: Iterable[Described] = ()) -> Described:
    """The plan as JSON values, with the options of its route, and the middleware and handlers of its routers."""
    bodies = {step.into: step for step in plan.steps if isinstance(step, Read)}
    return {
        "methods": list(plan.methods),
        "path": plan.path,
        "websocket": plan.socket,
        "endpoint": _where(plan.where),
        "docstring": plan.docstring,
        "options": [_option(each, plan) for each in options],
        "routers": list(routers),
        "policies": [_policy(each) for each in plan.policies],
        "request_encodings": list(plan.request_encodings),
        "tool": _tool(plan.tool),
        "steps": [
            _split(step, bodies[step.source]) if isinstance(step, Split) else _STEPS[type(step)](step)
            for step in plan.steps
        ],
        "response": None if plan.socket else _reply(plan.reply),
        "security": [_scheme(scheme, scopes) for scheme, scopes in plan.security],
    }


def _option(origin: OptionOrigin, plan: Plan) -> Described:
    return {
        "option": origin.name,
        "value": value_text(origin.value),
        "owners": list(origin.owners),
        "overrides": [{"owner": owner, "value": value_text(value)} for owner, value in origin.overrides],
        "not_applied": dict(plan.unused_options).get(origin.name),
    }


def _policy(applied: AppliedPolicy) -> Described:
    return {
        "policy": type(applied.policy).__name__,
        "declaration": repr(applied.policy),
        "owner": applied.owner,
        "shared": applied.is_shared,
        "on_failure": applied.policy.on_failure,
        "not_applied": applied.not_applied or None,
        "statuses": [each.status for each in applied.documentation.problems],
    }


def _tool(tool: Tool | None) -> Described | None:
    return None if tool is None else asdict(tool)


def _open(step: Open) -> Described:
    return {
        "step": "open",
        "source": step.source.place,
        "many": step.many,
        "shared": step.shared,
        "file_rules": {name: _file_rule(rule) for name, rule in step.file_rules},
        "names": None if step.names is None else list(step.names),
    }


def _file_rule(rule: FileRule) -> Described:
    return {
        "max_bytes": rule.max_bytes,
        "media_types": list(rule.media_types),
        "sniff": rule.sniff,
        "sink": None if rule.sink is None else sink_text(rule.sink),
    }


def _read(step: Read) -> Described:
    return {
        "step": "read",
        "name": _name(step.into),
        "parameter": step.name,
        "source": step.source.place,
        "keys": list(step.keys),
        "position": step.position,
        "type": type_text(step.annotation),
        "many": step.many,
        "nested": step.shape is not None,
        "delimiter": step.delimiter or None,
        "decimal": step.decimal,
        "formats": [repr(each) for each in step.formats],
        "required": step.required,
        "default": default_text(step),
        "channel": _channel(step.channel),
        "stream": _stream(step.stream),
        "messages": _messages(step.messages),
    }


def _channel(channel: ChannelSpec | None) -> Described | None:
    if channel is None:
        return None
    return {
        "topic": channel.template,
        "type": type_text(channel.item),
        "placeholders": [each.name for each in channel.placeholders],
        "on_missed": channel.on_missed,
        "resumes": channel.resumes,
    }


def _stream(stream: StreamSpec | None) -> Described | None:
    if stream is None:
        return None
    items = stream.items
    return {
        "type": type_text(stream.item),
        "media_types": list(stream.media_types),
        "on_error": items.on_error,
        "max_errors": items.max_errors,
        "max_items": items.max_items,
        "max_item_bytes": items.max_item_bytes,
        "max_bytes": items.max_bytes,
    }


def _messages(messages: SocketSpec | None) -> Described | None:
    if messages is None:
        return None
    return {
        "receives": type_text(messages.incoming),
        "sends": type_text(messages.outgoing),
        "options": changed_options(messages.options),
    }


def _read_model(step: ReadModel) -> Described:
    return {
        "step": "read_model",
        "name": _name(step.into),
        "parameter": step.name,
        "source": step.source.place,
        "fields": [
            {
                "keys": list(field.wire),
                "many": field.many,
                "indexed": field.indexed,
                "nested": field.shape is not None,
                "delimiter": field.delimiter or None,
                "max_bytes": field.file_rule.max_bytes if field.file_rule is not None else None,
            }
            for field in step.fields
        ],
        "extras": step.extras,
        "union": step.union,
        "optional": step.optional,
        "type": type_text(step.annotation),
        "required": step.required,
        "default": default_text(step),
    }


def _check_unknown(step: CheckUnknown) -> Described:
    return {
        "step": "check_unknown",
        "source": step.source.place,
        "known": list(step.known),
        "rejects": step.rejects,
    }


def _call(step: Call) -> Described:
    return {
        "step": "call",
        "name": _name(step.into),
        "callable": _where(step.where),
        "endpoint": step.endpoint,
        "kind": step.kind.value,
        "lifetime": step.lifetime,
        "guard": step.guard,
        "ends_request": step.ends_request,
        "only_if_valid": [_name(variable) for variable in step.only_if_valid],
        "executor": None if step.executor is None else repr(step.executor),
        "executor_not_applied": step.executor_not_applied or None,
        "group": step.group or None,
        "thread": step.thread or None,
        "session": _name(step.session) if step.session else None,
        "max_concurrency": None if step.concurrency_limit is None else step.concurrency_limit.limit,
        "arguments": [
            {"parameter": each.name, "name": _name(each.value), "keyword_only": each.keyword_only}
            for each in step.arguments
        ],
    }


def _split(step: Split, body: Read) -> Described:
    """The members of a body with several parameters. The generated model that validates it has their types."""
    members = {field.name: field for field in fields_of(body.annotation)}
    return {
        "step": "split",
        "of": _name(step.source),
        "parts": [
            {
                "name": _name(variable),
                "key": members[attribute].aliases[0],
                "type": type_text(members[attribute].annotation),
                "required": members[attribute].required,
            }
            for variable, attribute in step.parts
        ],
    }


def _negotiate(step: Negotiate) -> Described:
    return {"step": "negotiate", "formats": [each.media_type for each in step.negotiation.formats]}


def _raise_errors(step: RaiseErrors) -> Described:  # noqa: ARG001 - as for other steps
    return {"step": "raise_errors"}


# Of a `Split`, the types are in the plan's body: `describe_plan` passes both.
_STEPS: Mapping[type[Step], Callable[[Any], Described]] = {
    Open: _open,
    Read: _read,
    ReadModel: _read_model,
    CheckUnknown: _check_unknown,
    Negotiate: _negotiate,
    RaiseErrors: _raise_errors,
    Call: _call,
}


def _reply(reply: Reply) -> Described:
    return {
        "kind": reply.kind.name,
        "type": _type(reply.annotation),
        "status": reply.status,
        "response_class": None if reply.response_class is None else format_type(reply.response_class),
        "options": plain(reply.options),
        "merges": reply.merges,
        "background": reply.background,
        "tagged": list(reply.tagged_statuses),
        "resumes": reply.resumes,
        "paging": _paging(reply.paging),
        "envelope": reply.envelope and format_type(reply.envelope.model),
        "not_applied": list(reply.not_applied),
        "validation": reply.validation and {"raises": reply.validation.raises, "share": reply.validation.share},
        "responses": [_response(each) for each in reply.responses],
    }


def _paging(paging: Paging | None) -> Described | None:
    if paging is None:
        return None
    by_cursor = paging.parameter == "cursor"
    return {
        "parameter": paging.parameter,
        "key": type_text(paging.key) if by_cursor else None,
        "items": paging.items,
        "next": paging.next,
        "default_limit": paging.limit.default,
        "max_limit": paging.limit.maximum,
        "max_offset": None if by_cursor else paging.max_offset,
    }


def _response(spec: ResponseSpec) -> Described:
    if spec.problem is not None:
        return {"status": spec.status, "kind": "problem", "type": spec.problem.__name__}
    if spec.kind is None:
        return {"status": spec.status, "kind": "problem" if spec.status >= 400 else "empty", "type": None}
    return {"status": spec.status, "kind": spec.kind.name, "type": _type(spec.annotation)}


def _scheme(scheme: Any, scopes: Sequence[str]) -> Described:
    return {
        "name": scheme.scheme_name,
        "scheme": plain(scheme.security_scheme),
        "scopes": list(scopes),
        "required": bool(getattr(scheme, "auto_error", True)),
    }


def _where(where: SourceLocation) -> Described:
    """The location of a callable. Callables that are not written in Python have only a name."""
    return {"name": where.name, "file": where.file or None, "line": where.line if where.file else None}


def _name(variable: str) -> str:
    return variable.removeprefix("v_")


def _type(annotation: Any) -> str | None:
    return None if annotation is MISSING else type_text(annotation)


def plain(value: Any) -> Any:
    """The value of an option as JSON; its repr if it has no JSON form."""
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(each) for each in value), key=repr)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [plain(each) for each in value]
    return format_type(value) if isinstance(value, type) else value_text(value)
