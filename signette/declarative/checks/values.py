"""What a parameter brings along, looked at when the route is made: its default, examples, bounds, name on the wire."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import FunctionType
from typing import Any
from uuid import UUID

from signette._http.tokens import TOKEN
from signette.datastructures.upload import UploadFile
from signette.declarative.adapters.examples import example_error, first_invalid_example
from signette.declarative.adapters.model_fields import fields_of_all
from signette.declarative.adapters.validators import PydanticUserError, SchemaError, ValidationError, check_python
from signette.declarative.errors import options as option_errors
from signette.declarative.errors import parameters as parameter_errors
from signette.declarative.errors import values as value_errors
from signette.declarative.fields.constrain import constrain
from signette.declarative.signature.annotations import (
    cached,
    inner_class,
    is_json_text,
    metadata_of,
    strip_annotated,
)
from signette.declarative.signature.depends import Dependency, Depends, Security
from signette.declarative.signature.markers import MISSING, File, Form, Marker
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.signature.uploads import is_upload
from signette.declarative.sources.body import BODY
from signette.declarative.sources.source import Source
from signette.routing.matching import parameters_in

# Names that people give to what is injected for its type, and the type.
_CONNECTIONS = {
    "request": "Request",
    "req": "Request",
    "websocket": "WebSocket",
    "ws": "WebSocket",
    "socket": "WebSocket",
    "background_tasks": "BackgroundTasks",
}
# Defaults of other classes may be anything: a sentinel stands outside of the type on purpose.
_PLAIN = (str, bytes, int, float, bool, list, dict, tuple, set, frozenset)
# What a convertor lets through, and what takes none of it.
_NEVER_FITS: dict[str, tuple[tuple[type, ...], str]] = {
    "int": ((UUID,), "int"),
    "float": ((UUID, date, datetime), "float"),
    "uuid": ((int, float, Decimal, date, datetime, bool), "UUID"),
}


def check_parameter(parameter: Parameter, where: SourceLocation, path_names: Sequence[str], *, first: bool) -> None:
    """Refuse what a parameter cannot mean, wherever its value were to come from."""
    name, default = parameter.name, parameter.default
    if isinstance(parameter.marker, Dependency):
        if default is not MISSING:
            raise value_errors.dependency_with_default(where, name, default)
        return
    if default in (Depends, Security) or (isinstance(default, type) and issubclass(default, Marker)):
        raise parameter_errors.marker_not_instantiated(where, name, default)
    for said in metadata_of(parameter.annotation):
        if isinstance(said, FunctionType):
            raise value_errors.function_in_annotated(where, name, said)
    if parameter.annotation is not Any or parameter.marker is not None or default is not MISSING:
        return
    if name in path_names:
        return
    if first and name == "self":
        raise value_errors.unbound_method(where, name)
    if name in _CONNECTIONS:
        raise value_errors.unannotated_request(where, name, _CONNECTIONS[name])


def check_read(parameter: Parameter, source: Source, where: SourceLocation, path: str, methods: Iterable[str]) -> None:
    """Refuse what its source cannot give to a parameter."""
    name, marker = parameter.name, parameter.marker
    if isinstance(parameter.default, FunctionType):
        raise value_errors.function_as_default(where, name, parameter.default)
    upload = is_upload(parameter.annotation)
    if upload and isinstance(marker, Marker) and not isinstance(marker, Form):
        raise value_errors.wrong_upload_marker(where, name, marker)
    if (upload or isinstance(marker, Form)) and methods and set(methods) <= {"GET", "HEAD"}:
        raise value_errors.form_on_get(where, name, methods)
    if isinstance(marker, File) and marker.max_bytes is not None and not _is_bound(marker.max_bytes):
        raise option_errors.invalid_limit(where, "max_bytes", marker.max_bytes)
    if source == BODY and (field := _upload_in(parameter.annotation)) is not None:
        raise value_errors.upload_in_json(where, name, field)
    if source.place == "path":
        _check_convertor(parameter, where, path)
    if isinstance(marker, Marker):
        if marker.default_factory is not None and not callable(marker.default_factory):
            raise value_errors.default_factory_not_callable(where, name, marker.default_factory)
        _check_names(marker, source, where, name)
    elif source.place == "header":
        _check_name(source.wire_name(name, None), source.place, where, name)
    check_default(parameter, where)
    _check_examples(parameter, where)


@cached
def _upload_in(annotation: Any) -> str | None:
    """The first field of a model that is an uploaded file."""
    return next((each.name for each in fields_of_all(annotation) if inner_class(each.annotation) is UploadFile), None)


def _is_bound(said: Any) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and said >= 0


def _check_convertor(parameter: Parameter, where: SourceLocation, path: str) -> None:
    for name, kind, *_ in parameters_in(path):
        refused, meant = _NEVER_FITS.get(kind, ((), ""))
        if name == parameter.name and strip_annotated(parameter.annotation) in refused:
            raise value_errors.mismatched_convertor(where, parameter.name, kind, parameter.annotation, meant)


def _check_names(marker: Marker, source: Source, where: SourceLocation, name: str) -> None:
    said = (marker.alias, marker.validation_alias)
    for each in (*said, *marker.wire_names):
        if each is not None and (not isinstance(each, str) or each == "") and not hasattr(each, "convert_to_aliases"):
            raise value_errors.invalid_parameter_name(where, name, each, source.place)
    for wire in marker.wire_names or (source.wire_name(name, marker),):
        _check_name(wire, source.place, where, name)


def _check_name(wire: str, place: str, where: SourceLocation, name: str) -> None:
    if place in ("header", "cookie") and not TOKEN.fullmatch(wire):
        raise value_errors.invalid_parameter_name(where, name, wire, place)


def check_default(parameter: Parameter, where: SourceLocation) -> None:
    """Refuse a plain default that its type refuses, or would make into something else. None is always one."""
    default, annotation = parameter.default, strip_annotated(parameter.annotation)
    if type(default) not in _PLAIN or annotation is Any or inner_class(annotation) is type(default):
        return
    marker = parameter.marker
    if getattr(marker, "validate_default", False) or is_json_text(parameter.annotation):
        return
    try:
        becomes = check_python(annotation)(default)
    except ValidationError:
        raise value_errors.default_of_wrong_type(where, parameter.name, parameter.annotation, default, None) from None
    except (PydanticUserError, SchemaError, TypeError):
        return  # told elsewhere
    if type(default) in (str, dict) and not isinstance(becomes, str | bytes | Mapping):
        raise value_errors.default_of_wrong_type(where, parameter.name, parameter.annotation, default, becomes)


def _check_examples(parameter: Parameter, where: SourceLocation) -> None:
    marker, annotation = parameter.marker, parameter.annotation
    if isinstance(marker, File) or is_json_text(annotation):
        return
    if isinstance(marker, Marker):
        _check_marker_examples(marker, constrain(annotation, marker), where, parameter.name)
    for said in metadata_of(annotation):
        for example in getattr(said, "examples", None) or ():
            _refuse_unfitting(annotation, example, where, parameter.name)
    invalid = None if annotation in _PLAIN else first_invalid_example(annotation)
    if invalid is not None:
        raise value_errors.invalid_example(where, invalid.field, invalid.example, invalid.reason)


def _check_marker_examples(marker: Marker, annotation: Any, where: SourceLocation, name: str) -> None:
    plain, named = marker.field_options.get("examples") or (), marker.openapi_examples
    for example in plain:
        _refuse_unfitting(annotation, example, where, name)
    if named is None:
        return
    if not isinstance(named, Mapping) or not all(isinstance(each, Mapping) for each in named.values()):
        raise value_errors.invalid_openapi_examples(where, name, named)
    for key, each in named.items():
        # FastAPI's convention: an example may show what is refused, and its name tells so.
        if "value" in each and not str(key).lower().startswith("invalid"):
            _refuse_unfitting(annotation, each["value"], where, name)


def _refuse_unfitting(annotation: Any, example: Any, where: SourceLocation, name: str) -> None:
    why = example_error(annotation, example)
    if why is not None:
        raise value_errors.invalid_example(where, name, example, why)
