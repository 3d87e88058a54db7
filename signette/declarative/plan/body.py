"""The parameters that are read from the JSON body: one takes it whole, several share an object with a member for each.

Which of the two it is, only the whole signature says, so the planner collects the parameters first. Callables that ask
for the same parameter, of the same name and type, share one read: what a client sends is the same for both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from signette.declarative.adapters.keyed_body import Member, keyed_model
from signette.declarative.checks.sendable import check_sendable
from signette.declarative.errors import parameters as parameter_errors
from signette.declarative.plan.marker_arguments import check_arguments
from signette.declarative.plan.order import Node
from signette.declarative.plan.reads import Names, checked_annotation, default_of
from signette.declarative.plan.steps import Read, Split
from signette.declarative.signature.annotations import is_collection
from signette.declarative.signature.defaults import is_immutable
from signette.declarative.signature.markers import Body, Marker
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.sources.body import BODY, KEYED_BODY
from signette.declarative.sources.form import FORM, JSON_PART
from signette.declarative.sources.source import Phase, Source

BODILESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})
# What a marker says to the document alone.
_WORDS = frozenset({"title", "description", "examples", "deprecated", "json_schema_extra"})


@dataclass(slots=True)
class Part:
    """A parameter that is read from the body, and the callables that take it."""

    parameter: Parameter
    where: SourceLocation
    into: str
    owners: list[Node] = field(default_factory=list)


class BodyParts:
    """The parameters that want the JSON body."""

    def __init__(self, socket: bool) -> None:
        self.socket = socket
        self.parts: list[Part] = []
        self.eaters: dict[Source, Parameter] = {}
        """The first parameter for each way in which a body is read."""
        self.members: dict[str, str] = {}
        """The member of the body that each variable holds."""

    def takes(self, parameter: Parameter, source: Source, where: SourceLocation, methods: Sequence[str]) -> bool:
        """Whether it is part of the JSON body. Refuses a second kind of body, and bodies where none can be."""
        if source.phase is not Phase.BODY:
            return False
        if self.socket:
            raise parameter_errors.body_on_socket(where, parameter.name)
        unmarked_list = parameter.marker is None and source == BODY and is_collection(parameter.annotation)
        if unmarked_list and set(methods) <= BODILESS:
            raise parameter_errors.list_on_get(where, parameter.name, methods)
        opener = source.body_reader
        self.eaters.setdefault(opener, parameter)
        # JSON beside a form is a part of it; bytes and rows of users have the body for themselves.
        other = next((each for each in self.eaters if each != opener and {each, opener} != {BODY, FORM}), None)
        if other is not None:
            raise parameter_errors.two_bodies(where, self.eaters[other].name, parameter.name)
        return source == BODY

    def add(self, node: Node, parameter: Parameter, where: SourceLocation, names: Names) -> str:
        """The variable that will hold the parameter's value."""
        if isinstance(parameter.marker, Marker) and parameter.marker.follows_path:
            raise parameter_errors.alias_path(where, parameter.name)
        part = next((each for each in self.parts if _are_same(each.parameter, parameter)), None)
        if part is None:
            part = Part(parameter, where, names.new(parameter.name))
            self.parts.append(part)
        elif part.parameter.marker is None:  # the words of a marker are for the document
            part.parameter, part.where = parameter, where
        part.owners.append(node)
        return part.into

    def settle(self, names: Names) -> None:
        """Once all parameters are known: a read for the whole body, or one for the object and a split of it."""
        if not self.parts:
            return
        if FORM in self.eaters:
            for part in self.parts:
                check_arguments(part.parameter, "part", part.where)
                _give(part, replace(_whole(part), source=JSON_PART, keys=_wire_names(part.parameter)))
            return
        whole = [part for part in self.parts if not _embeds(part.parameter)]
        owners = list(dict.fromkeys(node for part in self.parts for node in part.owners))
        # Callables that take all the same parts mean the same body; else one must not change what the other reads.
        if whole and not all(_are_owned(part, owners) for part in self.parts):
            part = next(each for each in whole if not _are_owned(each, owners) or each is whole[-1])
            other = next((node for node in owners if node not in part.owners), owners[0])
            raise parameter_errors.hidden_body(part.where, part.parameter.name, other.call.where)
        if whole == self.parts and len(self.parts) == 1:
            check_arguments(self.parts[0].parameter, "body", self.parts[0].where)
            _give(self.parts[0], _whole(self.parts[0]))
            return
        self._keyed(owners, names)

    def _keyed(self, owners: Sequence[Node], names: Names) -> None:
        members, parts = [], []
        for index, part in enumerate(self.parts):
            check_arguments(part.parameter, "member", part.where)
            default, factory = default_of(part.parameter, part.parameter.marker, part.where)
            annotation = checked_annotation(part.parameter, part.parameter.marker, part.where)
            check_sendable(part.parameter, BODY, "json", part.where)
            names_of_part = _wire_names(part.parameter)
            members.append(Member(f"part_{index}", names_of_part, annotation, default, factory, part.parameter.marker))
            parts.append((part.into, f"part_{index}"))
            self.members[part.into] = _wire_names(part.parameter)[0]
        variable = names.new("body")
        # The endpoint stands last among the callables; the model bears its name where it has a part.
        model = keyed_model(f"Body_{owners[-1].call.where.name.rsplit('.', 1)[-1]}", members)
        for owner in owners:
            owner.reads.append(Read(variable, KEYED_BODY, "body", (), model))
            owner.splits.append(Split(variable, tuple(parts)))


def _are_owned(part: Part, owners: Sequence[Node]) -> bool:
    return set(part.owners) == set(owners)


def _give(part: Part, read: Read) -> None:
    for node in dict.fromkeys(part.owners):
        node.reads.append(read)


def _whole(part: Part) -> Read:
    parameter, marker = part.parameter, part.parameter.marker
    default, factory = default_of(parameter, marker, part.where)
    annotation = checked_annotation(parameter, marker, part.where)
    check_sendable(parameter, BODY, "json", part.where)
    return Read(part.into, BODY, parameter.name, (), annotation, default, factory, marker=marker)


def _wire_names(parameter: Parameter) -> tuple[str, ...]:
    said = parameter.marker.wire_names if isinstance(parameter.marker, Marker) else ()
    return said or (parameter.name,)


def _embeds(parameter: Parameter) -> bool:
    return isinstance(parameter.marker, Body) and bool(parameter.marker.embed)


def _are_same(one: Parameter, other: Parameter) -> bool:
    """Whether two parameters are read alike, from the same bytes."""
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
    """What a marker says of reading. None says what `Body()` does."""
    if not isinstance(marker, Body):
        marker = Body()
    options = {name: each for name, each in marker.field_options.items() if name not in _WORDS}
    factory, validates = marker.default_factory, bool(marker.validate_default)
    return bool(marker.embed), marker.wire_names, marker.media_type, options, factory, validates
