"""Plan -> function. Prints what the plan decided as straight-line Python, and decides nothing.

A binder is an ASGI endpoint with one argument more: `bind(scope, receive, send, values)`, where `values` are the raw
texts of the pieces. `v_` names hold values of the request, `k_` names constants of the plan, and the rows' own names
(`query`, `headers`, ...) what a source opened, so that no parameter's name can clash with any of them.

    async def bind(scope, receive, send, values):
        errors = []
        query = k_query(scope.get("query_string", b""))
        v_limit = query.get('limit', MISSING)  # query 'limit'
        if v_limit is MISSING:
            v_limit = 20
        else:
            try:
                v_limit = k_limit_check(v_limit)
            except k_Invalid as refused:
                errors += k_entries(refused, 'query', 'limit', None)
        ...
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from signette.background import run_after
from signette.body import ClientDisconnect
from signette.declarative.adapters.check import Invalid, accepts_any_text, check_json, check_python, entries
from signette.declarative.adapters.dump import NativeDump, NotRendered
from signette.declarative.calls import SPECIAL, Exits, in_thread, in_thread_context, merged, respond, settled
from signette.declarative.codegen import Code, compiled
from signette.declarative.ir import Call, Field, Gather, Kind, Open, Phase, Plan, Read, Refuse, Reply, Source, Split
from signette.declarative.markers import MISSING, Form
from signette.declarative.refusals import body_entries, gather_extras, model_entries
from signette.declarative.returns.empty import has_no_body
from signette.exceptions import ErrorEntry, RequestValidationError
from signette.limits import Limits
from signette.responses.plain import Response
from signette.types import Scope

Binder = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a binder needs of the route that it serves."""

    limits: Limits
    fill_scope: Callable[[Scope, Any], None]
    """Writes route, endpoint and path parameters into the scope, for those who look there."""
    refusal: Callable[[list[ErrorEntry]], Response] | None = None
    """Answers values that will not do, where no handler wants the request for that. None: they are raised."""


def bind(plan: Plan, around: Surroundings) -> Binder:
    """The plan as a function `(scope, receive, send, values)` that answers a request."""
    code = written(plan, around)
    return compiled(code, "bind", f"<signette {'/'.join(plan.methods) or 'WEBSOCKET'} {plan.path}>")


def written(plan: Plan, around: Surroundings) -> Code:
    """The binder's text and the values that it names."""
    code = Code()
    code.use(
        {
            "MISSING": MISSING,
            "k_limits": around.limits,
            "k_fill_scope": around.fill_scope,
            "k_Invalid": Invalid,
            "k_entries": entries,
            "k_body_entries": body_entries,
            "k_model_entries": model_entries,
            "k_Refused": RequestValidationError,
        }
    )
    opened = [step.source for step in plan.steps if isinstance(step, Open)]
    if around.refusal is not None and not plan.socket and not any(map(_opens_context, plan.steps)):
        code.name("k_refusal", around.refusal)
    with code.block("async def bind(scope, receive, send, values):"):
        for source in opened:
            if source.starts:
                code.add(source.starts)
        if any(isinstance(step, Refuse) for step in plan.steps):
            code.add("errors = []")
        with closing(code, opened):
            _emit_steps(code, plan)
    return code


@contextmanager
def closing(code: Code, opened: list[Source]) -> Any:
    """Around all else: what the sources must close, however the request ends."""
    closes = [source.closes for source in opened if source.closes]
    if not closes:
        yield
        return
    with code.block("try:"):
        yield
    with code.block("finally:"):
        for statements in closes:
            code.add(statements)


def _emit_steps(code: Code, plan: Plan) -> None:
    lifetimes = {step.lifetime for step in plan.steps if isinstance(step, Call) and _is_generator(step)}
    with ExitStack() as blocks:
        if "request" in lifetimes:
            code.name("k_Exits", Exits)
            blocks.enter_context(code.block("async with k_Exits() as request_exits:"))
        with ExitStack() as inner:
            if "function" in lifetimes:
                code.name("k_Exits", Exits)
                inner.enter_context(code.block("async with k_Exits() as function_exits:"))
            for step in plan.steps:
                EMIT[type(step)](code, step)
        if not plan.socket:
            emit_reply(code, plan.reply, heads="GET" in plan.methods)


