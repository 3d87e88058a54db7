"""MessagePack: the values of JSON in a binary format. Needs the extra `msgpack`."""

from typing import Any, ClassVar

from signette.declarative.formats.base import Content, DoesNotFit, Encode, Format


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


def _library() -> Any:
    try:
        import ormsgpack  # noqa: PLC0415 - an extra: only this format needs it
    except ImportError as exc:
        raise ImportError(
            "`MessagePack` requires ormsgpack. Install it with `pip install 'signette[msgpack]'`."
        ) from exc
    return ormsgpack
