"""Errors in a parameter's default, examples, constraints, name and type."""

from collections.abc import Iterable
from enum import Enum
from typing import Any

from signette.declarative.errors.base import SignatureError, format_type
from signette.declarative.signature.model import SourceLocation


def default_of_wrong_type(
    location: SourceLocation, name: str, annotation: Any, default: Any, converted: Any
) -> SignatureError:
    hint = "use a default of the annotated type" if converted is None else f"write `{_written(converted)}`"
    return SignatureError(
        location, f"the default {default!r} of `{name}` is not a valid `{format_type(annotation)}`", hint
    )


def _written(value: Any) -> str:
    return str(value) if isinstance(value, Enum) else repr(value)


def uncopyable_default(location: SourceLocation, name: str, default: Any, why: str) -> SignatureError:
    return SignatureError(
        location,
        f"the default of `{name}` is a mutable `{type(default).__name__}` that cannot be copied ({why})",
        "provide the object with `Depends(...)`, or create one for each request with `default_factory=`",
    )


def function_as_default(location: SourceLocation, name: str, function: Any) -> SignatureError:
    return SignatureError(
        location,
        f"the default of `{name}` is the function `{function.__name__}` itself",
        f"write `{name}: Annotated[T, Depends({function.__name__})]`, where `T` is the function's return type",
    )


def function_in_annotated(location: SourceLocation, name: str, function: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has the function `{function.__name__}` in `Annotated[...]`, where it is never called",
        f"write `Depends({function.__name__})`, or `AfterValidator({function.__name__})` to validate the value",
    )


def conflicting_sources(location: SourceLocation, name: str, first: Any, second: Any) -> SignatureError:
    words = ["Depends" if hasattr(each, "dependency") else type(each).__name__ for each in (first, second)]
    return SignatureError(
        location,
        f"`{name}` has two markers: `{words[0]}(...)` in its annotation, and `{words[1]}(...)` as its default",
        "keep the one in `Annotated[...]`",
    )


def dependency_with_default(location: SourceLocation, name: str, default: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` is filled by a dependency, so its default {default!r} is never used",
        "remove the default; a dependency may return None",
    )


def default_factory_not_callable(location: SourceLocation, name: str, value: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`default_factory={value!r}` of `{name}` is not callable",
        f"write a default: `= {value!r}`, or `default_factory=lambda: {value!r}`",
    )


def invalid_example(location: SourceLocation, name: str, example: Any, why: str) -> SignatureError:
    return SignatureError(
        location,
        f"the example {example!r} of `{name}` is not valid: {why}",
        "use a valid example, or name it in `openapi_examples=` with a key that starts with `invalid`",
    )


def invalid_openapi_examples(location: SourceLocation, name: str, value: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`openapi_examples={value!r}` of `{name}` must be a mapping from names to OpenAPI example objects",
        'write `openapi_examples={"one": {"value": ...}}`, or `examples=[...]`',
    )


def invalid_constraint(location: SourceLocation, name: str, why: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has an invalid constraint: {why}",
        "use a number for numeric constraints, and the syntax of Rust's `regex` for `pattern=`",
    )


def inapplicable_constraint(
    location: SourceLocation, name: str, annotation: Any, option: str, hint: str
) -> SignatureError:
    return SignatureError(location, f"`{option}=` does not apply to `{name}: {format_type(annotation)}`", hint)


def empty_range(location: SourceLocation, name: str, low: str, high: str) -> SignatureError:
    return SignatureError(
        location, f"the range of `{name}` is empty: `{low}` and `{high}`", "swap or fix the two values"
    )


def invalid_parameter_name(location: SourceLocation, name: str, wire: Any, place: str) -> SignatureError:
    hint = "set another name with `alias=`" if wire == name else "fix its `alias=`"
    if place in ("header", "cookie"):
        hint += ": use ASCII letters, digits and hyphens"
    return SignatureError(location, f"{wire!r} is not a valid {place} name for `{name}`", hint)


def unannotated_request(location: SourceLocation, name: str, wanted: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has no annotation, so it is a query parameter",
        f"write `{name}: {wanted}`, or `{name}: str` for a query parameter",
    )


def unbound_method(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"the endpoint is a method without an instance, so `{name}` cannot be filled",
        "decorate its class with `@cbv(router)` of `signette.cbv`, or use a method of an instance,"
        " `app.get('/path')(instance.method)`",
    )


def form_on_get(location: SourceLocation, name: str, methods: Iterable[str]) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` is a form parameter, but {'/'.join(sorted(methods))} has no body",
        "use POST; or `Query()`, as a form with `method=get` sends its fields in the query",
    )


def wrong_upload_marker(location: SourceLocation, name: str, marker: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` is an uploaded file, so it cannot be marked `{type(marker).__name__}()`",
        "write `File()`, or remove the marker",
    )


def upload_in_json(location: SourceLocation, name: str, field: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` is a JSON body, which cannot contain the uploaded file `{field}`",
        f"read it from a form: `{name}: Annotated[..., Form()]`",
    )


def unsupported_type_in_source(
    location: SourceLocation, name: str, annotation: Any, place: str, why: str
) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {format_type(annotation)}` is read from the {place}, where a client cannot send {why}",
        "use a type that can be sent there, or fill the parameter with `Depends(...)`",
    )


def import_string(location: SourceLocation, name: str, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {format_type(annotation)}` lets clients import any module or object",
        "use `Literal[...]` or an enum of the allowed names, and look the object up in the endpoint",
    )


def mismatched_convertor(
    location: SourceLocation, name: str, convertor: str, annotation: Any, type_of_convertor: str
) -> SignatureError:
    return SignatureError(
        location,
        f"the convertor of `{{{name}:{convertor}}}` never matches a value that is valid for"
        f" `{name}: {format_type(annotation)}`",
        f"annotate `{name}: {type_of_convertor}`, or write `{{{name}}}` in the path",
    )


def exponential_union(location: SourceLocation, name: str, members: Iterable[str]) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` contains the recursive union `{' | '.join(members)}`, whose validation time doubles with each level"
        " of nesting",
        'add a `Literal` field to each member, and `Field(discriminator="...")` to the union',
    )
