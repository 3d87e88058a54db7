"""Mistakes in what a parameter is or brings along: defaults, examples, bounds, names. One function each."""

from collections.abc import Iterable
from enum import Enum
from typing import Any

from signette.declarative.errors.base import SignatureError, format_type
from signette.declarative.signature.model import SourceLocation


def unfitting_default(where: SourceLocation, name: str, annotation: Any, default: Any, becomes: Any) -> SignatureError:
    mend = (
        "choose a default of the annotated type"
        if becomes is None
        else f"write `{_written(becomes)}`, which it stands for"
    )
    return SignatureError(
        where, f"`{name}: {format_type(annotation)}` has the default {default!r}, which is none", mend
    )


def _written(value: Any) -> str:
    return str(value) if isinstance(value, Enum) else repr(value)


def uncopyable_default(where: SourceLocation, name: str, default: Any, why: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` has a default of type `{type(default).__name__}`, which can change and cannot be copied ({why})",
        "provide the object with `Depends(...)`, or make a new one for each request with `default_factory=`",
    )


def function_default(where: SourceLocation, name: str, function: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` has the function `{function.__name__}` itself for its default",
        f"depend on it: `{name}: Annotated[T, Depends({function.__name__})]`, with what it gives for `T`",
    )


def bare_function(where: SourceLocation, name: str, function: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` is annotated with the function `{function.__name__}`, which nobody calls",
        f"write `Depends({function.__name__})`, or `AfterValidator({function.__name__})` if it checks the value",
    )


def two_sources(where: SourceLocation, name: str, first: Any, second: Any) -> SignatureError:
    words = ["Depends" if hasattr(each, "dependency") else type(each).__name__ for each in (first, second)]
    return SignatureError(
        where,
        f"`{name}` is marked `{words[0]}(...)` in its annotation, and has `{words[1]}(...)` for its default",
        "keep the one in `Annotated[...]`",
    )


def dependency_default(where: SourceLocation, name: str, default: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` is filled by a dependency, and its default {default!r} would never be used",
        "take the default away; a dependency may return None",
    )


def no_default_factory(where: SourceLocation, name: str, said: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` has `default_factory={said!r}`, which cannot be called",
        f"write it as a default: `= {said!r}`, or `default_factory=lambda: {said!r}`",
    )


def unfitting_example(where: SourceLocation, name: str, example: Any, why: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` has the example {example!r}, which would be refused: {why}",
        "show one that fits; or name it in `openapi_examples=` with a key that begins with `invalid`",
    )


def unusable_examples(where: SourceLocation, name: str, said: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` has `openapi_examples={said!r}`, which are not named, or no objects of OpenAPI",
        'write `openapi_examples={"one": {"value": ...}}`, or `examples=[...]`',
    )


def unusable_constraint(where: SourceLocation, name: str, why: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` has bounds that nothing could be checked by: {why}",
        "write a number for a number, and a pattern in the syntax of Rust's `regex`",
    )


def unfitting_constraint(where: SourceLocation, name: str, annotation: Any, option: str, meant: str) -> SignatureError:
    return SignatureError(
        where, f"`{name}: {format_type(annotation)}` has `{option}=`, which says nothing about it", meant
    )


def empty_range(where: SourceLocation, name: str, low: str, high: str) -> SignatureError:
    return SignatureError(
        where, f"`{name}` has `{low}` and `{high}`, so that no value fits", "exchange or mend the bounds"
    )


def unsendable_name(where: SourceLocation, name: str, wire: Any, place: str) -> SignatureError:
    mend = "say another with `alias=`" if wire == name else "mend its `alias=`"
    if place in ("header", "cookie"):
        mend += ": letters and digits of ASCII, and hyphens"
    return SignatureError(where, f"`{name}` is read from the {place} {wire!r}, and no client can send that name", mend)


def unannotated_connection(where: SourceLocation, name: str, wanted: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` has no annotation, so it would be read from the query",
        f"write `{name}: {wanted}`; or, if the query does have it, `{name}: str`",
    )


def unbound_method(where: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` stands for an object, and the method is made an endpoint without one",
        "make the route of a bound method: `app.get('/path')(instance.method)`; or write a function",
    )


def form_on_get(where: SourceLocation, name: str, methods: Iterable[str]) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` is read from a form in the body, and {'/'.join(sorted(methods))} carries none",
        "answer POST; or write `Query()`: a form with `method=get` sends its fields there",
    )


def marked_upload(where: SourceLocation, name: str, marker: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` is an uploaded file, and `{type(marker).__name__}()` says that it comes otherwise",
        "write `File()`, or take the marker away",
    )


def upload_in_json(where: SourceLocation, name: str, field: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` is a JSON body, and its field `{field}` is an uploaded file, for which JSON has no shape",
        f"read it from a form: `{name}: Annotated[..., Form()]`",
    )


def unsendable_type(where: SourceLocation, name: str, annotation: Any, place: str, why: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}: {format_type(annotation)}` is read from the {place}, where no client can send {why}",
        "use a type that can be sent there, or fill the parameter with `Depends(...)`",
    )


def import_by_name(where: SourceLocation, name: str, annotation: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}: {format_type(annotation)}` would import whatever module or object a client names",
        "use `Literal[...]` or an enum of the allowed names, and look the object up yourself",
    )


def other_convertor(where: SourceLocation, name: str, kind: str, annotation: Any, meant: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{{{name}:{kind}}}` lets through what `{name}: {format_type(annotation)}` refuses each time",
        f"annotate `{name}: {meant}`, or write `{{{name}}}`",
    )


def exponential_union(where: SourceLocation, name: str, members: Iterable[str]) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` contains the recursive union `{' | '.join(members)}`, whose validation would take twice as long"
        " with each level of nesting",
        'give each member a required field with a `Literal` of its own and the union `Field(discriminator="...")`',
    )
