"""The parameters and the result of one callable, with each error in them located."""

from collections.abc import Callable, Sequence
from typing import Any

from signette.declarative.checks.metadata import check_metadata, check_result
from signette.declarative.checks.models import check_class
from signette.declarative.checks.values import check_parameter
from signette.declarative.errors import base as errors
from signette.declarative.errors import dependencies as dependency_errors
from signette.declarative.errors import parameters as parameter_errors
from signette.declarative.errors import values as value_errors
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.pages import with_page
from signette.declarative.signature.annotations import UnresolvedName
from signette.declarative.signature.callables import VariadicParameter, location_of, parameters_of, result_of
from signette.declarative.signature.declared import ConflictingDefaults, ConflictingSources, DefaultInAnnotated
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.model import Parameter, SourceLocation


def callable_parameters(
    endpoint: Endpoint, target: Callable[..., Any], path_names: Sequence[str], *, alone: bool
) -> list[Parameter]:
    """The parameters of a callable.

    `alone`: it is called without a request, so `*args` and `**kwargs` stay empty.

    Raises SignatureError.
    """
    where = location_of(target)
    check_class(target, where)
    try:
        found = parameters_of(target, alone=alone)
    except UnresolvedName as exc:
        raise errors.unresolved_forward_ref(where, str(exc)) from None
    except VariadicParameter as exc:
        raise parameter_errors.variadic_parameter(where, str(exc)) from None
    except ConflictingSources as exc:
        raise value_errors.conflicting_sources(where, *exc.args) from None
    except DefaultInAnnotated as exc:
        raise parameter_errors.default_in_annotated(where, *exc.args) from None
    except ConflictingDefaults as exc:
        raise parameter_errors.conflicting_defaults(where, *exc.args) from None
    except ValueError:  # raised by `inspect` for a built-in without a signature
        raise dependency_errors.no_signature(location_of(endpoint.function), where) from None
    return [
        each
        if each.decided and _IS_PLAIN in each.decided
        else _checked(each, endpoint, where, path_names, first=each is found[0], alone=alone)
        for each in found
    ]


# Decided for a parameter: its declaration is valid, and it is no page.
_IS_PLAIN = "is plain"


def _checked(
    parameter: Parameter,
    endpoint: Endpoint,
    where: SourceLocation,
    path_names: Sequence[str],
    *,
    first: bool,
    alone: bool,
) -> Parameter:
    """The parameter, or the dependency that it is short for."""
    check_metadata(parameter, where)
    check_parameter(parameter, where, path_names, first=first)
    made = with_page(parameter, endpoint, where, alone=alone)
    # One without a type may be injected in other frameworks, which depends on its name and place.
    if made is parameter and parameter.decided is not None and parameter.annotation is not Any:
        parameter.decided[_IS_PLAIN] = True
    return made


def dependency_result(target: Callable[..., Any]) -> Any:
    """The return annotation of a dependency; MISSING if it has none, or names what exists for type checkers only."""
    try:
        return result_of(target)
    except UnresolvedName:
        return MISSING


def endpoint_result(endpoint: Endpoint, where: SourceLocation) -> Any:
    """The return annotation of an endpoint.

    Raises SignatureError.
    """
    try:
        found = result_of(endpoint.function)
    except UnresolvedName as exc:
        raise errors.unresolved_forward_ref(where, str(exc)) from None
    for annotation in (found, endpoint.options.get("response_model")):
        if annotation is not MISSING and type(annotation) is not type and annotation is not None:
            check_result(annotation, where)
    return found
