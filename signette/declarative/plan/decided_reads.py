"""Reads that routes share: what one route has decided for a parameter holds for each other one that has the parameter.

Only where the decision depends on the parameter, its variable and its place in the path. That is so for single values
of the path, the query, headers and cookies, and for a parameter that has the whole body. Other reads of the body depend
on several parameters, and a default factory may report where its function is.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.graph import Input
from signette.declarative.plan.sourced_parameter import SourcedParameter
from signette.declarative.plan.steps import Read, ReadModel
from signette.declarative.signature.markers import Path
from signette.declarative.signature.model import Parameter
from signette.declarative.sources.cookie import COOKIE
from signette.declarative.sources.header import HEADER
from signette.declarative.sources.path import PATH
from signette.declarative.sources.query import QUERY
from signette.declarative.sources.source import Source
from signette.declarative.sources.table import SOURCES
from signette.routing.matching import parameters_in

_SHARED_SOURCES = (PATH, QUERY, HEADER, COOKIE)


class DecidedRead(NamedTuple):
    """A parameter with its source and its read."""

    parameter: Parameter
    source: Source
    read: Read


def decided_read(given: Input, endpoint: Endpoint, path_names: Sequence[str]) -> DecidedRead | None:
    """What another route has decided for a parameter, if it did."""
    decided = given.parameter.decided
    if not decided or endpoint.sources is not SOURCES:
        return None
    key = _key(given.parameter, given.variable, endpoint, path_names)
    found: DecidedRead | None = decided.get(key)
    return found


def decide_read(found: SourcedParameter, read: Read | ReadModel, endpoint: Endpoint, path_names: Sequence[str]) -> None:
    """Keep the read of a parameter for other routes, if they may share it."""
    decided = found.parameter.decided
    if decided is None or endpoint.sources is not SOURCES:
        return
    if not isinstance(read, Read) or read.default_factory is not None or read.source not in _SHARED_SOURCES:
        return
    key = _key(found.parameter, found.variable, endpoint, path_names)
    if key is not None:
        decided[key] = DecidedRead(found.parameter, found.source, read)


def body_read(found: SourcedParameter, make: Callable[[], Read]) -> Read:
    """The read of a parameter that has the whole body, from another route or made now."""
    decided = found.parameter.decided
    if decided is None:
        return make()
    key = ("body", found.variable)
    known: DecidedRead | None = decided.get(key)
    if known is None:
        known = DecidedRead(found.parameter, found.source, make())
        if known.read.default_factory is None:
            decided[key] = known
    return known.read


def is_decided(parameter: Parameter, read: Any) -> bool:
    """Whether routes share a read of a parameter."""
    decided = parameter.decided or {}
    return any(isinstance(each, DecidedRead) and each.read is read for each in decided.values())


def _key(parameter: Parameter, variable: str, endpoint: Endpoint, path_names: Sequence[str]) -> Hashable:
    """What the read depends on, besides of the parameter. None: on more than that."""
    if parameter.name not in path_names:
        return None if isinstance(parameter.marker, Path) else (variable,)
    if isinstance(parameter.marker, Path) and (parameter.marker.wire_names or parameter.marker.alias is not None):
        return None
    kinds = [each.kind for each in parameters_in(endpoint.path) if each.name == parameter.name]
    return (variable, path_names.index(parameter.name), *kinds)
