"""Errors in how parameters are declared: marker, default, type and source."""

from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.base import SignatureError, UnknownPathParameter, closest_match, format_type
from signette.declarative.signature.model import SourceLocation


def variadic_parameter(location: SourceLocation, parameter: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{parameter}` is not supported: each parameter needs a name",
        "declare each parameter; in a decorator, add `@functools.wraps(function)` to the inner function",
    )


def path_parameter_not_in_path(
    location: SourceLocation, name: str, names: Iterable[str], path: str, known: Iterable[str]
) -> SignatureError:
    near = closest_match(name, known)
    hint = f"rename it to `{near}`" if near else f"add `{{{name}}}` to the path, or remove `Path()`"
    problem = f"`{name}` is marked `Path()`, but `{path}` has no `{{{name}}}`"
    return UnknownPathParameter(location, problem, hint, names)


def undeclared_path_parameter(location: SourceLocation, name: str, path: str, near: str) -> SignatureError:
    return SignatureError(
        location,
        f"the path parameter `{{{name}}}` of `{path}` is not a parameter of the function",
        f"rename `{near}` to `{name}`",
    )


def path_parameter_default(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(location, f"the path parameter `{name}` cannot have a default", "remove the default")


def conflicting_defaults(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location, f"`{name}` has two defaults, one in its marker and one in the signature", "remove one of them"
    )


def invalid_default(location: SourceLocation, name: str, default: Any, why: str) -> SignatureError:
    return SignatureError(
        location,
        f"the default {default!r} of `{name}` is not valid, and `validate_default=True` is set: {why}",
        "use a default that matches the annotation and its constraints",
    )


def default_in_annotated(location: SourceLocation, name: str, marker: Any) -> SignatureError:
    word = "Field" if type(marker).__name__ == "FieldInfo" else type(marker).__name__
    return SignatureError(
        location,
        f"the default of `{name}` is inside `Annotated[..., {word}({marker.default!r})]`",
        f"move it after the annotation: `{name}: Annotated[..., {word}()] = {marker.default!r}`",
    )


def list_body_on_get(location: SourceLocation, name: str, methods: Iterable[str]) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` is a list without a marker, so it is a JSON body, but {'/'.join(sorted(methods))} has no body",
        f"to read it from the query, write `{name}: Annotated[list[...], Query()]`",
    )


def marker_not_instantiated(location: SourceLocation, name: str, marker: Any) -> SignatureError:
    word = marker.__name__
    return SignatureError(location, f"the marker `{word}` of `{name}` must be instantiated", f"write `{word}()`")


def option_not_instantiated(location: SourceLocation, name: str, option: type[Any]) -> SignatureError:
    word = "Page.Limit" if option.__name__ == "PageLimit" else option.__name__
    return SignatureError(location, f"`{word}` of `{name}` must be instantiated", f"write `{word}(...)`")


def conflicting_bodies(location: SourceLocation, first: str, second: str, *, whole: str) -> SignatureError:
    other = second if whole == first else first
    return SignatureError(
        location,
        f"conflicting request bodies: `{first}` and `{second}` read the body in different formats",
        f"`{whole}` is the whole body: read `{other}` from the path, the query or headers",
    )


def conflicting_dependency_body(location: SourceLocation, name: str, dependency: SourceLocation) -> SignatureError:
    return SignatureError(
        location,
        f"conflicting request bodies: `{name}` is the whole body, and the dependency {dependency} reads it too",
        "mark both parameters `Body(embed=True)`: the body is then a JSON object with one key for each",
    )


def unsupported_alias_path(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has an `AliasPath`, but its source has no nested values",
        "use it on a field of a model (`AliasPath('name', 0)` takes an item of a list), or read the whole list",
    )


def unsupported_style(
    location: SourceLocation, name: str, marker: Any, place: str, known: Iterable[str]
) -> SignatureError:
    given = ", ".join(
        f"{word}={value!r}" for word in ("style", "explode") if (value := getattr(marker, word, None)) is not None
    )
    return SignatureError(
        location,
        f"`{name}` has `{given}`, which is not supported for its type in the {place}",
        f"use one of: {'; '.join(known)}",
    )


def nested_field(location: SourceLocation, name: str, annotation: Any, place: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {format_type(annotation)}` is nested, and a {place} has no syntax for nested values",
        "send it as JSON text: `Json[...]`, or read it from the body",
    )


def body_marker_in_model(location: SourceLocation, name: str, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {format_type(annotation)}` is marked `Body()`, but the fields of its model are not read from JSON",
        "make it a separate parameter, which is a JSON part of a form, or write `Json[...]` for JSON in a field",
    )


def conflicting_fields(location: SourceLocation, name: str, wire: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has two fields named `{wire}` in requests, whose types need different formats",
        "give one of them another `alias=`",
    )


def list_not_supported(location: SourceLocation, name: str, place: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` is a list, but a {place} parameter has a single value",
        "use a single value, or read the list from the query: `Annotated[list[...], Query()]`",
    )


def unsupported_type(location: SourceLocation, name: str, annotation: Any, why: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {format_type(annotation)}` cannot be read from a request: {why}",
        "use a type that pydantic supports, or fill the parameter with `Depends(...)`",
    )


def not_a_model(location: SourceLocation, name: str, annotation: Any, marker: Any) -> SignatureError:
    word = type(marker).__name__
    return SignatureError(
        location,
        f"`{name}: {format_type(annotation)}` is marked `{word}()`, which supports scalars, lists and models only",
        f"use a pydantic model with a field for each {word.lower()} parameter, or `Body()` for JSON",
    )


def marker_on_injected_type(location: SourceLocation, name: str, annotation: Any, marker: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {format_type(annotation)}` is injected, so it cannot be marked `{type(marker).__name__}()`",
        "remove the marker",
    )


def marker_as_annotation(location: SourceLocation, name: str, marker: Any) -> SignatureError:
    word = (
        marker.__name__ if callable(marker) else "Depends" if hasattr(marker, "dependency") else type(marker).__name__
    )
    return SignatureError(
        location,
        f"`{name}: {word}(...)` has a marker in place of a type",
        f"write `{name}: Annotated[T, {word}(...)]`, where `T` is the type of the value",
    )


def wrong_protocol(location: SourceLocation, name: str, annotation: Any, socket: bool) -> SignatureError:
    endpoint, instead = ("a WebSocket endpoint", "WebSocket") if socket else ("an HTTP endpoint", "Request")
    return SignatureError(
        location,
        f"`{name}: {format_type(annotation)}` cannot be injected into {endpoint}",
        f"write `{name}: {instead}`, or `HTTPConnection` in a dependency that serves both",
    )


def response_in_websocket(location: SourceLocation, name: str, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {format_type(annotation)}` cannot be injected into a WebSocket endpoint, which sends no response",
        'pass headers when you accept: `await socket.accept(headers=[(b"x-version", b"1")])`',
    )


def body_in_websocket(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` is a body parameter, and a WebSocket handshake has no body",
        "receive it as a message: `await socket.receive_json()`",
    )
