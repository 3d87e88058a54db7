"""Reject objects in a signature that have no effect: metadata, markers and defaults that nothing reads."""

import inspect
from collections.abc import Callable, Collection, Mapping
from types import FunctionType
from typing import Any

from signette.conditional import Conditional
from signette.declarative.channels.channel import Channel
from signette.declarative.errors import channels as channel_errors
from signette.declarative.errors import conditional as conditional_errors
from signette.declarative.errors import dependencies as dependency_errors
from signette.declarative.errors import metadata as metadata_errors
from signette.declarative.errors import pages as page_errors
from signette.declarative.errors import parameters as parameter_errors
from signette.declarative.errors import sockets as socket_errors
from signette.declarative.errors import state as state_errors
from signette.declarative.errors import streams as stream_errors
from signette.declarative.errors import uploads as upload_errors
from signette.declarative.errors import values as value_errors
from signette.declarative.fields.base import FieldInfo, ignored_argument_in
from signette.declarative.security.requirements import is_scheme
from signette.declarative.signature.depends import Dependency, Depends, Security
from signette.declarative.signature.markers import Marker, Missing
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.signature.other_frameworks import foreign_marker
from signette.declarative.signature.outcomes import Raises
from signette.declarative.signature.pages import PAGE_PARAMETERS
from signette.declarative.signature.type_info import OPTIONS, Claim, Reader, type_info
from signette.declarative.sockets.socket import Socket
from signette.declarative.streams.stream import Stream
from signette.state.bus import Bus
from signette.state.store import Store

# What applies to parameters only.
_OF_PARAMETERS = frozenset(
    {
        Reader.SOURCE,
        Reader.DEPENDENCY,
        Reader.CHANNEL,
        Reader.STATE,
        Reader.PRECONDITIONS,
        Reader.PAGE,
        Reader.STREAM,
        Reader.SINK,
    }
)
# PERF: the types of most defaults. None of these is a marker.
_PLAIN = (Missing, type(None), bool, int, float, str, bytes)


def check_metadata(parameter: Parameter, location: SourceLocation) -> None:
    """Reject objects without effect in a parameter's annotation or default.

    Raises:
        SignatureError: for the first of them.
    """
    name, info = parameter.name, parameter.declaration or parameter.type
    if isinstance(parameter.annotation, Dependency | Marker) or parameter.annotation in (Depends, Security):
        raise parameter_errors.marker_as_annotation(location, name, parameter.annotation)
    if isinstance(parameter.marker, Dependency) and parameter.marker.dependency is None and _is_own(info.cls):
        raise dependency_errors.depends_on_injected_type(location, name, info.plain)
    if type(info.annotation) is not type:  # PERF: a plain class has no metadata
        for claim in info.claims:
            _check_claim(claim, parameter, location)
    if info.foreign is not None:
        raise metadata_errors.foreign_type(location, name, info.foreign.name, info.foreign.replacement)
    if type(parameter.default) not in _PLAIN:
        _reject_foreign(parameter.default, name, location)
        if is_scheme(parameter.default):
            raise dependency_errors.scheme_without_depends(location, name, parameter.default)
    for field in parameter.fields:  # the marker of another framework may be a `Field`
        _reject_foreign(field, name, location)
    if isinstance(parameter.marker, Marker) and takes_argument(parameter.marker.default_factory):
        raise metadata_errors.default_factory_with_argument(location, name)


def _is_own(cls: type | None) -> bool:
    """Whether signette makes values of a class for endpoints. Login forms are dependencies."""
    module = "" if cls is None else cls.__module__
    return module.startswith("signette.") and not module.startswith("signette.declarative.security.")


