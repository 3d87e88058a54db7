"""Encoding of responses: header fields, text, memory, and the messages of WebSocket denial responses."""

from functools import lru_cache

from signette.datastructures.headers import Field, encode_name, encode_value
from signette.types import Message, Send

RawHeaders = list[Field]

# Responses with these statuses have no body: RFC 9110 §6.4.1, for 205 §15.3.6.
BODILESS = frozenset({*range(100, 200), 204, 205, 304})


def has_no_body(status: int) -> bool:
    """Whether responses with this status have no body. PERF: code on the request path uses `BODILESS` directly."""
    return status in BODILESS


@lru_cache(maxsize=1024)
def encode_field(name: str, value: str) -> Field:
    """Encode a header field. PERF: cached, as most fields are the same in all responses.

    Raises:
        ValueError: the name or the value contains invalid characters.
        TypeError: the value is not a string.
    """
    return encode_name(name), encode_value(value, name)


@lru_cache(maxsize=256)
def content_type_field(media_type: str, charset: str) -> Field:
    """The `content-type` field. Adds the charset to text types without one."""
    if media_type.startswith("text/") and "charset=" not in media_type.lower():
        media_type += f"; charset={charset}"
    return b"content-type", encode_value(media_type, "content-type")


@lru_cache(maxsize=4096)
def content_length_field(length: int) -> Field:
    """The `content-length` field. PERF: cached, as sizes repeat, and a hit costs a third of the formatting."""
    return b"content-length", b"%d" % length


def content_fields(length: int, media_type: str | None, charset: str) -> tuple[Field, ...]:
    """The `content-length` and, with a media type, the `content-type` field."""
    length_field = (b"content-length", b"%d" % length)
    return (length_field,) if media_type is None else (length_field, content_type_field(media_type, charset))


_MOST_LENGTHS = 1024
_MOST_MEDIA_TYPES = 64


class _ByLength(dict[int, tuple[Field, ...]]):
    __slots__ = ("_media_type",)

    def __init__(self, media_type: str | None) -> None:
        super().__init__()
        self._media_type = media_type

    def __missing__(self, length: int) -> tuple[Field, ...]:
        fields = content_fields(length, self._media_type, "utf-8")
        if len(self) >= _MOST_LENGTHS:
            self.clear()
        self[length] = fields
        return fields


class _ByMediaType(dict[str | None, _ByLength]):
    __slots__ = ()

    def __missing__(self, media_type: str | None) -> _ByLength:
        if len(self) >= _MOST_MEDIA_TYPES:
            self.clear()
        by_length = self[media_type] = _ByLength(media_type)
        return by_length


CONTENT_FIELDS = _ByMediaType()
"""`content_fields` in UTF-8, by media type and length. PERF: the two lookups take 40 % of the time of an `lru_cache`,
which makes a key of three arguments. A dictionary that is full is cleared."""


def encode_text(text: str, charset: str) -> bytes:
    """Encode text. In UTF-8, a lone surrogate, which JSON may contain, becomes `?`."""
    try:
        return text.encode(charset)
    except UnicodeEncodeError:
        if not charset.lower().startswith("utf"):
            raise  # the application has chosen a charset that does not fit
        return text.encode(charset, "replace")


def flatten(content: memoryview) -> bytes | memoryview:
    """The memory as contiguous bytes. Copies only non-contiguous memory."""
    if content.format == "B" and content.ndim == 1 and content.c_contiguous:
        return content
    return content.cast("B") if content.c_contiguous else content.tobytes()


def encode_chunk(chunk: object, charset: str) -> bytes | memoryview:
    """Encode a chunk of a body. Raises TypeError unless it is text or bytes."""
    if isinstance(chunk, str):
        return encode_text(chunk, charset)
    if isinstance(chunk, bytes):
        return chunk
    if isinstance(chunk, memoryview):
        return flatten(chunk)
    if isinstance(chunk, bytearray):
        return bytes(chunk)
    raise TypeError(
        f"The content of a response must be str, bytes or memoryview, not {type(chunk).__name__};"
        " use JSONResponse for other values"
    )


def as_denial(send: Send) -> Send:
    """`send` for a WebSocket denial response, an extension of ASGI."""

    async def send_denial(message: Message) -> None:
        await send({**message, "type": f"websocket.{message['type']}"})

    return send_denial
