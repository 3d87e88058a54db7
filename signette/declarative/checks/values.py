"""Check the default, examples, names and type of a parameter."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import FunctionType
from typing import Any
from uuid import UUID

from signette._http.tokens import TOKEN
from signette.datastructures.upload import Upload, UploadFile
from signette.declarative.adapters.examples import example_error, first_invalid_example
from signette.declarative.adapters.model_fields import fields_of_all
from signette.declarative.adapters.validators import PydanticUserError, SchemaError, ValidationError, check_python
from signette.declarative.checks.uploads import check_file, check_stored
from signette.declarative.errors import parameters as parameter_errors
from signette.declarative.errors import values as value_errors
from signette.declarative.fields.constrain import constrain
from signette.declarative.signature.annotations import (
    cached,
    inner_class,
    metadata_of,
    strip_annotated,
)
from signette.declarative.signature.depends import Dependency, Depends, Security
from signette.declarative.signature.markers import MISSING, File, Form, Marker
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.sources.body import BODY
from signette.declarative.sources.parts import PARTS
from signette.declarative.sources.source import Source
from signette.routing.matching import parameters_in

# Usual names of injected parameters, and their types.
_CONNECTIONS = {
    "request": "Request",
    "req": "Request",
    "websocket": "WebSocket",
    "ws": "WebSocket",
    "socket": "WebSocket",
    "background_tasks": "BackgroundTasks",
}
# Other defaults are not checked: a sentinel is not of the annotated type.
_PLAIN = (str, bytes, int, float, bool, list, dict, tuple, set, frozenset)
# For each convertor, types that reject every value it matches, and the type to use.
_NEVER_FITS: dict[str, tuple[tuple[type, ...], str]] = {
    "int": ((UUID,), "int"),
    "float": ((UUID, date, datetime), "float"),
    "uuid": ((int, float, Decimal, date, datetime, bool), "UUID"),
}


def check_parameter(parameter: Parameter, location: SourceLocation, path_names: Sequence[str], *, first: bool) -> None:
    """Reject a declaration that is invalid for every source."""
    name, default = parameter.name, parameter.default
    if isinstance(parameter.marker, Dependency):
        if default is not MISSING:
            raise value_errors.dependency_with_default(location, name, default)
        return
    if default in (Depends, Security) or (isinstance(default, type) and issubclass(default, Marker)):
        raise parameter_errors.marker_not_instantiated(location, name, default)
    for metadata in parameter.type.metadata:
        if isinstance(metadata, FunctionType):
            raise value_errors.function_in_annotated(location, name, metadata)
    if parameter.annotation is not Any or parameter.marker is not None or default is not MISSING:
        return
    if name in path_names:
        return
    if first and name == "self":
        raise value_errors.unbound_method(location, name)
    if name in _CONNECTIONS:
        raise value_errors.unannotated_request(location, name, _CONNECTIONS[name])


def check_read(
    parameter: Parameter, source: Source, location: SourceLocation, path: str, methods: Iterable[str]
) -> None:
    """Reject a declaration that is invalid for its source."""
    name, marker = parameter.name, parameter.marker
    if isinstance(parameter.default, FunctionType):
        raise value_errors.function_as_default(location, name, parameter.default)
    upload = parameter.type.is_upload
    if upload and isinstance(marker, Marker) and not isinstance(marker, Form):
        raise value_errors.wrong_upload_marker(location, name, marker)
    if (upload or source == PARTS or isinstance(marker, Form)) and methods and set(methods) <= {"GET", "HEAD"}:
        raise value_errors.form_on_get(location, name, methods)
    if isinstance(marker, File):
        check_file(marker, name, location)
    if upload:
        check_stored(parameter.annotation, (), name, location)
    if source == BODY and (field := _upload_in(parameter.annotation)) is not None:
        raise value_errors.upload_in_json(location, name, field)
    if source.place == "path":
        _check_convertor(parameter, location, path)
    if isinstance(marker, Marker):
        if marker.default_factory is not None and not callable(marker.default_factory):
            raise value_errors.default_factory_not_callable(location, name, marker.default_factory)
        _check_names(marker, source, location, name)
    elif source.place == "header":
        _check_name(source.wire_name(name, None), source.place, location, name)
    check_default(parameter, location)
    _check_examples(parameter, location)


@cached
def _upload_in(annotation: Any) -> str | None:
    """The first field of a model with an uploaded file."""
    return next(
        (each.name for each in fields_of_all(annotation) if inner_class(each.annotation) in (UploadFile, Upload)), None
    )


def _check_convertor(parameter: Parameter, location: SourceLocation, path: str) -> None:
    for name, kind, *_ in parameters_in(path):
        mismatched, type_name = _NEVER_FITS.get(kind, ((), ""))
        if name == parameter.name and parameter.type.plain in mismatched:
            raise value_errors.mismatched_convertor(location, parameter.name, kind, parameter.annotation, type_name)


def _check_names(marker: Marker, source: Source, location: SourceLocation, name: str) -> None:
    for each in (marker.alias, marker.validation_alias, *marker.wire_names):
        if each is not None and (not isinstance(each, str) or each == "") and not hasattr(each, "convert_to_aliases"):
            raise value_errors.invalid_parameter_name(location, name, each, source.place)
    for wire in marker.wire_names or (source.wire_name(name, marker),):
        _check_name(wire, source.place, location, name)


def _check_name(wire: str, place: str, location: SourceLocation, name: str) -> None:
    if place in ("header", "cookie") and not TOKEN.fullmatch(wire):
        raise value_errors.invalid_parameter_name(location, name, wire, place)


def check_default(parameter: Parameter, location: SourceLocation) -> None:
    """Reject a default that is not valid, or that validation would convert to another type. None is always valid."""
    default, annotation = parameter.default, strip_annotated(parameter.annotation)
    if type(default) not in _PLAIN or annotation is Any or parameter.type.inner_cls is type(default):
        return
    marker = parameter.marker
    if getattr(marker, "validate_default", False) or parameter.type.is_json_text:
        return
    try:
        becomes = check_python(annotation)(default)
    except ValidationError:
        raise value_errors.default_of_wrong_type(
            location, parameter.name, parameter.annotation, default, None
        ) from None
    except (PydanticUserError, SchemaError, TypeError):
        return  # reported by another check
    if type(default) in (str, dict) and not isinstance(becomes, str | bytes | Mapping):
        raise value_errors.default_of_wrong_type(location, parameter.name, parameter.annotation, default, becomes)


def _check_examples(parameter: Parameter, location: SourceLocation) -> None:
    marker, annotation = parameter.marker, parameter.annotation
    if isinstance(marker, File) or parameter.type.is_json_text:
        return
    if isinstance(marker, Marker):
        _check_marker_examples(marker, constrain(annotation, marker), location, parameter.name)
    for metadata in metadata_of(annotation):
        for example in getattr(metadata, "examples", None) or ():
            _reject_invalid_example(annotation, example, location, parameter.name)
    invalid = None if annotation in _PLAIN else first_invalid_example(annotation)
    if invalid is not None:
        raise value_errors.invalid_example(location, invalid.field, invalid.example, invalid.reason)


def _check_marker_examples(marker: Marker, annotation: Any, location: SourceLocation, name: str) -> None:
    plain, named = marker.field_options.get("examples") or (), marker.openapi_examples
    for example in plain:
        _reject_invalid_example(annotation, example, location, name)
    if named is None:
        return
    if not isinstance(named, Mapping) or not all(isinstance(each, Mapping) for each in named.values()):
        raise value_errors.invalid_openapi_examples(location, name, named)
    for key, each in named.items():
        # FastAPI's convention: an example whose name starts with `invalid` may be invalid.
        if "value" in each and not str(key).lower().startswith("invalid"):
            _reject_invalid_example(annotation, each["value"], location, name)


def _reject_invalid_example(annotation: Any, example: Any, location: SourceLocation, name: str) -> None:
    why = example_error(annotation, example)
    if why is not None:
        raise value_errors.invalid_example(location, name, example, why)
