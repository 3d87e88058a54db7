"""Models and all else: JSON, filtered by the annotation."""

from typing import Any

from signette.declarative.returns.contents import dump_of
from signette.declarative.returns.kind import Reply, ReturnKind
from signette.declarative.returns.response import SPECIAL
from signette.responses.plain import JSONResponse


def _takes(annotation: Any, reply: Reply) -> bool:
    return reply.response_class is None or reply.response_class is JSONResponse


def _render(annotation: Any, reply: Reply) -> Any:
    return dump_of(annotation, reply, SPECIAL)


JSON = ReturnKind("json", takes=_takes, media_type="application/json", renders=_render, knows_special=True)
