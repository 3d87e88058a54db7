"""The result's annotation and options -> the Reply: which kind of answer, with which status, and what else may come."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any

from signette.declarative.adapters.response_validation import ResponseValidation
from signette.declarative.adapters.validators import PydanticUserError, SchemaError, adapter_of
from signette.declarative.checks.results import check_reply, check_response_class, streams
from signette.declarative.errors import base as errors
from signette.declarative.errors import results as result_errors
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.error_statuses import error_statuses
from signette.declarative.plan.graph import DependencyGraph
from signette.declarative.plan.problems import without_problems, without_raises
from signette.declarative.plan.steps import Read, Step
from signette.declarative.returns.empty import EMPTY
from signette.declarative.returns.json import JSON
from signette.declarative.returns.kind import Reply, ResponseSpec
from signette.declarative.returns.outcome import content_of, is_outcome, outcome_class
from signette.declarative.returns.response import RESPONSE as RESPONSE_KIND
from signette.declarative.returns.response import is_response
from signette.declarative.returns.stream import CHUNKS, EVENTS, LINES, data_type, is_event, items_of
from signette.declarative.returns.table import RETURNS
from signette.declarative.returns.text import TEXTUAL, declares_more
from signette.declarative.signature.annotations import (
    annotated,
    class_of,
    is_stream,
    item_type,
    metadata_of,
    union_members,
    union_members_without,
)
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.model import GENERATORS, SourceLocation
from signette.declarative.sources.injected import BACKGROUND, RESPONSE
from signette.responses.redirect import RedirectResponse
from signette.responses.wire import has_no_body

DUMP_OPTIONS = {
    "response_model_include": "include",
    "response_model_exclude": "exclude",
    "response_model_by_alias": "by_alias",
    "response_model_exclude_unset": "exclude_unset",
    "response_model_exclude_defaults": "exclude_defaults",
    "response_model_exclude_none": "exclude_none",
}


def plan_reply(endpoint: Endpoint, graph: DependencyGraph, steps: Sequence[Step]) -> Reply:
    """The reply of an endpoint.

    Raises SignatureError for a result that no response can have: a body under a status without one, a mixed union.
    """
    where, options = graph.endpoint.where, endpoint.options
    said = options.get("response_model", MISSING)
    annotation = graph.endpoint.returns if said is MISSING else said
    if said is None:
        annotation = MISSING  # "no model": what is returned decides
    declared = annotation
    annotation, returned = without_problems(without_raises(annotation))
    _refuse_mixed_union(annotation, where)
    is_generator = graph.endpoint.kind in GENERATORS
    if is_generator and not is_stream(annotation) and annotation is not MISSING:
        raise result_errors.generator_return_type(where, annotation)
    annotation = annotation if is_generator else _collected(annotation, options)
    injected = {step.source for step in steps if isinstance(step, Read)}
    draft = Reply(
        JSON,
        annotation,
        response_class=_response_class(annotation, options, is_generator),
        options=_dump_options(options),
        problems=tuple(dict.fromkeys((*returned, *graph.problems))),
        validation=_response_validation(options.get("validate_responses", "off"), where),
        merges=RESPONSE in injected,
        background=BACKGROUND in injected,
    )
    kind = _kind_of(annotation, draft, is_generator)
    status = _status(options.get("status_code"), kind, draft.response_class or class_of(annotation))
    if has_no_body(status) and kind is not EMPTY and not (annotation is not MISSING and is_response(annotation)):
        if annotation not in (MISSING, None):
            raise result_errors.body_not_allowed(where, status, declared)
        if not draft.merges:  # the injected response may choose a status that has one
            kind = EMPTY
    draft = replace(draft, kind=kind, status=status)
    check_response_class(draft, where, is_generator)
    answers = tuple(_answers(draft, error_statuses(endpoint.path, steps)))
    if kind.conditional_responses is not None and "GET" in endpoint.methods:
        answers += kind.conditional_responses(draft)
    for answer in answers:
        _refuse_unwritable(answer, where)
    check_reply(draft, options, where)
    return replace(draft, responses=answers)


def _dump_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """What the route says to pydantic's serializer, as far as it changes anything."""
    found = {key: options[name] for name, key in DUMP_OPTIONS.items() if options.get(name)}
    if options.get("response_model_include") is not None:
        found["include"] = options["response_model_include"]  # an empty one includes nothing
    if options.get("response_model_by_alias") is False:
        return {**found, "by_alias": False}
    return {key: value for key, value in found.items() if key != "by_alias"}


