"""The parameters of the JSON body: one takes it whole, several share an object with a member for each.

Callables that take the same parameter, of the same name and type, share one read: the client sends it once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.adapters.keyed_body import Member, keyed_model
from signette.declarative.checks.decimals import check_decimal, check_decimals
from signette.declarative.checks.sendable import check_sendable
from signette.declarative.errors import metadata as metadata_errors
from signette.declarative.errors import parameters as parameter_errors
from signette.declarative.errors import streams as stream_errors
from signette.declarative.errors import uploads as upload_errors
from signette.declarative.formats.base import Format
from signette.declarative.plan.content import content_source, formats_of, is_plain_json
from signette.declarative.plan.decided_reads import body_read
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.graph import CallNode
from signette.declarative.plan.marker_arguments import Role, check_arguments
from signette.declarative.plan.reads import checked_annotation, default_of, new_read
from signette.declarative.plan.sourced_parameter import SourcedParameter
from signette.declarative.plan.steps import Read, Split
from signette.declarative.plan.variables import Variables
from signette.declarative.signature.defaults import is_immutable
from signette.declarative.signature.markers import Body, Marker
from signette.declarative.signature.model import Parameter
from signette.declarative.sources.body import BODY, KEYED_BODY
from signette.declarative.sources.form import FORM, JSON_PART
from signette.declarative.sources.parts import PARTS
from signette.declarative.sources.source import Phase, Source
from signette.declarative.sources.stream import STREAM

BODILESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})
# Options of markers that are for the OpenAPI document only.
_DOCUMENTATION = frozenset({"title", "description", "examples", "deprecated", "json_schema_extra"})


@dataclass(frozen=True, slots=True)
class BodyReads:
    """How the parameters of the JSON body are read."""

    reads: Mapping[str, Read]
    """The read that brings the value of each parameter, by the parameter's variable."""
    variables: Mapping[str, str]
    """The variable that holds the value of each parameter, by the parameter's own: parameters may share one."""
    split: Split | None = None
    """Takes the members of the object apart, if the body is one."""
    members: Mapping[str, str] = field(default_factory=dict)
    """The name of the member that each variable holds."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Parameters that are read from the same bytes in the same way."""

    uses: tuple[SourcedParameter, ...]

    @property
    def variable(self) -> str:
        return self.uses[0].variable

    @property
    def declared(self) -> SourcedParameter:
        """The parameter that documents the part: the first one with a marker."""
        return next((each for each in self.uses if each.parameter.marker is not None), self.uses[-1])

    @property
    def nodes(self) -> set[CallNode]:
        return {each.node for each in self.uses}


def check_body_readers(found: Iterable[SourcedParameter], endpoint: Endpoint) -> None:
    """Raises SignatureError for a body where there cannot be one, and for parameters that read it differently."""
    readers: dict[Source, Parameter] = {}
    for each in found:
        parameter, source, where = each.parameter, each.source, each.where
        if source.phase is not Phase.BODY:
            continue
        if endpoint.socket:
            raise parameter_errors.body_in_websocket(where, parameter.name)
        unmarked_list = parameter.marker is None and source == BODY and parameter.type.is_collection
        if unmarked_list and set(endpoint.methods) <= BODILESS:
            raise parameter_errors.list_body_on_get(where, parameter.name, endpoint.methods)
        reader = source.body_reader
        if reader == STREAM and reader in readers:
            raise stream_errors.second_stream(where, readers[reader].name, parameter.name)
        if reader == PARTS and reader in readers:
            raise upload_errors.second_parts(where, readers[reader].name, parameter.name)
        readers.setdefault(reader, parameter)
        # JSON and a form go together: JSON is a part of it. Bytes and sources of an application take the whole body.
        other = next((known for known in readers if known != reader and {known, reader} != {BODY, FORM}), None)
        if other is not None:
            whole = parameter.name if other in (BODY, FORM) else readers[other].name
            raise parameter_errors.conflicting_bodies(where, readers[other].name, parameter.name, whole=whole)


def read_body(found: Sequence[SourcedParameter], variables: Variables, *, in_form: bool) -> BodyReads:
    """The reads of all parameters of the JSON body.

    `in_form`: the body is a form, and each of them is one of its parts.
    """
    for each in found:
        if each.marker is not None and each.marker.follows_path:
            raise parameter_errors.unsupported_alias_path(each.where, each.parameter.name)
    parts = _parts(found)
    shared = {use.variable: part.variable for part in parts for use in part.uses}
    if in_form:
        return BodyReads({part.variable: _part_read(part, "part") for part in parts}, shared)
    _check_whole(parts)
    if len(parts) == 1 and not _embeds(parts[0].declared.parameter):
        if len(found) > 1:
            return BodyReads({parts[0].variable: _part_read(parts[0], "body")}, shared)
        return BodyReads({found[0].variable: body_read(found[0], lambda: _part_read(parts[0], "body"))}, shared)
    return _keyed(parts, shared, variables) if parts else BodyReads({}, {})


def _parts(found: Iterable[SourcedParameter]) -> list[_Part]:
    parts: list[_Part] = []
    for each in found:
        place = next((n for n, part in enumerate(parts) if _are_same(part.declared.parameter, each.parameter)), None)
        if place is None:
            parts.append(_Part((each,)))
        else:
            parts[place] = _Part((*parts[place].uses, each))
    return parts


