"""The account of a signature: every object in it is read by somebody, or rejected when the route is made."""

import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

from signette.declarative.errors import dependencies as dependency_errors
from signette.declarative.errors import metadata as account_errors
from signette.declarative.errors import parameters as parameter_errors
from signette.declarative.errors import values as value_errors
from signette.declarative.fields.base import FieldInfo, unheard_in
from signette.declarative.security.requirements import is_scheme
from signette.declarative.signature.depends import Dependency, Depends, Security
from signette.declarative.signature.markers import Marker, Missing
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.signature.other_frameworks import foreign_marker
from signette.declarative.signature.outcomes import Raises
from signette.declarative.signature.type_info import Claim, Reader, type_info

# PERF: what most defaults are. None of these is a marker.
_PLAIN = (Missing, type(None), bool, int, float, str, bytes)


def check_account(parameter: Parameter, where: SourceLocation) -> None:
    """Reject what stands in a parameter's annotation or default and has no reader.

    Raises PlanError for the first of it.
    """
    name, info = parameter.name, parameter.type or type_info(parameter.annotation)
    if isinstance(parameter.annotation, Dependency | Marker) or parameter.annotation in (Depends, Security):
        raise parameter_errors.marker_as_annotation(where, name, parameter.annotation)
    if type(info.annotation) is not type:  # PERF: a plain class has no metadata
        for claim in info.account:
            _check_claim(claim, parameter, where)
    if info.foreign is not None:
        raise account_errors.foreign_type(where, name, info.foreign.name, info.foreign.ours)
    if type(parameter.default) not in _PLAIN:
        _refuse_foreign(parameter.default, name, where)
        if is_scheme(parameter.default):
            raise dependency_errors.scheme_without_depends(where, name, parameter.default)
    for field in parameter.fields:  # a default that is a `Field` may be one of another framework
        _refuse_foreign(field, name, where)
    if isinstance(parameter.marker, Marker) and takes_argument(parameter.marker.default_factory):
        raise account_errors.default_factory_with_argument(where, name)


def _check_claim(claim: Claim, parameter: Parameter, where: SourceLocation) -> None:
    name, said = parameter.name, claim.said
    _refuse_foreign(said, name, where)
    _refuse_uncalled(said, name, where)
    if claim.reader is None:
        raise account_errors.unknown_metadata(where, name, said)
    if claim.nested and claim.reader in (Reader.SOURCE, Reader.DEPENDENCY):
        raise account_errors.nested_marker(where, name, claim.info.annotation, said)
    depends = isinstance(parameter.marker, Dependency)
    if isinstance(said, Raises) and not depends:
        raise account_errors.ignored_raises(where, name)
    if depends and claim.reader is Reader.PYDANTIC and not claim.nested:
        raise account_errors.metadata_on_dependency(where, name, said)
    if isinstance(said, FieldInfo) and not isinstance(said, Marker) and not claim.nested:
        argument = unheard_in(said)
        if argument is not None:
            raise account_errors.ignored_field_argument(where, name, argument)


def _refuse_foreign(said: Any, name: str, where: SourceLocation) -> None:
    foreign = foreign_marker(said)
    if foreign is not None:
        raise account_errors.foreign_marker(where, name, foreign.name, foreign.ours)


def _refuse_uncalled(said: Any, name: str, where: SourceLocation) -> None:
    if said is Depends or said is Security or (isinstance(said, type) and issubclass(said, Marker)):
        raise parameter_errors.marker_not_instantiated(where, name, said)
    if is_scheme(said):
        raise dependency_errors.scheme_without_depends(where, name, said)
    if isinstance(said, FunctionType):
        raise value_errors.function_in_annotated(where, name, said)


def check_injected(parameter: Parameter, where: SourceLocation) -> None:
    """Reject what is said beside a type that is injected: its value is no value of the request."""
    info = parameter.type or type_info(parameter.annotation)
    for claim in info.account:
        if claim.reader is Reader.PYDANTIC and not claim.nested:
            raise account_errors.metadata_on_injected_type(where, parameter.name, claim.said)


def check_result(annotation: Any, where: SourceLocation) -> None:
    """Reject what stands in a return type and has no reader."""
    for claim in type_info(annotation).account:
        if claim.reader in (Reader.SOURCE, Reader.DEPENDENCY):
            raise account_errors.marker_in_return_type(where, claim.info.annotation, claim.said)
        if claim.reader is None:
            raise account_errors.unknown_return_metadata(where, claim.said)


def takes_argument(factory: Callable[..., Any] | None) -> bool:
    """Whether a default factory asks for the data validated before it, as pydantic's of a model's field may."""
    if factory is None or isinstance(factory, type) or not callable(factory):
        return False
    try:
        parameters = inspect.signature(factory).parameters.values()
    except ValueError:
        return False
    positional = [each for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    return any(each.default is each.empty for each in positional)
