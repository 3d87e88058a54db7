"""`Body(media_types=[...])` -> the row that reads a body in one of these formats."""

from typing import Any, TypeGuard

from signette.declarative.adapters.root_models import rootless
from signette.declarative.adapters.validators import adapter_of
from signette.declarative.errors import bodies as errors
from signette.declarative.formats.base import Content, DoesNotFit, Format, format_of
from signette.declarative.formats.form import FormEncoded
from signette.declarative.formats.json import JSON
from signette.declarative.signature.annotations import models_in
from signette.declarative.signature.model import SourceLocation
from signette.declarative.sources.content import Reader, Readers, content_row, decoding_reader, form_reader, json_reader
from signette.declarative.sources.row import Row
from signette.declarative.sources.shapes import mapped_type


def formats_of(name: str, value: Any, where: SourceLocation) -> tuple[Format, ...]:
    """The formats of `media_types=`.

    Raises SignatureError for what is not a list of formats with different media types.
    """
    if isinstance(value, str) or not isinstance(value, list | tuple) or not value:
        raise errors.not_body_formats(where, name, value)
    found: list[Format] = []
    for each in value:
        one = format_of(each) if not isinstance(each, str) else None
        if one is None or not one.media_type:
            raise errors.not_a_body_format(where, name, each)
        for other in found:
            if shared := set(other.names) & set(one.names):
                raise errors.formats_of_one_media_type(where, name, other, one, min(shared))
        found.append(one)
    return tuple(found)


def is_plain_json(each: Format) -> TypeGuard[JSON]:
    """Whether bodies in a format are JSON, which pydantic reads, and not decoded by an application."""
    return isinstance(each, JSON) and type(each).decoder is JSON.decoder


def content_source(
    formats: tuple[Format, ...], name: str, annotation: Any, where: SourceLocation, *, decimal: bool = False
) -> Row:
    """The row that reads a body in one of the formats. `decimal`: with exact numbers in JSON.

    Raises SignatureError for a format that cannot be decoded to this type.
    """
    readers: dict[str, Reader] = {}
    for each in formats:
        for media_type in each.names:
            readers[media_type] = _reader(each, media_type, name, annotation, where, decimal=decimal)
    return content_row(Readers(readers))


def _reader(
    each: Format, media_type: str, name: str, annotation: Any, where: SourceLocation, *, decimal: bool
) -> Reader:
    if isinstance(each, FormEncoded):
        if not models_in(rootless(annotation)) and mapped_type(annotation) is None:
            hint = "annotate the parameter with a model, or remove the format"
            raise errors.format_does_not_decode(where, name, each, annotation, "a form has named fields", hint)
        return form_reader(each, media_type, annotation)
    if is_plain_json(each):
        return json_reader(each, media_type, annotation, decimal=decimal)
    decode = each.decoder(Content(annotation, lambda: adapter_of(annotation).json_schema()))
    if isinstance(decode, DoesNotFit):
        raise errors.format_does_not_decode(where, name, each, annotation, decode.problem, decode.hint)
    return decoding_reader(each, media_type, annotation, decode)
