"""Several statuses in one return type, `-> Created[Order] | OutOfStock`: the class of the result decides the status."""

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any, TypeVar, get_args

from signette.declarative.adapters.page_body import page_body
from signette.declarative.returns.contents import content_maker
from signette.declarative.returns.kind import Reply, ReturnKind
from signette.declarative.signature.annotations import class_of, strip_annotated, union_members, union_members_without
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.outcomes import Outcome
from signette.declarative.signature.pages import Page
from signette.declarative.signature.tagged import Tagged, is_tagged, tagged_content
from signette.exceptions import ResponseValidationError
from signette.responses.plain import Response
from signette.responses.wire import has_no_body


def outcome_class(annotation: Any) -> type[Outcome[Any]] | None:
    """The outcome class that an annotation names, if it names one."""
    cls = class_of(annotation)
    return cls if cls is not None and cls is not Any and issubclass(cls, Outcome) else None


def is_outcome(annotation: Any) -> bool:
    """Whether an annotation names an outcome class."""
    return outcome_class(annotation) is not None


def content_of(annotation: Any) -> Any:
    """`Order` for `Created[Order]` and for classes derived from it; None if the status has no body."""
    cls = outcome_class(annotation)
    assert cls is not None
    if issubclass(cls, Page):
        return page_body(_argument_of(strip_annotated(annotation)))
    return None if has_no_body(cls.status_code) else _argument_of(strip_annotated(annotation))


def untyped(annotation: Any) -> Any:
    """The type of a result with its statuses only: `Created[Any]` for `Created[Order]`; MISSING without outcomes."""
    members = union_members(annotation) if annotation is not MISSING else ()
    if not any(is_outcome(each) or is_tagged(each) for each in members):
        return MISSING
    return reduce(or_, (_untyped_member(each) for each in members))


def _untyped_member(member: Any) -> Any:
    if is_tagged(member):
        content = untyped(tagged_content(member))
        return Tagged[Any if content is MISSING else content]  # type: ignore[misc]  # a type at runtime
    cls: Any = class_of(member)
    if is_outcome(member):
        return cls[Any] if getattr(cls, "__parameters__", ()) else member
    return Any


def _argument_of(annotation: Any) -> Any:
    if args := get_args(annotation):
        return Any if isinstance(args[0], TypeVar) else args[0]
    bases = [base for base in getattr(annotation, "__orig_bases__", ()) if is_outcome(base)]
    return next(map(_argument_of, bases), Any)


def make_outcome(reply: Reply, content_maker: Callable[[Any, Reply], Callable[..., Response]] = content_maker) -> Any:
    """A function that makes an outcome, or a plain result, into a response.

    Its further arguments are passed on to what `content_maker` returns.
    """
    annotation = reply.annotation
    makers: dict[type, Callable[..., Response]] = {}
    plain_types: list[Any] = []
    for member in union_members_without(annotation, is_outcome) if annotation is not MISSING else (MISSING,):
        cls = outcome_class(member)
        if cls is None:
            plain_types.append(member)
        elif not has_no_body(cls.status_code):
            makers[cls] = content_maker(content_of(member), reply)
    plain = content_maker(reduce(or_, plain_types), reply) if plain_types else None

    def maker_of(result: Any) -> Callable[..., Response]:
        found = next((makers[cls] for cls in type(result).__mro__ if cls in makers), None)
        if found is None and (plain is None or (isinstance(result, Outcome) and annotation is not MISSING)):
            # No member of the annotation declares which fields may be sent.
            raise ResponseValidationError(annotation, f"it is of type `{type(result).__name__}`", body=result)
        return found or plain  # type: ignore[return-value]  # one of them is set

    def make(result: Any, *more: Any) -> Response:
        if not isinstance(result, Outcome):
            return maker_of(result)(result, reply.status, None, *more)
        if has_no_body(result.status_code):
            return Response(None, result.status_code, result.headers)
        return maker_of(result)(result.content, result.status_code, result.headers, *more)

    return make


OUTCOME = ReturnKind(
    "outcome",
    accepts=lambda result: any(map(is_outcome, union_members(result.annotation))),
    media_type="application/json",
    makes=make_outcome,
)