def emit_open(code: Code, step: Open) -> None:
    source = step.source
    code.use({**source.uses, "k_file_bytes": dict(step.file_bytes) or None})
    if step.shared and source.opens_request is not None:
        code.add(source.opens_request)
    elif step.many and source.opens_many is not None:
        code.add(source.opens_many)
    else:
        code.add(source.opens)


def emit_read(code: Code, read: Read) -> None:
    source, into, word = read.source, read.into, read.into.removeprefix("v_")
    code.use(source.uses)
    comment = f"{source.place} {read.keys[0]!r}" if read.keys else source.place
    if source.checks == "never" and not read.keys and not source.blank:
        default = code.constant(f"k_{word}_default", read.default)
        code.add(f"{into} = {source.one.format(key='', default=default)}", comment)
        if source.one.endswith("MISSING"):
            with code.block(f"if {into} is MISSING:"):
                _emit_absent(code, read, word)
        return
    template = (source.many if read.many else source.one) or source.one
    keys = read.keys if read.position is None else (str(read.position),)
    code.add(f"{into} = {template.format(key=source.literal(keys[0]) if keys else '')}", comment)
    wire = repr(read.keys[0]) if read.keys else "None"
    for other in keys[1:]:
        if wire == repr(read.keys[0]):
            code.add(f"n_{word} = {wire}")
            wire = f"n_{word}"
        with code.block(f"if {into} is MISSING:"):
            code.add(f"{into} = {template.format(key=source.literal(other))}")
            code.add(f"{wire} = {other!r} if {into} is not MISSING else {wire}")
    if read.position is not None:
        _emit_check(code, read, word, wire)
        return
    blank = _blank(read)
    absent = f"{into} is MISSING" + (f" or {blank.format(raw=into)}" if blank and not read.many else "")
    with code.block(f"if {absent}:"):
        _emit_absent(code, read, word)
    if _needs_work(read):
        with code.block("else:"):
            _emit_check(code, read, word, wire)


def _blank(read: Read | Gather) -> str:
    """The source's expression for a value that counts as none, "" where none does."""
    return "" if isinstance(read.marker, Form) and read.marker.allow_empty else read.source.blank


def _needs_work(read: Read) -> bool:
    return read.source.text != "{raw}" or read.source.checks == "json" or not _takes_as_is(read)


def _takes_as_is(read: Read) -> bool:
    # A form's field may be a file, and a body is bytes: only in the head is a raw value always a text.
    is_text = read.source.checks == "python" and read.source.phase is Phase.HEAD
    return read.source.checks == "never" or (is_text and accepts_any_text(read.annotation))


def _emit_absent(code: Code, read: Read | Gather, word: str) -> None:
    if read.default_factory is not None:
        code.add(f"{read.into} = {code.name(f'k_{word}_factory', read.default_factory)}()")
    elif read.default is not MISSING:
        code.add(f"{read.into} = {code.constant(f'k_{word}_default', read.default)}")
    else:
        place = {"name": read.keys[0]} if isinstance(read, Read) and read.keys else {"pointer": ""}
        entry = {"in": read.source.place, **place, "code": "missing", "message": "Field required"}
        code.add(f"errors.append({{**{code.name(f'k_{word}_missing', entry)}}})")


def _emit_check(code: Code, read: Read, word: str, wire: str) -> None:
    into, source = read.into, read.source
    if source.text != "{raw}":
        # A list's texts are made one by one; a row that awaits takes the list as a whole.
        several = read.many and not source.text.startswith("await")
        text = source.text.format(raw="each" if several else into)
        code.add(f"{into} = [{text} for each in {into}]" if several else f"{into} = {text}")
    if _takes_as_is(read):
        return
    check = check_json if source.checks == "json" else check_python
    with code.block("try:"):
        code.add(f"{into} = {code.name(f'k_{word}_check', check(read.annotation))}({into})")
    with code.block("except k_Invalid as refused:"):
        if source.checks == "json":
            code.add("errors += k_body_entries(refused)")
        else:
            code.add(f"errors += k_entries(refused, {source.place!r}, {wire}, None)")


