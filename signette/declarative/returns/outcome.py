"""Several statuses in one type: `-> Created[Order] | OutOfStock`. The class of the result is its status."""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import or_
from typing import Any, TypeVar, get_args

from signette.declarative.returns.contents import content_maker
from signette.declarative.returns.kind import Reply, ReturnKind
from signette.declarative.signature.annotations import class_of, strip_annotated, union_members, union_members_without
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.outcomes import Outcome
from signette.exceptions import ResponseValidationError
from signette.responses.plain import Response
from signette.responses.wire import has_no_body

Maker = Callable[[Any, int, Mapping[str, str] | None], Response]


def outcome_class(annotation: Any) -> type[Outcome[Any]] | None:
    cls = class_of(annotation)
    return cls if cls is not None and cls is not Any and issubclass(cls, Outcome) else None


def content_of(annotation: Any) -> Any:
    """`Order` for `Created[Order]`, and for a class derived from it; None where the status has no body."""
    cls = outcome_class(annotation)
    assert cls is not None
    return None if has_no_body(cls.status_code) else _argument_of(strip_annotated(annotation))


def _argument_of(annotation: Any) -> Any:
    if args := get_args(annotation):
        return Any if isinstance(args[0], TypeVar) else args[0]
    bases = [base for base in getattr(annotation, "__orig_bases__", ()) if outcome_class(base) is not None]
    return next(map(_argument_of, bases), Any)


def _is_outcome(annotation: Any) -> bool:
    return outcome_class(annotation) is not None


def make_outcome(annotation: Any, reply: Reply) -> Any:
    makers: dict[type, Maker] = {}
    rest: list[Any] = []
    for member in union_members_without(annotation, _is_outcome) if annotation is not MISSING else (MISSING,):
        cls = outcome_class(member)
        if cls is None:
            rest.append(member)
        elif not has_no_body(cls.status_code):
            makers[cls] = content_maker(content_of(member), reply)
    plain = content_maker(reduce(or_, rest), reply) if rest else None

    def maker_of(result: Any) -> Maker:
        found = next((makers[cls] for cls in type(result).__mro__ if cls in makers), None)
        if found is None and (plain is None or (isinstance(result, Outcome) and annotation is not MISSING)):
            # Nothing says which of its fields may leave.
            raise ResponseValidationError(annotation, f"it is of type `{type(result).__name__}`", body=result)
        return found or plain  # type: ignore[return-value]  # one of them is there

    def make(result: Any) -> Response:
        if not isinstance(result, Outcome):
            return maker_of(result)(result, reply.status, None)
        if has_no_body(result.status_code):
            return Response(None, result.status_code, result.headers)
        return maker_of(result)(result.content, result.status_code, result.headers)

    return make


OUTCOME = ReturnKind(
    "outcome",
    takes=lambda annotation, _: any(outcome_class(member) for member in union_members(annotation)),
    media_type="application/json",
    makes=make_outcome,
)
