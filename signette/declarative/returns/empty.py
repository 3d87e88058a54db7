"""No content: `-> None`."""

from typing import Any

from signette.declarative.introspect import bare
from signette.declarative.ir import Reply, ReturnKind


def has_no_body(status: int) -> bool:
    """RFC 9110 §6.4.1: answers of these statuses end with their head."""
    return status < 200 or status in (204, 205, 304)


def _render(annotation: Any, reply: Reply) -> Any:
    def nothing(value: Any) -> bytes:
        return b""

    return nothing


EMPTY = ReturnKind(
    "empty",
    takes=lambda annotation, reply: bare(annotation) in (None, type(None)) and not reply.response_class,
    renders=_render,
    status=204,
)