def emit_gather(code: Code, gather: Gather) -> None:
    source, into, word = gather.source, gather.into, gather.into.removeprefix("v_")
    code.use(source.uses)
    check = code.name(f"k_{word}_check", check_python(gather.annotation))
    names = {key: wire for field in gather.fields for wire, key in reversed(field.choices)}
    renames = code.name(f"k_{word}_names", names)
    refused = f"errors += k_model_entries(refused, {source.place!r}, {renames})"
    if gather.whole:
        with code.block("try:", f"{source.place}: {gather.name}"):
            code.add(f"{into} = {check}({source.one.partition('.')[0]})")
        with code.block("except k_Invalid as refused:"):
            code.add(refused)
        return
    code.add(f"{into} = {{}}", f"{source.place}: {gather.name}")
    for field in gather.fields:
        _emit_field(code, gather, field)
    if gather.extras:
        extras = code.name("k_gather_extras", gather_extras)
        known = frozenset((*(wire for field in gather.fields for wire in field.wire), *gather.owned))
        lists = (source.many or source.one).partition(".")[0]
        code.add(f"{extras}({into}, {lists}, {code.name(f'k_{word}_known', known)})")
    if not gather.required:
        head = f"if not {into}:"
        with code.block(head):
            _emit_absent(code, gather, word)
        with code.block("else:"):
            _emit_gather_check(code, into, check, refused)
    else:
        _emit_gather_check(code, into, check, refused)


def _emit_field(code: Code, gather: Gather, field: Field) -> None:
    """One field into the dictionary, under the key that says by which of its names it came."""
    source, blank = gather.source, _blank(gather)
    template = (source.many if field.many else source.one) or source.one
    (first, key), *others = field.choices
    code.add(f"raw = {template.format(key=source.literal(first))}")
    if others:
        code.add(f"key = {key!r}")
    for wire, other_key in others:
        with code.block("if raw is MISSING:"):
            code.add(f"raw, key = {template.format(key=source.literal(wire))}, {other_key!r}")
    present = "raw is not MISSING"
    if blank and not field.many:
        present += f" and not ({blank.format(raw='raw')})"
    with code.block(f"if {present}:"):
        text = source.text.format(raw="each" if field.many else "raw")
        target = f"{gather.into}[{'key' if others else repr(key)}]"
        code.add(f"{target} = " + (f"[{text} for each in raw]" if field.many else text))


def _emit_gather_check(code: Code, into: str, check: str, refused: str) -> None:
    with code.block("try:"):
        code.add(f"{into} = {check}({into})")
    with code.block("except k_Invalid as refused:"):
        code.add(refused)


def emit_split(code: Code, split: Split) -> None:
    for variable, attribute in split.parts:
        code.add(f"{variable} = {split.source}.{attribute}")


def emit_refuse(code: Code, _: Refuse) -> None:
    with code.block("if errors:"):
        if "k_refusal" in code.names:
            # PERF: an exception that goes through the stack only to be answered there costs as much as an answer.
            code.add("await k_refusal(errors)(scope, receive, send)\nreturn")
        else:
            code.add("raise k_Refused(errors)")


def _opens_context(step: Any) -> bool:
    """Whether the step opens what must see an exception: a generator that waits to be closed."""
    return isinstance(step, Call) and _is_generator(step)


def _is_generator(call: Call) -> bool:
    return call.kind in (Kind.SYNC_GENERATOR, Kind.ASYNC_GENERATOR) and not call.endpoint


def emit_call(code: Code, call: Call) -> None:
    word = call.into.removeprefix("v_")
    arguments = ", ".join(
        each.value if not each.keyword_only else f"{each.name}={each.value}" for each in call.arguments
    )
    into, comment = call.into, call.where.name
    if _is_generator(call):
        wrap = contextmanager if call.kind is Kind.SYNC_GENERATOR else asynccontextmanager
        manager = f"{code.name(f'k_call_{word}', wrap(call.target))}({arguments})"
        if call.kind is Kind.SYNC_GENERATOR:
            manager = f"{code.name('k_in_thread_context', in_thread_context)}(scope, {manager})"
        code.add(f"{into} = await {call.lifetime}_exits.enter_async_context({manager})", comment)
        return
    target = code.name(f"k_call_{word}", call.target)
    if call.kind is Kind.SYNC:
        code.name("k_in_thread", in_thread)
        code.add(
            f"{into} = await k_in_thread(scope, {', '.join(part for part in (target, arguments) if part)})",
            comment,
        )
    else:
        wait = "await " if call.kind is Kind.ASYNC else ""
        code.add(f"{into} = {wait}{target}({arguments})", comment)


