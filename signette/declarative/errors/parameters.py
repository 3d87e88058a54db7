"""Mistakes in a parameter: its marker, its default, its type, and where it is to be read. One function each."""

from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.base import PlanError, nearest, nearest_piece, spelled
from signette.declarative.signature.model import Where


def variadic(where: Where, parameter: str) -> PlanError:
    return PlanError(
        where,
        f"`{parameter}` takes any arguments, and a request has none to give by that name",
        "name each parameter; in a decorator, put `@functools.wraps(function)` on the inner function",
    )


def path_name_unknown(where: Where, name: str, path: str, known: Iterable[str]) -> PlanError:
    near = nearest(name, known)
    mend = f"rename it to `{near}`" if near else f"add `{{{name}}}` to the path, or take `Path()` away"
    return PlanError(where, f"`{name}` is marked `Path()`, and `{path}` has no `{{{name}}}`", mend)


def path_name_unused(where: Where, name: str, path: str, known: Iterable[str]) -> PlanError:
    near = nearest_piece(name, known)
    mend = f"rename `{near}` to `{name}`" if near else f"add a parameter `{name}`, or take it out of the path"
    return PlanError(where, f"`{path}` has `{{{name}}}`, and no parameter takes it", mend)


def path_default(where: Where, name: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}` is a piece of the path and has a default, which could never be used",
        "take the default away",
    )


def two_defaults(where: Where, name: str) -> PlanError:
    return PlanError(where, f"`{name}` has a default in its marker and another in the signature", "keep one of them")


def invalid_default(where: Where, name: str, default: Any, why: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}` has the default {default!r} and `validate_default=True`, and it is not valid: {why}",
        "choose a default that the annotation and its bounds allow",
    )


def marker_default_in_annotated(where: Where, name: str, marker: Any) -> PlanError:
    word = "Field" if type(marker).__name__ == "FieldInfo" else type(marker).__name__
    return PlanError(
        where,
        f"`{name}` has its default inside `Annotated[..., {word}({marker.default!r})]`",
        f"write it behind the annotation: `{name}: Annotated[..., {word}()] = {marker.default!r}`",
    )


def list_on_get(where: Where, name: str, methods: Iterable[str]) -> PlanError:
    return PlanError(
        where,
        f"`{name}` is a list without a marker, so a JSON body, and {'/'.join(sorted(methods))} carries none",
        f"to read it from the query, write `{name}: Annotated[list[...], Query()]`",
    )


def uncalled_marker(where: Where, name: str, marker: Any) -> PlanError:
    word = marker.__name__
    return PlanError(where, f"`{name}` is marked `{word}`, which says nothing until it is called", f"write `{word}()`")


def two_bodies(where: Where, first: str, second: str) -> PlanError:
    return PlanError(
        where,
        f"`{first}` and `{second}` each read the body in their own way; a request has one body",
        "take the bytes alone, or all of them from a form or from JSON",
    )


def hidden_body(where: Where, name: str, dependency: Where) -> PlanError:
    return PlanError(
        where,
        f"`{name}` is the body here, and the dependency {dependency} takes a body of its own",
        "give each of them `Body(embed=True)`, so that the body is an object with a member for each",
    )


def alias_path(where: Where, name: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}` has an `AliasPath`, which leads into a value, and its source holds plain texts",
        "give the path to a field of a model (`AliasPath('name', 0)` takes an item of a list), or read the list",
    )


def unknown_style(where: Where, name: str, marker: Any, place: str, known: Iterable[str]) -> PlanError:
    said = ", ".join(
        f"{word}={value!r}" for word in ("style", "explode") if (value := getattr(marker, word, None)) is not None
    )
    return PlanError(
        where,
        f"`{name}` asks for `{said}`, which says nothing about a value of this type in the {place}",
        f"use one of: {'; '.join(known)}",
    )


def nested_field(where: Where, name: str, annotation: Any, place: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}: {spelled(annotation)}` has parts of its own, for which a {place} has no names",
        "send it as JSON in one text: `Json[...]`, or read it from the body",
    )


def body_in_model(where: Where, name: str, annotation: Any) -> PlanError:
    return PlanError(
        where,
        f"`{name}: {spelled(annotation)}` is marked `Body()` inside a model that is spread over its source",
        "make it a parameter of its own, which is a JSON part of a form, or write `Json[...]` for JSON in a field",
    )


def union_disagrees(where: Where, name: str, wire: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}` has two fields that are sent as `{wire}`, and each takes it in another form",
        "give one of them an alias of its own",
    )


def no_list_here(where: Where, name: str, place: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}` is a list, and a {place} value stands once",
        "take one value, or read the list from the query: `Annotated[list[...], Query()]`",
    )


def unusable(where: Where, name: str, annotation: Any, why: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}: {spelled(annotation)}` is no type that can be checked: {why}",
        "use a type that pydantic knows, or mark the parameter with `Depends(...)`",
    )


def not_a_model(where: Where, name: str, annotation: Any, marker: Any) -> PlanError:
    word = type(marker).__name__
    return PlanError(
        where,
        f"`{name}: {spelled(annotation)}` is marked `{word}()`, where a scalar, a list or one model can stand",
        f"use a pydantic model to spread it over the {word.lower()}, or `Body()` for JSON",
    )


def marked_connection(where: Where, name: str, annotation: Any, marker: Any) -> PlanError:
    return PlanError(
        where,
        f"`{name}: {spelled(annotation)}` is injected, and a `{type(marker).__name__}()` says it is sent by the client",
        "take the marker away",
    )


def marker_for_type(where: Where, name: str, said: Any) -> PlanError:
    word = said.__name__ if callable(said) else "Depends" if hasattr(said, "dependency") else type(said).__name__
    return PlanError(
        where,
        f"`{name}: {word}(...)` says where its value comes from, where its type is to stand",
        f"write `{name}: Annotated[T, {word}(...)]`, with the value's type for `T`",
    )


def other_protocol(where: Where, name: str, annotation: Any, socket: bool) -> PlanError:
    here, kind, mend = (
        ("a WebSocket route", "HTTP requests", "WebSocket") if socket else ("an HTTP route", "WebSockets", "Request")
    )
    return PlanError(
        where,
        f"`{name}: {spelled(annotation)}` stands for {kind}, and this is {here}",
        f"annotate `{name}: {mend}`, or `HTTPConnection` in a dependency that serves both",
    )


def response_on_socket(where: Where, name: str, annotation: Any) -> PlanError:
    return PlanError(
        where,
        f"`{name}: {spelled(annotation)}` sets headers and the status of a response, and a WebSocket has none",
        'pass headers when you accept: `await socket.accept(headers=[(b"x-version", b"1")])`',
    )


def body_on_socket(where: Where, name: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}` would be read from a body, and a WebSocket has none",
        "receive it as a message: `await socket.receive_json()`",
    )
