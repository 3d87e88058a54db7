"""Replies that could not be given, or not be told apart, refused when the route is made."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any

from signette.declarative import errors, option_errors, result_errors
from signette.declarative.adapters.check import Unusable, adapter_of
from signette.declarative.introspect import bare, class_of, is_collection, is_model, members_of
from signette.declarative.ir import Reply, Where
from signette.declarative.markers import MISSING
from signette.declarative.returns.outcome import content_of, outcome_class
from signette.problems import member_types

# What these classes are made of. Subclasses may render what they like.
_OF_TEXT = ("HTMLResponse", "PlainTextResponse")
_OF_PIECES = ("StreamingResponse", "EventSourceResponse")
_NO_STREAMS = (int, float, bool, Mapping)


def check_reply(reply: Reply, options: Mapping[str, Any], where: Where) -> None:
    """Refuse a reply that its class, its outcomes, its problems or its options make impossible."""
    _check_problems(reply.problems, where)
    if reply.annotation is MISSING:
        return
    _check_outcomes(reply.annotation, options.get("status_code"), where)
    _check_class(reply, where)
    for option in ("response_model_include", "response_model_exclude"):
        _check_fields(option, options.get(option), reply.annotation, where)


def _check_problems(problems: Sequence[Any], where: Where) -> None:
    for one, other in combinations(problems, 2):
        if one.type == other.type and one.status != other.status:
            raise result_errors.one_type_of_problem(where, one.__name__, other.__name__, one.type)
    for problem in problems:
        try:
            why = _why_untold(problem)
        except NameError as exc:
            raise errors.unknown_name(where, exc.name or str(exc)) from None
        if why is not None:
            raise result_errors.unusable_member(where, problem.__name__, why)


@lru_cache(maxsize=1024)
def _why_untold(problem: Any) -> str | None:
    for annotation in member_types(problem).values():
        try:
            adapter_of(annotation)
        except Unusable as exc:
            return None if errors.name_missing_in(exc) else errors.first_sentence(exc)
    return None


def _check_outcomes(annotation: Any, status: Any, where: Where) -> None:
    members = members_of(annotation)
    outcomes = [member for member in members if outcome_class(member) is not None]
    for member in outcomes:
        if any(outcome_class(each) is not None for each in members_of(content_of(member))):
            raise result_errors.nested_outcome(where, member)
    statuses = {getattr(outcome_class(member), "status_code", status) for member in members}
    if status is not None and status not in statuses:
        raise option_errors.unused_status(where, status, errors.spelled(annotation))


def _check_class(reply: Reply, where: Where) -> None:
    word = getattr(reply.response_class, "__name__", "")
    if word not in (*_OF_TEXT, *_OF_PIECES):
        return
    for member in members_of(reply.annotation):
        given = class_of(member)
        if given is None or given is Any:
            continue
        whole = is_model(member) or issubclass(given, _NO_STREAMS)
        if whole or (word in _OF_TEXT and is_collection(member)):
            wanted = "a text or bytes" if word in _OF_TEXT else "an iterator"
            raise option_errors.unsendable_result(where, word, errors.spelled(reply.annotation), wanted)


def _check_fields(option: str, said: Any, annotation: Any, where: Where) -> None:
    model = bare(annotation)
    known: Any = getattr(model, "model_fields", None)
    if not isinstance(known, Mapping) or not isinstance(said, Iterable) or _keeps_extras(model):
        return
    names = (*known, *getattr(model, "model_computed_fields", ()))
    for name in said:
        if isinstance(name, str) and name not in names and name != "__all__":
            raise option_errors.unknown_result_field(where, option, name, model.__name__, names)


def _keeps_extras(model: Any) -> bool:
    return bool(getattr(model, "model_config", {}).get("extra") == "allow")
