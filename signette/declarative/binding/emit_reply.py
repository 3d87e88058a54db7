"""Printing the reply: results that are values are sent in two messages, others as a `Response`."""

from collections.abc import Callable
from typing import Any

from signette._frameworks import is_response
from signette._scope_keys import STARTED
from signette.background import is_background_failure
from signette.declarative.adapters.serializers import PLAIN, PLAIN_USES, NativeDump, NotRendered, PlainDump
from signette.declarative.binding.codegen import Code
from signette.declarative.binding.emit_context import EmitContext
from signette.declarative.binding.header_limits import limits_check
from signette.declarative.binding.plain_check import plain_check
from signette.declarative.binding.runtime import merged, respond, respond_then_run, unwrap_response
from signette.declarative.returns.kind import Reply
from signette.declarative.returns.rendered import make_rendered
from signette.declarative.returns.special import SPECIAL
from signette.declarative.returns.tagged import untagging, with_validators
from signette.exceptions import ClientDisconnect
from signette.responses.plain import Response
from signette.responses.wire import has_no_body


def emit_reply(code: Code, reply: Reply, context: EmitContext, *, keeps_failure: bool) -> None:
    """`keeps_failure`: `b_failure` is what a background task raises, to be raised when dependencies are closed."""
    if context.unchecked is not None:
        code.name("k_check_limits", limits_check(context.unchecked))
    kind = reply.kind
    code.use({"k_response_types": SPECIAL, "k_unwrap_response": unwrap_response, "k_merged": merged})
    if reply.tagged_statuses:
        code.use({"k_untag": untagging(reply), "k_with_validators": with_validators})
        code.add("b_result, b_tagged = k_untag(b_result)")
    if reply.is_chosen_at_request:
        code.name("k_make", make_rendered(reply))
        _emit_made_reply(code, reply, f"k_make(b_result, {'b_format' if reply.formats else '0'}, scope)", keeps_failure)
        return
    rendered = kind.renders(reply) if kind.renders is not None else None
    make = kind.makes(reply) if kind.makes is not None else None
    if reply.is_rendered:
        _emit_plain_reply(code, reply, rendered, make, context, keeps_failure)
        return
    if make is None:
        assert rendered is not None  # a kind renders or makes
        make = _response_maker(rendered, reply)
    code.name("k_make", make)
    _emit_made_reply(code, reply, "k_make(b_result, feeds)" if reply.resumes else "k_make(b_result)", keeps_failure)


def _emit_made_reply(code: Code, reply: Reply, made: str, keeps_failure: bool) -> None:
    """Send the `Response` that `made` makes of the result, unless the result is one."""
    if reply.merges:
        made = f"k_merged({made}, overrides)"
    code.name("k_is_response", is_response)
    special = "isinstance(b_result, k_response_types) or (callable(b_result) and k_is_response(b_result))"
    code.add(f"b_response = k_unwrap_response(b_result) if {special} else {made}")
    if reply.tagged_statuses:
        code.add("b_response = k_with_validators(b_response, b_tagged, scope)")
    _emit_send_response(code, reply, "b_response", keeps_failure)


def _emit_send_response(code: Code, reply: Reply, response: str, keeps_failure: bool) -> None:
    """Send a `Response`, which may have its own background tasks in addition to the injected ones."""
    if reply.background:
        function = code.name("k_respond_then_run", respond_then_run)
        code.add(f"b_failure = await {function}({response}, background, scope, receive, send)")
        return
    send_it = f"await {code.name('k_respond', respond)}({response}, scope, receive, send)"
    if not keeps_failure:
        code.add(send_it)
        return
    code.name("k_is_background_failure", is_background_failure)
    with code.block("try:"):
        code.add(send_it)
    with code.block("except Exception as b_exc:"):
        with code.block("if not k_is_background_failure(b_exc):"):
            code.add("raise")
        code.add("b_failure = b_exc")


