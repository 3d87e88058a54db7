"""The base class of formats.

A format is a media type, with how values become bytes of it (`encoder`, `item_encoder`) and how bytes of it become
values (`decoder`). The methods are called once, when a route is made; they return the functions that run at a request.

This is a whole format:

    class YAML(Format):
        media_type = "application/yaml"

        def encoder(self, content):
            return lambda value: yaml.safe_dump(value).encode()

Values are JSON values on this side of a format: what pydantic makes of a result that is sent as JSON, and what it
validates of a request. So a `date` is a string in each format, and the options of a route, such as
`response_model_exclude`, hold for all of them.
"""

import inspect
from collections.abc import Callable
from typing import Any, ClassVar

from signette._dataclasses import dataclass
from signette._http.media import parse_media_type
from signette._http.tokens import TOKEN

Encode = Callable[[Any], bytes]
Decode = Callable[[bytes], Any]
Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DoesNotFit:
    """Why a format cannot be used for an annotation, and what to do about it."""

    problem: str
    hint: str = "remove the format"


@dataclass(frozen=True, slots=True)
class Content:
    """What a format may know of the values, when a route is made."""

    annotation: Any
    """The type; `Any` without one."""
    schema: Callable[[], Schema]
    """Makes the JSON Schema of the values, with the options of the route; its `$defs` are in it. `{}`: any value."""


@dataclass(frozen=True, slots=True)
class ItemEncoder:
    """How a sequence is rendered item by item: `head`, the items with a `separator` between them, and `tail`."""

    encode: Encode
    """Makes the bytes of an item, which is a JSON value."""
    head: bytes = b""
    separator: bytes = b""
    tail: bytes = b""
    takes_text: bool = False
    """`encode` takes the JSON text of the item, as bytes, in place of its value."""


class Format:
    """Base class of formats: a media type, how values are rendered in it, and how bodies are decoded from it.

    A subclass sets `media_type` and defines `encoder`. With `item_encoder`, lists and iterators are sent item by item.
    Options of a format are arguments of its class, `CSV(delimiter=";")`; the class alone means an instance of it.

    `decoder(content)` is the method of the other direction: it returns the function from bytes to a JSON value.
    """

    media_type: ClassVar[str] = ""
    """The media type of responses, as it is sent: it may have parameters, such as `charset`."""
    media_types: ClassVar[tuple[str, ...]] = ()
    """Other names of the media type, which clients may use in `Accept` and `Content-Type`."""
    takes_envelope: ClassVar[bool] = False
    """Whether `envelope=` wraps the values that are rendered."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if isinstance(cls.media_types, str):
            raise TypeError(f"`media_types` of `{cls.__name__}` must be a tuple, not a string")
        for media_type in (*([cls.media_type] if cls.media_type else []), *cls.media_types):
            name = parse_media_type(media_type)[0]
            if not all(TOKEN.fullmatch(part) for part in name.split("/")) or name.count("/") != 1 or "*" in name:
                raise TypeError(f"`{cls.__name__}` has the invalid media type {media_type!r}; write `type/subtype`")

    def encoder(self, content: Content) -> Encode | DoesNotFit:  # noqa: ARG002 - for subclasses, as below
        """Return the function that renders a JSON value, or why values of this type cannot be rendered."""
        return DoesNotFit("it renders lists and iterators only", "return a list, or remove the format")

    def item_encoder(self, content: Content) -> ItemEncoder | DoesNotFit:  # noqa: ARG002
        """Return how a sequence is rendered item by item, or why it cannot be. `content` is that of an item."""
        return DoesNotFit("it cannot be sent item by item", "return a list, or remove the format")

    def decoder(self, content: Content) -> Decode | DoesNotFit:  # noqa: ARG002
        """Return the function that makes a JSON value of a request body, or why bodies of this type cannot be decoded.

        The function raises ValueError for an invalid body, whose text is not sent to clients. The response is a 400.
        """
        return DoesNotFit("it has no `decoder`", "remove the format, or define `decoder(self, content)`")

    def document(self, schema: Schema, item_schema: Schema | None) -> Schema:  # noqa: ARG002
        """Return the media type object of OpenAPI 3.2 for values with this schema.

        `item_schema` is that of an item of a list or an iterator, None for other values. In a document of OpenAPI 3.1
        an `itemSchema` becomes the schema of an array.
        """
        return {"schema": schema}

    @property
    def names(self) -> tuple[str, ...]:
        """The media types, in lower case and without parameters: that of responses first."""
        return tuple(dict.fromkeys(parse_media_type(each)[0] for each in (self.media_type, *self.media_types)))

    def __repr__(self) -> str:
        """The call that makes the format, without defaults; the name of the class if no argument is left."""
        parts = []
        for name, parameter in inspect.signature(type(self)).parameters.items():
            value = getattr(self, name, parameter.default)
            if value is not parameter.empty and value != parameter.default:
                parts.append(f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(parts)})" if parts else type(self).__name__


def format_of(value: Any) -> Format | None:
    """The format of an option, which may be a class or an instance; None for another value.

    Raises TypeError for a class that needs arguments.
    """
    if isinstance(value, type) and issubclass(value, Format):
        return value()
    return value if isinstance(value, Format) else None
