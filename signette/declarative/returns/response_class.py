"""`response_class=`: the endpoint said which `Response` its results become."""

from typing import Any

from signette.declarative.returns.contents import content_maker
from signette.declarative.returns.kind import Reply, ReturnKind
from signette.declarative.returns.outcome import make_outcome
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.outcomes import Outcome
from signette.responses.plain import JSONResponse, Response


def _takes(annotation: Any, reply: Reply) -> bool:
    return reply.response_class is not None and reply.response_class is not JSONResponse


def _make(annotation: Any, reply: Reply) -> Any:
    content = content_maker(annotation, reply)
    outcome = make_outcome(MISSING, reply) if annotation is MISSING else None

    def make(value: Any) -> Response:
        if outcome is not None and isinstance(value, Outcome):
            made: Response = outcome(value)
            return made
        return content(value, reply.status, None)

    return make


RESPONSE_CLASS = ReturnKind("chosen", takes=_takes, makes=_make)
