"""MessagePack: the values of JSON in a binary format. Needs the extra `msgpack`."""

import secrets
from math import isfinite
from typing import Any, ClassVar

from signette._http.json import MAX_LEVELS
from signette.declarative.formats.base import Content, Decode, DoesNotFit, Encode, Format

# The library ignores bytes after a value. So it gets a pair of the body and of bytes that no client knows.
_PAIR = b"\x92"
_END = secrets.token_bytes(16)


class MessagePack(Format):
    """`application/vnd.msgpack`: the same values as JSON. So dates and UUIDs are strings, and bytes are text.

    Raises:
        ImportError: the extra `msgpack` is not installed.
    """

    media_type: ClassVar[str] = "application/vnd.msgpack"
    media_types: ClassVar[tuple[str, ...]] = ("application/msgpack", "application/x-msgpack")
    takes_envelope: ClassVar[bool] = True

    def __init__(self) -> None:
        _library()

    def encoder(self, content: Content) -> Encode | DoesNotFit:  # noqa: ARG002 - each value can be rendered
        encode: Encode = _library().packb
        return encode

    def decoder(self, content: Content) -> Decode | DoesNotFit:  # noqa: ARG002 - each value can be decoded
        unpack: Decode = _library().unpackb
        end = _library().packb(_END)

        def decode(body: bytes) -> Any:
            value, *rest = unpack(b"".join((_PAIR, body, end)))
            if rest != [_END]:
                raise ValueError("data after the end")
            _check(value)
            return value

        return decode


def _check(value: Any) -> None:
    """Raise ValueError for what JSON does not have either: NaN and infinities, and too many levels."""
    waiting, levels = [value], 0
    while waiting:
        levels += 1
        inner: list[Any] = []
        for each in waiting:
            if isinstance(each, float) and not isfinite(each):
                raise ValueError("a number is not finite")
            if isinstance(each, list):
                inner += each
            elif isinstance(each, dict):
                inner += each.values()
        if inner and levels >= MAX_LEVELS:
            raise ValueError("too many levels")
        waiting = inner


def _library() -> Any:
    try:
        import ormsgpack  # noqa: PLC0415 - an extra: only this format needs it
    except ImportError as exc:
        raise ImportError(
            "`MessagePack` requires ormsgpack. Install it with `pip install 'signette[msgpack]'`."
        ) from exc
    return ormsgpack
