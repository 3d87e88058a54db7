"""Errors in dependencies: callables, security schemes, scopes and lifetimes."""

from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.base import SignatureError, closest_match, format_type
from signette.declarative.signature.model import SourceLocation


def depends_without_callable(location: SourceLocation, name: str, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has `Depends()` without a function, and its type `{format_type(annotation)}` is not callable",
        "pass a function: `Depends(function)`, or annotate a class",
    )


def depends_on_injected_type(location: SourceLocation, name: str, annotation: Any) -> SignatureError:
    word = format_type(annotation)
    return SignatureError(
        location,
        f"`{name}` has `Depends()`, and its type `{word}` is no dependency: signette makes the value itself",
        f"remove `Depends()`: write `{name}: {word}`",
    )


def scheme_not_instantiated(location: SourceLocation, name: str, scheme: Any) -> SignatureError:
    word = scheme.__name__
    return SignatureError(
        location,
        f"`{name}` depends on the class `{word}`, but a security scheme must be instantiated",
        f"write `Depends({word}(...))`",
    )


def scheme_without_depends(location: SourceLocation, name: str, scheme: Any) -> SignatureError:
    word = scheme.__name__ if isinstance(scheme, type) else type(scheme).__name__
    return SignatureError(
        location,
        f"the security scheme `{word}` of `{name}` must be wrapped in `Depends(...)`",
        f"write `Depends({word}(...))`",
    )


def scopes_not_a_list(location: SourceLocation, name: str, scopes: str) -> SignatureError:
    return SignatureError(
        location,
        f'`scopes="{scopes}"` of `{name}` must be a list',
        f"write `scopes={scopes.split()!r}`",
    )


def undeclared_scope(location: SourceLocation, name: str, scope: str, known: Iterable[str]) -> SignatureError:
    near = closest_match(scope, known)
    hint = f'write "{near}"' if near else f'declare it in the scheme: `scopes={{"{scope}": "description"}}`'
    return SignatureError(
        location, f'`{name}` requires the scope "{scope}", which its security scheme does not declare', hint
    )


def dependency_not_callable(location: SourceLocation, name: str, value: Any) -> SignatureError:
    code = getattr(value, "gi_code", None) or getattr(value, "cr_code", None) or getattr(value, "ag_code", None)
    given = f"the call `{code.co_name}()`" if code is not None else f"`{type(value).__name__}`"
    hint = f"write `Depends({code.co_name})`" if code is not None else "pass a function: `Depends(function)`"
    return SignatureError(location, f"`Depends(...)` of `{name}` must contain a callable, got {given}", hint)


def dependency_type_mismatch(
    location: SourceLocation, name: str, annotation: Any, dependency: SourceLocation, given: Any
) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {format_type(annotation)}` is filled by {dependency.name}, which returns `{format_type(given)}`",
        f"annotate `{name}: {format_type(given)}`, or fix the dependency's return type",
    )


def app_dependency_reads_request(location: SourceLocation, name: str, place: str) -> SignatureError:
    return SignatureError(
        location,
        f'`{name}` is read from the request ({place}), but a dependency with `scope="app"` runs without a request',
        'give it a default, or remove `scope="app"`',
    )


def standalone_call_reads_request(location: SourceLocation, name: str, place: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` is read from the request ({place}), but the function is called without a request",
        f"pass it: `scope.call(function, {name}=...)`, give it a default, or override the dependency that declares it",
    )


def app_dependency_on_request_scope(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f'`{name}` is closed after each request, but a dependency with `scope="app"` uses it',
        'give it the same scope: `Depends(..., scope="app")`',
    )


def circular_dependency(location: SourceLocation, chain: Iterable[SourceLocation]) -> SignatureError:
    names = " -> ".join(each.name.rsplit(".", 1)[-1] for each in chain)
    return SignatureError(location, f"circular dependency: {names}", "remove one of the links")


def dependency_scope_too_short(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f'`{name}` has `scope="function"`, but a dependency that is closed after the response uses it',
        'remove `scope="function"`, or set it for both',
    )


def no_signature(location: SourceLocation, target: SourceLocation) -> SignatureError:
    return SignatureError(
        location,
        f"`{target.name}` has no inspectable signature",
        "wrap it in a function with annotated parameters",
    )


def concurrent_not_bool(location: SourceLocation, name: str, value: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`concurrent={value!r}` of `{name}` must be `True` or `False`",
        "write `concurrent=True`; to limit how many requests run it at once, use `max_concurrency=`",
    )


def concurrent_value(location: SourceLocation, name: str, dependency: SourceLocation) -> SignatureError:
    word = dependency.name.rsplit(".", 1)[-1]
    return SignatureError(
        location,
        f"`concurrent=True` of `{name}` has no effect: `{word}` only collects its arguments and never waits",
        "remove `concurrent=True`",
    )


def concurrent_out_of_order(location: SourceLocation, generator: str, guard: str) -> SignatureError:
    return SignatureError(
        location,
        f'`{generator}` has `concurrent=True` and ends after the response, but `{guard}` with `scope="function"` is'
        " entered before it and ends first",
        f'remove `scope="function"` of `{guard}`, or `concurrent=True` of `{generator}`',
    )
