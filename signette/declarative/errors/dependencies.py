"""Mistakes in what a callable asks of others: dependencies, security schemes, how long they live. One function each."""

from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.base import SignatureError, closest_match, format_type
from signette.declarative.signature.model import SourceLocation


def no_factory(where: SourceLocation, name: str, annotation: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` asks for `Depends()`, and its type `{format_type(annotation)}` cannot be called",
        "name the function: `Depends(function)`, or annotate a class",
    )


def uncalled_scheme(where: SourceLocation, name: str, scheme: Any) -> SignatureError:
    word = scheme.__name__
    return SignatureError(
        where,
        f"`{name}` depends on the class `{word}`, and a scheme is an instance, made once",
        f"write `Depends({word}(...))`",
    )


def bare_scheme(where: SourceLocation, name: str, scheme: Any) -> SignatureError:
    word = scheme.__name__ if isinstance(scheme, type) else type(scheme).__name__
    return SignatureError(
        where,
        f"`{name}` is given the scheme `{word}`, which guards nothing until it is depended on",
        f"write `Depends({word}(...))`",
    )


def scopes_text(where: SourceLocation, name: str, scopes: str) -> SignatureError:
    return SignatureError(
        where,
        f'`{name}` asks for `scopes="{scopes}"`, a text where a list stands',
        f"write `scopes={scopes.split()!r}`",
    )


def undeclared_scope(where: SourceLocation, name: str, scope: str, known: Iterable[str]) -> SignatureError:
    near = closest_match(scope, known)
    mend = f'write "{near}"' if near else f'declare it: `scopes={{"{scope}": "what it allows"}}` of the scheme'
    return SignatureError(
        where, f'`{name}` asks for the scope "{scope}", which the scheme behind it does not declare', mend
    )


def called_dependency(where: SourceLocation, name: str, value: Any) -> SignatureError:
    made = getattr(value, "gi_code", None) or getattr(value, "cr_code", None) or getattr(value, "ag_code", None)
    call = f"{made.co_name}()" if made is not None else f"a `{type(value).__name__}`"
    mend = f"leave out its call: `Depends({made.co_name})`" if made is not None else "name the function: `Depends(get)`"
    return SignatureError(where, f"`{name}` asks for `Depends(...)` of {call}, a value that cannot be called", mend)


def other_value(
    where: SourceLocation, name: str, annotation: Any, dependency: SourceLocation, given: Any
) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}: {format_type(annotation)}` is filled by {dependency.name}, which gives `{format_type(given)}`",
        f"annotate `{name}` with what the dependency gives, or mend the dependency's own annotation",
    )


def app_reads(where: SourceLocation, name: str, place: str) -> SignatureError:
    return SignatureError(
        where,
        f'`{name}` would be read from a request ({place}), and `scope="app"` makes this before there is any',
        "give it a default, or take the value where the request is",
    )


def outside_reads(where: SourceLocation, name: str, place: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` would be read from a request ({place}), and this is called outside of any",
        f"give it to the call, `scope.call(function, {name}=...)`, or a default; of a dependency, override that one",
    )


def app_outlives(where: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        where,
        f'`{name}` ends with a request, and what asks for it lives as long as the application (`scope="app"`)',
        'let it live as long: `Depends(..., scope="app")`',
    )


def circle(where: SourceLocation, chain: Iterable[SourceLocation]) -> SignatureError:
    names = " -> ".join(each.name.rsplit(".", 1)[-1] for each in chain)
    return SignatureError(
        where, f"dependencies go round in a circle: {names}", "let one of them stop asking for the next"
    )


def outlives(where: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        where,
        f'`{name}` ends with the function (`scope="function"`), and what asks for it lives as long as the request',
        'let it live as long: leave out its `scope="function"`, or give that to both',
    )


def no_signature(where: SourceLocation, target: SourceLocation) -> SignatureError:
    return SignatureError(
        where,
        f"`{target.name}` tells no signature, as some built-ins do not, so there is nothing to read a request into",
        "wrap it in a function whose parameters are annotated",
    )
