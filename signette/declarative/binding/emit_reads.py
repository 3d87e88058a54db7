"""Printing the steps that read: a value taken and checked, a model gathered, a refusal."""

from typing import Any

from signette.declarative.adapters.validators import check_json, check_text, every_error
from signette.declarative.binding.codegen import Code
from signette.declarative.binding.emit_sources import Called, Printed, access
from signette.declarative.binding.unknown import log_unknown, reject_unknown
from signette.declarative.plan.steps import CheckUnknown, Field, Read, ReadModel, Split, names_of
from signette.declarative.signature.markers import MISSING
from signette.declarative.sources.brackets import split
from signette.declarative.sources.extras import collect_extras
from signette.declarative.sources.row import Row
from signette.declarative.sources.source import Source

Access = Printed | Called


def emit_read(code: Code, read: Read) -> None:
    source, into, word = read.source, read.into, read.into.removeprefix("v_")
    comment = f"{source.place} {read.keys[0]!r}" if read.keys else source.place
    if isinstance(source, Row) and source.constant:
        code.add(f"{into} = {code.constant(f'k_{word}_default', read.default)}", comment)
        return
    at = access(code, source)
    keys = (read.keys or ("",)) if read.position is None else (str(read.position),)
    code.add(f"{into} = {at.value(read, keys[0], read.keeps_empty, word)}", comment)
    empty = _empty(at, read, into, keeps_empty=read.keeps_empty)
    absent = f"{into} is MISSING" + (f" or {empty}" if empty else "")
    wire = repr(read.keys[0]) if read.keys else "None"
    for other in keys[1:]:
        if wire == repr(read.keys[0]):
            code.add(f"n_{word} = {wire}")
            wire = f"n_{word}"
        with code.block(f"if {absent}:"):
            code.add(f"{into} = {at.value(read, other, read.keeps_empty, word)}")
            code.add(f"{wire} = {other!r} if {into} is not MISSING else {wire}")
    if source.is_total:
        _emit_check(code, at, read, word, wire)
        return
    with code.block(f"if {absent}:"):
        _emit_absent(code, read, word)
    if read.needs_check or at.decoded(into, several=False) != into:
        with code.block("else:"):
            _emit_check(code, at, read, word, wire)


def _empty(at: Access, read: Read | Field, raw: str, *, keeps_empty: bool) -> str:
    """The condition under which a value counts as not sent, "" where each counts."""
    return "" if keeps_empty or read.many or read.shape is not None else at.is_empty(raw)


def _split(code: Code, raw: str, source: Source, delimiter: str) -> str:
    """All pieces of the texts that a read took, or of its one text."""
    code.name("k_split", split)
    return f"k_split({raw if source.has_lists else f'({raw},)'}, {delimiter!r})"


def _emit_absent(code: Code, read: Read | ReadModel, word: str) -> None:
    if read.default_factory is not None:
        code.add(f"{read.into} = {code.name(f'k_{word}_factory', read.default_factory)}()")
    elif read.default is not MISSING:
        code.add(f"{read.into} = {code.constant(f'k_{word}_default', read.default)}")
    else:
        place = {"name": read.keys[0]} if isinstance(read, Read) and read.keys else {"pointer": ""}
        entry = {"in": read.source.place, **place, "code": "missing", "message": "Field required"}
        code.add(f"b_errors.append({{**{code.name(f'k_{word}_missing', entry)}}})")


def _emit_check(code: Code, at: Access, read: Read, word: str, wire: str) -> None:
    into, source = read.into, read.source
    decoded = at.decoded(into, several=read.many and source.has_lists)
    if decoded != into:
        code.add(f"{into} = {decoded}")
    if read.delimiter:
        code.add(f"{into} = {_split(code, into, source, read.delimiter)}")
    if not read.needs_check:
        return
    is_json = source.checks == "json"
    check = check_json if is_json else check_text
    with code.block("try:"):
        code.add(f"{into} = {code.name(f'k_{word}_check', check(read.annotation))}({into})")
    with code.block("except k_Invalid as b_refused:"):
        refused = _refused(code, word, read.annotation, into, json=is_json)
        if read.keys:
            code.add(f"b_errors += k_value_errors({refused}, {source.place!r}, {wire}, {into})")
        else:
            code.add(f"b_errors += k_body_errors({refused}, {into})")


def _refused(code: Code, word: str, annotation: Any, value: str, *, json: bool) -> str:
    """The expression for the errors of a value that was refused: all of them, where they cannot be too many."""
    every = every_error(annotation, json=json)
    return "b_refused" if every is None else f"{code.name(f'k_{word}_every', every)}(b_refused, {value})"


