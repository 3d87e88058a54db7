"""`str` is text, `bytes` are octets."""

from collections.abc import Callable
from typing import Any

from signette.declarative.adapters.serializers import bytes_of, chunk_of_item
from signette.declarative.returns.kind import Reply, ReturnKind
from signette.declarative.signature.annotations import class_of, resolve_alias
from signette.exceptions import ResponseValidationError

_BYTES = (bytes, bytearray, memoryview)
TEXTUAL = (str, *_BYTES)


def _is(*classes: type) -> Any:
    return lambda annotation, reply: class_of(annotation) in classes and reply.response_class is None


def declares_more(annotation: Any) -> bool:
    """Whether a text or octets are annotated with more than their class: a bound, a validator, a name of their own."""
    return resolve_alias(annotation) not in TEXTUAL


def encoded(text: str) -> bytes:
    """A text as it is sent. What UTF-8 has no place for (a lone surrogate) is a question mark rather than a 500."""
    return text.encode("utf-8", "replace")


def chunk_of(annotation: Any) -> Callable[[Any], str | bytes]:
    """A function that makes results into the text or the octets that their annotation declares.

    What it gives raises ResponseValidationError for all else.
    """
    if declares_more(annotation):
        return chunk_of_item(annotation)

    def text(value: Any) -> str:
        if not isinstance(value, str):
            raise ResponseValidationError(annotation, f"it is of type `{type(value).__name__}`", body=value)
        return value

    def octets(value: Any) -> bytes:
        return bytes_of(annotation, value)

    return text if class_of(annotation) is str else octets


def _render(annotation: Any, reply: Reply) -> Any:
    chunk = chunk_of(annotation)

    def render(value: Any) -> bytes:
        ready = chunk(value)
        return encoded(ready) if isinstance(ready, str) else ready

    return render


TEXT = ReturnKind("text", takes=_is(str), media_type="text/plain; charset=utf-8", renders=_render)
BYTES = ReturnKind("octets", takes=_is(*_BYTES), media_type="application/octet-stream", renders=_render)