def _emit_plain_reply(
    code: Code, reply: Reply, rendered: Any, make: Any, context: EmitContext, keeps_failure: bool
) -> None:
    """Send the rendered result in two messages, unless it is a `Response`."""
    kind = reply.kind
    code.name("k_render", rendered)
    is_response, response = "isinstance(b_result, k_response_types)", "k_unwrap_response(b_result)"
    if make is not None:
        code.use({"k_make": make, "k_rendered_types": frozenset(kind.rendered_types)})
        response = f"{response} if {is_response} else k_make(b_result)"
        is_response = "type(b_result) not in k_rendered_types"
    if kind.raises_not_rendered:
        code.name("k_NotRendered", NotRendered)
        with code.block("try:"):
            _emit_render(code, rendered)
        with code.block("except k_NotRendered:"):
            _emit_limits_check(code)
            _emit_send_response(code, reply, response, keeps_failure)
    else:
        with code.block(f"if {is_response}:"):
            _emit_limits_check(code)
            _emit_send_response(code, reply, response, keeps_failure)
    with code.block("else:"):
        if not kind.raises_not_rendered:
            _emit_render(code, rendered)
        emit_messages(code, reply.status, reply.kind.media_type, context)


def _emit_limits_check(code: Code) -> None:
    if "k_check_limits" in code.names:
        code.add("k_check_limits(scope)")


def _emit_render(code: Code, rendered: Any) -> None:
    if isinstance(rendered, PlainDump) and (check := plain_check(rendered.cls, rendered.shapes)) is not None:
        code.use(PLAIN_USES)
        with code.block(f"if {code.name('k_fits', check)}(b_result):"):
            _emit_quick_render(code, PLAIN)
        with code.block("else:"):
            code.add("b_body = k_render(b_result)")
        return
    if not isinstance(rendered, NativeDump):
        code.add("b_body = k_render(b_result)")
        return
    code.use(rendered.uses)
    if not rendered.fits:
        _emit_quick_render(code, rendered.quick)
        return
    fits = rendered.condition.format(value="b_result")
    if rendered.loop is not None:
        _emit_loop(code, rendered, *(each.format(value="b_result") for each in rendered.loop))
        return
    with code.block(f"if {fits}:"):
        _emit_quick_render(code, rendered.quick)
    with code.block("else:"):
        code.add("b_body = k_render(b_result)")


def _emit_loop(code: Code, rendered: NativeDump, condition: str, items: str) -> None:
    """Render a result with items that must all be of one type."""
    with code.block(f"if {condition}:"):
        is_other = "if type(b_each) is not k_item_type:"
        with code.block(f"for b_each in {items}:"), code.block(is_other):
            code.add("b_body = k_render(b_result)\nbreak")
        with code.block("else:"):
            _emit_quick_render(code, rendered.quick)
    with code.block("else:"):
        code.add("b_body = k_render(b_result)")


def _emit_quick_render(code: Code, quick: str) -> None:
    with code.block("try:"):
        code.add(f"b_body = {quick.format(value='b_result')}")
    with code.block("except (TypeError, ValueError):"):
        code.add("b_body = k_render(b_result)")


def emit_messages(
    code: Code, status: int, media_type: str | None, context: EmitContext, content: str = "content"
) -> None:
    """Send `b_body` in two messages. `content` names the response, of which a binder may send more than one."""
    code.add("b_started = True" if context.runs_directly else f"scope[{STARTED!r}] = True")
    headers, has_body = [], not has_no_body(status)
    if has_body:
        headers.append("(b'content-length', b'%d' % len(b_body))")
        if media_type:
            headers.append(code.name(f"k_{content}_type", (b"content-type", media_type.encode("latin-1"))))
    elif status == 205:
        headers.append("(b'content-length', b'0')")
    start = f"{{'type': 'http.response.start', 'status': {status}, 'headers': [{', '.join(headers)}]}}"
    body = "b_body" if has_body else "b''"
    with code.block("try:"):
        code.add(f"await send({start})")
        if context.has_head and has_body:
            is_get = "direct is not None or " if context.runs_directly else ""  # PERF: it is None for HEAD
            body = f"b_body if {is_get}scope['method'] != 'HEAD' else b''"
        code.add(f"await send({{'type': 'http.response.body', 'body': {body}}})")
    with code.block("except OSError as b_disconnect:", "ASGI 2.4: the client has disconnected"):
        code.name("k_ClientDisconnect", ClientDisconnect)
        code.add("raise k_ClientDisconnect from b_disconnect")


def _response_maker(render: Callable[[Any], bytes], reply: Reply) -> Callable[[Any], Response]:
    def make(value: Any) -> Response:
        return Response(render(value), reply.status, media_type=reply.kind.media_type)

    return make
