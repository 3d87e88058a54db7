"""MessagePack: JSON values in a binary format, for operations that take or send no JSON. Needs ormsgpack."""

from typing import Any

MESSAGE_PACK_TYPES = ("application/vnd.msgpack", "application/msgpack", "application/x-msgpack")


def packed(value: Any) -> bytes:
    """The bytes of a JSON value.

    Raises:
        ImportError: ormsgpack is not installed.
    """
    found: bytes = _message_pack().packb(value)
    return found


def unpacked(body: bytes) -> Any:
    """The JSON value of the bytes.

    Raises:
        ValueError: they are not MessagePack.
        ImportError: ormsgpack is not installed.
    """
    return _message_pack().unpackb(body)


def _message_pack() -> Any:
    try:
        import ormsgpack  # noqa: PLC0415 - few operations need it
    except ImportError as exc:
        raise ImportError("MessagePack requires ormsgpack. Install it with `pip install 'signette[msgpack]'`.") from exc
    return ormsgpack
