"""The result's annotation and options -> the Reply: which kind of answer, with which status, and what else may come."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Annotated, Any

from signette.declarative import errors, result_errors
from signette.declarative.adapters.check import Unbuildable, Unusable, adapter_of
from signette.declarative.callables import kind_of, result_of
from signette.declarative.introspect import bare, class_of, is_stream, item_of, members_of, members_without, metadata_of
from signette.declarative.ir import Answer, Kind, Reply, Watch, Where, reads_parts
from signette.declarative.markers import MISSING
from signette.declarative.order import Node, can_refuse
from signette.declarative.outcomes import Raises
from signette.declarative.reply_checks import check_reply
from signette.declarative.returns.chosen import CHOSEN
from signette.declarative.returns.empty import EMPTY, has_no_body
from signette.declarative.returns.json import JSON
from signette.declarative.returns.outcome import OUTCOME, content_of, outcome_class
from signette.declarative.returns.response import is_response
from signette.declarative.returns.stream import EVENTS, LINES
from signette.declarative.returns.table import RETURNS
from signette.declarative.sources.connection import BACKGROUND, RESPONSE
from signette.problems import Problem
from signette.responses.events import ServerSentEvent
from signette.responses.redirect import RedirectResponse

GENERATORS = (Kind.SYNC_GENERATOR, Kind.ASYNC_GENERATOR)
DUMP_OPTIONS = {
    "response_model_include": "include",
    "response_model_exclude": "exclude",
    "response_model_by_alias": "by_alias",
    "response_model_exclude_unset": "exclude_unset",
    "response_model_exclude_defaults": "exclude_defaults",
    "response_model_exclude_none": "exclude_none",
}


def plan_reply(
    function: Callable[..., Any],
    where: Where,
    nodes: Sequence[Node],
    options: Mapping[str, Any],
    problems: Iterable[Any],
    methods: Iterable[str] = (),
    refused: Iterable[int] = (),
) -> Reply:
    """The reply of an endpoint. Refuses what no answer can be: a body where the status has none, a mixed union.

    `refused` are statuses that the route may answer before anything is read.
    """
    said = options.get("response_model", MISSING)
    annotation = result_of(function) if said is MISSING else said
    if said is None:
        annotation = MISSING  # "no model": what is returned decides
    declared = annotation
    annotation, returned = _without_problems(_without_raises(annotation))
    _refuse_mixed_union(annotation, where)
    if kind_of(function) in GENERATORS and not is_stream(annotation) and annotation is not MISSING:
        raise result_errors.generator_result(where, annotation)
    injected = {read.source for node in nodes for read in node.reads}
    draft = Reply(
        JSON,
        annotation,
        response_class=options.get("response_class"),
        options={key: options[name] for name, key in DUMP_OPTIONS.items() if options.get(name)},
        problems=tuple(dict.fromkeys((*returned, *problems))),
        watch=_watch(options.get("validate_responses", "off"), where),
        merges=RESPONSE in injected,
        background=BACKGROUND in injected,
    )
    if options.get("response_model_by_alias") is False:
        draft = replace(draft, options={**draft.options, "by_alias": False})
    kind = _kind_of(annotation, draft, function)
    status = _status(options.get("status_code"), kind, draft.response_class or class_of(annotation))
    if has_no_body(status) and kind is not EMPTY and draft.response_class is None and not is_response(annotation):
        if annotation is not MISSING:
            raise result_errors.no_body_status(where, status, declared)
        kind = EMPTY
    draft = replace(draft, kind=kind, status=status)
    also = kind.also(annotation, draft) if kind.also is not None and "GET" in methods else ()
    answers = (*_answers(draft, sorted({*refused, *_refusals(nodes)})), *also)
    for answer in answers:
        _refuse_unwritable(answer, where)
    check_reply(draft, options, where)
    return replace(draft, answers=answers)


def declared_problems(annotation: Any) -> list[Any]:
    """The problems that an annotation names in `Raises(...)`."""
    if annotation is MISSING:
        return []
    named = [problem for part in (annotation, *members_of(annotation)) for each in metadata_of(part)
             if isinstance(each, Raises) for problem in each.problems]  # fmt: skip
    return list(dict.fromkeys(named))


def _without_raises(annotation: Any) -> Any:
    """The annotation without `Raises(...)`, which speaks to us and not to pydantic."""
    metadata = metadata_of(annotation) if annotation is not MISSING else ()
    if not any(isinstance(each, Raises) for each in metadata):
        return annotation
    plain = tuple(each for each in metadata if not isinstance(each, Raises))
    return Annotated[(bare(annotation), *plain)] if plain else bare(annotation)


def _without_problems(annotation: Any) -> tuple[Any, list[Any]]:
    if annotation is MISSING:
        return annotation, []
    members = members_without(annotation, _is_problem)
    problems = [bare(member) for member in members if _is_problem(member)]
    if not problems:
        return annotation, []
    values = [member for member in members if not _is_problem(member)]
    return (reduce(or_, values) if values else None), problems


def _is_problem(annotation: Any) -> bool:
    cls = class_of(annotation)
    return cls is not None and cls is not Any and issubclass(cls, Problem)


def _refuse_mixed_union(annotation: Any, where: Where) -> None:
    if annotation is MISSING:
        return
    members = members_of(annotation)
    responses = [is_response(member) for member in members]
    if any(responses) and not all(responses):
        raise result_errors.response_in_union(where, annotation)


def _refuse_unwritable(answer: Answer, where: Where) -> None:
    """Let pydantic see the type now, and not at the first request."""
    annotation = answer.annotation
    if answer.kind in (LINES, EVENTS) and is_stream(annotation):
        annotation = item_of(annotation)
    elif answer.kind not in (JSON, OUTCOME, CHOSEN):
        return
    if annotation in (MISSING, None) or class_of(annotation) is ServerSentEvent:
        return
    try:
        adapter_of(annotation)
    except KeyError:  # pydantic takes a dict for a schema
        raise result_errors.unusable_result(where, annotation, "it is a value") from None
    except (Unusable, Unbuildable, TypeError) as exc:
        unknown = errors.name_missing_in(exc)
        if unknown is not None:
            raise errors.unknown_name(where, unknown) from None
        raise result_errors.unusable_result(where, annotation, errors.first_sentence(exc)) from None


def _kind_of(annotation: Any, draft: Reply, function: Callable[..., Any]) -> Any:
    if annotation is MISSING and kind_of(function) in GENERATORS and draft.response_class is None:
        annotation = Iterable[Any]
    return next(kind for kind in RETURNS if kind.takes(annotation, draft))


def _watch(said: Any, where: Where) -> Watch | None:
    if said in ("strict", "warn"):
        return Watch(str(where), raises=said == "strict")
    if said == "off":
        return None
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said <= 1:
        raise result_errors.unknown_watch(where, said)
    return Watch(str(where), raises=False, share=said) if said else None


def _status(said: Any, kind: Any, response_class: Any) -> int:
    if said is not None:
        return int(said)
    if isinstance(response_class, type) and issubclass(response_class, RedirectResponse):
        return 307
    return int(kind.status)


def _answers(reply: Reply, refusals: Iterable[int]) -> Iterable[Answer]:
    """All that the endpoint can answer, as the document lists it: results, declared problems, refusals."""
    rest = []
    for member in members_without(reply.annotation, _is_outcome) if reply.annotation is not MISSING else ():
        cls = outcome_class(member)
        if cls is None:
            rest.append(member)
        else:
            content = content_of(member)
            yield Answer(cls.status_code, None if content is None else JSON, content)
    if rest or reply.annotation is MISSING:
        annotation = reduce(or_, rest) if len(rest) > 1 else rest[0] if rest else MISSING
        yield Answer(reply.status, reply.kind, annotation)
    for problem in reply.problems:
        yield Answer(problem.status, None, None, problem=problem)
    yield from (Answer(status, None) for status in refusals)


def _is_outcome(annotation: Any) -> bool:
    return outcome_class(annotation) is not None


def _refusals(nodes: Sequence[Node]) -> set[int]:
    """The statuses that reading the request can end in (decision 4)."""
    reads = [read for node in nodes for read in node.reads]
    guards = [node.call.target for node in nodes if hasattr(node.call.target, "security_scheme")]
    statuses = {status for read in reads for status in read.source.statuses}
    statuses |= {_refusal_of(guard) for guard in guards if getattr(guard, "auto_error", True)}
    if any(reads_parts(read) for read in reads):
        statuses.add(400)  # names nested too deep
    return statuses | ({422} if any(can_refuse(read) for read in reads) else set())


def _refusal_of(scheme: Any) -> int:
    """What a scheme answers who sent nothing: it may make an error of its own."""
    make = getattr(scheme, "make_not_authenticated_error", None)
    return make().status_code if make is not None else 401
