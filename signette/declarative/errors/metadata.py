"""Rejections of what a signature says and nobody reads: objects in `Annotated[...]`, markers in the wrong place."""

from typing import Any

from signette.declarative.errors.base import SignatureError, format_type
from signette.declarative.signature.model import SourceLocation


def foreign_marker(where: SourceLocation, name: str, written: str, ours: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` is declared with `{written}`, a marker of another framework, which has no effect here",
        f"import it from signette: `from signette import {ours}`",
    )


def foreign_type(where: SourceLocation, name: str, written: str, ours: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` is annotated with `{written}`, a class of another framework, which is not injected here",
        f"import it from signette: `from signette import {ours}`",
    )


def nested_marker(where: SourceLocation, name: str, annotation: Any, said: Any) -> SignatureError:
    word = "Depends" if hasattr(said, "dependency") else type(said).__name__
    hint = (
        "mark the whole parameter: `Annotated[T, Depends(...)]`"
        if word == "Depends"
        else f"mark the whole parameter with `{word}()`, and constrain the part with `Field(...)`"
    )
    return SignatureError(where, f"`{name}` has `{word}(...)` inside of its type: `{format_type(annotation)}`", hint)


def unclaimed_metadata(where: SourceLocation, name: str, said: Any) -> SignatureError:
    hint = (
        "for a description, write `Field(description=...)` or `Doc(...)`"
        if isinstance(said, str)
        else "remove it; constraints, validators and serializers are pydantic's: `Field(...)`, `AfterValidator(...)`"
    )
    return SignatureError(where, f"`{name}` has {_shown(said)} in `Annotated[...]`, which nothing reads", hint)


def _shown(said: Any) -> str:
    return (
        f"the text {said!r}"
        if isinstance(said, str)
        else f"`{format_type(said) if isinstance(said, type) else said!r}`"
    )


def unheard_raises(where: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` has `Raises(...)`, and its value comes from the request, not from a dependency",
        "declare the errors of a dependency beside `Depends(...)`, those of an endpoint in its return type",
    )


def unchecked_dependency(where: SourceLocation, name: str, said: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` has {_shown(said)} beside `Depends(...)`, and what a dependency returns is not validated",
        "validate it in the dependency, or constrain the dependency's own parameters",
    )


def unchecked_connection(where: SourceLocation, name: str, said: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` is injected, and {_shown(said)} beside its type has no effect",
        "remove it",
    )


def field_argument(where: SourceLocation, name: str, argument: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` has `Field({argument}=...)`, which is about a field of a model and has no effect on a parameter",
        "remove the argument",
    )


def factory_with_data(where: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` has a `default_factory` that takes an argument, and a parameter's factory is called without one",
        "write a factory without arguments, or make the value in the endpoint",
    )


def unheard_argument(where: SourceLocation, name: str, marker: Any, argument: str, hint: str) -> SignatureError:
    return SignatureError(
        where, f"`{name}` has `{type(marker).__name__}({argument}=...)`, which has no effect on it", hint
    )


def marker_of_field(where: SourceLocation, name: str, field: str, said: Any, place: str) -> SignatureError:
    word = type(said).__name__
    return SignatureError(
        where,
        f"`{name}` is read from the {place}, and its field `{field}` is declared with `{word}(...)`",
        f"declare the field with `Field(...)`, or make `{field.rpartition('.')[2]}` a parameter of its own",
    )


def marker_argument_of_field(where: SourceLocation, name: str, field: str, said: Any, argument: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` has a field `{field}` with `{type(said).__name__}({argument}=...)`, which has no effect on a field",
        "remove the argument, or make the field a parameter of its own",
    )


def dependency_of_field(where: SourceLocation, name: str, field: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` has a field `{field}` with `Depends(...)`, which is never called: a model is filled by the request",
        "make it a parameter of the endpoint, or of a dependency",
    )


def marked_result(where: SourceLocation, annotation: Any, said: Any) -> SignatureError:
    word = "Depends" if hasattr(said, "dependency") else type(said).__name__
    return SignatureError(
        where,
        f"the return type `{format_type(annotation)}` has `{word}(...)`, which says where a parameter comes from",
        "remove it; constraints and serializers of a result are pydantic's: `Field(...)`, `PlainSerializer(...)`",
    )


def unclaimed_result_metadata(where: SourceLocation, said: Any) -> SignatureError:
    return SignatureError(
        where,
        f"the return type has {_shown(said)} in `Annotated[...]`, which nothing reads",
        "remove it; constraints, validators and serializers are pydantic's: `Field(...)`, `AfterValidator(...)`",
    )
