"""Reject streams of typed events with ambiguous names, and metadata for events without effect."""

from collections import Counter
from typing import Any, TypeVar

from signette.declarative.errors import channels as channel_errors
from signette.declarative.returns.events import EVENTS, data_type
from signette.declarative.returns.kind import Reply
from signette.declarative.returns.stream import items_of
from signette.declarative.signature.annotations import is_typed_dict, union_members
from signette.declarative.signature.event_streams import RESERVED_NAMES, EventName, event_names, event_stream_of
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.model import SourceLocation
from signette.declarative.signature.type_info import Reader, type_info


def check_events(reply: Reply, location: SourceLocation) -> None:
    """Reject an invalid stream of typed events.

    Raises:
        SignatureError: for the first thing that is wrong.
    """
    annotation = reply.annotation
    if annotation is MISSING or type(annotation) is type:
        return
    stream = event_stream_of(annotation) if reply.kind is EVENTS else None
    for claim in type_info(annotation).claims:
        is_of_events = claim.reader is Reader.EVENTS
        if is_of_events and (stream is None or (claim.nested is not isinstance(claim.metadata, EventName))):
            raise channel_errors.not_a_stream_of_events(location, annotation, claim.metadata)
    if stream is not None:
        _check_names(data_type(items_of(annotation)), location)


def _check_names(item: Any, location: SourceLocation) -> None:
    if isinstance(item, TypeVar):
        raise channel_errors.events_without_type(location)
    if item is MISSING:
        return
    names = event_names(item)
    for name, count in Counter(name for _, name in names if name is not None).items():
        if name in RESERVED_NAMES:
            raise channel_errors.reserved_event_name(location, name, RESERVED_NAMES)
        if count > 1:
            raise channel_errors.ambiguous_event_names(location, name)
    if len(names) > 1:
        for member in union_members(item):
            if is_typed_dict(member):
                raise channel_errors.indistinct_events(location, member.__name__)
