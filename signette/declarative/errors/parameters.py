"""Mistakes in a parameter: its marker, its default, its type, and where it is to be read. One function each."""

from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.base import SignatureError, closest_match, closest_path_parameter, format_type
from signette.declarative.signature.model import SourceLocation


def variadic(where: SourceLocation, parameter: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{parameter}` takes any arguments, and a request has none to give by that name",
        "name each parameter; in a decorator, put `@functools.wraps(function)` on the inner function",
    )


def path_name_unknown(where: SourceLocation, name: str, path: str, known: Iterable[str]) -> SignatureError:
    near = closest_match(name, known)
    mend = f"rename it to `{near}`" if near else f"add `{{{name}}}` to the path, or take `Path()` away"
    return SignatureError(where, f"`{name}` is marked `Path()`, and `{path}` has no `{{{name}}}`", mend)


def path_name_unused(where: SourceLocation, name: str, path: str, known: Iterable[str]) -> SignatureError:
    near = closest_path_parameter(name, known)
    mend = f"rename `{near}` to `{name}`" if near else f"add a parameter `{name}`, or take it out of the path"
    return SignatureError(where, f"`{path}` has `{{{name}}}`, and no parameter takes it", mend)


def path_default(where: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` is a piece of the path and has a default, which could never be used",
        "take the default away",
    )


def two_defaults(where: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        where, f"`{name}` has a default in its marker and another in the signature", "keep one of them"
    )


def invalid_default(where: SourceLocation, name: str, default: Any, why: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` has the default {default!r} and `validate_default=True`, and it is not valid: {why}",
        "choose a default that the annotation and its bounds allow",
    )


def marker_default_in_annotated(where: SourceLocation, name: str, marker: Any) -> SignatureError:
    word = "Field" if type(marker).__name__ == "FieldInfo" else type(marker).__name__
    return SignatureError(
        where,
        f"`{name}` has its default inside `Annotated[..., {word}({marker.default!r})]`",
        f"write it behind the annotation: `{name}: Annotated[..., {word}()] = {marker.default!r}`",
    )


def list_on_get(where: SourceLocation, name: str, methods: Iterable[str]) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` is a list without a marker, so a JSON body, and {'/'.join(sorted(methods))} carries none",
        f"to read it from the query, write `{name}: Annotated[list[...], Query()]`",
    )


def uncalled_marker(where: SourceLocation, name: str, marker: Any) -> SignatureError:
    word = marker.__name__
    return SignatureError(
        where, f"`{name}` is marked `{word}`, which says nothing until it is called", f"write `{word}()`"
    )


def two_bodies(where: SourceLocation, first: str, second: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{first}` and `{second}` each read the body in their own way; a request has one body",
        "take the bytes alone, or all of them from a form or from JSON",
    )


def hidden_body(where: SourceLocation, name: str, dependency: SourceLocation) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` is the body here, and the dependency {dependency} takes a body of its own",
        "give each of them `Body(embed=True)`, so that the body is an object with a member for each",
    )


def alias_path(where: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` has an `AliasPath`, which leads into a value, and its source holds plain texts",
        "give the path to a field of a model (`AliasPath('name', 0)` takes an item of a list), or read the list",
    )


def unknown_style(where: SourceLocation, name: str, marker: Any, place: str, known: Iterable[str]) -> SignatureError:
    said = ", ".join(
        f"{word}={value!r}" for word in ("style", "explode") if (value := getattr(marker, word, None)) is not None
    )
    return SignatureError(
        where,
        f"`{name}` asks for `{said}`, which says nothing about a value of this type in the {place}",
        f"use one of: {'; '.join(known)}",
    )


def nested_field(where: SourceLocation, name: str, annotation: Any, place: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}: {format_type(annotation)}` has parts of its own, for which a {place} has no names",
        "send it as JSON in one text: `Json[...]`, or read it from the body",
    )


def body_in_model(where: SourceLocation, name: str, annotation: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}: {format_type(annotation)}` is marked `Body()` inside a model that is spread over its source",
        "make it a parameter of its own, which is a JSON part of a form, or write `Json[...]` for JSON in a field",
    )


def union_disagrees(where: SourceLocation, name: str, wire: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` has two fields that are sent as `{wire}`, and each takes it in another form",
        "give one of them an alias of its own",
    )


def no_list_here(where: SourceLocation, name: str, place: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` is a list, and a {place} value stands once",
        "take one value, or read the list from the query: `Annotated[list[...], Query()]`",
    )


def unusable(where: SourceLocation, name: str, annotation: Any, why: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}: {format_type(annotation)}` is no type that can be checked: {why}",
        "use a type that pydantic knows, or mark the parameter with `Depends(...)`",
    )


def not_a_model(where: SourceLocation, name: str, annotation: Any, marker: Any) -> SignatureError:
    word = type(marker).__name__
    return SignatureError(
        where,
        f"`{name}: {format_type(annotation)}` is marked `{word}()`, where a scalar, a list or one model can stand",
        f"use a pydantic model to spread it over the {word.lower()}, or `Body()` for JSON",
    )


def marked_connection(where: SourceLocation, name: str, annotation: Any, marker: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}: {format_type(annotation)}` is injected, but `{type(marker).__name__}()` marks a client value",
        "take the marker away",
    )


def marker_for_type(where: SourceLocation, name: str, said: Any) -> SignatureError:
    word = said.__name__ if callable(said) else "Depends" if hasattr(said, "dependency") else type(said).__name__
    return SignatureError(
        where,
        f"`{name}: {word}(...)` says where its value comes from, where its type is to stand",
        f"write `{name}: Annotated[T, {word}(...)]`, with the value's type for `T`",
    )


def other_protocol(where: SourceLocation, name: str, annotation: Any, socket: bool) -> SignatureError:
    here, kind, mend = (
        ("a WebSocket route", "HTTP requests", "WebSocket") if socket else ("an HTTP route", "WebSockets", "Request")
    )
    return SignatureError(
        where,
        f"`{name}: {format_type(annotation)}` stands for {kind}, and this is {here}",
        f"annotate `{name}: {mend}`, or `HTTPConnection` in a dependency that serves both",
    )


def response_on_socket(where: SourceLocation, name: str, annotation: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}: {format_type(annotation)}` sets headers and the status of a response, and a WebSocket has none",
        'pass headers when you accept: `await socket.accept(headers=[(b"x-version", b"1")])`',
    )


def body_on_socket(where: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` would be read from a body, and a WebSocket has none",
        "receive it as a message: `await socket.receive_json()`",
    )