def emit_read_model(code: Code, gather: ReadModel) -> None:
    source, into, word = gather.source, gather.into, gather.into.removeprefix("v_")
    at = access(code, source)
    check = code.name(f"k_{word}_check", check_text(gather.annotation))
    names = {field.name: field.wire[0] for field in gather.fields if field.name}
    names |= {key: wire for field in gather.fields for wire, key in reversed(field.choices)}
    renames = code.name(f"k_{word}_names", names)
    raw = at.container if gather.whole else into
    errors_of = "k_union_errors" if gather.union else "k_model_errors"
    every = _refused(code, word, gather.annotation, raw, json=False)
    refused = f"b_errors += {errors_of}({every}, {source.place!r}, {renames}, {raw})"
    if gather.whole:
        with code.block("try:", f"{source.place}: {gather.name}"):
            code.add(f"{into} = {check}({raw})")
        with code.block("except k_Invalid as b_refused:"):
            code.add(refused)
        return
    code.add(f"{into} = {{}}", f"{source.place}: {gather.name}")
    for field in gather.fields:
        _emit_field(code, gather, field)
    if gather.extras:
        extras = code.name("k_gather_extras", collect_extras)
        # A name that is a key of a field, and not its name on the wire, is none that the model may see.
        keys = (key for field in gather.fields for key in field.keys)
        known = frozenset((*names_of(gather), *gather.owned, *keys))
        folded = frozenset(map(str.lower, known)) if source.folds_case else known
        folds = ", folds_case=True" if source.folds_case else ""
        code.add(f"{extras}({into}, {at.every}, {code.name(f'k_{word}_known', folded)}{folds})")
    if gather.optional:
        head = f"if not {into}"
        if not gather.keeps_empty and source.has_names:
            # what is sent counts, be it blank: a part of the group was there
            wires = frozenset(names_of(gather))
            head += f" and {code.name(f'k_{word}_wires', wires)}.isdisjoint({at.names})"
        with code.block(f"{head}:"):
            _emit_absent(code, gather, word)
        with code.block("else:"):
            _emit_model_check(code, into, check, refused)
    else:
        _emit_model_check(code, into, check, refused)


def _emit_field(code: Code, gather: ReadModel, field: Field) -> None:
    """One field into the dictionary, under the key that says by which of its names it came."""
    source, word = field.source or gather.source, gather.into.removeprefix("v_")
    (first, key), *others = field.choices
    at = access(code, source)
    code.add(f"b_raw = {at.value(field, first, gather.keeps_empty, word)}")
    empty = _empty(at, field, "b_raw", keeps_empty=gather.keeps_empty)
    if others:
        code.add(f"b_key = {key!r}")
    for wire, other_key in others:
        with code.block("if b_raw is MISSING" + (f" or {empty}:" if empty else ":")):
            code.add(f"b_raw, b_key = {at.value(field, wire, gather.keeps_empty, word)}, {other_key!r}")
    with code.block("if b_raw is not MISSING" + (f" and not ({empty}):" if empty else ":")):
        several = field.many and source.has_lists and field.shape is None
        value = at.decoded("b_raw", several=several)
        if field.delimiter:
            value = _split(code, value, source, field.delimiter)
        code.add(f"{gather.into}[{'b_key' if others else repr(key)}] = {value}")


def _emit_model_check(code: Code, into: str, check: str, refused: str) -> None:
    with code.block("try:"):
        code.add(f"{into} = {check}({into})")
    with code.block("except k_Invalid as b_refused:"):
        code.add(refused)


def emit_split(code: Code, split: Split) -> None:
    for variable, attribute in split.parts:
        code.add(f"{variable} = {split.source}.{attribute}")


def emit_check_unknown(code: Code, unknown: CheckUnknown) -> None:
    known = code.name("k_known", frozenset(unknown.known))
    found = access(code, unknown.source).container
    # PERF: nearly every request has known names alone, which one call of C says.
    with code.block(f"if not {known}.issuperset({found}):", f"{unknown.source.place}: unknown names"):
        if unknown.refuses:
            code.add(f"b_errors += {code.name('k_refuse_unknown', reject_unknown)}({found}, {known})")
        else:
            code.add(f"{code.name('k_report_unknown', log_unknown)}({found}, {known}, scope)")


def emit_raise_errors(code: Code, answers_errors: bool, *, body: bool) -> None:
    with code.block("if b_errors:"):
        if answers_errors:
            # PERF: an exception that goes through the stack only to be answered there costs as much as an answer.
            code.add("await k_refusal(b_errors)(scope, receive, send)\nreturn")
        else:
            code.add(f"raise k_Refused(b_errors{', body' if body else ''})")
