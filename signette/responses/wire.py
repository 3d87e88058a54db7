"""From values to what travels: header fields, text, memory, and the message names of a denied WebSocket."""

from functools import lru_cache

from signette.datastructures.headers import Field, encode_name, encode_value
from signette.types import Message, Send

RawHeaders = list[Field]

# Responses of these statuses have no body: RFC 9110 §6.4.1, of 205 §15.3.6.
BODILESS = frozenset({*range(100, 200), 204, 205, 304})


def has_no_body(status: int) -> bool:
    """Whether responses of this status have no body. PERF: what sends them looks into `BODILESS` itself."""
    return status in BODILESS


@lru_cache(maxsize=1024)
def encode_field(name: str, value: str) -> Field:
    """The header field as it travels. PERF: most fields are the same in every answer.

    Raises:
        ValueError: it could split the response, or is no text that travels in a header.
        TypeError: the value is not text.
    """
    return encode_name(name), encode_value(value, name)


@lru_cache(maxsize=256)
def content_type_field(media_type: str, charset: str) -> Field:
    """The `content-type` field, with the charset where the type is text and names none itself."""
    if media_type.startswith("text/") and "charset=" not in media_type.lower():
        media_type += f"; charset={charset}"
    return b"content-type", encode_value(media_type, "content-type")


@lru_cache(maxsize=4096)
def content_length_field(length: int) -> Field:
    """The `content-length` field. PERF: the sizes of answers repeat, and a hit costs a third of the formatting."""
    return b"content-length", b"%d" % length


def encode_text(text: str, charset: str) -> bytes:
    """The text as it travels. In UTF-8 a lone surrogate, which JSON can bring in, goes out as `?`."""
    try:
        return text.encode(charset)
    except UnicodeEncodeError:
        if not charset.lower().startswith("utf"):
            raise  # the charset was chosen too small for the text, and that should be seen
        return text.encode(charset, "replace")


def flatten(content: memoryview) -> bytes | memoryview:
    """The same memory as one row of bytes; copied only where it has gaps."""
    if content.format == "B" and content.ndim == 1 and content.c_contiguous:
        return content
    return content.cast("B") if content.c_contiguous else content.tobytes()


def encode_chunk(chunk: object, charset: str) -> bytes | memoryview:
    """A piece of a body as it travels. Raises TypeError: it is neither text nor bytes."""
    if isinstance(chunk, str):
        return encode_text(chunk, charset)
    if isinstance(chunk, bytes):
        return chunk
    if isinstance(chunk, memoryview):
        return flatten(chunk)
    if isinstance(chunk, bytearray):
        return bytes(chunk)
    raise TypeError(
        f"A body is made of str, bytes or memoryview, not {type(chunk).__name__}; JSONResponse takes values"
    )


def as_denial(send: Send) -> Send:
    """`send`, speaking the extension "WebSocket denial response" of the ASGI text."""

    async def send_denial(message: Message) -> None:
        await send({**message, "type": f"websocket.{message['type']}"})

    return send_denial
