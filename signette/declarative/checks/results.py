"""Replies that could not be given, or not be told apart, refused when the route is made."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from pathlib import PurePath
from typing import Any

from signette.declarative.adapters.validators import PydanticUserError, adapter_of
from signette.declarative.errors import base as errors
from signette.declarative.errors import options as option_errors
from signette.declarative.errors import results as result_errors
from signette.declarative.returns.empty import EMPTY
from signette.declarative.returns.file import FILE
from signette.declarative.returns.kind import DeclaredResult, Reply, ReturnKind
from signette.declarative.returns.outcome import OUTCOME, content_of, outcome_class
from signette.declarative.returns.response import RESPONSE, is_response
from signette.declarative.returns.stream import CHUNKS, EVENTS, LINES, is_event, items_of
from signette.declarative.returns.text import BYTES, TEXT, TEXTUAL
from signette.declarative.signature.annotations import (
    class_of,
    is_collection,
    is_model,
    is_scalar,
    is_stream,
    item_type,
    metadata_of,
    strip_annotated,
    union_members,
)
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.model import SourceLocation
from signette.problems import member_types
from signette.responses.file import FileResponse
from signette.responses.plain import JSONResponse
from signette.responses.redirect import RedirectResponse
from signette.responses.streaming import StreamingResponse

# What these classes are made of. Subclasses may render what they like.
_OF_TEXT = ("Response", "HTMLResponse", "PlainTextResponse")
_OF_PATHS = ("FileResponse", "RedirectResponse")
_OF_PIECES = ("StreamingResponse", "EventSourceResponse")
_NO_STREAMS = (int, float, bool, Mapping)


def check_reply(reply: Reply, options: Mapping[str, Any], where: SourceLocation) -> None:
    """Refuse a reply that its class, its outcomes, its problems or its options make impossible."""
    _check_problems(reply.problems, where)
    if reply.annotation is not MISSING:
        _check_outcomes(reply.annotation, options.get("status_code"), where)
        _check_class(reply, where)
        _check_metadata(reply, where)
    contents = _contents(reply)
    _check_options_used(reply, contents, where)
    for option in ("response_model_include", "response_model_exclude"):
        _check_fields(option, options.get(option), contents, reply.kind, where)


def streams(cls: Any) -> bool:
    """Whether a class of responses sends its content piece by piece."""
    return isinstance(cls, type) and issubclass(cls, StreamingResponse)


def check_response_class(result: DeclaredResult, where: SourceLocation, is_generator: bool) -> None:
    """Refuse a class of responses that could only be ignored, or fail at each request."""
    cls, annotation = result.response_class, result.annotation
    if cls is None or (annotation is not MISSING and is_response(annotation)):
        return
    name = cls.__name__
    if not streams(cls) and (is_generator or (annotation is not MISSING and is_stream(annotation))):
        raise option_errors.response_class_for_stream(where, name)
    needs_content = streams(cls) or issubclass(cls, FileResponse | RedirectResponse)
    if needs_content and annotation is not MISSING:
        if any(outcome_class(member) is not None for member in union_members(annotation)):
            raise option_errors.response_class_for_outcome(where, name, errors.format_type(annotation))
        if strip_annotated(annotation) in (None, type(None)):
            raise option_errors.response_class_without_content(where, name)


def _contents(reply: Reply) -> list[Any] | None:
    """The types of what is written by pydantic's serializer; None where that is not known when the route is made."""
    annotation, cls = reply.annotation, reply.response_class
    if reply.kind in (EMPTY, RESPONSE, TEXT, BYTES, FILE) or (
        isinstance(cls, type) and issubclass(cls, RedirectResponse)
    ):
        return []
    if annotation is MISSING:
        return None
    if reply.kind in (CHUNKS, EVENTS, LINES):
        item = items_of(annotation)
        found = [None if item is MISSING or is_event(each) else each for each in union_members(item)]
        if reply.kind is CHUNKS:
            found = [each for each in found if each is not None and class_of(each) not in TEXTUAL]
        return None if None in found else found
    if cls is not None and not issubclass(cls, JSONResponse) and class_of(annotation) in TEXTUAL:
        return []
    members = union_members(annotation)
    return [content_of(each) if outcome_class(each) is not None else each for each in members]


def _check_options_used(reply: Reply, contents: list[Any] | None, where: SourceLocation) -> None:
    """Refuse what is said of a model where none is written."""
    if contents is None or not all(each is None or _is_plain_scalar(each) for each in contents):
        return
    for option in ("include", "exclude", "by_alias", "exclude_unset", "exclude_defaults", "exclude_none"):
        if option in reply.options:
            format_type = "None" if reply.annotation in (None, MISSING) else errors.format_type(reply.annotation)
            raise option_errors.ignored_model_option(where, f"response_model_{option}", format_type)


def _is_plain_scalar(annotation: Any) -> bool:
    return is_scalar(annotation) and not any(
        strip_annotated(member) in (Any, object) for member in union_members(annotation)
    )


