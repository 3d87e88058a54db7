"""The result of an endpoint -> its Reply: the return kind, the status, and all responses that are documented."""

from collections.abc import Generator, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from signette._frameworks import is_kind_of
from signette.declarative.adapters.response_validation import ResponseValidation
from signette.declarative.adapters.validators import PydanticUserError, SchemaError, adapter_of
from signette.declarative.checks.conditional import check_tagged_reply, check_tags
from signette.declarative.checks.results import check_reply, check_response_class, check_response_model, streams
from signette.declarative.errors import base as errors
from signette.declarative.errors import results as result_errors
from signette.declarative.plan.conditional import Preconditions
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.equal_plans import OF_OTHERS
from signette.declarative.plan.error_statuses import error_statuses
from signette.declarative.plan.graph import CallNode, DependencyGraph
from signette.declarative.plan.pages import is_page_parameter, paging_of
from signette.declarative.plan.problems import without_event_problems, without_problems, without_raises
from signette.declarative.plan.rendering import NEGOTIABLE, formats_of, with_rendering
from signette.declarative.plan.steps import Read, Step
from signette.declarative.policies.entries import AppliedPolicy
from signette.declarative.returns.empty import EMPTY
from signette.declarative.returns.events import EVENTS, data_type, is_event
from signette.declarative.returns.json import JSON
from signette.declarative.returns.kind import DeclaredResult, Reply, ResponseSpec, ReturnKind
from signette.declarative.returns.outcome import content_of, is_outcome, outcome_class, untyped
from signette.declarative.returns.response import RESPONSE as RESPONSE_KIND
from signette.declarative.returns.response import is_response
from signette.declarative.returns.stream import CHUNKS, LINES, items_of, sends_own_events
from signette.declarative.returns.table import RETURNS
from signette.declarative.returns.text import TEXTUAL, declares_more
from signette.declarative.signature.annotations import (
    annotated,
    class_of,
    is_stream,
    item_type,
    metadata_of,
    strip_annotated,
    union_members,
    union_members_without,
)
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.model import GENERATORS, SourceLocation
from signette.declarative.signature.sharing import Shared, sharing_key
from signette.declarative.signature.tagged import without_tags
from signette.declarative.sources.injected import BACKGROUND, RESPONSE
from signette.declarative.sources.table import is_injected
from signette.responses.plain import JSONResponse
from signette.responses.redirect import RedirectResponse
from signette.responses.wire import has_no_body

# Options of a route, with their names and defaults in pydantic's serializer.
_SERIALIZER_OPTIONS: Mapping[str, tuple[str, Any]] = {
    "response_model_include": ("include", None),
    "response_model_exclude": ("exclude", None),
    "response_model_by_alias": ("by_alias", True),
    "response_model_exclude_unset": ("exclude_unset", False),
    "response_model_exclude_defaults": ("exclude_defaults", False),
    "response_model_exclude_none": ("exclude_none", False),
}


def plan_reply(
    endpoint: Endpoint, graph: DependencyGraph, steps: Sequence[Step], policies: Sequence[AppliedPolicy] = ()
) -> Reply:
    """The reply of an endpoint, with the responses of its policies.

    Raises SignatureError for a result that no response can have: a body under a status without one, a mixed union.
    """
    statuses = error_statuses(endpoint, steps)
    key = None if policies else _sharing_key(endpoint, graph, steps, statuses)
    if key is None:
        return _planned_reply(endpoint, graph, steps, policies, statuses)
    found: tuple[Reply, Any] | None = _shared.get(key)
    if found is None:
        # The annotation is kept, because its identity is part of the key.
        found = _planned_reply(endpoint, graph, steps, policies, statuses), graph.endpoint.returns
        _shared.keep(key, found)
    return found[0]


_shared = Shared()
# A reply depends on none of these options, but for `status_code`, which is part of the key. An operation with another
# option shares its reply with no other.
_OF_OTHERS = OF_OTHERS | {"executor", "form_limits", "max_body_size", "unknown_query_params"}


def _sharing_key(
    endpoint: Endpoint, graph: DependencyGraph, steps: Sequence[Step], statuses: Iterable[int]
) -> Hashable | None:
    """What the reply of an endpoint depends on. None: on more than the key has."""
    # What is made for one endpoint, a page parameter or an override, is shared with no other.
    if graph.problems or endpoint.overrides or any(is_page_parameter(each.target) for each in graph.nodes):
        return None
    if not endpoint.options.keys() <= _OF_OTHERS:
        return None
    injected = tuple(step.source for step in steps if isinstance(step, Read) and is_injected(step.source))
    is_generator = graph.endpoint.kind in GENERATORS
    status = endpoint.options.get("status_code")
    result = sharing_key(graph.endpoint.returns)
    return (result, status, is_generator, endpoint.methods, endpoint.socket, injected, tuple(statuses))


