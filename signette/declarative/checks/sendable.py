"""Types of parameters that no client could ever send, rejected when the route is created."""

from signette.declarative.adapters.sendable import Way, imports_by_name, uncopyable_default, unsendable, upload_in
from signette.declarative.errors import values as value_errors
from signette.declarative.signature.annotations import strip_annotated, union_members
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.sources.form import CONTENT, FILE, FORM
from signette.declarative.sources.shapes import is_flat
from signette.declarative.sources.source import Source
from signette.declarative.sources.table import SOURCES

_FILES = frozenset({FILE, FORM})
_BUILT_IN = frozenset(SOURCES)
# PERF: the types of most parameters, which can be sent in every way.
_ALWAYS_SENDABLE = frozenset({bool, float, int, str})


def check_sendable(parameter: Parameter, source: Source, way: Way, location: SourceLocation) -> None:
    """Reject a type that clients cannot send where the parameter is read, and types that import what is sent.

    Custom sources may return any object, so their parameters are not checked.
    """
    annotation, name = parameter.annotation, parameter.name
    if type(annotation) is type and annotation in _ALWAYS_SENDABLE:
        return
    if source not in _BUILT_IN and source.opener not in _BUILT_IN:
        return
    if imports_by_name(annotation):
        raise value_errors.import_string(location, name, annotation)
    uncopyable = uncopyable_default(annotation)
    if uncopyable is not None:
        raise value_errors.uncopyable_default(location, name, *uncopyable)
    place = "JSON body" if way == "json" else source.place
    if source not in _FILES and upload_in(annotation):
        raise value_errors.unsupported_type_in_source(location, name, annotation, place, "an uploaded file")
    reason = unsendable(annotation, way, files=source in _FILES)
    if reason is None and source in (FILE, CONTENT):
        members = (each for each in union_members(annotation) if strip_annotated(each) is not type(None))
        reason = None if all(map(is_flat, members)) else "a nested value"
    if reason is not None:
        raise value_errors.unsupported_type_in_source(location, name, annotation, place, reason)
