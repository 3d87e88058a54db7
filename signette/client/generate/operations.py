"""Operations as source: their specs, and the types of their arguments and results."""

import dataclasses
import enum
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from signette.client.generate.annotations import annotation_source
from signette.client.generate.errors import GenerationError, NotSource
from signette.client.generate.scope import Scope
from signette.client.generate.values import call_of, string_source, value_source
from signette.client.runtime.spec import UNSET, InputSpec, NameSpec, OperationSpec, ResultKind, ResultSpec

__all__ = ["WRITERS", "Result", "argument_source", "maker_of", "result_of", "sent_types", "spec_source"]

# What a generated client needs for a kind of result: the makers, and the types, with and without `async`.
MAKERS: dict[ResultKind, tuple[str, str]] = {
    "items": ("async_items", "blocking_items"),
    "events": ("async_events", "blocking_events"),
    "page": ("async_pages", "blocking_pages"),
    "file": ("async_chunks", "blocking_chunks"),
    "chunks": ("async_chunks", "blocking_chunks"),
    "text chunks": ("async_text_chunks", "blocking_text_chunks"),
    "socket": ("async_socket", "blocking_socket"),
}
RESULT_TYPES: dict[ResultKind, tuple[str, str]] = {
    "items": ("AsyncItems", "BlockingItems"),
    "events": ("AsyncEventSource", "BlockingEventSource"),
    "page": ("AsyncPages", "BlockingPages"),
    "file": ("AsyncDownload", "BlockingDownload"),
    "chunks": ("AsyncDownload", "BlockingDownload"),
    "text chunks": ("AsyncDownload", "BlockingDownload"),
    "socket": ("AsyncSocket", "BlockingSocket"),
}
WRITERS = {"items": "write_items", "multipart": "write_multipart", "parts": "write_parts"}
# Fields of specs that hold types, and those that only the docstrings of a module need.
TYPES = {
    "InputSpec": ("type",), "ResultSpec": ("type",), "EventSpec": ("type",), "ProblemSpec": ("cls",),
    "SocketSpec": ("sends", "receives"),
}  # fmt: skip
DOCUMENTING = frozenset({"doc", "tags", "in_schema", "is_deprecated", "unsupported"})
POSITIONAL = {"OperationSpec": 3, "InputSpec": 4, "NameSpec": 1, "BodySpec": 2, "ResultSpec": 2, "EventSpec": 2,
              "ProblemSpec": 3, "SecuritySpec": 2, "PagingSpec": 1}  # fmt: skip
# Defaults that a signature shows. Others, such as lists, are `UNSET`.
PLAIN = (str, int, float, bool, bytes, enum.Enum, Decimal, date, time, timedelta, UUID)


@dataclasses.dataclass(frozen=True)
class Result:
    """The type of a method's result, and whether it is awaited."""

    type: str
    is_awaited: bool


# -- specs -------------------------------------------------------------------------------------------------------------


def spec_source(operation: OperationSpec, scope: Scope) -> str:
    """The expression of an `OperationSpec`.

    Raises:
        GenerationError: a type has no source.
    """
    with scope.with_detail("wire"):
        return _spec(operation, scope, f"operation `{operation.name}`")


def _spec(value: Any, scope: Scope, location: str) -> str:
    name = type(value).__name__
    positional: list[str] = []
    options: dict[str, str] = {}
    for index, field in enumerate(dataclasses.fields(value)):
        held = getattr(value, field.name)
        if field.name in DOCUMENTING or (field.default is not dataclasses.MISSING and _is_same(held, field.default)):
            continue
        place = f"{location}, argument `{value.argument}`" if isinstance(value, InputSpec) else location
        if field.name in TYPES.get(name, ()):
            text = _type_in_spec(value, held, scope, place)
        elif field.name == "members":
            text = _members(held, scope, place)
        elif isinstance(value, InputSpec) and field.name == "default":
            text = _default_in_spec(held, scope)
        else:
            text = _part(held, scope, place)
        if index < POSITIONAL.get(name, 0) and len(positional) == index:
            positional.append(text)
        elif text:
            options[field.name] = text
    return call_of(scope.imported("", name), positional, options)


def _is_same(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and bool(value == default))


def _part(value: Any, scope: Scope, location: str) -> str:
    if dataclasses.is_dataclass(value):
        return _spec(value, scope, location)
    if isinstance(value, tuple):
        parts = [_part(each, scope, location) for each in value]
        return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
    return value_source(value, scope)


def _type_in_spec(spec: Any, annotation: Any, scope: Scope, location: str) -> str:
    if annotation is UNSET:
        return scope.imported("", "UNSET")
    if isinstance(spec, InputSpec) and _is_untyped(spec):
        return "None"
    return typed(annotation, scope, location)


def _is_untyped(spec: InputSpec) -> bool:
    """Whether the encoder does not use the type: of files, and of models with files."""
    return any(name.style == "file" for name in spec.names)


def _members(members: Any, scope: Scope, location: str) -> str:
    parts = [f"({string_source(name)}, {typed(annotation, scope, location)})" for name, annotation in members]
    return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"


def _default_in_spec(value: Any, scope: Scope) -> str:
    try:
        return value_source(value, scope)
    except NotSource:
        return ""


def typed(annotation: Any, scope: Scope, location: str) -> str:
    """An annotation as source.

    Raises:
        GenerationError: it has none.
    """
    try:
        return annotation_source(annotation, scope)
    except NotSource as exc:
        raise GenerationError(location, f"{exc} has no source", scope.hint) from None


# -- signatures --------------------------------------------------------------------------------------------------------


