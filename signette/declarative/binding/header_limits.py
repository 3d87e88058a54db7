"""The limits of headers in a binder: checked in the pass that reads them, and not at all if it reads none.

The application checks the limits of all other requests in a loop over the headers. For the smallest requests that
loop is a tenth of the time. So a plan that surely reads no header leaves it out, and one that reads a few headers or
cookies finds them in one loop, which also adds their sizes up (decision 70). So does one that reads JSON or a form:
the loop finds what describes the body, which is then read without a coroutine (`Row.quick`).

Whether a plan is one of these is decided from its steps. What is not known here to leave the headers alone may read
them: the request itself, another body, a policy, a source of the application.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from signette.declarative.binding.codegen import Code
from signette.declarative.plan.steps import Call, CheckUnknown, Open, Plan, RaiseErrors, Read, ReadModel, Split, Step
from signette.declarative.returns.kind import Reply
from signette.declarative.sources.body import BODY, KEYED_BODY
from signette.declarative.sources.cookie import COOKIE
from signette.declarative.sources.form import FORM
from signette.declarative.sources.header import HEADER, PAIRS
from signette.declarative.sources.path import PATH
from signette.declarative.sources.query import QUERY
from signette.declarative.sources.row import Row
from signette.declarative.sources.source import Source
from signette.limits import Limits
from signette.middleware.request_limits import RequestLimits
from signette.types import Scope

# More are faster in a dictionary, which a call in C makes.
_MOST_NAMES = 6
# Sources that read no header, or those that describe the body.
_OTHERS = (PATH, QUERY, COOKIE, BODY, KEYED_BODY)


def few_headers(plan: Plan) -> tuple[bytes, ...] | None:
    """The names of the headers that requests read. None: they read many, or something else may read headers."""
    if plan.socket or not _leaves_headers(plan.reply) or not all(map(_is_known, plan.steps)):
        return None
    keys = [key for read in plan.reads if read.source == HEADER and isinstance(read, Read) for key in read.keys]
    names = tuple(dict.fromkeys(key.lower().encode("latin-1") for key in keys))
    described = _variables_of(plan)
    # Of several cookies all are read; a header parameter has the first value.
    if b"cookie" in names or len({*names, *described}) > _MOST_NAMES:
        return None
    return (*described, *(name for name in names if name not in described))


def _variables_of(plan: Plan) -> dict[bytes, str]:
    """The headers that describe the body or have the cookies, and their variables."""
    quick = [step.source.quick for step in plan.steps if isinstance(step, Open) and isinstance(step.source, Row)]
    return {name: variable for each in quick if each is not None for name, variable in each.variables.items()}


def _leaves_headers(reply: Reply) -> bool:
    """Whether the response depends on no header, unless the endpoint returns a `Response`."""
    return reply.is_rendered and reply.kind.makes is None and reply.paging is None


def _is_known(step: Step) -> bool:
    """Whether a step reads no header, or just one value of each."""
    if isinstance(step, Open):
        return step.source == QUERY or (not step.many and (step.source == HEADER or _is_quick(step)))
    if isinstance(step, Read):
        is_single = not step.many and step.shape is None
        return step.source in _OTHERS or (step.source in (HEADER, FORM) and is_single)
    if isinstance(step, ReadModel):
        return step.source in (QUERY, FORM) and all(field.source in (None, step.source) for field in step.fields)
    if isinstance(step, CheckUnknown):
        return step.source == QUERY and step.rejects
    if isinstance(step, Call):
        is_guard = step.ends_request or bool(step.session)
        return step.construction is None and not step.stays_open and step.lifetime != "app" and not is_guard
    return isinstance(step, RaiseErrors | Split)


def _is_quick(step: Open) -> bool:
    return isinstance(step.source, Row) and step.source.quick is not None and not step.shared


def with_one_pass(plan: Plan, names: Sequence[bytes], limits: Limits | None, body_limits: Limits) -> Plan:
    """The plan with one loop over the headers, before all other steps. It finds the names and checks the limits."""
    if not names:
        return plan
    variables = {name: f"header_{place}" for place, name in enumerate(names)} | _variables_of(plan)
    header = replace(
        HEADER,
        opening=_one_pass(variables, limits),
        one="{key}",
        literal=lambda key: variables[key.lower().encode("latin-1")],
        uses=HEADER.uses if limits is None else {**HEADER.uses, "k_check_limits": limits_check(limits)},
    )
    others = tuple(
        replace(step, source=_quickly(step.source, header, body_limits))
        if isinstance(step, Open | Read | ReadModel)
        else step
        for step in plan.steps
        if not (isinstance(step, Open) and step.source == HEADER)
    )
    return replace(plan, steps=(Open(header), *others))


def _quickly(source: Source, header: Row, limits: Limits) -> Source:
    """The source, as it is opened and read after the pass."""
    if not isinstance(source, Row) or source == HEADER:
        return header if source == HEADER else source
    quick = source.opener.quick
    if quick is None:
        return source
    opening, uses = quick.statements(limits), {**source.uses, **quick.uses}
    return replace(source, opening=opening, uses=uses, header_fields="k_first_headers(pairs)")


def _one_pass(variables: dict[bytes, str], limits: Limits | None) -> str:
    exceeded = "" if limits is None else _exceeded(limits)
    lines = [PAIRS, " = ".join((*variables.values(), "MISSING"))]
    if exceeded:
        lines.append("b_size = 0")
    lines += ["for b_name, b_value in pairs:", "    b_length = len(b_name)"]
    if exceeded:
        lines.append("    b_size += b_length + len(b_value)")
    # PERF: lengths are compared in a fifth of the time of bytes, and most headers have none of these.
    for place, length in enumerate(dict.fromkeys(map(len, variables))):
        lines.append(f"    {'elif' if place else 'if'} b_length == {length}:")
        for name, variable in variables.items():
            if len(name) == length:
                more = f'{variable} + b"; " + b_value' if name == b"cookie" else variable
                lines.append(f"        if b_name == {name!r}:")
                lines.append(f"            {variable} = b_value if {variable} is MISSING else {more}")
    if exceeded:
        lines += [f"if {exceeded}:", "    k_check_limits(scope)"]
    return "\n".join(lines)


def _exceeded(limits: Limits) -> str:
    """The condition that `pairs` exceed a limit, with their size in `b_size`. Empty: nothing limits headers."""
    return " or ".join((
        *([f"b_size > {limits.header_bytes}"] if limits.header_bytes is not None else ()),
        *([f"len(pairs) > {limits.header_fields}"] if limits.header_fields is not None else ()),
    ))  # fmt: skip


def emit_headers_check(code: Code, limits: Limits) -> None:
    """Print the check of the limits for a plan that may read any header."""
    if not (exceeded := _exceeded(limits)):
        return
    check = code.name("k_check_all_limits", limits_check(limits))
    code.add(f"{PAIRS}\nb_size = 0")
    with code.block("for b_name, b_value in pairs:"):
        code.add("b_size += len(b_name) + len(b_value)")
    with code.block(f"if {exceeded}:"):
        code.add(f"{check}(scope)")


def limits_check(limits: Limits) -> Callable[[Scope], None]:
    """Raises LimitExceeded for a request whose headers exceed a limit."""
    return RequestLimits(limits).check


def limits_of(app: Any) -> Limits | None:
    """The limits whose headers an application checks."""
    limits = getattr(app, "limits", None)
    return limits if isinstance(limits, Limits) else None
