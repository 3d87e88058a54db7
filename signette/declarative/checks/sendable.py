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
_OURS = frozenset(SOURCES)


def check_sendable(parameter: Parameter, source: Source, way: Way, where: SourceLocation) -> None:
    """Reject a type of which no value can be sent where the parameter is read, and one that imports what is sent.

    What the rows of users give may be anything, so their parameters are left alone.
    """
    annotation, name = parameter.annotation, parameter.name
    if source not in _OURS and source.opener not in _OURS:
        return
    if imports_by_name(annotation):
        raise value_errors.import_string(where, name, annotation)
    uncopyable = uncopyable_default(annotation)
    if uncopyable is not None:
        raise value_errors.uncopyable_default(where, name, *uncopyable)
    place = "JSON body" if way == "json" else source.place
    if source not in _FILES and upload_in(annotation):
        raise value_errors.unsupported_type_in_source(where, name, annotation, place, "an uploaded file")
    why = unsendable(annotation, way, files=source in _FILES)
    if why is None and source in (FILE, CONTENT):
        members = (each for each in union_members(annotation) if strip_annotated(each) is not type(None))
        why = None if all(map(is_flat, members)) else "a nested value"
    if why is not None:
        raise value_errors.unsupported_type_in_source(where, name, annotation, place, why)
