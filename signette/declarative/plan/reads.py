"""One parameter -> its read: the source, the names there, the validator, the default."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from signette.declarative.adapters.patch import patched_type
from signette.declarative.adapters.root_models import rootless
from signette.declarative.adapters.validators import (
    PydanticUserError,
    SchemaError,
    ValidationError,
    accepts_any_text,
    adapter_of,
    check_python,
    exponential_union,
)
from signette.declarative.checks.metadata import check_injected
from signette.declarative.checks.sendable import check_sendable
from signette.declarative.checks.sources import unvalidated_annotation
from signette.declarative.errors import base as errors
from signette.declarative.errors import parameters as parameter_errors
from signette.declarative.errors import uploads as upload_errors
from signette.declarative.errors import values as value_errors
from signette.declarative.fields.constrain import constrain
from signette.declarative.plan.channels import channel_of
from signette.declarative.plan.file_rules import file_rule
from signette.declarative.plan.model_reads import keeps_empty, read_model
from signette.declarative.plan.sockets import socket_of
from signette.declarative.plan.sourced_parameter import SourcedParameter
from signette.declarative.plan.steps import Read, ReadModel
from signette.declarative.plan.streams import item_parameter, stream_of
from signette.declarative.policies.exchange import PolicyValue
from signette.declarative.signature.annotations import models_in, union_members
from signette.declarative.signature.declared import with_names
from signette.declarative.signature.defaults import Uncopyable, checked_factory, copier_of
from signette.declarative.signature.depends import SecurityScopes
from signette.declarative.signature.markers import MISSING, Body, Marker
from signette.declarative.signature.model import Kind, Parameter, SourceLocation
from signette.declarative.signature.type_info import type_info
from signette.declarative.sources.body import RAW_BODY
from signette.declarative.sources.injected import CHANNEL, SCOPES, SOCKET
from signette.declarative.sources.parts import PARTS
from signette.declarative.sources.patch import JSON_PATCH, PATCH, json_patch_row, patch_formats
from signette.declarative.sources.path import PATH
from signette.declarative.sources.provided import PROVIDED, provider_of
from signette.declarative.sources.shapes import is_flat
from signette.declarative.sources.source import Source
from signette.declarative.sources.stream import STREAM
from signette.declarative.sources.styles import ParameterStyle, style_of
from signette.declarative.sources.table import claiming_source, injected_source, is_injected, source_of_marker


def claimed_source(
    parameter: Parameter, where: SourceLocation, path_names: Sequence[str], sources: tuple[Source, ...]
) -> Source:
    """The source of a parameter: that of its marker, or the first one that claims its type, its name or its shape."""
    injected = injected_source(parameter)
    if injected is not None and parameter.type.cls is not None:
        if isinstance(parameter.marker, Marker):
            raise parameter_errors.marker_on_injected_type(
                where, parameter.name, parameter.annotation, parameter.marker
            )
        return injected
    if isinstance(parameter.marker, Marker):
        source = source_of_marker(parameter.marker, parameter, sources)
    elif parameter.name in path_names:
        source = PATH
    else:
        source = claiming_source(parameter, sources, after_injected=injected is None)
    if source is None:
        raise parameter_errors.unsupported_type(where, parameter.name, parameter.annotation, "no source takes it")
    return source


def named_by_fields(parameter: Parameter, source: Source, where: SourceLocation) -> Parameter:
    """The parameter, with a marker for the names and defaults of its `Field`s if it has no marker."""
    if is_injected(source):
        check_injected(parameter, where)
    if not parameter.fields or parameter.marker is not None or source.marker is None:
        return parameter
    return replace(parameter, marker=with_names(source.marker(), parameter.fields))


def new_read(
    into: str,
    source: Source,
    name: str,
    keys: tuple[str, ...],
    annotation: Any,
    default: Any = MISSING,
    default_factory: Callable[[], Any] | None = None,
    marker: Marker | None = None,
    many: bool = False,
    shape: Any = None,
    **facts: Any,
) -> Read:
    """A read, with the facts that follow from its source and its annotation."""
    keeps = keeps_empty(source, marker)
    is_text = source.checks == "python" and source.returns_text and accepts_any_text(annotation)
    needs_check = not (source.checks == "never" or is_text)
    is_required = default is MISSING and default_factory is None
    return Read(
        into,
        source,
        name,
        keys,
        annotation,
        default,
        default_factory,
        many,
        marker,
        shape=shape,
        can_fail=needs_check or (is_required and not source.is_always_present),
        needs_check=needs_check,
        keeps_empty=keeps,
        drops_empty=not (keeps or many or shape is not None),
        **facts,
    )


def read_parameter(found: SourcedParameter, path_names: Sequence[str]) -> Read | ReadModel:
    """The step that reads a parameter from its source."""
    parameter, source, marker, where = found.parameter, found.source, found.marker, found.where
    default, factory = default_of(parameter, marker, where)
    if is_injected(source):
        return _read_injected(found, default)
    if source == PATH:
        return _read_path(found, path_names)
    if marker is not None and marker.follows_path:
        raise parameter_errors.unsupported_alias_path(where, parameter.name)
    if source in (PATCH, JSON_PATCH):
        return _read_patch(found)
    if source == STREAM:
        return _read_stream(found)
    if source == PARTS:
        return _read_parts(found, default is MISSING and factory is None)
    if source.checks == "never":
        annotation = unvalidated_annotation(parameter, source, marker, where)
    else:
        annotation = checked_annotation(parameter, marker, where)
    whole, sent = parameter, rootless(parameter.annotation)
    if sent is not parameter.annotation:
        parameter = replace(parameter, annotation=sent)
        found = replace(found, parameter=parameter)
    as_text = parameter.type.is_json_text or source.checks == "json"
    style = ParameterStyle()
    if source.checks == "python" and not as_text:
        style = style_of(parameter.annotation, source, marker, where, parameter.name)
        if models_in(parameter.annotation) and style.shape is None:
            check_sendable(whole, source, "parts", where)
            return read_model(found, annotation, default, factory)
        _check_shape(found, style)
    many = parameter.type.is_collection and not as_text
    check_sendable(whole, source, "parts" if many or style.shape is not None else "text", where)
    return new_read(
        found.variable,
        source,
        parameter.name,
        _keys_of(found),
        annotation,
        default=default,
        default_factory=factory,
        many=many,
        marker=marker,
        shape=style.shape,
        delimiter=style.delimiter,
        file_rule=file_rule(marker, whole.type.sinks) if source.place == "form" else None,
    )


def _read_stream(found: SourcedParameter) -> Read:
    parameter, where = found.parameter, found.where
    item = item_parameter(parameter, where)
    checked_annotation(item, None, where)
    spec = stream_of(parameter, item, where)
    return new_read(found.variable, STREAM, parameter.name, (), parameter.annotation, stream=spec)


def _read_parts(found: SourcedParameter, is_required: bool) -> Read:
    parameter, marker, where = found.parameter, found.marker, found.where
    annotation = unvalidated_annotation(parameter, PARTS, marker, where)
    if not is_required:
        raise upload_errors.parts_with_default(where, parameter.name)
    if found.node.is_endpoint and found.node.kind in (Kind.SYNC, Kind.SYNC_GENERATOR):
        raise upload_errors.parts_in_sync_endpoint(where, parameter.name)
    rule = file_rule(marker, ())
    return new_read(found.variable, PARTS, parameter.name, (), annotation, marker=marker, file_rule=rule)


def _read_injected(found: SourcedParameter, default: Any) -> Read:
    """The read of an object that is injected by its type."""
    parameter, source, where = found.parameter, found.source, found.where
    name, annotation = parameter.name, parameter.annotation
    if source == SCOPES:
        return new_read(found.variable, SCOPES, name, (), Any, default=SecurityScopes(found.node.scopes))
    if source == PROVIDED:
        return new_read(found.variable, source, name, (), annotation, provider=provider_of(parameter, where))
    if source == CHANNEL:
        channel = channel_of(parameter, where)
        return new_read(found.variable, source, name, (channel.template,), annotation, channel=channel)
    if source == SOCKET:
        return new_read(found.variable, source, name, (), annotation, messages=socket_of(parameter, where))
    cls = parameter.type.inner_cls
    keys = (cls.__name__,) if cls is not None and issubclass(cls, PolicyValue) else ()
    return new_read(found.variable, source, name, keys, annotation, default=default)


def _read_patch(found: SourcedParameter) -> Read:
    """The read of a patch. The values in it are those of the patched type."""
    parameter, where = found.parameter, found.where
    patched = replace(parameter, annotation=patched_type(union_members(parameter.annotation)[0]))
    checked_annotation(patched, None, where)
    check_sendable(patched, PATCH, "json", where)
    annotation = checked_annotation(parameter, found.marker, where)
    if found.source == PATCH:
        return new_read(found.variable, PATCH, parameter.name, (), annotation, marker=found.marker)
    source, formats = json_patch_row(parameter.annotation), patch_formats(parameter.annotation)
    return new_read(found.variable, source, parameter.name, (), annotation, marker=found.marker, formats=formats)


def _keys_of(found: SourcedParameter) -> tuple[str, ...]:
    if found.source == RAW_BODY:
        return ()  # the whole body has no name
    names = found.marker.wire_names if found.marker is not None else ()
    return names or (found.source.wire_name(found.parameter.name, found.marker),)


def _check_shape(found: SourcedParameter, style: ParameterStyle) -> None:
    """Raises SignatureError for a type that neither one text nor a list of texts can be converted to."""
    if style.shape is not None:
        return
    parameter, source, where = found.parameter, found.source, found.where
    if parameter.type.is_collection:
        if not source.has_lists and not style.delimiter:
            raise parameter_errors.list_not_supported(where, parameter.name, source.place)
        if not is_flat(parameter.annotation) and source.opener is source:
            raise parameter_errors.nested_field(where, parameter.name, parameter.annotation, source.place)
    elif not parameter.type.is_scalar and source.opener is source:
        raise parameter_errors.not_a_model(where, parameter.name, parameter.annotation, found.marker or Body())


def path_names_of(parameter: Parameter) -> tuple[str, ...]:
    """The names that a path may have for a path parameter, the preferred one first."""
    marker = parameter.marker
    if not isinstance(marker, Marker):
        return (parameter.name,)
    # With `AliasChoices`, an `alias` still counts where no choice is in the path.
    return (*marker.wire_names, *([marker.alias] if marker.alias is not None else ()), parameter.name)


def _read_path(found: SourcedParameter, path_names: Sequence[str]) -> Read:
    """The read of a path parameter. A default is unused: it counts under a path without the parameter."""
    parameter, marker, where = found.parameter, found.marker, found.where
    written = type_info(rootless(parameter.annotation))
    style = ParameterStyle()
    if not written.is_json_text:
        style = style_of(written.annotation, PATH, marker, where, parameter.name)
    if written.is_collection and not written.is_json_text and not style.delimiter:
        raise parameter_errors.list_not_supported(where, parameter.name, "path")
    key = next(name for name in path_names_of(parameter) if name in path_names)
    annotation = checked_annotation(parameter, marker, where)
    check_sendable(parameter, PATH, "parts" if style.delimiter else "text", where)
    return new_read(
        found.variable,
        PATH,
        parameter.name,
        (key,),
        annotation,
        marker=marker,
        position=path_names.index(key),
        many=bool(style.delimiter),
        delimiter=style.delimiter,
    )


def default_of(
    parameter: Parameter, marker: Marker | None, where: SourceLocation
) -> tuple[Any, Callable[[], Any] | None]:
    """The default of a parameter and its default factory. A mutable default is copied for each request."""
    default = parameter.default
    if marker is not None and marker.own_default is not MISSING:
        if default is MISSING:
            raise parameter_errors.default_in_annotated(where, parameter.name, marker)
        if default is not marker.own_default:
            raise parameter_errors.conflicting_defaults(where, parameter.name)
    factory = marker.default_factory if marker is not None else None
    if factory is not None and default is not MISSING:
        raise parameter_errors.conflicting_defaults(where, parameter.name)
    if marker is not None and marker.validate_default:
        default, factory = _validated_default(parameter, marker, where, default, factory)
    if default is MISSING:
        return default, factory
    try:
        return default, copier_of(default)
    except Uncopyable as exc:
        raise value_errors.uncopyable_default(where, parameter.name, default, str(exc)) from None


def _validated_default(parameter: Parameter, marker: Marker, where: SourceLocation, default: Any, factory: Any) -> Any:
    check = check_python(checked_annotation(parameter, marker, where))
    if factory is not None:
        return default, checked_factory(factory, check, ValidationError, f"`{parameter.name}` of {where}")
    if default is MISSING:
        return default, None
    try:
        return check(default), None
    except ValidationError as exc:
        why = exc.errors(include_url=False)[0]["msg"]
        raise parameter_errors.invalid_default(where, parameter.name, default, why) from None


def checked_annotation(parameter: Parameter, marker: Marker | None, where: SourceLocation) -> Any:
    """The annotation with the constraints of the marker, for which pydantic can build a validator."""
    annotation = constrain(parameter.annotation, marker)
    try:
        adapter_of(annotation)
        members = exponential_union(annotation)
    except SchemaError as exc:
        raise value_errors.invalid_constraint(where, parameter.name, errors.last_line(exc)) from None
    except (PydanticUserError, TypeError) as exc:
        unknown = errors.undefined_name_in(exc)
        if unknown is not None:
            raise errors.unresolved_forward_ref(where, unknown) from None
        raise parameter_errors.unsupported_type(
            where, parameter.name, parameter.annotation, errors.summary(exc)
        ) from None
    if members:
        raise value_errors.exponential_union(where, parameter.name, members)
    return annotation