def _planned_reply(
    endpoint: Endpoint,
    graph: DependencyGraph,
    steps: Sequence[Step],
    policies: Sequence[AppliedPolicy],
    statuses: Iterable[int],
) -> Reply:
    node, options = graph.endpoint, endpoint.options
    result, returned_problems = _declared_result(node, options)
    documented = [each.documentation for each in policies]
    of_policies = [problem for each in documented for problem in each.problems]
    preconditions = Preconditions(steps, endpoint.methods, is_tagged=bool(result.tagged))
    problems = tuple(dict.fromkeys((*returned_problems, *graph.problems, *of_policies, *preconditions.problems())))
    injected = {read.source for read in steps if isinstance(read, Read)}
    merges = RESPONSE in injected
    kind = kind_for(result, is_generator=node.kind in GENERATORS)
    status = status_for(result, kind, options.get("status_code"))
    if has_no_body(status) and kind is not EMPTY and not _is_response(result.annotation):
        if result.annotation is not MISSING and strip_annotated(result.annotation) not in (None, type(None)):
            raise result_errors.body_not_allowed(node.where, status, _annotation_of(node, options))
        if not merges:  # the injected response may choose a status that has a body
            kind = EMPTY
    check_response_class(result, node.where, node.kind in GENERATORS)
    responses = (
        *responses_for(
            result,
            kind,
            status,
            problems,
            preconditions.errors(statuses),
            "GET" in endpoint.methods,
        ),
        *preconditions.not_modified(kind),
        *(ResponseSpec(each, None, description=text) for found in documented for each, text in found.responses.items()),
    )
    for response in responses:
        if not sends_own_events(result.response_class):
            _check_serializable(response, result.response_class, node.where)
    tagged = [member for each in result.tagged for member in union_members(each)]
    reply = Reply(
        kind,
        result.annotation,
        status,
        result.response_class,
        _serializer_options(options),
        responses,
        problems,
        tuple(returned_problems),
        _response_validation(options.get("validate_responses", "off"), node.where),
        merges=merges,
        background=BACKGROUND in injected,
        paging=paging_of(endpoint, [each.target for each in graph.nodes], steps, result.annotation),
        tagged_statuses=tuple(dict.fromkeys(getattr(outcome_class(each), "status_code", status) for each in tagged)),
        are_all_tagged=result.are_all_tagged,
    )
    check_reply(reply, options, node.where)
    check_tagged_reply(reply, node.where)
    return reply if endpoint.socket else with_rendering(reply, options, node.where)


def kind_for(result: DeclaredResult, *, is_generator: bool = False) -> ReturnKind:
    """The return kind of a result: the first row of the table that accepts it."""
    if is_generator and result.annotation is MISSING and result.response_class is None:
        result = DeclaredResult(Iterable[Any])
    return next(kind for kind in RETURNS if kind.accepts(result))


def status_for(result: DeclaredResult, kind: ReturnKind, status_code: int | None) -> int:
    """The status of the response to a request that succeeds: the route's `status_code`, or a default."""
    cls = result.response_class or class_of(result.annotation)
    if status_code is not None:
        return int(status_code)
    return 307 if is_kind_of(cls, RedirectResponse) else kind.status


def responses_for(
    result: DeclaredResult,
    kind: ReturnKind,
    status: int,
    problems: Iterable[Any],
    error_statuses: Iterable[int],
    is_get: bool,
) -> Iterator[ResponseSpec]:
    """All responses of an endpoint: results, declared problems, errors of the request."""
    members = union_members_without(result.annotation, is_outcome) if result.annotation is not MISSING else (MISSING,)
    values = []
    for member in members:
        outcome = outcome_class(member)
        if outcome is None:
            values.append(member)
        else:
            content = content_of(member)
            yield ResponseSpec(outcome.status_code, None if content is None else JSON, content)
    if values:
        yield ResponseSpec(status, kind, reduce(or_, values))
    yield from (ResponseSpec(problem.status, None, None, problem=problem) for problem in problems)
    yield from (ResponseSpec(error, None) for error in error_statuses)
    if is_get and kind.conditional_responses is not None:
        yield from kind.conditional_responses(ResponseSpec(status, kind, result.annotation))


