"""Models and all other types: JSON with the fields that the annotation declares."""

from typing import Any

from signette.declarative.returns.contents import dump_of
from signette.declarative.returns.kind import DeclaredResult, Reply, ReturnKind
from signette.declarative.returns.special import SPECIAL
from signette.responses.plain import JSONResponse


def _accepts(result: DeclaredResult) -> bool:
    return result.response_class is None or result.response_class is JSONResponse


def _render(reply: Reply) -> Any:
    return dump_of(reply.annotation, reply, SPECIAL)


JSON = ReturnKind("json", accepts=_accepts, media_type="application/json", renders=_render, raises_not_rendered=True)
