"""A stream of items -> the OpenAPI request body: each media type, with the schema of the items."""

from typing import Any

from signette.declarative.fields.base import FieldInfo
from signette.declarative.openapi.dialect import Dialect
from signette.declarative.openapi.schemas import Schema, Schemas
from signette.declarative.signature.annotations import metadata_of
from signette.declarative.streams.formats import ARRAY, format_named
from signette.declarative.streams.spec import StreamSpec


def stream_body(stream: StreamSpec, annotation: Any, schemas: Schemas, dialect: Dialect) -> Schema:
    """The request body of a stream. `annotation` is that of the parameter, with a `Doc("...")` if it has one."""
    item = schemas.input_schema(stream.item)
    array: Schema = {"type": "array", "items": item}
    if stream.items.max_items is not None:
        array["maxItems"] = stream.items.max_items
    # An array is one JSON value, also in OpenAPI 3.2.
    content: Schema = {
        media_type: {"itemSchema": item}
        if dialect.has_item_schema and format_named(media_type) is not ARRAY
        else {"schema": array}
        for media_type in stream.media_types
    }
    # A `Doc("...")` is a field with a description by now.
    texts = (each.description for each in metadata_of(annotation) if isinstance(each, FieldInfo))
    description = next(filter(None, texts), None)
    return ({"description": description} if description else {}) | {"content": content, "required": True}
