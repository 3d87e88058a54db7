"""No return annotation: JSON, each part by its own type. The only kind that inspects each result."""

from collections.abc import AsyncIterator
from typing import Any

from signette._frameworks import is_response
from signette.declarative.returns.contents import dump_of
from signette.declarative.returns.kind import DeclaredResult, Reply, ReturnKind
from signette.declarative.returns.outcome import make_outcome
from signette.declarative.returns.stream import make_lines
from signette.declarative.returns.tagged import TaggedResponse
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.outcomes import Outcome
from signette.declarative.signature.tagged import Tagged
from signette.responses.plain import JSONResponse, Response


def _accepts(result: DeclaredResult) -> bool:
    return result.annotation is MISSING and result.response_class in (None, JSONResponse)


def _render(reply: Reply) -> Any:
    return dump_of(MISSING, reply)


def _make(reply: Reply) -> Any:
    dump, outcome, lines = _render(reply), make_outcome(reply), make_lines(reply)

    def make(value: Any) -> Response:
        response: Response
        if is_response(value):
            response = value
        elif isinstance(value, Outcome):
            response = outcome(value)
        elif isinstance(value, Tagged):
            response = TaggedResponse.of(make(value.content), value)
        elif isinstance(value, AsyncIterator):
            response = lines(value)
        else:
            response = Response(dump(value), reply.status, media_type="application/json")
        return response

    return make


UNANNOTATED = ReturnKind(
    "unannotated",
    accepts=_accepts,
    media_type="application/json",
    renders=_render,
    makes=_make,
    rendered_types=(dict, list, str, int, float, bool, type(None)),
)