def _collected(annotation: Any, options: Mapping[str, Any]) -> Any:
    """`list[T]` for `Iterable[T]` of a function that is no generator: what it returns may be a list."""
    if annotation is MISSING or class_of(annotation) not in (Iterable, Generator):
        return annotation
    item = item_type(annotation)
    if streams(options.get("response_class")) or any(map(is_event, union_members(item))):
        return annotation
    return annotated(list[item], metadata_of(annotation))  # type: ignore[valid-type]  # a type at runtime


def _response_class(annotation: Any, options: Mapping[str, Any], is_generator: bool) -> Any:
    """The class that the route chose, else that of its router where it fits: it is one of values and not of streams."""
    chosen, default = options.get("response_class"), options.get("default_response_class")
    if chosen is not None or default is None:
        return chosen
    is_value = not is_generator and annotation is not None and (annotation is MISSING or not is_stream(annotation))
    return default if is_value or (streams(default) and annotation is not None) else None


def _refuse_mixed_union(annotation: Any, where: SourceLocation) -> None:
    if annotation is MISSING:
        return
    members = union_members(annotation)
    responses = [is_response(member) for member in members]
    if any(responses) and not all(responses):
        raise result_errors.response_in_union(where, annotation)


def _refuse_unwritable(answer: ResponseSpec, where: SourceLocation) -> None:
    """Let pydantic see the type now, and not at the first request."""
    annotation = answer.annotation
    if answer.kind in (LINES, EVENTS, CHUNKS) and annotation is not MISSING:
        annotation = data_type(items_of(annotation))
    elif answer.kind in (RESPONSE_KIND, EMPTY, None):
        return
    if annotation in (MISSING, None) or (class_of(annotation) in TEXTUAL and not declares_more(annotation)):
        return
    try:
        adapter_of(annotation)
    except KeyError:  # pydantic takes a dict for a schema
        raise result_errors.unsupported_return_type(where, annotation, "it is a value") from None
    except (PydanticUserError, SchemaError, TypeError) as exc:
        unknown = errors.undefined_name_in(exc)
        if unknown is not None:
            raise errors.unresolved_forward_ref(where, unknown) from None
        raise result_errors.unsupported_return_type(where, annotation, errors.summary(exc)) from None


def _kind_of(annotation: Any, draft: Reply, is_generator: bool) -> Any:
    if annotation is MISSING and is_generator and draft.response_class is None:
        draft = replace(draft, annotation=Iterable[Any])
    return next(kind for kind in RETURNS if kind.accepts(draft))


def _response_validation(said: Any, where: SourceLocation) -> ResponseValidation | None:
    if said in ("strict", "warn"):
        return ResponseValidation(str(where), raises=said == "strict")
    if said == "off":
        return None
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said <= 1:
        raise result_errors.invalid_validate_responses(where, said)
    return ResponseValidation(str(where), raises=False, share=said) if said else None


def _status(said: Any, kind: Any, response_class: Any) -> int:
    if said is not None:
        return int(said)
    if isinstance(response_class, type) and issubclass(response_class, RedirectResponse):
        return 307
    return int(kind.status)


def _answers(reply: Reply, refusals: Iterable[int]) -> Iterable[ResponseSpec]:
    """All that the endpoint can answer, as the document lists it: results, declared problems, refusals."""
    rest = []
    for member in union_members_without(reply.annotation, is_outcome) if reply.annotation is not MISSING else ():
        cls = outcome_class(member)
        if cls is None:
            rest.append(member)
        else:
            content = content_of(member)
            yield ResponseSpec(cls.status_code, None if content is None else JSON, content)
    if rest or reply.annotation is MISSING:
        annotation = reduce(or_, rest) if len(rest) > 1 else rest[0] if rest else MISSING
        yield ResponseSpec(reply.status, reply.kind, annotation)
    for problem in reply.problems:
        yield ResponseSpec(problem.status, None, None, problem=problem)
    yield from (ResponseSpec(status, None) for status in refusals)
