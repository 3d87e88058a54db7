"""Sources of an application's own, looked at when a route is made with them."""

import inspect
from collections.abc import Callable, Iterable
from typing import Any, get_args

from signette.declarative.errors import sources as source_errors
from signette.declarative.signature.callables import location_of
from signette.declarative.signature.markers import Marker
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.sources.row import Row
from signette.declarative.sources.source import Checks, Phase, Source
from signette.declarative.sources.table import SOURCES

_CALLED = ("claims", "accepts", "wire_name", "get", "getlist", "names", "is_empty")


def all_sources(given: Iterable[Source], endpoint: Callable[..., Any]) -> tuple[Source, ...]:
    """The sources of a route, in the order in which they are asked: those of the application, then the built-in ones.

    Raises PlanError where one of them cannot be read from, or never would be.
    """
    if given is SOURCES:
        return SOURCES
    given = tuple(dict.fromkeys(given)) if not isinstance(given, Source) else (given,)
    where = location_of(endpoint)
    own = [each for each in given if not isinstance(each, Row)]
    for place, source in enumerate(own):
        _check_source(source, where)
        for other in own[:place]:
            if source.marker is not None and source.marker is other.marker and not other.overrides("accepts"):
                raise source_errors.duplicate_source_marker(where, source, other)
    return (*own, *(tuple(each for each in given if isinstance(each, Row)) or SOURCES))


def _check_source(source: Any, where: SourceLocation) -> None:
    if not isinstance(source, Source):
        raise source_errors.not_a_source(where, source)
    if not source.place:
        raise source_errors.source_missing_attribute(where, source, "place")
    if not source.overrides("get"):
        raise source_errors.source_missing_attribute(where, source, "get")
    if source.marker is None and not source.overrides("claims"):
        raise source_errors.source_without_marker(where, source)
    if source.checks not in get_args(Checks):
        raise source_errors.invalid_source_setting(where, source, "checks", get_args(Checks))
    for name in _CALLED:
        if inspect.iscoroutinefunction(getattr(source, name)):
            raise source_errors.async_source_method(where, source, name)
    _check_order(source, where)


def _check_order(source: Source, where: SourceLocation) -> None:
    """`open` takes what the sources before it have opened, and none of these is opened later than it is."""
    for each in source.after:
        if not isinstance(each, Source):
            raise source_errors.not_a_source(where, each)
        if each.phase is Phase.BODY and source.phase is not Phase.BODY:
            raise source_errors.source_opened_before_body(where, source, each)
        if not isinstance(each, Row):
            _check_order(each, where)
    given = ("scope", *(each.place for each in source.after))
    try:
        inspect.signature(source.open).bind(*given)
    except TypeError:
        raise source_errors.source_open_signature(where, source, given) from None


# What a marker may say of a value that is not validated: words for people.
_WORDS = frozenset({"title", "description", "examples", "deprecated", "json_schema_extra"})


def unvalidated_annotation(parameter: Parameter, source: Source, marker: Marker | None, where: SourceLocation) -> Any:
    """The annotation of a parameter whose source has `checks = "never"`: pydantic is not asked about it.

    Raises PlanError where the marker asks for a validation.
    """
    if marker is not None:
        asked = sorted(marker.field_options.keys() - _WORDS) + ["validate_default"] * bool(marker.validate_default)
        if asked:
            raise source_errors.constraint_on_unvalidated_source(where, parameter.name, source, asked[0])
    return parameter.annotation