def _check_whole(parts: Sequence[_Part]) -> None:
    """Raises SignatureError for a parameter that takes the whole body, and would be a member because of another one.

    Callables that all take the same parameters mean the same body.
    """
    whole = [part for part in parts if not _embeds(part.declared.parameter)]
    nodes = list(dict.fromkeys(use.node for part in parts for use in part.uses))
    if whole and any(part.nodes != set(nodes) for part in parts):
        part = next(each for each in whole if each.nodes != set(nodes) or each is whole[-1])
        other = next((node for node in nodes if node not in part.nodes), nodes[0])
        declared = part.declared
        raise parameter_errors.conflicting_dependency_body(declared.where, declared.parameter.name, other.where)


def _part_read(part: _Part, role: Role) -> Read:
    """The read of a part that is the whole body, or a part of a form."""
    parameter, marker, where = part.declared.parameter, part.declared.marker, part.declared.where
    check_arguments(parameter, role, where)
    default, factory = default_of(parameter, marker, where)
    annotation = checked_annotation(parameter, marker, where)
    check_sendable(parameter, BODY, "json", where)
    decimal = _is_decimal(marker)
    if decimal:
        check_decimal(parameter.name, annotation, where)
    source, keys = (JSON_PART, _wire_names(parameter)) if role == "part" else (BODY, ())
    formats: tuple[Format, ...] = ()
    if isinstance(marker, Body) and marker.media_types is not None:
        formats = formats_of(parameter.name, marker.media_types, where)
        if decimal and not any(map(is_plain_json, formats)):
            hint = "remove it, or add `JSON` to `media_types`: only its numbers would lose digits"
            raise metadata_errors.ignored_argument(where, parameter.name, marker, "decimal", hint)
        source = content_source(formats, parameter.name, annotation, where, decimal=decimal)
    read = new_read(
        part.variable, source, parameter.name, keys, annotation, default=default, default_factory=factory, marker=marker
    )
    return replace(read, decimal=decimal, formats=formats)


def _keyed(parts: Sequence[_Part], shared: Mapping[str, str], variables: Variables) -> BodyReads:
    """One read of an object with a member for each part."""
    members = []
    for index, part in enumerate(parts):
        parameter, marker, where = part.declared.parameter, part.declared.marker, part.declared.where
        check_arguments(parameter, "member", where)
        default, factory = default_of(parameter, marker, where)
        annotation = checked_annotation(parameter, marker, where)
        check_sendable(parameter, BODY, "json", where)
        members.append(Member(f"part_{index}", _wire_names(parameter), annotation, default, factory, marker))
    # The endpoint is the last of the callables: the model has its name if it takes a part.
    last = list(dict.fromkeys(use.node for part in parts for use in part.uses))[-1]
    model = keyed_model(f"Body_{last.where.name.rsplit('.', 1)[-1]}", members)
    check_decimals(
        [
            (part.declared.where, part.declared.parameter.name, member.annotation, _is_decimal(part.declared.marker))
            for part, member in zip(parts, members, strict=True)
        ]
    )
    read = new_read(variables.new("body"), KEYED_BODY, "body", (), model)
    read = replace(read, decimal=any(_is_decimal(part.declared.marker) for part in parts))
    return BodyReads(
        {part.variable: read for part in parts},
        shared,
        Split(read.into, tuple((part.variable, f"part_{index}") for index, part in enumerate(parts))),
        {part.variable: _wire_names(part.declared.parameter)[0] for part in parts},
    )


def _wire_names(parameter: Parameter) -> tuple[str, ...]:
    names = parameter.marker.wire_names if isinstance(parameter.marker, Marker) else ()
    return names or (parameter.name,)


def _is_decimal(marker: Any) -> bool:
    return isinstance(marker, Body) and marker.decimal


def _embeds(parameter: Parameter) -> bool:
    return isinstance(parameter.marker, Body) and bool(parameter.marker.embed)


def _are_same(one: Parameter, other: Parameter) -> bool:
    """Whether two parameters are read in the same way, from the same bytes."""
    return (
        one.name == other.name
        and one.annotation == other.annotation
        and repr(one.annotation) == repr(other.annotation)  # `Literal[1]` equals `Literal[True]`
        and _have_same_default(one.default, other.default)
        and _read_by(one.marker) == _read_by(other.marker)
    )


def _have_same_default(one: Any, other: Any) -> bool:
    return one is other or (type(one) is type(other) and is_immutable(one) and bool(one == other))


def _read_by(marker: Any) -> tuple[Any, ...]:
    """The settings of a marker that change how a value is read. Without a marker they are those of `Body()`."""
    if not isinstance(marker, Body):
        marker = Body()
    options = {name: each for name, each in marker.field_options.items() if name not in _DOCUMENTATION}
    factory, validates = marker.default_factory, bool(marker.validate_default)
    return (
        bool(marker.embed),
        marker.wire_names,
        marker.media_type,
        marker.decimal,
        repr(marker.media_types),
        options,
        factory,
        validates,
    )
