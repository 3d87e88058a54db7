"""Printing the steps that read values: single values, models over several values, and their errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from signette.declarative.adapters.error_entries import integer_error
from signette.declarative.adapters.exact_json import check_json_exactly
from signette.declarative.adapters.validators import check_json, check_text, every_error, has_one_error
from signette.declarative.binding.codegen import Code
from signette.declarative.binding.emit_context import EmitContext, word_of
from signette.declarative.binding.emit_reply import emit_messages
from signette.declarative.binding.emit_sources import Called, Printed, access
from signette.declarative.binding.unknown import log_unknown, reject_unknown
from signette.declarative.plan.steps import (
    CheckUnknown,
    Field,
    Negotiate,
    RaiseErrors,
    Read,
    ReadModel,
    Split,
    names_of,
)
from signette.declarative.problems.format import Rejection
from signette.declarative.signature.markers import MISSING
from signette.declarative.sources.brackets import split
from signette.declarative.sources.content import InvalidContent, check_content
from signette.declarative.sources.extras import collect_extras
from signette.declarative.sources.injected import limited_socket
from signette.declarative.sources.parts import PARTS
from signette.declarative.sources.row import Row
from signette.declarative.sources.source import Source
from signette.declarative.sources.stream import stream_maker

Access = Printed | Called


def emit_read(code: Code, read: Read, context: EmitContext) -> None:
    with _remembered(code, read, context):
        _emit_read(code, read, context)


def emit_read_model(code: Code, read: ReadModel, context: EmitContext) -> None:
    with _remembered(code, read, context):
        _emit_whole_model(code, read) if read.whole else _emit_model(code, read)


@contextmanager
def _remembered(code: Code, read: Read | ReadModel, context: EmitContext) -> Iterator[None]:
    """Remember whether a value is valid, if a call depends on it."""
    if read.into not in context.awaited_reads:
        yield
        return
    code.add("b_error_count = len(b_errors)")
    yield
    code.add(f"b_valid_{word_of(read.into)} = len(b_errors) == b_error_count")


# -- one value ---------------------------------------------------------------------------------------------------------


def _emit_read(code: Code, read: Read, context: EmitContext) -> None:
    source, into, word = read.source, read.into, word_of(read.into)
    comment = f"{source.place} {read.keys[0]!r}" if read.keys else source.place
    if read.channel is not None:
        maker = code.name(f"k_{word}_channel", read.channel.maker())
        code.add(f"{into} = {maker}(scope, values, feeds)", comment)
        return
    if source == PARTS:
        rule = code.name(f"k_{word}_rule", read.file_rule)
        code.add(f"{into} = k_parts_of(body_chunks, headers, {rule})", comment)
        return
    if read.stream is not None:
        maker = code.name(f"k_{word}_stream", stream_maker(read.stream))
        code.add(f"{into} = {maker}(body_chunks, headers, k_body_errors, k_requires_content_type)", comment)
        return
    if read.messages is not None:
        maker = code.name(f"k_{word}_socket", read.messages.maker(limited_socket))
        code.add(f"{into} = {maker}(websocket, scope, receive, k_limits)", comment)
        return
    if isinstance(source, Row) and source.constant:
        code.add(f"{into} = {code.constant(f'k_{word}_default', read.default)}", comment)
        return
    if read.provider is not None:
        code.add(f"{into} = {code.name(f'k_{word}_provider', read.provider)}(scope)", comment)
        return
    at = access(code, source)
    first, *others = (read.keys or ("",)) if read.position is None else (str(read.position),)
    code.add(f"{into} = {at.value(read, first, read.keeps_empty, word)}", comment)
    absent = _absent(at, read, into)
    name = repr(read.keys[0]) if read.keys else "None"
    if others:
        code.add(f"b_name_{word} = {name}")
        name = f"b_name_{word}"
    for other in others:
        with code.block(f"if {absent}:"):
            code.add(f"{into} = {at.value(read, other, read.keeps_empty, word)}")
            code.add(f"{name} = {other!r} if {into} is not MISSING else {name}")
    if source.is_always_present:
        _emit_check(code, at, read, name, context)
        return
    with code.block(f"if {absent}:"):
        _emit_absent(code, read)
    if read.needs_check or at.decodes:
        with code.block("else:"):
            _emit_check(code, at, read, name, context)


def _absent(at: Access, read: Read | Field, value: str) -> str:
    """The condition that a value was not sent."""
    return f"{value} is MISSING or {at.is_empty(value)}" if read.drops_empty else f"{value} is MISSING"


def _split(code: Code, value: str, source: Source, delimiter: str) -> str:
    """The items of a list that is sent as one text, or as several."""
    code.name("k_split", split)
    return f"k_split({value if source.has_lists else f'({value},)'}, {delimiter!r})"


def _emit_absent(code: Code, read: Read | ReadModel) -> None:
    """The default of a value that was not sent, or the error."""
    word = word_of(read.into)
    if read.default_factory is not None:
        code.add(f"{read.into} = {code.name(f'k_{word}_factory', read.default_factory)}()")
    elif read.default is not MISSING:
        code.add(f"{read.into} = {code.constant(f'k_{word}_default', read.default)}")
    else:
        place = {"name": read.keys[0]} if isinstance(read, Read) and read.keys else {"pointer": ""}
        entry = {"in": read.source.place, **place, "code": "missing", "message": "Field required"}
        code.add(f"b_errors = [*b_errors, {{**{code.name(f'k_{word}_missing', entry)}}}]")


def _emit_check(code: Code, at: Access, read: Read, name: str, context: EmitContext) -> None:
    """Decode and validate a value. `name` is the expression for the name that it was sent under."""
    into, source, word = read.into, read.source, word_of(read.into)
    if at.decodes:
        code.add(f"{into} = {at.decoded(into, several=read.many and source.has_lists)}")
    if read.delimiter:
        code.add(f"{into} = {_split(code, into, source, read.delimiter)}")
    if not read.needs_check:
        return
    if read.formats:
        _emit_content_check(code, into)
        return
    is_json = source.checks == "json"
    check = check_json_exactly if read.decimal else check_json if is_json else check_text
    with code.block("try:"):
        code.add(f"{into} = {code.name(f'k_{word}_check', check(read.annotation))}({into})")
    with code.block("except k_ValidationError as b_invalid:"):
        if read.keys and not is_json and has_one_error(read.annotation):
            quick = None if context.detailed else integer_error(read.annotation)
            entry_of = "k_value_error" if quick is None else code.name(f"k_{word}_error", quick)
            code.add(f"b_errors = [*b_errors, {entry_of}(b_invalid, {source.place!r}, {name}, {into})]")
            return
        error = _error(code, read, into, json=is_json)
        if read.keys:
            code.add(f"b_errors = [*b_errors, *k_value_errors({error}, {source.place!r}, {name}, {into})]")
        else:
            fields = source.header_fields if isinstance(source, Row) else "headers"
            code.add(f"b_errors = [*b_errors, *k_body_errors({error}, {into}, {fields})]")


def _emit_content_check(code: Code, into: str) -> None:
    """Validate a body by the reader of its media type."""
    with code.block("try:"):
        code.add(f"{into} = {code.name('k_check_content', check_content)}({into})")
    with code.block(f"except {code.name('k_InvalidContent', InvalidContent)} as b_invalid:"):
        code.add("b_errors = [*b_errors, *k_content_errors(b_invalid)]")


def _error(code: Code, read: Read | ReadModel, value: str, *, json: bool) -> str:
    """The expression for a validation error with all errors of a value: validation may stop at the first one."""
    every = every_error(read.annotation, json=json)
    return "b_invalid" if every is None else f"{code.name(f'k_{word_of(read.into)}_every', every)}(b_invalid, {value})"


# -- a model -----------------------------------------------------------------------------------------------------------


def _emit_whole_model(code: Code, read: ReadModel) -> None:
    """Validate what the source has opened as it is."""
    _emit_model_check(code, read, access(code, read.source).container, f"{read.source.place}: {read.name}")


def _emit_model(code: Code, read: ReadModel) -> None:
    """Collect the values of the fields in a dictionary, and validate that."""
    source, into, word = read.source, read.into, word_of(read.into)
    at = access(code, source)
    code.add(f"{into} = {{}}", f"{source.place}: {read.name}")
    for field in read.fields:
        _emit_field(code, read, field)
    if read.extras:
        known = code.name(f"k_{word}_known", read.known)
        folds = ", folds_case=True" if source.folds_case else ""
        code.add(f"{code.name('k_collect_extras', collect_extras)}({into}, {at.every}, {known}{folds})")
    if not read.optional:
        _emit_model_check(code, read, into)
        return
    absent = f"not {into}"
    if read.is_sent_empty:
        names = code.name(f"k_{word}_wires", frozenset(names_of(read)))
        absent += f" and {names}.isdisjoint({at.names})"
    with code.block(f"if {absent}:"):
        _emit_absent(code, read)
    with code.block("else:"):
        _emit_model_check(code, read, into)


def _emit_field(code: Code, read: ReadModel, field: Field) -> None:
    """Put a field into the dictionary, under the key that belongs to the name that it was sent under."""
    source, word = field.source or read.source, word_of(read.into)
    (first, key), *others = field.choices
    at = access(code, source)
    code.add(f"b_raw = {at.value(field, first, read.keeps_empty, word)}")
    if others:
        code.add(f"b_key = {key!r}")
    for name, other_key in others:
        with code.block(f"if {_absent(at, field, 'b_raw')}:"):
            code.add(f"b_raw, b_key = {at.value(field, name, read.keeps_empty, word)}, {other_key!r}")
    is_sent = "b_raw is not MISSING" + (f" and not ({at.is_empty('b_raw')})" if field.drops_empty else "")
    with code.block(f"if {is_sent}:"):
        several = field.many and source.has_lists and field.shape is None
        value = at.decoded("b_raw", several=several)
        if field.delimiter:
            value = _split(code, value, source, field.delimiter)
        code.add(f"{read.into}[{'b_key' if others else repr(key)}] = {value}")


def _emit_model_check(code: Code, read: ReadModel, values: str, comment: str = "") -> None:
    """Validate a dictionary of values."""
    source, into, word = read.source, read.into, word_of(read.into)
    names = {field.name: field.wire[0] for field in read.fields if field.name}
    names |= {key: wire for field in read.fields for wire, key in reversed(field.choices)}
    errors_of = "k_union_errors" if read.union else "k_model_errors"
    with code.block("try:", comment):
        code.add(f"{into} = {code.name(f'k_{word}_check', check_text(read.annotation))}({values})")
    with code.block("except k_ValidationError as b_invalid:"):
        error, renames = _error(code, read, values, json=False), code.name(f"k_{word}_names", names)
        code.add(f"b_errors = [*b_errors, *{errors_of}({error}, {source.place!r}, {renames}, {values})]")


# -- other steps -------------------------------------------------------------------------------------------------------


def emit_split(code: Code, split: Split, context: EmitContext) -> None:  # noqa: ARG001 - as all emit functions
    for variable, attribute in split.parts:
        code.add(f"{variable} = {split.source}.{attribute}")


def emit_check_unknown(code: Code, unknown: CheckUnknown, context: EmitContext) -> None:  # noqa: ARG001
    known = code.name("k_known", frozenset(unknown.known))
    found = access(code, unknown.source).container
    # PERF: nearly all requests have known names only, which one call in C finds out.
    with code.block(f"if not {known}.issuperset({found}):", f"{unknown.source.place}: unknown names"):
        if unknown.rejects:
            code.add(f"b_errors = [*b_errors, *{code.name('k_reject_unknown', reject_unknown)}({found}, {known})]")
        else:
            code.add(f"{code.name('k_log_unknown', log_unknown)}({found}, {known}, scope)")


def emit_negotiate(code: Code, step: Negotiate, context: EmitContext) -> None:  # noqa: ARG001
    code.add(f"b_format = {code.name('k_negotiate', step.negotiation.choose)}(scope)", "header 'accept'")


def emit_raise_errors(code: Code, step: RaiseErrors, context: EmitContext) -> None:
    emit_errors(code, context, body=step.body)


def emit_errors(code: Code, context: EmitContext, *, body: bool) -> None:
    """Send or raise the errors that were noted, if any. `body`: the body is known, and handlers may want it."""
    with code.block("if b_errors:"):
        if context.rejection is not None:
            _emit_rejection(code, context.rejection, context)
            code.add("return")
        else:
            code.add(f"raise k_RequestValidationError(b_errors{', body' if body else ''})")


def _emit_rejection(code: Code, rejection: Rejection, context: EmitContext) -> None:
    # PERF: an exception that is raised through all middleware costs as much as the response.
    respond = f"await {code.name('k_error_response', rejection)}(b_errors)(scope, receive, send)"
    if rejection.replaced is None:
        code.add(respond)
        return
    with code.block(f"if {code.name('k_replaced', rejection.replaced)}:", "methods of the error format"):
        code.add(respond)
    with code.block("else:"):
        code.add(f"b_body = {code.name('k_error_text', rejection.text)}(b_errors)")
        emit_messages(code, 422, rejection.media_type, context, "problem")
