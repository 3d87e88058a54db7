"""`response_class=`: results become the content of that `Response` class."""

from typing import Any

from signette.declarative.returns.contents import content_maker
from signette.declarative.returns.kind import DeclaredResult, Reply, ReturnKind
from signette.declarative.returns.outcome import make_outcome
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.outcomes import Outcome
from signette.responses.plain import JSONResponse, Response


def _accepts(result: DeclaredResult) -> bool:
    return result.response_class is not None and result.response_class is not JSONResponse


def _make(reply: Reply) -> Any:
    content = content_maker(reply.annotation, reply)
    outcome = make_outcome(reply) if reply.annotation is MISSING else None

    def make(value: Any) -> Response:
        if outcome is not None and isinstance(value, Outcome):
            made: Response = outcome(value)
            return made
        return content(value, reply.status, None)

    return make


RESPONSE_CLASS = ReturnKind("response class", accepts=_accepts, makes=_make)
