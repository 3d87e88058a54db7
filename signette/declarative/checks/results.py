"""Reject return types and response options that have no effect, or would always fail."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from pathlib import PurePath
from typing import Any

from signette._frameworks import is_kind_of
from signette.declarative.adapters.validators import PydanticUserError, adapter_of
from signette.declarative.checks.events import check_events
from signette.declarative.errors import base as errors
from signette.declarative.errors import options as option_errors
from signette.declarative.errors import results as result_errors
from signette.declarative.returns.empty import EMPTY
from signette.declarative.returns.events import EVENTS, is_event
from signette.declarative.returns.file import FILE
from signette.declarative.returns.kind import DeclaredResult, Reply, ReturnKind
from signette.declarative.returns.outcome import OUTCOME, content_of, outcome_class
from signette.declarative.returns.response import RESPONSE, is_response
from signette.declarative.returns.stream import CHUNKS, LINES, is_streaming_class, items_of
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
from signette.declarative.signature.pages import Page
from signette.declarative.signature.tagged import Tagged, is_tagged, tagged_content
from signette.problems import member_types
from signette.responses.file import FileResponse
from signette.responses.plain import JSONResponse
from signette.responses.redirect import RedirectResponse

# The content that these classes accept. Subclasses may accept anything.
_OF_TEXT = ("Response", "HTMLResponse", "PlainTextResponse")
_OF_PATHS = ("FileResponse", "RedirectResponse")
_OF_CHUNKS = ("StreamingResponse", "EventSourceResponse")
_NO_STREAMS = (int, float, bool, Mapping)


def check_reply(reply: Reply, options: Mapping[str, Any], location: SourceLocation) -> None:
    """Reject a return type that conflicts with its response class, outcomes, problems or options."""
    _check_problems(reply.problems, location)
    if reply.annotation is not MISSING:
        _check_outcomes(reply.annotation, options.get("status_code"), location)
        _check_class(reply, location)
        _check_metadata(reply, location)
    check_events(reply, location)
    contents = _contents(reply)
    _check_options_used(reply, contents, location)
    for option in ("response_model_include", "response_model_exclude"):
        _check_fields(option, options.get(option), contents, reply.kind, location)


def streams(cls: Any) -> bool:
    """Whether it is a streaming response class."""
    return is_streaming_class(cls)


def check_response_class(result: DeclaredResult, location: SourceLocation, is_generator: bool) -> None:
    """Reject a response class that has no effect, or would fail at each request."""
    cls, annotation = result.response_class, result.annotation
    if cls is None or (annotation is not MISSING and is_response(annotation)):
        return
    name = cls.__name__
    if not streams(cls) and (is_generator or (annotation is not MISSING and is_stream(annotation))):
        raise option_errors.response_class_for_stream(location, name)
    needs_content = streams(cls) or is_kind_of(cls, FileResponse) or is_kind_of(cls, RedirectResponse)
    if needs_content and annotation is not MISSING:
        if any(outcome_class(member) is not None for member in union_members(annotation)):
            raise option_errors.response_class_for_outcome(location, name, errors.format_type(annotation))
        if strip_annotated(annotation) in (None, type(None)):
            raise option_errors.response_class_without_content(location, name)


def _contents(reply: Reply) -> list[Any] | None:
    """The types that pydantic serializes; None if they are only known at the request."""
    annotation, cls = reply.annotation, reply.response_class
    if reply.kind in (EMPTY, RESPONSE, TEXT, BYTES, FILE) or (is_kind_of(cls, RedirectResponse)):
        return []
    if annotation is MISSING:
        return None
    if reply.kind in (CHUNKS, EVENTS, LINES):
        item = items_of(annotation)
        found = [None if item is MISSING or is_event(each) else each for each in union_members(item)]
        if reply.kind is CHUNKS:
            found = [each for each in found if each is not None and class_of(each) not in TEXTUAL]
        return None if None in found else found
    if cls is not None and not is_kind_of(cls, JSONResponse) and class_of(annotation) in TEXTUAL:
        return []
    members = union_members(annotation)
    return [content_of(each) if outcome_class(each) is not None else each for each in members]


def _check_options_used(reply: Reply, contents: list[Any] | None, location: SourceLocation) -> None:
    """Reject `response_model_*` options if no model is serialized."""
    if contents is None or not all(each is None or _is_plain_scalar(each) for each in contents):
        return
    for option in ("include", "exclude", "by_alias", "exclude_unset", "exclude_defaults", "exclude_none"):
        if option in reply.options:
            annotation = "None" if reply.annotation in (None, MISSING) else errors.format_type(reply.annotation)
            raise option_errors.ignored_model_option(location, f"response_model_{option}", annotation)


def _is_plain_scalar(annotation: Any) -> bool:
    return is_scalar(annotation) and not any(
        strip_annotated(member) in (Any, object) for member in union_members(annotation)
    )


def _check_metadata(reply: Reply, location: SourceLocation) -> None:
    """Reject validators, constraints and serializers on a type that is not validated as a whole."""
    annotation = reply.annotation
    if (reply.kind in (CHUNKS, EVENTS, LINES) and is_stream(annotation)) or reply.kind in (EMPTY, RESPONSE):
        unvalidated = [annotation]
    elif reply.kind is OUTCOME:
        unvalidated = [annotation, *(each for each in union_members(annotation) if outcome_class(each) is not None)]
    else:
        return
    for each in unvalidated:
        if any(map(_acts, metadata_of(each))):
            raise result_errors.ignored_return_metadata(location, errors.format_type(strip_annotated(each)))


def _acts(metadata: Any) -> bool:
    """Whether it affects validation or serialization, and not only the schema."""
    if isinstance(inner := getattr(metadata, "metadata", None), list):  # a `Field`
        return any(map(_acts, inner))
    library = type(metadata).__module__.partition(".")[0]
    return library in ("pydantic", "annotated_types") or hasattr(metadata, "__get_pydantic_core_schema__")


def _check_problems(problems: Sequence[Any], location: SourceLocation) -> None:
    for one, other in combinations(problems, 2):
        if one.type == other.type and one.status != other.status:
            raise result_errors.duplicate_problem_type(location, one.__name__, other.__name__, one.type)
    for problem in problems:
        try:
            why = _unsupported_field(problem)
        except NameError as exc:
            raise errors.unresolved_forward_ref(location, exc.name or str(exc)) from None
        if why is not None:
            raise result_errors.unsupported_problem_field(location, problem.__name__, why)


@lru_cache(maxsize=1024)
def _unsupported_field(problem: Any) -> str | None:
    for annotation in member_types(problem).values():
        try:
            adapter_of(annotation)
        except PydanticUserError as exc:
            return None if errors.undefined_name_in(exc) else errors.summary(exc)
    return None


def check_response_model(returns: Any, model: Any, location: SourceLocation) -> None:
    """Reject `response_model=` without an outcome of the return annotation, whose results would never be valid."""
    if returns is MISSING or model is None or model is Any:
        return
    missing = _wrappers(returns) - _wrappers(model)
    if missing:
        first = min(missing, key=lambda each: each.__name__)
        raise result_errors.response_model_without_outcome(location, returns, model, first)


def _wrappers(annotation: Any) -> set[type[Any]]:
    """`Tagged` and the outcome classes among the members of a result. Pages have other checks."""
    found: set[type[Any]] = set()
    for member in union_members(annotation):
        cls = Tagged if is_tagged(member) else outcome_class(member)
        if cls is not None and not issubclass(cls, Page):
            found |= {cls} | (_wrappers(tagged_content(member)) if cls is Tagged else set())
    return found


def _check_outcomes(annotation: Any, status: Any, location: SourceLocation) -> None:
    members = union_members(annotation)
    outcomes = [member for member in members if outcome_class(member) is not None]
    for member in outcomes:
        if any(outcome_class(each) is not None for each in union_members(content_of(member))):
            raise result_errors.nested_outcome(location, member)
    statuses = {getattr(outcome_class(member), "status_code", status) for member in members}
    if status is not None and status not in statuses:
        is_page = all(cls is not None and issubclass(cls, Page) for cls in map(outcome_class, members))
        raise option_errors.ignored_status_code(location, status, errors.format_type(annotation), is_page=is_page)


def _check_class(reply: Reply, location: SourceLocation) -> None:
    word = getattr(reply.response_class, "__name__", "")
    if (
        word not in (*_OF_TEXT, *_OF_PATHS, *_OF_CHUNKS)
        or reply.response_class.__module__.partition(".")[0] != "signette"
    ):
        return
    wanted = "an iterator" if word in _OF_CHUNKS else "`str` or `bytes`" if word in _OF_TEXT else "`str`"
    for member in union_members(reply.annotation):
        content = content_of(member) if outcome_class(member) is not None else member
        if content is not None and any(_is_unsendable(each, word) for each in union_members(content)):
            raise option_errors.response_class_mismatch(location, word, errors.format_type(reply.annotation), wanted)
    item = items_of(reply.annotation)
    if word == "StreamingResponse" and item is not MISSING:
        wrong = [each for each in union_members(item) if class_of(each) not in (*TEXTUAL, Any, object)]
        if wrong:
            raise option_errors.response_class_mismatch(
                location, word, errors.format_type(reply.annotation), "an iterator of `str` or `bytes`"
            )


def _is_unsendable(annotation: Any, word: str) -> bool:
    """Whether a response class of this name does not accept this type."""
    given = class_of(annotation)
    if given is None or given is Any or given is object:
        return False
    if is_model(annotation) or issubclass(given, _NO_STREAMS):
        return True
    if word in _OF_CHUNKS:
        return issubclass(given, PurePath)
    return is_collection(annotation) or (word in _OF_PATHS and issubclass(given, bytes | bytearray | memoryview))


def _check_fields(
    option: str, names: Any, contents: list[Any] | None, kind: ReturnKind, location: SourceLocation
) -> None:
    """Reject the name of an unknown field: a misspelt `exclude` would expose the field."""
    if names is None or not contents or not isinstance(names, Iterable) or kind is OUTCOME:
        return
    models = [strip_annotated(_model_in(member)) for content in contents for member in union_members(content)]
    models = [model for model in models if model is not type(None) and model is not None]
    known = {name for model in models for name in _names_of(model)}
    if not models or any(not _names_of(model) or _keeps_extras(model) for model in models):
        return
    for name in names:
        if isinstance(name, str) and name not in known and name != "__all__":
            word = " | ".join(model.__name__ for model in models)
            raise option_errors.unknown_model_field(location, option, name, word, sorted(known))


def _model_in(annotation: Any) -> Any:
    """The innermost item type of nested lists; other types are returned unchanged."""
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
