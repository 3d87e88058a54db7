"""Plan -> text: what happens at a request, in the order in which it happens."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, get_args, get_origin

from signette.declarative.adapters.response_validation import ResponseValidation
from signette.declarative.errors.base import closest_match, format_type
from signette.declarative.plan.steps import (
    Call,
    CheckUnknown,
    Field,
    Open,
    Plan,
    RaiseErrors,
    Read,
    ReadModel,
    Split,
    Step,
)
from signette.declarative.returns.kind import ResponseSpec
from signette.declarative.signature.annotations import is_union, strip_annotated
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.model import Kind

_HOW = {
    Kind.SYNC: "in a worker thread",
    Kind.ASYNC: "",
    Kind.VALUE: "",
    Kind.SYNC_GENERATOR: "in a worker thread, closed with the {lifetime}",
    Kind.ASYNC_GENERATOR: "closed with the {lifetime}",
}
# ` at 0x7f3a...`, which stands in the repr of an object that has no better one.
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def explain_plan(plan: Plan) -> str:
    """The plan as lines of `word name what`, and a head that names route and endpoint."""
    verb = "/".join(plan.methods) if not plan.socket else "WEBSOCKET"
    lines = [f"{verb} {plan.path} -> {plan.where}"]
    width = max((len(_name(step)) for step in plan.steps), default=0)
    for step in plan.steps:
        word, what, note = _line(step)
        name = (
            f"{_name(step):<{width}} " if not isinstance(step, RaiseErrors | Split | CheckUnknown) else ""
        )  # these have none
        line = f"  {word:<7} {name}{what}".rstrip()
        lines.append(f"{line}   {note}" if note else line)
    if not plan.socket:
        lines.append("  reply   " + " | ".join(dict.fromkeys(_response(each) for each in plan.reply.responses)))
        if plan.reply.validation is not None:
            lines.append(f"  watch   {_response_validation(plan.reply.validation)}")
    return "\n".join(lines)


def explain(target: Any, operation: str | None = None, *, source: bool = False) -> str:
    """What happens at a request: of a route, or of the route that an application has for `"GET /items/{item_id}"`.

    A real path finds its route too: `"GET /items/3"`. With `source=True` the generated binder's text stands behind it.

    Raises:
        LookupError: no typed route is it; the text names the nearest.
    """
    route = target if operation is None else route_of(target, operation)
    return str(route.explain(source=source))


def route_of(app: Any, operation: str) -> Any:
    """The typed route that an application has for `"GET /items/{item_id}"` or `"GET /items/3"`.

    Raises:
        LookupError: no typed route is it; the text names the nearest.
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
    raise LookupError(f"no typed route answers `{method} {path}`" + (f"; the nearest is `{near}`" if near else ""))


def typed_routes(routes: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The typed routes, those of mounted routers and applications too, each with the path that it is mounted at."""
    for route in routes:
        if hasattr(route, "plan"):
            yield prefix, route
        else:
            yield from typed_routes(getattr(route, "routes", None) or (), prefix + getattr(route, "path", ""))


def _name(step: Step) -> str:
    if isinstance(step, Read | ReadModel | Call):
        return step.into.removeprefix("v_")
    return step.source.place if isinstance(step, Open) else ""


def _line(step: Step) -> tuple[str, str, str]:
    if isinstance(step, Open):
        return "open", "", ""
    if isinstance(step, CheckUnknown):
        what = "refuse what nobody reads" if step.refuses else "report what nobody reads"
        return "unknown", f"{step.source.place}: {what}", ""
    if isinstance(step, RaiseErrors):
        return "refuse", "raise what was collected, if anything", ""
    if isinstance(step, Read):
        keys = " or ".join(f'"{_written(key, step)}"' for key in step.keys)
        what = f"{step.source.place} {keys}".rstrip()
        if step.source.checks == "json" and step.keys:
            what += " as JSON"
        if step.delimiter:
            what += f' split at "{step.delimiter}"'
        return "read", f"{what}: {type_text(step.annotation)}{_default(step)}", ""
    if isinstance(step, ReadModel):
        names = ", ".join(_written(field.wire[0], field) for field in step.fields)
        return "gather", f"{step.source.place} ({names}): {type_text(step.annotation)}{_default(step)}", ""
    if isinstance(step, Split):
        return "split", ", ".join(variable.removeprefix("v_") for variable, _ in step.parts), ""
    arguments = ", ".join(each.value.removeprefix("v_") for each in step.arguments)
    notes = [_how(step)]
    if step.turns is not None:
        notes.append(f"at most {step.turns.most} at once")
    if step.guard:
        notes.append("guard: runs before the body is read")
    if step.only_if_valid:
        notes.append(f"only if valid: {', '.join(variable.removeprefix('v_') for variable in step.only_if_valid)}")
    return "call", f"{step.where.name}({arguments})", "; ".join(note for note in notes if note)


def _how(call: Call) -> str:
    """Where it runs, and when it ends."""
    if call.lifetime == "app":
        return "made once for the application"
    return _HOW[call.kind].format(lifetime=call.lifetime) if not call.endpoint or call.kind is Kind.SYNC else ""


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
    """A value as Python writes it, alike at each start: no addresses, and the members of a set in order."""
    if isinstance(value, set | frozenset) and value:
        members = ", ".join(sorted(map(value_text, value)))
        return f"{{{members}}}" if isinstance(value, set) else f"frozenset({{{members}}})"
    return _ADDRESS.sub("", repr(value))


def type_text(annotation: Any) -> str:
    """A type as people write it, without the modules that its parts come from: `list[Book]`."""
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


def _response_validation(watch: ResponseValidation) -> str:
    if watch.raises:
        return "a result that breaks a rule of its type is a 500"
    share = "" if watch.share >= 1 else f" (of a share of {watch.share:g})"
    return f"a result that breaks a rule of its type{share} is told in the log"


def _response(response: ResponseSpec) -> str:
    if response.problem is not None:
        return f"{response.status} problem {response.problem.__name__}"
    if response.kind is None:
        return f"{response.status} problem" if response.status >= 400 else f"{response.status} empty"
    said = "" if response.annotation in (MISSING, None) else f" {type_text(response.annotation)}"
    return f"{response.status} {response.kind.name}{said}"