def _check_claim(claim: Claim, parameter: Parameter, location: SourceLocation) -> None:
    name, metadata = parameter.name, claim.metadata
    _reject_foreign(metadata, name, location)
    _reject_not_instantiated(metadata, name, location)
    if claim.reader in (None, Reader.EVENTS):
        raise metadata_errors.unknown_metadata(location, name, metadata)
    if claim.nested and claim.reader in (Reader.SOURCE, Reader.DEPENDENCY):
        raise metadata_errors.nested_marker(location, name, claim.info.annotation, metadata)
    depends = isinstance(parameter.marker, Dependency)
    if claim.reader in _TYPES and (depends or not _has_its_type(claim, claim.reader, parameter)):
        raise _WITHOUT_TYPE[claim.reader](location, name)
    if claim.reader is Reader.SINK and (depends or not parameter.type.is_stored_upload):
        raise upload_errors.sink_without_upload(location, name, parameter.type.plain)
    if isinstance(metadata, Raises) and not depends:
        raise metadata_errors.ignored_raises(location, name)
    if depends and claim.reader is Reader.PYDANTIC and not claim.nested:
        raise metadata_errors.metadata_on_dependency(location, name, metadata)
    if isinstance(metadata, FieldInfo) and not isinstance(metadata, Marker) and not claim.nested:
        argument = ignored_argument_in(metadata)
        if argument is not None:
            raise metadata_errors.ignored_field_argument(location, name, argument)


# The types of parameters whose options these readers read, and the errors for others.
_TYPES: Mapping[Reader, Collection[type | None]] = {
    Reader.CHANNEL: (Channel,),
    Reader.SOCKET: (Socket,),
    Reader.STREAM: (Stream,),
    Reader.STATE: (Store, Bus),
    Reader.PRECONDITIONS: (Conditional,),
    Reader.PAGE: PAGE_PARAMETERS,
}
_WITHOUT_TYPE: Mapping[Reader, Callable[[SourceLocation, str], Exception]] = {
    Reader.CHANNEL: channel_errors.topic_without_channel,
    Reader.SOCKET: socket_errors.options_without_socket,
    Reader.STREAM: stream_errors.items_without_stream,
    Reader.STATE: state_errors.purpose_without_state,
    Reader.PRECONDITIONS: conditional_errors.required_without_conditional,
    Reader.PAGE: page_errors.limit_without_page,
}
_MAY_BE_NESTED = frozenset({Reader.STATE, Reader.PRECONDITIONS})
_NEVER_OPTIONAL = frozenset({Reader.STREAM, Reader.PAGE})


def _has_its_type(claim: Claim, reader: Reader, parameter: Parameter) -> bool:
    """Whether options belong to a parameter of the type that has them."""
    cls = parameter.type.cls if reader in _NEVER_OPTIONAL else parameter.type.inner_cls
    return cls in _TYPES[reader] and (not claim.nested or reader in _MAY_BE_NESTED)


def _reject_foreign(metadata: Any, name: str, location: SourceLocation) -> None:
    foreign = foreign_marker(metadata)
    if foreign is not None:
        raise metadata_errors.foreign_marker(location, name, foreign.name, foreign.replacement)


def _reject_not_instantiated(metadata: Any, name: str, location: SourceLocation) -> None:
    if metadata is Depends or metadata is Security or (isinstance(metadata, type) and issubclass(metadata, Marker)):
        raise parameter_errors.marker_not_instantiated(location, name, metadata)
    if isinstance(metadata, type) and issubclass(metadata, OPTIONS):
        raise parameter_errors.option_not_instantiated(location, name, metadata)
    if is_scheme(metadata):
        raise dependency_errors.scheme_without_depends(location, name, metadata)
    if isinstance(metadata, FunctionType):
        raise value_errors.function_in_annotated(location, name, metadata)


def check_injected(parameter: Parameter, location: SourceLocation) -> None:
    """Reject constraints and validators on an injected parameter, which is not validated."""
    for claim in (parameter.declaration or parameter.type).claims:
        if claim.reader is Reader.PYDANTIC and not claim.nested:
            raise metadata_errors.metadata_on_injected_type(location, parameter.name, claim.metadata)


def check_result(annotation: Any, location: SourceLocation) -> None:
    """Reject objects without effect in a return type."""
    for claim in type_info(annotation).claims:
        if claim.reader in _OF_PARAMETERS:
            raise metadata_errors.marker_in_return_type(location, claim.info.annotation, claim.metadata)
        if claim.reader is None:
            raise metadata_errors.unknown_return_metadata(location, claim.metadata)


def takes_argument(factory: Callable[..., Any] | None) -> bool:
    """Whether a default factory takes the validated data, as it may in a pydantic model."""
    if factory is None or isinstance(factory, type) or not callable(factory):
        return False
    try:
        parameters = inspect.signature(factory).parameters.values()
    except ValueError:
        return False
    positional = [each for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    return any(each.default is each.empty for each in positional)
