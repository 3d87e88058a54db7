"""Plan -> text: the steps of a request, in order."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from os import PathLike
from typing import Any, get_args, get_origin

from signette.declarative.adapters.response_validation import ResponseValidation
from signette.declarative.errors.base import closest_match, format_type
from signette.declarative.inspection.option_origins import OptionOrigin
from signette.declarative.jobs.declared import JobDefinition
from signette.declarative.plan.steps import (
    Call,
    CheckUnknown,
    Field,
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
from signette.declarative.returns.unannotated import UNANNOTATED
from signette.declarative.signature.annotations import is_union, strip_annotated
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.model import Kind
from signette.declarative.signature.pages import Paging
from signette.declarative.signature.socket_options import SocketOptions
from signette.forms.rules import FileRule
from signette.forms.sinks import To
from signette.routing.nested import outer_convertors

_CALL_NOTES = {
    Kind.SYNC: "in a worker thread",
    Kind.ASYNC: "",
    Kind.VALUE: "",
    Kind.SYNC_GENERATOR: "in a worker thread, closed with the {lifetime}",
    Kind.ASYNC_GENERATOR: "closed with the {lifetime}",
}
# Characters of an option's value.
_MAX_VALUE = 60
# ` at 0x7f3a...`, in the default repr of an object.
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
# `<class 'shop.Envelope'>`, in the repr of a list of classes.
_CLASS = re.compile(r"<class '(?:[\w.<>]+\.)?(\w+)'>")


def explain_plan(plan: Plan, options: Iterable[OptionOrigin] = (), around: Iterable[str] = ()) -> str:
    """The plan as text: a head with route and endpoint, the options of the route, then a line per step.

    `around` has the lines of what runs outside of the plan.
    """
    verb = "/".join(plan.methods) if not plan.socket else "WEBSOCKET"
    lines = [f"{verb} {plan.path} -> {plan.where}"]
    lines += [f"  option   {_option(each, plan)}" for each in options if not _has_note(each, plan)]
    lines += around
    lines += [f"  policy   {_policy(each)}" for each in plan.policies]
    lines += _step_lines(plan)
    if plan.request_encodings:
        lines.append(f"  request encodings: {', '.join(plan.request_encodings)}")
    if plan.tool is not None:
        lines.append(f"  tool     {plan.tool!r}")
    if not plan.socket:
        lines.append(
            "  response " + " | ".join(dict.fromkeys(_response(each, plan.reply) for each in plan.reply.responses))
        )
        if plan.reply.paging is not None:
            lines.append(f"  pages    {_paging(plan.reply.paging)}")
        if plan.reply.tagged_statuses:
            lines.append(
                f"  tagged   {', '.join(map(str, plan.reply.tagged_statuses))}: ETag and Last-Modified of the result"
            )
        if plan.reply.envelope is not None:
            lines.append(f"  envelope {format_type(plan.reply.envelope.model)}")
        lines += [f"  note     {each}" for each in plan.reply.not_applied]
        if plan.reply.validation is not None:
            lines.append(f"  response validation: {_response_validation(plan.reply.validation)}")
    return "\n".join(lines)


def _step_lines(plan: Plan) -> list[str]:
    lines = []
    width = max((len(_name(step)) for step in plan.steps), default=0)
    for step in plan.steps:
        word, what, note = _line(step)
        if isinstance(step, Call) and (step.group or step.thread):
            others = ", ".join(_name(call) for call in _beside(step, plan))
            if step.group:
                note = "; ".join(filter(None, (note, f"at the same time as {others}")))
            else:
                note = note.replace(_CALL_NOTES[Kind.SYNC], f"in one worker thread with {others}")
        has_name = not isinstance(step, RaiseErrors | Split | CheckUnknown | Negotiate)
        name = f"{_name(step):<{width}} " if has_name else ""
        line = f"  {word:<8} {name}{what}".rstrip()
        lines.append(f"{line}   {note}" if note else line)
    return lines


def _beside(call: Call, plan: Plan) -> Iterator[Call]:
    """The other calls of its group, or of its thread."""
    place = call.group, call.thread
    return (each for each in plan.calls if (each.group, each.thread) == place and each is not call)


def explain_job(job: JobDefinition) -> str:
    """A job as text: a head with its arguments and function, then a line per step, and the result."""
    arguments = ", ".join(
        f"{name}: {type_text(each.type.annotation)}{'' if each.required else ' = ...'}"
        for name, each in job.arguments.items()
    )
    lines = [f"JOB {job.name}({arguments}) -> {job.where}", *_step_lines(job.plan({}))]
    return "\n".join([*lines, f"  result   {type_text(job.result.annotation)}"])


def explain(target: Any, operation: str | None = None, *, source: bool = False) -> str:
    """Describe how a route handles a request: `explain(route)`, or `explain(app, "GET /items/{item_id}")`.

    `operation` may have a real path: `"GET /items/3"`. `source=True` adds the source code of the generated binder.

    Raises:
        LookupError: no typed route matches; the message has the closest one.
    """
    route = target if operation is None else route_of(target, operation)
    return str(route.explain(source=source))


def route_of(app: Any, operation: str) -> Any:
    """The typed route of an application for `"GET /items/{item_id}"` or `"GET /items/3"`.

    Raises:
        LookupError: no typed route matches; the message has the closest one.
    """
    method, _, path = operation.strip().partition(" ")
    method, path = (method.upper(), path.strip()) if path else ("GET", method)
    planned = list(typed_routes(app.routes))
    for prefix, route in planned:
        verbs = route.plan.methods or ("WEBSOCKET",)
        below = path.removeprefix(prefix) if path.startswith(prefix) else None
        if method in verbs and below is not None and (route.path == below or route.path_regex.fullmatch(below)):
            return route
    known = [
        f"{verb} {prefix}{route.path}" for prefix, route in planned for verb in route.plan.methods or ("WEBSOCKET",)
    ]
    near = closest_match(f"{method} {path}", known)
    raise LookupError(f"no typed route matches `{method} {path}`" + (f"; did you mean `{near}`?" if near else ""))


def typed_routes(routes: Iterable[Any], prefix: str = "", outer_path: Any = None) -> Iterator[tuple[str, Any]]:
    """The typed routes, with those of mounted applications. Each with the path that it is mounted at.

    Raises SignatureError for a route whose plan cannot be made.
    """
    for route in routes:
        if hasattr(route, "resolve"):
            route.resolve(outer_path)
            yield prefix, route
            continue
        is_application = hasattr(getattr(route, "mounted_app", None), "router")
        outer = {} if is_application else {**(outer_path or {}), **outer_convertors(route)}
        below = prefix + getattr(route, "path", "")
        yield from typed_routes(getattr(route, "routes", None) or (), below, outer)


def _has_note(origin: OptionOrigin, plan: Plan) -> bool:
    """Whether a note says that the option is not applied."""
    return any(note.startswith(f"`{origin.name}=`") for note in plan.reply.not_applied)


def _option(origin: OptionOrigin, plan: Plan) -> str:
    reason = dict(plan.unused_options).get(origin.name)
    places = " and the ".join(origin.owners)
    overrides = ", ".join(f"{_shortened(value)} of the {owner}" for owner, value in origin.overrides)
    line = f"{origin.name}={_shortened(origin.value)} of the {places}"
    if reason is not None:
        return f"{line}   not applied: {reason}"
    return f"{line}   overrides {overrides}" if overrides else line


def _shortened(value: Any) -> str:
    text = type_text(value) if isinstance(value, type) else _CLASS.sub(r"\1", value_text(value))
    return text if len(text) <= _MAX_VALUE else f"{text[:_MAX_VALUE]}..."


def _policy(applied: AppliedPolicy) -> str:
    place = f" of the {applied.owner}" if applied.is_shared else ""
    reason = f"   not applied: {applied.not_applied}" if applied.not_applied else ""
    return f"{applied.policy!r}{place}{reason}"


def _name(step: Step) -> str:
    if isinstance(step, Read | ReadModel | Call):
        return step.into.removeprefix("v_")
    return step.source.place if isinstance(step, Open) else ""


def _line(step: Step) -> tuple[str, str, str]:
    if isinstance(step, Open):
        return "open", "", ""
    if isinstance(step, CheckUnknown):
        return "check", f"{'reject' if step.rejects else 'log'} unknown {step.source.place} parameters", ""
    if isinstance(step, Negotiate):
        return "accept", " | ".join(each.media_type for each in step.negotiation.formats), ""
    if isinstance(step, RaiseErrors):
        return "validate", "raise collected validation errors", ""
    if isinstance(step, Read):
        keys = " or ".join(f'"{_written(key, step)}"' for key in step.keys)
        what = f"{step.source.place} {keys}".rstrip()
        if step.source.checks == "json" and step.keys:
            what += " as JSON"
        if step.delimiter:
            what += f' split at "{step.delimiter}"'
        note = _note(step) if step.file_rule is None else file_note(step.file_rule)
        note = "numbers are decimals" if step.decimal else note
        if step.formats:
            note = f"formats: {', '.join(map(repr, step.formats))}{', numbers are decimals' if step.decimal else ''}"
        return "read", f"{what}: {type_text(step.annotation)}{_default(step)}", note
    if isinstance(step, ReadModel):
        names = ", ".join(_written(field.wire[0], field) for field in step.fields)
        rules = [f"{each.wire[0]}: {file_note(each.file_rule)}" for each in step.fields if each.file_rule is not None]
        return "model", f"{step.source.place} ({names}): {type_text(step.annotation)}{_default(step)}", "; ".join(rules)
    if isinstance(step, Split):
        return "split", ", ".join(variable.removeprefix("v_") for variable, _ in step.parts), ""
    return _call_line(step)


def _call_line(step: Call) -> tuple[str, str, str]:
    arguments = ", ".join(each.value.removeprefix("v_") for each in step.arguments)
    notes = [_how(step)]
    if step.concurrency_limit is not None:
        notes.append(f"concurrency limit: {step.concurrency_limit.limit}")
    if step.executor_not_applied:
        notes.append(step.executor_not_applied)
    if step.guard:
        notes.append("guard: runs before the body is read")
    if step.ends_request:
        notes.append("a response that it returns ends the request")
    if step.only_if_valid:
        notes.append(f"only if valid: {', '.join(variable.removeprefix('v_') for variable in step.only_if_valid)}")
    return "call", f"{step.where.name}({arguments})", "; ".join(note for note in notes if note)


def file_note(rule: FileRule) -> str:
    """The rule for the files of a field, as one line."""
    notes = [f"at most {rule.max_bytes} bytes"] if rule.max_bytes is not None else []
    if rule.media_types:
        notes.append(" or ".join(rule.media_types) + (", by content too" if rule.sniff else ""))
    if rule.sink is not None:
        notes.append(f"to {sink_text(rule.sink)}")
    return ", ".join(notes)


def sink_text(to: To) -> str:
    """The sink of a file: a directory, or the name of a function or class."""
    if isinstance(to.sink, str | PathLike):
        return str(to.sink)
    return getattr(to.sink, "__qualname__", None) or type(to.sink).__name__


def _note(step: Read) -> str:
    return _channel_note(step) or _stream_note(step)


def _channel_note(step: Read) -> str:
    if step.messages is not None:
        return "; ".join(f"{name}={text}" for name, text in changed_options(step.messages.options).items())
    if step.channel is None:
        return ""
    notes = ["resumes after Last-Event-ID"] if step.channel.resumes else []
    return "; ".join([*notes, f"on missed messages: {step.channel.on_missed}"])


def _stream_note(step: Read) -> str:
    if step.stream is None:
        return ""
    items = step.stream.items
    counts = [
        (items.max_errors, "errors"), (items.max_items, "items"), (items.max_bytes, "bytes"),
        (items.max_item_bytes, "bytes for an item"),
    ]  # fmt: skip
    most = ", ".join(f"{count} {what}" for count, what in counts if count is not None)
    return f"accepts {', '.join(step.stream.media_types)}; on error: {items.on_error}; at most {most}"


def changed_options(options: SocketOptions) -> dict[str, str]:
    """The options that are not the defaults, with their values as text."""
    given = ((each.name, getattr(options, each.name), each.default) for each in fields(options))
    return {name: value_text(value) for name, value, default in given if value != default}


def _how(call: Call) -> str:
    """Where the call runs, and when it is closed."""
    if call.lifetime == "app":
        return "created once per application"
    if call.executor is not None:
        return f"{call.executor.place} {call.executor!r}"
    return _CALL_NOTES[call.kind].format(lifetime=call.lifetime) if not call.endpoint or call.kind is Kind.SYNC else ""


def _written(key: str, read: Read | Field) -> str:
    """A name on the wire. Names with brackets may follow it where it has parts."""
    return f"{key}[...]" if read.shape is not None and read.shape.kind != "list" else key


def _default(step: Read | ReadModel) -> str:
    text = default_text(step)
    return "" if text is None else f" = {text}"


def default_text(step: Read | ReadModel) -> str | None:
    """A default, or the call that makes one, as people write it; None where the value is required."""
    if step.default is not MISSING:
        return value_text(step.default)
    if step.default_factory is None:
        return None
    return f"{getattr(step.default_factory, '__name__', None) or value_text(step.default_factory)}()"


def value_text(value: Any) -> str:
    """The repr of a value, the same in each process: without addresses, and with sorted sets."""
    if isinstance(value, set | frozenset) and value:
        members = ", ".join(sorted(map(value_text, value)))
        return f"{{{members}}}" if isinstance(value, set) else f"frozenset({{{members}}})"
    return _ADDRESS.sub("", repr(value))


def type_text(annotation: Any) -> str:
    """A type as written in source code, without modules: `list[Book]`."""
    if isinstance(annotation, list):  # the parameters of a `Callable`
        return f"[{', '.join(map(type_text, annotation))}]"
    plain = strip_annotated(annotation)
    origin = get_origin(plain)
    if is_union(plain):
        return " | ".join(type_text(member) for member in get_args(plain))
    if isinstance(origin, type):
        inner = ", ".join("..." if part is ... else type_text(part) for part in get_args(plain))
        return f"{origin.__name__}[{inner}]"
    return "None" if plain is type(None) else format_type(plain)


def _paging(paging: Paging) -> str:
    key = f" of {type_text(paging.key)}" if paging.parameter == "cursor" else f" up to {paging.max_offset}"
    limit = paging.limit
    return f"by {paging.parameter}{key}, {limit.default} items, at most {limit.maximum}; `{paging.next}` in the body"


def _response_validation(validation: ResponseValidation) -> str:
    if validation.raises:
        return "strict"
    return "warn" if validation.share >= 1 else f"warn, for {validation.share:.3g} of the responses"


def _response(spec: ResponseSpec, reply: Reply) -> str:
    if spec.problem is not None:
        return f"{spec.status} problem {spec.problem.__name__}"
    if spec.kind is None:
        return f"{spec.status} problem" if spec.status >= 400 else f"{spec.status} empty"
    if spec.kind is UNANNOTATED:
        return f"{spec.status} unannotated (decided per response)"
    annotation = "" if spec.annotation in (MISSING, None) else f" {type_text(spec.annotation)}"
    name = " or ".join(map(repr, reply.formats)) if reply.formats and spec.kind.name == "json" else spec.kind.name
    return f"{spec.status} {name}{annotation}"
