"""Checks of the options `renders=` and `envelope=`, when a route or a router is created."""

from itertools import combinations
from typing import Any

from signette._http.accept import offer_of
from signette._overrides import overrides
from signette.declarative.adapters.envelope import NotAnEnvelope, read_envelope
from signette.declarative.errors import formats as errors
from signette.declarative.formats.base import Format, format_of
from signette.declarative.formats.options import SharedOption
from signette.declarative.signature.model import SourceLocation


def check_renders(name: str, value: Any, location: SourceLocation | str) -> None:  # noqa: ARG001 - the shape of a check
    """Reject what is not a list of formats, and formats between which no header could choose."""
    if isinstance(value, SharedOption):  # it was checked where it is declared
        return
    if not isinstance(value, list | tuple) or not value:
        raise errors.not_formats(location, value)
    formats = []
    for each in value:
        try:
            found = format_of(each)
        except TypeError:
            raise errors.format_with_arguments(location, each.__name__) from None
        if found is None:
            raise errors.not_a_format(location, each)
        if not found.media_type:
            raise errors.format_without_media_type(location, type(found).__name__)
        if not overrides(found, Format, "encoder", "item_encoder"):
            raise errors.format_without_encoder(location, type(found).__name__)
        formats.append(found)
    for one, other in combinations(formats, 2):
        mine, theirs = (offer_of(each.media_type, each.media_types) for each in (one, other))
        shared = next((each for each in mine.names if each in theirs.names), None)
        if shared is not None and mine.parameters == theirs.parameters:
            raise errors.same_media_type(location, repr(one), repr(other), shared)


def check_envelope(name: str, value: Any, location: SourceLocation | str) -> None:  # noqa: ARG001
    """Reject what is not a generic model with one field for the result."""
    if isinstance(value, SharedOption):
        return
    try:
        read_envelope(value)
    except NotAnEnvelope as exc:
        raise errors.not_an_envelope(location, exc.problem, exc.hint) from None
