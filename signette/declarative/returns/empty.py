"""`-> None`: a response without a body."""

from typing import Any

from signette.declarative.returns.kind import DeclaredResult, Reply, ReturnKind
from signette.declarative.returns.special import raise_if_special
from signette.declarative.signature.annotations import strip_annotated
from signette.declarative.signature.markers import MISSING
from signette.exceptions import ResponseValidationError


def _accepts(result: DeclaredResult) -> bool:
    return strip_annotated(result.annotation) in (None, type(None)) and not result.response_class


def _render(reply: Reply) -> Any:
    is_unannotated = reply.annotation is MISSING  # then only the status says that there is no body

    def nothing(value: Any) -> bytes:
        if value is not None:
            raise_if_special(value)
        if value is not None and not is_unannotated:
            why = f"it is of type `{type(value).__name__}`. Annotate the return value, or return nothing"
            raise ResponseValidationError(None, why, body=value)
        return b""

    return nothing


EMPTY = ReturnKind("empty", accepts=_accepts, renders=_render, raises_not_rendered=True, status=204)
