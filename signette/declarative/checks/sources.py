"""Check the custom sources of a route."""

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
    """The sources of a route in order of precedence: custom ones, then the built-in ones.

    Raises:
        SignatureError: a source is invalid, or never used.
    """
    if given is SOURCES:
        return SOURCES
    given = tuple(dict.fromkeys(given)) if not isinstance(given, Source) else (given,)
    location = location_of(endpoint)
    own = [each for each in given if not isinstance(each, Row)]
    for index, source in enumerate(own):
        _check_source(source, location)
        for other in own[:index]:
            if source.marker is not None and source.marker is other.marker and not other.overrides("accepts"):
                raise source_errors.duplicate_source_marker(location, source, other)
    return (*own, *(tuple(each for each in given if isinstance(each, Row)) or SOURCES))


def _check_source(source: Any, location: SourceLocation) -> None:
    if not isinstance(source, Source):
        raise source_errors.not_a_source(location, source)
    if not source.place:
        raise source_errors.source_missing_attribute(location, source, "place")
    if not source.overrides("get"):
        raise source_errors.source_missing_attribute(location, source, "get")
    if source.marker is None and not source.overrides("claims"):
        raise source_errors.source_without_marker(location, source)
    if source.checks not in get_args(Checks):
        raise source_errors.invalid_source_setting(location, source, "checks", get_args(Checks))
    for name in _CALLED:
        if inspect.iscoroutinefunction(getattr(source, name)):
            raise source_errors.async_source_method(location, source, name)
    _check_order(source, location)


def _check_order(source: Source, location: SourceLocation) -> None:
    """Check that `open` accepts what the sources in `after` return, and that none of these is opened later."""
    for each in source.after:
        if not isinstance(each, Source):
            raise source_errors.not_a_source(location, each)
        if each.phase is Phase.BODY and source.phase is not Phase.BODY:
            raise source_errors.source_opened_before_body(location, source, each)
        if not isinstance(each, Row):
            _check_order(each, location)
    given = ("scope", *(each.place for each in source.after))
    try:
        inspect.signature(source.open).bind(*given)
    except TypeError:
        raise source_errors.source_open_signature(location, source, given) from None


# The arguments of a marker that apply to values without validation: texts.
_TEXTS = frozenset({"title", "description", "examples", "deprecated", "json_schema_extra"})


def unvalidated_annotation(
    parameter: Parameter, source: Source, marker: Marker | None, location: SourceLocation
) -> Any:
    """The annotation of a parameter whose source has `checks = "never"`, which pydantic does not validate.

    Raises:
        SignatureError: the marker has a constraint.
    """
    if marker is not None:
        constraints = sorted(marker.field_options.keys() - _TEXTS) + ["validate_default"] * bool(
            marker.validate_default
        )
        if constraints:
            raise source_errors.constraint_on_unvalidated_source(location, parameter.name, source, constraints[0])
    return parameter.annotation
