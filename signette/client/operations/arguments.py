"""Reads of a plan -> the arguments of an operation, and where each is written in a request.

Arguments are the parameters of the endpoint and its dependencies that are read from the request. Injected ones are
left out, and so are those of security schemes. What two callables read in the same way is one argument.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any
from uuid import UUID

from signette.client.runtime.spec import UNSET, InputSpec, NameSpec, Place, Style
from signette.declarative.adapters.model_fields import fields_of_all
from signette.declarative.openapi.conditional import precondition_fields
from signette.declarative.plan.steps import Call, Field, Plan, Read, ReadModel, Split
from signette.declarative.policies.idempotent import KeyHeader
from signette.declarative.security.requirements import is_scheme
from signette.declarative.signature.markers import MISSING
from signette.declarative.sources.form import CONTENT, FILE, JSON_PART
from signette.declarative.sources.row import Row
from signette.declarative.sources.source import Source
from signette.declarative.sources.table import INJECTED
from signette.routing.matching import parameters_in

PLACES: Mapping[str, Place] = {
    "path": "path", "query": "query", "header": "header", "cookie": "cookie", "form": "form", "body": "body",
}  # fmt: skip
# The types of path parameters that the endpoint does not read.
_BY_CONVERTOR: Mapping[str, Any] = {"int": int, "float": float, "uuid": UUID}


class CannotEncode(Exception):
    """A parameter has no form in a request that a client can write. The message names it."""


def sent_reads(plan: Plan) -> list[Read | ReadModel]:
    """The reads whose values the client sends, in the order of the signature of the endpoint."""
    credentials = {each.value for call in plan.calls if is_scheme(call.target) for each in call.arguments}
    known = {
        read.into: read
        for read in plan.reads
        if read.source not in INJECTED
        and read.into not in credentials
        and not isinstance(read.marker, KeyHeader)
        and read.source.place in PLACES
    }
    first = [variable for variable in _variables(plan) if variable in known]
    return [known[variable] for variable in dict.fromkeys((*first, *known))]


def head_inputs(plan: Plan, outer: Iterable[tuple[str, str]], host: str = "") -> list[InputSpec]:
    """The arguments in the path, the host, the query, headers and cookies.

    `outer`: path parameters of mounts, with convertors. `host`: the template of the host.

    Raises CannotEncode.
    """
    found = [_input(read) for read in sent_reads(plan) if read.source.place in ("path", "query", "header", "cookie")]
    convertors = dict([*outer, *((each.name, each.kind) for each in parameters_in(plan.path))])
    read_names = {name.name for each in found if each.place == "path" for name in each.names}
    made = [_with_convertor(each, convertors) if each.place == "path" else each for each in found]
    for name, convertor in convertors.items():
        if name not in read_names:
            annotation = _BY_CONVERTOR.get(convertor, str)
            made.append(InputSpec(name, "path", annotation, (NameSpec(name, convertor=convertor),)))
    of_host = {each.name: each.kind for each in parameters_in(host)}
    made = [replace(each, place="host") if _is_of(each, of_host.keys() - convertors.keys()) else each for each in made]
    for name in of_host.keys() - read_names:
        made.append(InputSpec(name, "host", _BY_CONVERTOR.get(of_host[name], str), (NameSpec(name),)))
    for field, description in precondition_fields(plan):
        name = field.lower().replace("-", "_")
        made.append(InputSpec(name, "header", str | None, (NameSpec(field.lower()),), False, None, doc=description))
    return made


def _is_of(spec: InputSpec, names: AbstractSet[str]) -> bool:
    return spec.place == "path" and spec.names[0].name in names


def form_inputs(reads: Iterable[Read | ReadModel]) -> list[InputSpec]:
    """The arguments that are fields of a form."""
    return [_input(read) for read in reads]


def idempotency_header(plan: Plan) -> tuple[str, bool]:
    """The header of the idempotency key, and whether it is required. Empty without one."""
    for read in plan.reads:
        if isinstance(read.marker, KeyHeader) and isinstance(read, Read):
            return str(read.marker.alias), bool(read.marker.required_in_document)
    return "", False


def combined(inputs: Iterable[InputSpec]) -> list[InputSpec]:
    """The inputs without those that are read twice. Different inputs with one name get different names."""
    by_names: dict[Any, InputSpec] = {}
    for each in inputs:
        key = each.place, tuple(name.name for name in each.names) or each.argument
        known = by_names.get(key)
        if known is None:
            by_names[key] = each
        elif each.required and not known.required:
            by_names[key] = replace(known, required=True, default=UNSET)
    found: dict[str, InputSpec] = {}
    for each in by_names.values():
        name, number = each.argument, 2
        while name in found:
            name = f"{each.argument}_{each.place}" if number == 2 else f"{each.argument}_{each.place}{number}"
            number += 1
        found[name] = each if name == each.argument else replace(each, argument=name)
    return list(found.values())


def in_order(plan: Plan, inputs: Iterable[InputSpec]) -> tuple[str, ...]:
    """The names of arguments: the required ones first, otherwise in the order of the signature."""
    reads = {read.into: read.name for read in plan.reads}
    places: dict[str, int] = {}
    for index, variable in enumerate(_variables(plan)):
        places.setdefault(reads.get(variable) or _argument_name(plan, variable, variable), index)
    last = len(places)
    ordered = sorted(inputs, key=lambda each: (not each.required, places.get(each.argument, last)))
    return tuple(each.argument for each in ordered)


def body_argument(plan: Plan, read: Read, default: Any = UNSET) -> InputSpec:
    """The argument that is the whole body."""
    return InputSpec(
        _argument_name(plan, read.into, read.name), "body", read.annotation, (), read.required,
        default if default is not UNSET else _default_of(read), doc=_doc_of(read),
    )  # fmt: skip


def member_inputs(plan: Plan, read: Read, split: Split) -> list[InputSpec]:
    """The arguments that are members of a JSON object."""
    fields: Mapping[str, Any] = read.annotation.model_fields
    found = []
    for variable, attribute in split.parts:
        info = fields[attribute]
        alias = info.validation_alias
        name = alias if isinstance(alias, str) else alias.choices[0]
        required = info.is_required()
        default = UNSET if required or info.default_factory is not None else info.default
        found.append(
            InputSpec(
                _argument_name(plan, variable, name),
                "member",
                info.rebuild_annotation(),
                (NameSpec(name),),
                required,
                default,
                doc=info.description or "",
            )
        )
    return found


# -- one read ----------------------------------------------------------------------------------------------------------


def _input(read: Read | ReadModel) -> InputSpec:
    place = PLACES[read.source.place]
    if not isinstance(read.source, Row):
        raise CannotEncode(f"parameter `{read.name}` is read by the source {read.source!r} of the application")
    if isinstance(read, ReadModel):
        names = _field_names(read)
        required = read.required and not read.optional
        return InputSpec(
            read.name, place, read.annotation, names, required, _default_of(read), is_model=True, doc=_doc_of(read)
        )
    style = _style_of(read, read.source, has_file_rule=read.file_rule is not None)
    empty = not read.drops_empty and not (read.shape is not None and read.shape.drops_blank)
    name = NameSpec(_spelled(read.keys[0], place), style, read.delimiter, many=read.many, sends_empty=empty)
    return InputSpec(read.name, place, read.annotation, (name,), read.required, _default_of(read), doc=_doc_of(read))


def _field_names(read: ReadModel) -> tuple[NameSpec, ...]:
    attributes = {key: each.name for each in fields_of_all(read.annotation) for key in (each.name, *each.aliases)}
    found: dict[str, NameSpec] = {}
    for field in read.fields:
        style: Style = "list" if field.indexed else _style_of(field, field.source or read.source, has_file_rule=False)
        empty = not field.drops_empty and not (field.shape is not None and field.shape.drops_blank)
        name = NameSpec(
            _spelled(field.wire[0], read.source.place), style, field.delimiter, field.choices[0][1],
            attributes.get(field.key, "") if style == "file" else "", field.many, empty,
        )  # fmt: skip
        found.setdefault(name.name, name)
    return tuple(found.values())


def _spelled(name: str, place: str) -> str:
    """A name as clients send it: names of headers are case-insensitive, and lower case in HTTP/2."""
    return name.lower() if place == "header" else name


def _style_of(read: Read | Field, source: Source, *, has_file_rule: bool) -> Style:
    if source in (FILE, CONTENT) or has_file_rule:
        return "file"
    if source == JSON_PART:
        return "json"
    if read.shape is not None:
        return "brackets"
    if read.delimiter:
        return "delimited"
    return "list" if read.many else "text"


def _with_convertor(spec: InputSpec, convertors: Mapping[str, str]) -> InputSpec:
    (name,) = spec.names
    return replace(spec, names=(replace(name, convertor=convertors.get(name.name, "")),))


def _default_of(read: Read | ReadModel) -> Any:
    return UNSET if read.default is MISSING or read.default_factory is not None else read.default


def _doc_of(read: Read | ReadModel) -> str:
    options = read.marker.field_options if read.marker is not None else {}
    return str(options.get("description") or "")


# -- the order of the signature ----------------------------------------------------------------------------------------


def _variables(plan: Plan) -> Iterator[str]:
    """The variables of the endpoint's arguments in order, each dependency's in its place; then all others."""
    calls = {call.into: call for call in plan.calls}
    endpoint = next((call for call in plan.calls if call.endpoint), None)
    seen: set[str] = set()

    def below(call: Call) -> Iterator[str]:
        for argument in call.arguments:
            if argument.value in seen:
                continue
            seen.add(argument.value)
            if argument.value in calls:
                yield from below(calls[argument.value])
            else:
                yield argument.value

    if endpoint is not None:
        yield from below(endpoint)
    for call in plan.calls:
        yield from below(call)


def _argument_name(plan: Plan, variable: str, fallback: str) -> str:
    """The name of the parameter that a variable is passed to, preferably of the endpoint."""
    calls = sorted(plan.calls, key=lambda call: not call.endpoint)
    names = (each.name for call in calls for each in call.arguments if each.value == variable)
    return next(names, fallback)
