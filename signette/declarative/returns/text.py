"""`str`: a text response. `bytes`: a binary response."""

from collections.abc import Callable
from typing import Any

from signette.declarative.adapters.serializers import bytes_of, chunk_of_item
from signette.declarative.returns.kind import Reply, ReturnKind
from signette.declarative.returns.special import raise_if_special
from signette.declarative.signature.annotations import class_of, resolve_alias
from signette.exceptions import ResponseValidationError

_BYTES = (bytes, bytearray, memoryview)
TEXTUAL = (str, *_BYTES)


def _is(*classes: type) -> Any:
    return lambda result: class_of(result.annotation) in classes and result.response_class is None


def declares_more(annotation: Any) -> bool:
    """Whether a text or binary type declares more than its class: a constraint, a validator, an alias."""
    return resolve_alias(annotation) not in TEXTUAL


def encoded(text: str) -> bytes:
    """A text as UTF-8. A lone surrogate, which UTF-8 cannot encode, is sent as `?` instead of causing a 500."""
    return text.encode("utf-8", "replace")


def chunk_of(annotation: Any) -> Callable[[Any], str | bytes]:
    """A function from results to the text or bytes that the annotation declares.

    It raises ResponseValidationError for all other results.
    """
    if declares_more(annotation):
        return chunk_of_item(annotation)

    def text(value: Any) -> str:
        if not isinstance(value, str):
            raise ResponseValidationError(annotation, f"it is of type `{type(value).__name__}`", body=value)
        return value

    def binary(value: Any) -> bytes:
        return bytes_of(annotation, value)

    return text if class_of(annotation) is str else binary


def _render(reply: Reply) -> Any:
    chunk = chunk_of(reply.annotation)

    def render(value: Any) -> bytes:
        try:
            ready = chunk(value)
        except ResponseValidationError:
            raise_if_special(value)
            raise
        return encoded(ready) if isinstance(ready, str) else ready

    return render


TEXT = ReturnKind(
    "text", accepts=_is(str), media_type="text/plain; charset=utf-8", renders=_render, raises_not_rendered=True
)
BYTES = ReturnKind(
    "bytes", accepts=_is(*_BYTES), media_type="application/octet-stream", renders=_render, raises_not_rendered=True
)