def argument_source(operation: OperationSpec, spec: InputSpec, scope: Scope, *, is_async: bool) -> str:
    """A parameter of a method: `limit: int = 20`."""
    location = f"operation `{operation.name}`, argument `{spec.argument}`"
    with scope.with_detail("none"):
        annotation = _argument_type(operation, spec, scope, location, is_async=is_async)
    name = f"{spec.argument}_" if spec.argument == "self" else spec.argument
    if spec.required:
        return f"{name}: {annotation}"
    if spec.default is None or spec.default is UNSET:
        return f"{name}: {_with(annotation, 'None')} = None"
    if isinstance(spec.default, PLAIN):
        return f"{name}: {annotation} = {value_source(spec.default, scope)}"
    return f"{name}: {_with(annotation, scope.imported('', 'Unset'))} = {scope.imported('', 'UNSET')}"


def _with(annotation: str, member: str) -> str:
    members = annotation.split(" | ")
    return annotation if member in members or annotation == scope_any(annotation) else f"{annotation} | {member}"


def scope_any(annotation: str) -> str:
    """`Any`, which a union with another type does not change."""
    return "Any" if annotation == "Any" else ""


def _argument_type(operation: OperationSpec, spec: InputSpec, scope: Scope, location: str, *, is_async: bool) -> str:
    names = spec.names
    if any(name.style == "file" for name in names):
        return _file_type(spec, names[0], scope)
    kind = operation.body.kind if operation.body is not None and spec.place == "body" else "json"
    if kind == "bytes":
        chunks = f"{scope.builtin('bytes')} | {_iterable(scope.builtin('bytes'), scope, is_async=is_async)}"
        return chunks if _is_bytes(spec.type) else f"{typed(spec.type, scope, location)} | {chunks}"
    if kind == "parts":
        file = scope.imported("", "FileInput")
        text = scope.builtin("str")
        part = f"{text} | {file} | {scope.builtin('list')}[{text} | {file}]"
        return f"{scope.imported('collections.abc', 'Mapping')}[{text}, {part}]"
    annotation = typed(spec.type, scope, location)
    if kind == "items":
        return _iterable(annotation, scope, is_async=is_async)
    if kind == "patch":
        mapping = scope.imported("collections.abc", "Mapping")
        return f"{annotation} | {mapping}[{scope.builtin('str')}, {scope.imported('typing', 'Any')}]"
    return annotation


def _is_bytes(annotation: Any) -> bool:
    return annotation is bytes or (getattr(annotation, "__origin__", None) is bytes)


def _file_type(spec: InputSpec, name: NameSpec, scope: Scope) -> str:
    if spec.is_model:
        mapping = scope.imported("collections.abc", "Mapping")
        return f"{mapping}[{scope.builtin('str')}, {scope.imported('typing', 'Any')}]"
    file = scope.imported("", "FileInput")
    return f"{scope.imported('collections.abc', 'Sequence')}[{file}]" if name.many else file


def _iterable(item: str, scope: Scope, *, is_async: bool) -> str:
    plain = f"{scope.imported('collections.abc', 'Iterable')}[{item}]"
    return f"{plain} | {scope.imported('collections.abc', 'AsyncIterable')}[{item}]" if is_async else plain


# -- results -----------------------------------------------------------------------------------------------------------


def maker_of(operation: OperationSpec, *, is_async: bool) -> tuple[ResultKind, str] | None:
    """The kind of a result that is more than a value, and what makes it."""
    for each in operation.results:
        if each.kind in MAKERS:
            return each.kind, MAKERS[each.kind][0 if is_async else 1]
    return None


def result_of(operation: OperationSpec, scope: Scope, *, is_async: bool) -> Result:
    """The result of a method."""
    location = f"operation `{operation.name}`"
    with scope.with_detail("none"):
        for each in operation.results:
            if each.kind in MAKERS:
                name = scope.imported("", RESULT_TYPES[each.kind][0 if is_async else 1])
                return Result(f"{name}[{_parameters(operation, each, scope, location)}]", False)
        types = list(dict.fromkeys(_value_type(each, scope, location) for each in operation.results))
        types += [typed(each.cls, scope, location) for each in operation.problems if each.is_returned]
        types.sort(key=lambda each: each == "None")
    any_ = scope.imported("typing", "Any")
    return Result(any_ if not types or any_ in types else " | ".join(dict.fromkeys(types)), True)


def _value_type(result: ResultSpec, scope: Scope, location: str) -> str:
    if result.kind == "json":
        return typed(result.type, scope, location)
    if result.kind == "text":
        return scope.builtin("str")
    if result.kind == "bytes":
        return scope.builtin("bytes")
    return "None" if result.kind == "empty" else scope.imported("typing", "Any")


def _parameters(operation: OperationSpec, result: ResultSpec, scope: Scope, location: str) -> str:
    if result.kind == "socket":
        socket = operation.socket
        every = (UNSET, UNSET) if socket is None else (socket.sends, socket.receives)
        return ", ".join(
            scope.imported("typing", "Any") if each is UNSET else typed(each, scope, location) for each in every
        )
    if result.kind in ("file", "chunks"):
        return scope.builtin("bytes")
    if result.kind == "text chunks":
        return scope.builtin("str")
    if result.kind == "events" and not result.events:
        return scope.imported("", "ReceivedEvent")
    return typed(result.type, scope, location)


def sent_types(operation: OperationSpec) -> Iterator[tuple[str, Any]]:
    """The types of what a client sends, each with its location."""
    location = f"operation `{operation.name}`"
    for each in operation.arguments:
        if not _is_untyped(each) and not (operation.body is not None and operation.body.kind == "parts"):
            yield f"{location}, argument `{each.argument}`", each.type
    if operation.socket is not None and operation.socket.sends is not UNSET:
        yield f"{location}, messages", operation.socket.sends
