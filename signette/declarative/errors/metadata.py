"""Errors for objects in a signature that have no effect: metadata in `Annotated[...]`, misplaced markers."""

from typing import Any

from signette.declarative.errors.base import SignatureError, format_type
from signette.declarative.signature.model import SourceLocation


def foreign_marker(location: SourceLocation, name: str, written: str, replacement: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has the marker `{written}` of another framework, which has no effect here",
        f"import it from signette: `from signette import {replacement}`",
    )


def foreign_type(location: SourceLocation, name: str, written: str, replacement: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has the type `{written}` of another framework, which is not injected here",
        f"import it from signette: `from signette import {replacement}`",
    )


def nested_marker(location: SourceLocation, name: str, annotation: Any, marker: Any) -> SignatureError:
    word = "Depends" if hasattr(marker, "dependency") else type(marker).__name__
    hint = (
        "mark the whole parameter: `Annotated[T, Depends(...)]`"
        if word == "Depends"
        else f"mark the whole parameter with `{word}()`, and constrain the part with `Field(...)`"
    )
    return SignatureError(location, f"`{name}` has `{word}(...)` inside its type: `{format_type(annotation)}`", hint)


def unknown_metadata(location: SourceLocation, name: str, value: Any) -> SignatureError:
    hint = (
        "for a description, write `Field(description=...)` or `Doc(...)`"
        if isinstance(value, str)
        else "remove it; write constraints, validators and serializers as in pydantic: `Field(...)`,"
        " `AfterValidator(...)`"
    )
    return SignatureError(location, f"`{name}` has {_shown(value)} in `Annotated[...]`, which has no effect", hint)


def _shown(value: Any) -> str:
    return (
        f"the text {value!r}"
        if isinstance(value, str)
        else f"`{format_type(value) if isinstance(value, type) else value!r}`"
    )


def ignored_raises(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has `Raises(...)`, which applies to dependencies only",
        "write the errors of a dependency next to `Depends(...)`, those of an endpoint in its return type",
    )


def metadata_on_dependency(location: SourceLocation, name: str, value: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has {_shown(value)} next to `Depends(...)`, but the results of dependencies are not validated",
        "validate the value in the dependency, or constrain the dependency's parameters",
    )


def metadata_on_injected_type(location: SourceLocation, name: str, value: Any) -> SignatureError:
    return SignatureError(location, f"`{name}` is injected, so {_shown(value)} has no effect", "remove it")


def ignored_field_argument(location: SourceLocation, name: str, argument: str) -> SignatureError:
    return SignatureError(
        location,
        f"`Field({argument}=...)` has no effect on `{name}`: it applies to fields of models only",
        "remove the argument",
    )


def default_factory_with_argument(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"the `default_factory` of `{name}` takes an argument, but a parameter's factory is called without arguments",
        "use a factory without arguments, or compute the value in the endpoint",
    )


def ignored_argument(location: SourceLocation, name: str, marker: Any, argument: str, hint: str) -> SignatureError:
    return SignatureError(location, f"`{type(marker).__name__}({argument}=...)` has no effect on `{name}`", hint)


def wrong_marker_on_field(location: SourceLocation, name: str, field: str, marker: Any, place: str) -> SignatureError:
    word = type(marker).__name__
    return SignatureError(
        location,
        f"`{name}` is read from the {place}, but its field `{field}` is marked `{word}(...)`",
        f"use `Field(...)` for the field, or make `{field.rpartition('.')[2]}` a separate parameter",
    )


def ignored_marker_argument_on_field(
    location: SourceLocation, name: str, field: str, marker: Any, argument: str
) -> SignatureError:
    return SignatureError(
        location,
        f"`{type(marker).__name__}({argument}=...)` has no effect on the field `{field}` of `{name}`",
        "remove the argument, or make the field a separate parameter",
    )


def dependency_on_field(location: SourceLocation, name: str, field: str) -> SignatureError:
    return SignatureError(
        location,
        f"the field `{field}` of `{name}` has `Depends(...)`, which is never called: models are filled from requests",
        "make it a parameter of the endpoint, or of a dependency",
    )


def marker_in_return_type(location: SourceLocation, annotation: Any, marker: Any) -> SignatureError:
    word = "Depends" if hasattr(marker, "dependency") else type(marker).__name__
    return SignatureError(
        location,
        f"the return type `{format_type(annotation)}` has `{word}(...)`, which applies to parameters only",
        "remove it; write constraints and serializers as in pydantic: `Field(...)`, `PlainSerializer(...)`",
    )


def unknown_return_metadata(location: SourceLocation, value: Any) -> SignatureError:
    return SignatureError(
        location,
        f"the return type has {_shown(value)} in `Annotated[...]`, which has no effect",
        "remove it; write constraints, validators and serializers as in pydantic: `Field(...)`, `AfterValidator(...)`",
    )