def _check_metadata(reply: Reply, where: SourceLocation) -> None:
    """Refuse validators, bounds and serializers beside a type whose values are not checked as a whole."""
    annotation = reply.annotation
    if (reply.kind in (CHUNKS, EVENTS, LINES) and is_stream(annotation)) or reply.kind in (EMPTY, RESPONSE):
        apart = [annotation]
    elif reply.kind is OUTCOME:
        apart = [annotation, *(each for each in union_members(annotation) if outcome_class(each) is not None)]
    else:
        return
    for each in apart:
        if any(map(_acts, metadata_of(each))):
            raise result_errors.ignored_return_metadata(where, errors.format_type(strip_annotated(each)))


def _acts(metadata: Any) -> bool:
    """Whether pydantic would do something by it, and not only tell of it."""
    if isinstance(inner := getattr(metadata, "metadata", None), list):  # a `Field`
        return any(map(_acts, inner))
    library = type(metadata).__module__.partition(".")[0]
    return library in ("pydantic", "annotated_types") or hasattr(metadata, "__get_pydantic_core_schema__")


def _check_problems(problems: Sequence[Any], where: SourceLocation) -> None:
    for one, other in combinations(problems, 2):
        if one.type == other.type and one.status != other.status:
            raise result_errors.duplicate_problem_type(where, one.__name__, other.__name__, one.type)
    for problem in problems:
        try:
            why = _why_untold(problem)
        except NameError as exc:
            raise errors.unresolved_forward_ref(where, exc.name or str(exc)) from None
        if why is not None:
            raise result_errors.unsupported_problem_field(where, problem.__name__, why)


@lru_cache(maxsize=1024)
def _why_untold(problem: Any) -> str | None:
    for annotation in member_types(problem).values():
        try:
            adapter_of(annotation)
        except PydanticUserError as exc:
            return None if errors.undefined_name_in(exc) else errors.summary(exc)
    return None


def _check_outcomes(annotation: Any, status: Any, where: SourceLocation) -> None:
    members = union_members(annotation)
    outcomes = [member for member in members if outcome_class(member) is not None]
    for member in outcomes:
        if any(outcome_class(each) is not None for each in union_members(content_of(member))):
            raise result_errors.nested_outcome(where, member)
    statuses = {getattr(outcome_class(member), "status_code", status) for member in members}
    if status is not None and status not in statuses:
        raise option_errors.ignored_status_code(where, status, errors.format_type(annotation))


def _check_class(reply: Reply, where: SourceLocation) -> None:
    word = getattr(reply.response_class, "__name__", "")
    if (
        word not in (*_OF_TEXT, *_OF_PATHS, *_OF_PIECES)
        or reply.response_class.__module__.partition(".")[0] != "signette"
    ):
        return
    wanted = "an iterator" if word in _OF_PIECES else "`str` or `bytes`" if word in _OF_TEXT else "`str`"
    for member in union_members(reply.annotation):
        content = content_of(member) if outcome_class(member) is not None else member
        if content is not None and any(_is_unsendable(each, word) for each in union_members(content)):
            raise option_errors.response_class_mismatch(where, word, errors.format_type(reply.annotation), wanted)
    item = items_of(reply.annotation)
    if word == "StreamingResponse" and item is not MISSING:
        wrong = [each for each in union_members(item) if class_of(each) not in (*TEXTUAL, Any, object)]
        if wrong:
            raise option_errors.response_class_mismatch(
                where, word, errors.format_type(reply.annotation), "an iterator of `str` or `bytes`"
            )


def _is_unsendable(annotation: Any, word: str) -> bool:
    """Whether a class of this name can make nothing of a value of this type."""
    given = class_of(annotation)
    if given is None or given is Any or given is object:
        return False
    if is_model(annotation) or issubclass(given, _NO_STREAMS):
        return True
    if word in _OF_PIECES:
        return issubclass(given, PurePath)
    return is_collection(annotation) or (word in _OF_PATHS and issubclass(given, bytes | bytearray | memoryview))


def _check_fields(option: str, said: Any, contents: list[Any] | None, kind: ReturnKind, where: SourceLocation) -> None:
    """Refuse a name that no model of the result has, which would leave in what it was to keep back."""
    if said is None or not contents or not isinstance(said, Iterable) or kind is OUTCOME:
        return
    models = [strip_annotated(_model_in(member)) for content in contents for member in union_members(content)]
    models = [model for model in models if model is not type(None) and model is not None]
    known = {name for model in models for name in _names_of(model)}
    if not models or any(not _names_of(model) or _keeps_extras(model) for model in models):
        return
    for name in said:
        if isinstance(name, str) and name not in known and name != "__all__":
            word = " | ".join(model.__name__ for model in models)
            raise option_errors.unknown_model_field(where, option, name, word, sorted(known))


def _model_in(annotation: Any) -> Any:
    """The items' type of a list, as deep as lists go; of all else itself."""
    while is_collection(annotation):
        annotation = item_type(annotation)
    return annotation


def _names_of(model: Any) -> tuple[str, ...]:
    fields = getattr(model, "model_fields", None)
    if not isinstance(fields, Mapping) or fields.keys() == {"root"}:
        return ()
    return (*fields, *getattr(model, "model_computed_fields", ()))


def _keeps_extras(model: Any) -> bool:
    return bool(getattr(model, "model_config", {}).get("extra") == "allow")
