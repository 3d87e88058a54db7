"""Check the options of uploaded files, `File(max_bytes=..., media_types=[...], sniff=True)`, and their sinks."""

import hashlib
import inspect
import os
from collections.abc import Iterable
from typing import Any

from signette._http.tokens import TCHAR_CLASS
from signette._patterns import lazy_pattern
from signette.concurrency import is_async_callable
from signette.declarative.errors import uploads as upload_errors
from signette.declarative.signature.markers import File
from signette.declarative.signature.model import SourceLocation
from signette.declarative.signature.type_info import Reader, type_info
from signette.forms.file_types import KNOWN_TYPES, is_one_of
from signette.forms.sinks import To

# RFC 9110 §8.3.1, without parameters; `*` only as a whole subtype.
_MEDIA_TYPE = lazy_pattern(rf"(?!\*)[{TCHAR_CLASS}]+/(?:\*|(?!\*)[{TCHAR_CLASS}]+)")


def check_file(marker: File, name: str, location: SourceLocation) -> None:
    """Reject options of a `File` marker that no file could meet, or that have no effect."""
    if marker.max_bytes is not None and not _is_size(marker.max_bytes):
        raise upload_errors.invalid_file_size(location, name, marker.max_bytes)
    if marker.media_types is None:
        if marker.sniff:
            raise upload_errors.sniffing_without_types(location, name)
        return
    if isinstance(marker.media_types, str) or not marker.media_types:
        raise upload_errors.media_types_not_a_list(location, name, marker.media_types)
    for each in marker.media_types:
        if not isinstance(each, str) or _MEDIA_TYPE.fullmatch(each) is None:
            raise upload_errors.invalid_media_type(location, name, each)
        if marker.sniff and not any(is_one_of(known, (each.lower(),)) for known in KNOWN_TYPES):
            raise upload_errors.unknown_signature(location, name, each, KNOWN_TYPES)


def check_stored(annotation: Any, metadata: Iterable[Any], name: str, location: SourceLocation) -> None:
    """Reject a stored upload without a sink, a sink without a stored upload, and a sink that cannot be used."""
    info = type_info(annotation)
    sinks = [*(each for each in metadata if isinstance(each, To)), *info.sinks]
    sinks = list({id(each): each for each in sinks}.values())
    if info.is_stored_upload and not sinks:
        raise upload_errors.upload_without_sink(location, name)
    if sinks and not info.is_stored_upload:
        raise upload_errors.sink_without_upload(location, name, info.plain)
    if any(each.nested and each.reader is Reader.SINK for each in info.claims) or len(sinks) > 1:
        raise upload_errors.misplaced_sink(location, name)
    for each in sinks:
        _check_sink(each, name, location)


def _check_sink(to: To, name: str, location: SourceLocation) -> None:
    sink = to.sink
    if to.hash is not None and not _is_hash(to.hash):
        raise upload_errors.unknown_hash(location, name, to.hash, hashlib.algorithms_available)
    is_directory, is_object = isinstance(sink, str | os.PathLike), hasattr(sink, "open")
    if isinstance(sink, type) or sink == "" or not (is_directory or is_object or callable(sink)):
        raise upload_errors.invalid_sink(location, name, sink)
    if to.undo is not None and (is_directory or is_object):
        raise upload_errors.unused_undo(location, name, sink)
    if to.undo is not None and not callable(to.undo):
        raise upload_errors.invalid_sink(location, name, to.undo, "undo")
    if is_object and not is_directory and not is_async_callable(sink.open):
        raise upload_errors.sync_sink_object(location, name, sink)
    if inspect.isgeneratorfunction(sink) or inspect.isasyncgenfunction(sink):
        raise upload_errors.generator_as_sink(location, name, sink)
    for function in () if is_directory else (sink.open,) if is_object else (sink, to.undo):
        if function is not None and not _takes_one(function):
            raise upload_errors.sink_arguments(location, name, function)


def _takes_one(function: Any) -> bool:
    try:
        inspect.signature(function).bind(None)
    except TypeError:
        return False
    except ValueError:  # a built-in without a signature
        return True
    return True


def _is_hash(name: Any) -> bool:
    # The digests of these have any length.
    return isinstance(name, str) and name in hashlib.algorithms_available and not name.lower().startswith("shake")


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
