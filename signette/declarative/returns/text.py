"""`str` is text, `bytes` are octets."""

from typing import Any

from signette.declarative.introspect import class_of
from signette.declarative.ir import Reply, ReturnKind
from signette.exceptions import ResponseValidationError


def _is(*classes: type) -> Any:
    return lambda annotation, reply: class_of(annotation) in classes and reply.response_class is None


def _encode(annotation: Any, reply: Reply) -> Any:
    def encode(value: Any) -> bytes:
        if not isinstance(value, str):
            raise ResponseValidationError(annotation, f"it is of type `{type(value).__name__}`")
        # What UTF-8 has no place for (a lone surrogate) is shown as a question mark rather than lost in a 500.
        return value.encode("utf-8", "replace")

    return encode


def _octets(annotation: Any, reply: Reply) -> Any:
    def octets(value: Any) -> bytes:
        if not isinstance(value, bytes | bytearray | memoryview):  # `bytes(3)` would be three zeros
            raise ResponseValidationError(annotation, f"it is of type `{type(value).__name__}`")
        return bytes(value)

    return octets


TEXT = ReturnKind("text", takes=_is(str), media_type="text/plain; charset=utf-8", renders=_encode)
OCTETS = ReturnKind(
    "octets", takes=_is(bytes, bytearray, memoryview), media_type="application/octet-stream", renders=_octets
)
