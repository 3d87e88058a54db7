"""Arguments -> bodies that are streamed: forms with files, and items."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from signette.client.runtime.encoding import (
    JsonArgument,
    RequestEncoder,
    is_left_out,
    json_bytes,
    put_body,
    values_by_name,
)
from signette.client.runtime.items import JSON_LINES, ItemWriter, best_item_format
from signette.client.runtime.multipart import FormPart, MultipartBody, UnusableFile, file_source, json_part
from signette.client.runtime.schemas import RequestType, Unwritable
from signette.client.runtime.spec import BodyKind, BodySpec, InputSpec, NameSpec
from signette.client.runtime.texts import new_pairs
from signette.client.runtime.transport import Sent

Arguments = Mapping[str, JsonArgument]
BodyWriter = Callable[[RequestEncoder, BodySpec, Arguments, Sent], None]
"""Writes the body of a request. The arguments are those that were passed."""


def write_items(encoder: RequestEncoder, body: BodySpec, given: Arguments, sent: Sent) -> None:
    """Write a stream of items, of a list, an iterable or an async iterable."""
    (spec,) = body.inputs
    if spec.argument not in given:
        return
    items = given[spec.argument].value
    if not isinstance(items, Iterable | AsyncIterable) or isinstance(items, str | bytes | Mapping):
        raise Unwritable(f"is not a list or an iterator of items: it is of the type `{type(items).__name__}`")
    media_type = best_item_format(body.media_types) or JSON_LINES

    def error_of(number: int, exc: Exception) -> Exception:
        return encoder.error_of(spec, Unwritable(f"has an item that is not valid, the {ordinal(number)} one: {exc}"))

    writer = ItemWriter(spec.type, media_type, RequestType(spec.type).json_of, error_of)
    if isinstance(items, list | tuple):
        # It is in memory, so that an item that is not valid is an error before the request.
        put_body(sent, media_type, b"".join(writer.chunks(items)))
    else:
        put_body(sent, media_type, ItemBody(writer, items, partial(encoder.error_of, spec)))


def write_multipart(encoder: RequestEncoder, body: BodySpec, given: Arguments, sent: Sent) -> None:
    """Write a form with files."""
    parts: list[FormPart] = []
    for each in body.inputs:
        if each.argument in given:
            try:
                parts += _parts_of(encoder, each, given[each.argument], parts)
            except (Unwritable, UnusableFile) as exc:
                raise encoder.error_of(each, exc) from exc
    _put_multipart(sent, parts)


def write_parts(encoder: RequestEncoder, body: BodySpec, given: Arguments, sent: Sent) -> None:
    """Write a form with parts of any name: a mapping, or pairs of names and texts, files, or lists of these."""
    (spec,) = body.inputs
    if spec.argument not in given:
        return
    value = given[spec.argument].value
    try:
        pairs = value.items() if isinstance(value, Mapping) else [(str(name), each) for name, each in value]
        parts = [
            (str(name), one if isinstance(one, str) else file_source(one))
            for name, each in pairs
            for one in (each if isinstance(each, list) else [each])
        ]
    except (UnusableFile, TypeError, ValueError) as exc:
        raise encoder.error_of(spec, exc) from exc
    _put_multipart(sent, parts)


STREAMED_BODIES: Mapping[BodyKind, BodyWriter] = {
    "items": write_items,
    "multipart": write_multipart,
    "parts": write_parts,
}


def _put_multipart(sent: Sent, parts: list[FormPart]) -> None:
    # A form without parts is not a valid multipart body for every application, and has nothing to send.
    if parts:
        form = MultipartBody(parts)
        put_body(sent, form.content_type, form)


def _parts_of(
    encoder: RequestEncoder, spec: InputSpec, argument: JsonArgument, known: list[FormPart]
) -> list[FormPart]:
    files = {each.name: each for each in spec.names if each.style == "file"}
    if files and not spec.is_model:
        if argument.value is None and spec.required:
            raise UnusableFile("is `None`, and the file is required")
        return [part for name in files.values() for part in _files_of(name, argument.value)]
    parts: list[FormPart] = []
    for name, value in values_by_name(spec, argument.value):
        if name.style == "json":
            if not is_left_out(spec, argument):
                parts.append((name.name, json_part(json_bytes(value))))
        else:
            texts = [(key, text) for key, text in known if isinstance(text, str)]
            parts += new_pairs(texts, encoder.pairs_of_name(spec, argument, name, value))
    for key, file in (argument.files or {}).items():
        parts += _files_of(files[key], file)
    return parts


def _files_of(name: NameSpec, value: Any) -> list[FormPart]:
    """The files under a name. None is no file."""
    if value is None:
        return []
    if name.many:
        if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
            raise UnusableFile("is not a list of files")
        return [(name.name, file_source(each)) for each in value]
    return [(name.name, file_source(value))]


class ItemBody:
    """A stream of items, of an iterable or an async iterable."""

    size = None

    is_in_memory = False

    def __init__(self, writer: ItemWriter, items: Any, error_of: Callable[[Exception], Exception]) -> None:
        self._writer = writer
        self._items = items
        self._error_of = error_of
        # An iterator is empty the second time.
        self.is_repeatable = not isinstance(items, Iterator | AsyncIterator)

    def chunks(self) -> Iterator[bytes]:
        """A chunk for each item."""
        if isinstance(self._items, AsyncIterable):
            raise self._error_of(Unwritable("is an async iterable, which needs an async client"))
        return self._writer.chunks(self._items)

    def chunks_async(self) -> AsyncIterator[bytes]:
        """The same, of either kind of iterable. An iterable runs in the event loop, as in a `for` statement."""
        items = self._items if isinstance(self._items, AsyncIterable) else _in_event_loop(self._items)
        return self._writer.chunks_async(items)


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `4th`."""
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


async def _in_event_loop(items: Iterable[Any]) -> AsyncIterator[Any]:
    for item in items:
        yield item