def emit_reply(code: Code, reply: Reply, heads: bool) -> None:
    kind = reply.kind
    code.use({"k_special": SPECIAL, "k_settled": settled, "k_respond": respond, "k_merged": merged})
    rendered = kind.renders(reply.annotation, reply) if kind.renders is not None else None
    make = kind.makes(reply.annotation, reply) if kind.makes is not None else None
    if rendered is not None and not reply.merges and not reply.background:
        _emit_plain_reply(code, reply, rendered, make, heads)
        return
    if make is None:
        assert rendered is not None  # a kind renders or makes
        make = _response_maker(rendered, reply)
    code.name("k_make", make)
    made = "k_merged(k_make(result), sketch)" if reply.merges else "k_make(result)"
    code.add(f"response = k_settled(result) if isinstance(result, k_special) else {made}")
    code.add("await k_respond(response, scope, receive, send)")
    if reply.background:  # beside the response's own, which may be an object that is kept and sent again
        code.add(f"await {code.name('k_run_after', run_after)}(background, scope)")


def _emit_plain_reply(code: Code, reply: Reply, rendered: Any, make: Any, heads: bool) -> None:
    """Two messages and no `Response` object, unless the result is one."""
    kind = reply.kind
    code.name("k_render", rendered)
    settle = "await k_respond(k_settled(result), scope, receive, send)"
    if make is not None:
        code.use({"k_make": make, "k_rendered_types": frozenset(kind.rendered_types)})
        special = "type(result) not in k_rendered_types"
        settle = settle.replace(
            "k_settled(result)", "k_settled(result) if isinstance(result, k_special) else k_make(result)"
        )
    else:
        special = "isinstance(result, k_special)"
    if kind.knows_special:
        code.name("k_NotRendered", NotRendered)
        with code.block("try:"):
            _emit_render(code, rendered)
        with code.block("except k_NotRendered:"):
            code.add(settle)
    else:
        with code.block(f"if {special}:"):
            code.add(settle)
    with code.block("else:"):
        if not kind.knows_special:
            _emit_render(code, rendered)
        _emit_messages(code, reply, heads)


def _emit_render(code: Code, rendered: Any) -> None:
    if not isinstance(rendered, NativeDump):
        code.add("body = k_render(result)")
        return
    code.use(rendered.uses)
    with code.block("try:"):
        code.add(f"body = {rendered.quick.format(value='result')}")
    with code.block("except (TypeError, ValueError):"):
        code.add("body = k_render(result)")


def _emit_messages(code: Code, reply: Reply, heads: bool) -> None:
    code.add("scope['signette.started'] = True")
    headers = []
    if not has_no_body(reply.status):
        headers.append("(b'content-length', b'%d' % len(body))")
        if reply.kind.media_type:
            code.name("k_content_type", (b"content-type", reply.kind.media_type.encode("latin-1")))
            headers.append("k_content_type")
    start = f"{{'type': 'http.response.start', 'status': {reply.status}, 'headers': [{', '.join(headers)}]}}"
    body = "body" if headers else "b''"
    with code.block("try:"):
        code.add(f"await send({start})")
        if heads and headers:
            body = "body if scope['method'] != 'HEAD' else b''"
        code.add(f"await send({{'type': 'http.response.body', 'body': {body}}})")
    with code.block("except OSError as gone:", "ASGI 2.4: the client has left"):
        code.name("k_ClientDisconnect", ClientDisconnect)
        code.add("raise k_ClientDisconnect from gone")


def _response_maker(render: Callable[[Any], bytes], reply: Reply) -> Callable[[Any], Response]:
    def make(value: Any) -> Response:
        return Response(render(value), reply.status, media_type=reply.kind.media_type)

    return make


EMIT: Mapping[type, Callable[[Code, Any], None]] = {
    Open: emit_open,
    Read: emit_read,
    Gather: emit_gather,
    Split: emit_split,
    Refuse: emit_refuse,
    Call: emit_call,
}