# -- what is declared --------------------------------------------------------------------------------------------------


def _annotation_of(node: CallNode, options: Mapping[str, Any]) -> Any:
    """The route's `response_model`, or the return annotation. With `response_model=None` contents have no type."""
    annotation = options.get("response_model", node.returns)
    is_untyped = annotation is None and "response_model" in options
    return untyped(without_problems(without_raises(node.returns))[0]) if is_untyped else annotation


def _declared_result(node: CallNode, options: Mapping[str, Any]) -> tuple[DeclaredResult, list[Any]]:
    """The result of an endpoint, without the problems that it may return, and these."""
    check_response_model(without_problems(node.returns)[0], options.get("response_model"), node.where)
    annotation, problems = without_problems(without_raises(_annotation_of(node, options)))
    if "response_model" in options and options["response_model"] is None:
        problems = without_problems(without_raises(node.returns))[1]
    check_tags(annotation, node.where)
    annotation, tagged, are_all_tagged = without_tags(annotation)
    annotation, event_problems = without_event_problems(annotation)
    problems += event_problems
    if annotation is not MISSING and len({is_response(member) for member in union_members(annotation)}) > 1:
        raise result_errors.response_in_union(node.where, annotation)
    is_generator = node.kind in GENERATORS
    if is_generator and not is_stream(annotation) and annotation is not MISSING:
        raise result_errors.generator_return_type(node.where, annotation)
    if not is_generator:
        annotation = _collected(annotation, options)
    response_class = _response_class(annotation, options, is_generator)
    return DeclaredResult(annotation, response_class, tuple(tagged), are_all_tagged), problems


def _is_response(annotation: Any) -> bool:
    return annotation is not MISSING and is_response(annotation)


def _serializer_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of pydantic's serializer that the route sets to something else than their defaults."""
    found = {}
    for name, (key, default) in _SERIALIZER_OPTIONS.items():
        value = options.get(name)
        if value is not None and value != default:
            found[key] = value
    return found


def _collected(annotation: Any, options: Mapping[str, Any]) -> Any:
    """`list[T]` for `Iterable[T]` of a function that is no generator: it may return a list."""
    if annotation is MISSING or class_of(annotation) not in (Iterable, Generator):
        return annotation
    item = item_type(annotation)
    if streams(options.get("response_class")) or any(map(is_event, union_members(item))):
        return annotation
    return annotated(list[item], metadata_of(annotation))  # type: ignore[valid-type]  # a type at runtime


def _response_class(annotation: Any, options: Mapping[str, Any], is_generator: bool) -> Any:
    """The response class of the route, or that of its router if it fits: one of values does not fit a stream."""
    chosen, default = options.get("response_class"), options.get("default_response_class")
    if chosen is not None or default is None:
        return chosen
    if formats_of(options) and kind_for(DeclaredResult(annotation), is_generator=is_generator) in NEGOTIABLE:
        return None
    is_value = not is_generator and annotation is not None and (annotation is MISSING or not is_stream(annotation))
    return default if is_value or (streams(default) and annotation is not None) else None


def _check_serializable(response: ResponseSpec, response_class: Any, where: SourceLocation) -> None:
    """Raises SignatureError for a type that pydantic cannot serialize."""
    annotation = response.annotation
    if response.kind is None:
        return
    if response.kind in (LINES, EVENTS, CHUNKS) and annotation is not MISSING:
        annotation = data_type(items_of(annotation))
    elif response.kind in (RESPONSE_KIND, EMPTY):
        return
    # Texts and bytes are JSON in an outcome, and by a class for JSON. Otherwise they are sent as they are.
    is_json = response.kind is JSON if response_class is None else is_kind_of(response_class, JSONResponse)
    is_sent_as_it_is = class_of(annotation) in TEXTUAL and not declares_more(annotation) and not is_json
    if annotation in (MISSING, None) or is_sent_as_it_is:
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


def _response_validation(setting: Any, where: SourceLocation) -> ResponseValidation | None:
    if setting in ("strict", "warn"):
        return ResponseValidation(str(where), raises=setting == "strict")
    if setting == "off":
        return None
    if isinstance(setting, bool) or not isinstance(setting, int | float) or not 0 <= setting <= 1:
        raise result_errors.invalid_validate_responses(where, setting)
    return ResponseValidation(str(where), raises=False, share=setting) if setting else None
