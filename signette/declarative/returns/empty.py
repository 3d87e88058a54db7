"""No content: `-> None`."""

from typing import Any

from signette.declarative.returns.kind import Reply, ReturnKind
from signette.declarative.signature.annotations import strip_annotated
from signette.declarative.signature.markers import MISSING
from signette.exceptions import ResponseValidationError


def _render(annotation: Any, reply: Reply) -> Any:
    def nothing(value: Any) -> bytes:
        # Without an annotation the status alone says that there is no body.
        if value is not None and annotation is not MISSING:
            why = f"it is of type `{type(value).__name__}`. Annotate what is returned, or return nothing"
            raise ResponseValidationError(None, why, body=value)
        return b""

    return nothing


EMPTY = ReturnKind(
    "empty",
    takes=lambda annotation, reply: strip_annotated(annotation) in (None, type(None)) and not reply.response_class,
    renders=_render,
    status=204,
)
