"""Printing the steps that read: a source opened, a value taken and checked, a model gathered, a refusal."""

from signette.declarative.adapters.check import accepts_any_text, check_json, check_text
from signette.declarative.codegen import Code
from signette.declarative.ir import Field, Gather, Open, Phase, Read, Refuse, Source, Split, Unknown, names_of
from signette.declarative.markers import MISSING, Form
from signette.declarative.refusals import gather_extras
from signette.declarative.sources.nested import split
from signette.declarative.unknown import refuse_unknown, report_unknown


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
    template = _template(code, read, source, word)
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
    one = not read.many and read.shape is None
    absent = f"{into} is MISSING" + (f" or {blank.format(raw=into)}" if blank and one else "")
    with code.block(f"if {absent}:"):
        _emit_absent(code, read, word)
    if _needs_work(read):
        with code.block("else:"):
            _emit_check(code, read, word, wire)


def _template(code: Code, read: Read | Field, source: Source, word: str) -> str:
    """The source's expression for a value: by its shape, all of its name, or one."""
    if read.shape is not None and source.nested is not None:
        return source.nested.replace("{shape}", code.name(f"k_{word}_shape", read.shape))
    return (source.many if read.many else source.one) or source.one


def _split(code: Code, raw: str, source: Source, delimiter: str) -> str:
    """All pieces of the texts that a read took, or of its one text."""
    code.name("k_split", split)
    return f"k_split({raw if source.many else f'({raw},)'}, {delimiter!r})"


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
        code.add(f"b_errors.append({{**{code.name(f'k_{word}_missing', entry)}}})")


def _emit_check(code: Code, read: Read, word: str, wire: str) -> None:
    into, source = read.into, read.source
    if source.text != "{raw}":
        # A list's texts are made one by one; a row that awaits takes the list as a whole.
        several = read.many and source.many and not source.text.startswith("await")
        text = source.text.format(raw="b_each" if several else into)
        code.add(f"{into} = [{text} for b_each in {into}]" if several else f"{into} = {text}")
    if read.delimiter:
        code.add(f"{into} = {_split(code, into, source, read.delimiter)}")
    if _takes_as_is(read):
        return
    check = check_json if source.checks == "json" else check_text
    with code.block("try:"):
        code.add(f"{into} = {code.name(f'k_{word}_check', check(read.annotation))}({into})")
    with code.block("except k_Invalid as b_refused:"):
        if source.checks == "json" and not read.keys:
            code.add(f"b_errors += k_body_entries(b_refused, {into})")
        else:
            code.add(f"b_errors += k_entries(b_refused, {source.place!r}, {wire}, None, {into})")


def emit_gather(code: Code, gather: Gather) -> None:
    source, into, word = gather.source, gather.into, gather.into.removeprefix("v_")
    code.use(source.uses)
    check = code.name(f"k_{word}_check", check_text(gather.annotation))
    names = {key: wire for field in gather.fields for wire, key in reversed(field.choices)}
    renames = code.name(f"k_{word}_names", names)
    raw = source.one.partition(".")[0] if gather.whole else into
    told = "k_union_entries" if gather.union else "k_model_entries"
    refused = f"b_errors += {told}(b_refused, {source.place!r}, {renames}, {raw})"
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
        extras = code.name("k_gather_extras", gather_extras)
        known = frozenset((*names_of(gather), *gather.owned))
        lists = (source.many or source.one).partition(".")[0]
        code.add(f"{extras}({into}, {lists}, {code.name(f'k_{word}_known', known)})")
    if gather.optional:
        head = f"if not {into}"
        if _blank(gather):  # what is sent counts, be it blank: a part of the group was there
            wires = frozenset(names_of(gather))
            head += f" and {code.name(f'k_{word}_wires', wires)}.isdisjoint({source.one.partition('.')[0]})"
        with code.block(f"{head}:"):
            _emit_absent(code, gather, word)
        with code.block("else:"):
            _emit_gather_check(code, into, check, refused)
    else:
        _emit_gather_check(code, into, check, refused)


def _emit_field(code: Code, gather: Gather, field: Field) -> None:
    """One field into the dictionary, under the key that says by which of its names it came."""
    source, blank = gather.source, _blank(gather)
    (first, key), *others = field.choices
    template = _template(code, field, source, gather.into.removeprefix("v_"))
    code.add(f"b_raw = {template.format(key=source.literal(first))}")
    if others:
        code.add(f"b_key = {key!r}")
    for wire, other_key in others:
        with code.block("if b_raw is MISSING:"):
            code.add(f"b_raw, b_key = {template.format(key=source.literal(wire))}, {other_key!r}")
    present = "b_raw is not MISSING"
    several = field.many and source.many is not None and field.shape is None
    if blank and not field.many and field.shape is None:
        present += f" and not ({blank.format(raw='b_raw')})"
    with code.block(f"if {present}:"):
        text = source.text.format(raw="b_each" if several else "b_raw")
        value = f"[{text} for b_each in b_raw]" if several else text
        if field.delimiter:
            value = _split(code, value, source, field.delimiter)
        code.add(f"{gather.into}[{'b_key' if others else repr(key)}] = {value}")


def _emit_gather_check(code: Code, into: str, check: str, refused: str) -> None:
    with code.block("try:"):
        code.add(f"{into} = {check}({into})")
    with code.block("except k_Invalid as b_refused:"):
        code.add(refused)


def emit_split(code: Code, split: Split) -> None:
    for variable, attribute in split.parts:
        code.add(f"{variable} = {split.source}.{attribute}")


def emit_unknown(code: Code, unknown: Unknown) -> None:
    known = code.name("k_known", frozenset(unknown.known))
    found = unknown.source.one.partition(".")[0]
    # PERF: nearly every request has known names alone, which one call of C says.
    with code.block(f"if not {known}.issuperset({found}):", f"{unknown.source.place}: unknown names"):
        if unknown.refuses:
            code.add(f"b_errors += {code.name('k_refuse_unknown', refuse_unknown)}({found}, {known})")
        else:
            code.add(f"{code.name('k_report_unknown', report_unknown)}({found}, {known}, scope)")


def emit_refuse(code: Code, step: Refuse) -> None:
    with code.block("if b_errors:"):
        if "k_refusal" in code.names:
            # PERF: an exception that goes through the stack only to be answered there costs as much as an answer.
            code.add("await k_refusal(b_errors)(scope, receive, send)\nreturn")
        else:
            code.add(f"raise k_Refused(b_errors{', body' if step.body else ''})")
