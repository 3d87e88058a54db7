"""Several statuses in one type: `-> Created[Order] | OutOfStock`. The class of the result is its status."""

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any, get_args

from signette.declarative.adapters.conformance import watched
from signette.declarative.adapters.dump import dumper
from signette.declarative.introspect import bare, class_of, members_of
from signette.declarative.ir import Reply, ReturnKind
from signette.declarative.outcomes import Outcome
from signette.declarative.returns.empty import has_no_body
from signette.exceptions import ResponseValidationError
from signette.responses.plain import Response


def outcome_class(annotation: Any) -> type[Outcome[Any]] | None:
    cls = class_of(annotation)
    return cls if cls is not None and cls is not Any and issubclass(cls, Outcome) else None


def content_of(annotation: Any) -> Any:
    """`Order` for `Created[Order]`; None where the status has no body."""
    cls = outcome_class(annotation)
    assert cls is not None
    if has_no_body(cls.status_code):
        return None
    return next(iter(get_args(bare(annotation))), Any)


def make_outcome(annotation: Any, reply: Reply) -> Any:
    renders: dict[type, Callable[[Any], bytes]] = {}
    rest: list[Any] = []
    for member in members_of(annotation):
        cls = outcome_class(member)
        if cls is None:
            rest.append(member)
        elif not has_no_body(cls.status_code):
            content = content_of(member)
            renders[cls] = watched(dumper(content), content, reply.watch)
    others = reduce(or_, rest) if rest else None
    plain = watched(dumper(others), others, reply.watch) if rest else None

    def render_of(result: Any) -> Callable[[Any], bytes]:
        found = next((renders[cls] for cls in type(result).__mro__ if cls in renders), None)
        if found is None and (plain is None or (isinstance(result, Outcome) and annotation is not Any)):
            # Nothing says which of its fields may leave.
            raise ResponseValidationError(annotation, f"it is of type `{type(result).__name__}`")
        return found or plain  # type: ignore[return-value]  # one of them is there

    def make(result: Any) -> Response:
        if not isinstance(result, Outcome):
            return Response(render_of(result)(result), reply.status, media_type="application/json")
        if has_no_body(result.status_code):
            return Response(None, result.status_code, result.headers)
        body = render_of(result)(result.content)
        return Response(body, result.status_code, result.headers, media_type="application/json")

    return make


OUTCOME = ReturnKind(
    "outcome",
    takes=lambda annotation, _: any(outcome_class(member) for member in members_of(annotation)),
    media_type="application/json",
    makes=make_outcome,
)
