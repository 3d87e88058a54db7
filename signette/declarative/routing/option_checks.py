"""What is said beside a signature, looked at when the route is made: path, methods, options."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from http import HTTPMethod
from pathlib import Path
from typing import Any, get_origin
from unicodedata import normalize

from signette.convertors import CONVERTOR_TYPES
from signette.declarative.errors import base as errors
from signette.declarative.errors import options as option_errors
from signette.declarative.problems.format import ProblemFormat
from signette.declarative.routing.options import RouteOptions
from signette.declarative.signature.annotations import is_model
from signette.declarative.signature.callables import location_of
from signette.declarative.signature.model import SourceLocation
from signette.declarative.sources.operation_limits import FORM_LIMITS
from signette.responses.plain import Response
from signette.routing.matching import parameters_in, replace_parameters

# How other frameworks write a piece of the path, or a slip: what it looks like, and what was meant.
_OTHER_PIECES = (
    (re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>"), "write `{{{name}}}`"),
    (re.compile(r"(?<=/):(?P<name>[a-zA-Z_]\w*)"), "write `{{{name}}}`"),
    (re.compile(r"\?.*$"), "leave it out: parameters that are not in the path are read from the query"),
    (re.compile(r"{(?P<name>[^{}]*)}?"), "write `{{{name}}}`"),
    (re.compile(r"(?P<name>[^/{}]*)}"), "write `{{{name}}}`"),
)
_METHODS = (*(method.value for method in HTTPMethod), "QUERY")
_TEXTS = "a `str`"
_KINDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "name": (str, _TEXTS),
    "summary": (str, _TEXTS),
    "description": (str, _TEXTS),
    "response_description": (str, _TEXTS),
    "operation_id": (str, _TEXTS),
    "deprecated": (bool, "`True` or `False`"),
    "include_in_schema": (bool, "`True` or `False`"),
    "strict_content_type": (bool, "`True` or `False`"),
    "openapi_extra": (Mapping, "a mapping"),
    "generate_unique_id_function": (Callable, "a function of the route"),  # type: ignore[dict-item]
    "errors": (ProblemFormat, "a `ProblemFormat()`"),
}
_ANSWER_MEMBERS = ("model", "description", "content", "headers", "links", "summary", "$ref")
_RESPONSES = ("JSONResponse", "HTMLResponse", "PlainTextResponse", "RedirectResponse", "StreamingResponse",
              "FileResponse", "EventSourceResponse", "Response")  # fmt: skip
# Of the answer, and so of no use to a WebSocket.
OF_ANSWERS = frozenset(
    name
    for name in RouteOptions.__annotations__
    if name.startswith("response") or name in ("status_code", "validate_responses", "callbacks", "openapi_extra")
)


def check_endpoint(endpoint: Any, path: str) -> None:
    """Refuse what cannot be called. A call in its place tells where it was written; of all else the path is told."""
    if callable(endpoint):
        return
    if frame := getattr(endpoint, "cr_frame", None) or getattr(endpoint, "gi_frame", None):
        code = frame.f_code
        file = "/".join(Path(code.co_filename).parts[-2:])
        name = f"{frame.f_globals.get('__name__', '')}.{endpoint.__qualname__}"
        endpoint.close()  # nobody will await it, and Python would complain of that, too
        raise option_errors.endpoint_not_callable(SourceLocation(name, file, code.co_firstlineno), endpoint)
    raise option_errors.endpoint_not_callable(f"the route `{path}`", endpoint)


def check_path(path: str, endpoint: Callable[..., Any]) -> None:
    """Refuse a template with a convertor that is not there, a name twice, or pieces as other frameworks write them."""
    seen = set()
    for name, kind, *_ in parameters_in(path):
        if kind not in CONVERTOR_TYPES:
            raise option_errors.unknown_convertor(location_of(endpoint), path, kind, CONVERTOR_TYPES)
        if name in seen:
            raise option_errors.duplicate_path_parameter(location_of(endpoint), path, name)
        seen.add(name)
    rest = replace_parameters(path, lambda _: "x")  # `{id}:cancel` ends in a colon of its own
    if not any(mark in rest for mark in "<:?{}"):
        return
    for pattern, meant in _OTHER_PIECES:
        if other := pattern.search(rest):
            name = _nearest_name(other.groupdict().get("name", ""))
            raise option_errors.invalid_path_syntax(location_of(endpoint), path, other[0], meant.format(name=name))


def _nearest_name(text: str) -> str:
    """A name that a path parameter can have, as near to the text as can be."""
    said = normalize("NFKC", text).partition(":")[0].strip().lstrip("0123456789")
    name = re.sub("_{2,}", "_", "".join(letter if f"a{letter}".isidentifier() else "_" for letter in said))
    return name if name.isidentifier() else "name"


def check_methods(methods: Any, endpoint: Callable[..., Any]) -> None:
    """Refuse a text for a list, an empty one, and slips as "GTE". Methods of one's own may have any other name."""
    if isinstance(methods, str):
        raise option_errors.string_instead_of_list(location_of(endpoint), "methods", methods)
    if not methods:
        raise option_errors.unknown_method(location_of(endpoint), list(methods or ()), None)
    for said in methods:
        word = said.upper() if isinstance(said, str) else ""
        near = next((each for each in _METHODS if sorted(each) == sorted(word)), None) or errors.closest_match(
            word, (each for each in _METHODS if abs(len(each) - len(word)) < 2 and len(word) > 4)
        )
        if word not in _METHODS and (near or not word.replace("-", "").isalnum()):
            raise option_errors.unknown_method(location_of(endpoint), said, near)


def check_options(options: Mapping[str, Any], endpoint: Callable[..., Any]) -> None:
    """Refuse what no route could do with its options. None says nothing."""
    where = location_of(endpoint) if options else ""
    for name, said in options.items():
        if said is None:
            continue
        wanted, words = _KINDS.get(name, (object, ""))
        if not isinstance(said, wanted):
            raise option_errors.wrong_option_type(where, name, said, words)
        check = _CHECKS.get(name)
        if check is not None:
            check(name, said, where)


def check_socket_options(options: Iterable[str], endpoint: Callable[..., Any]) -> None:
    """Refuse what was said of the answer of a WebSocket route itself; a router may say it for its other routes."""
    for name in options:
        if name in OF_ANSWERS:
            raise option_errors.websocket_option(location_of(endpoint), name)


def check_shared_options(options: Mapping[str, Any]) -> None:
    """What routers, applications and `include_router` say of all their routes, where a mistake in it is nearest."""
    where = "a router, an application or `include_router`"
    if not isinstance(options.get("prefix", ""), str):
        raise option_errors.wrong_option_type(where, "prefix", options["prefix"], "a `str`")
    for name in ("tags", "responses", "dependencies", "max_body_size", "form_limits"):
        said = options.get(name)
        if said is None:
            continue
        if name == "dependencies":
            if not isinstance(said, Iterable):
                raise errors.dependency_without_depends(where, said)
        else:
            _CHECKS[name](name, said, where)


def check_form_limits(form_limits: Any) -> None:
    """Refuse what an application could not do with its `form_limits=`."""
    if form_limits is not None:
        _check_form_limits("form_limits", form_limits, "the application")


def _check_tags(name: str, said: Any, where: SourceLocation | str) -> None:
    if isinstance(said, str):
        raise option_errors.string_instead_of_list(where, name, said)


def _check_status(name: str, said: Any, where: Any) -> None:  # noqa: ARG001 - the shape of a check
    if isinstance(said, bool) or not isinstance(said, int) or not 200 <= said <= 599:
        raise option_errors.invalid_status_code(where, said)


def _check_answers(name: str, said: Any, where: SourceLocation | str) -> None:  # noqa: ARG001
    if not isinstance(said, Mapping):
        raise option_errors.responses_not_a_mapping(where, said)
    for status, answer in said.items():
        if not _is_status(status):
            raise option_errors.invalid_responses_key(where, status)
        if not isinstance(answer, Mapping):
            raise option_errors.responses_entry_not_a_mapping(where, status, answer)
        for member in answer:
            if member not in _ANSWER_MEMBERS and not str(member).startswith("x-"):
                raise option_errors.unknown_response_field(where, status, member, _ANSWER_MEMBERS)
        if _is_value(answer.get("model")):
            raise option_errors.value_instead_of_type(
                where, f'responses={{{status!r}: {{"model": ...}}}}', answer["model"]
            )


def _is_status(said: Any) -> bool:
    word = str(int(said)) if isinstance(said, int) else str(said)
    return word == "default" or re.fullmatch("[1-5](?:[0-9][0-9]|XX|xx)", word) is not None


def _check_model(name: str, said: Any, where: Any) -> None:
    if _is_value(said):
        raise option_errors.value_instead_of_type(where, f"{name}=", said)


def _is_value(said: Any) -> bool:
    """Whether it is no type, though pydantic would take it for one, or fail late."""
    if isinstance(said, type) or get_origin(said) is not None:
        return False
    return isinstance(said, str | int | float | Collection) or is_model(type(said))


def _check_response_class(name: str, said: Any, where: Any) -> None:  # noqa: ARG001
    if not (isinstance(said, type) and issubclass(said, Response)):
        raise option_errors.invalid_response_class(where, said, _RESPONSES)


def _check_callbacks(name: str, said: Any, where: Any) -> None:  # noqa: ARG001
    if not isinstance(said, Iterable):
        raise option_errors.invalid_callbacks(where, said)
    for each in said:
        if not hasattr(each, "path"):
            raise option_errors.invalid_callbacks(where, each)


def _check_bound(name: str, said: Any, where: Any) -> None:
    if isinstance(said, bool) or not isinstance(said, int) or said < 0:
        raise option_errors.invalid_limit(where, name, said)


def _check_form_limits(name: str, said: Any, where: Any) -> None:
    if not isinstance(said, Mapping):
        raise option_errors.wrong_option_type(where, name, said, "a mapping, as `{'max_files': 3}`")
    if unknown := said.keys() - FORM_LIMITS.keys():
        raise errors.unknown_form_limit(where, min(unknown), FORM_LIMITS)
    for word, limit in said.items():
        _check_bound(word, limit, where)


_CHECKS: dict[str, Callable[[str, Any, Any], None]] = {
    "tags": _check_tags,
    "response_model_include": _check_tags,
    "response_model_exclude": _check_tags,
    "status_code": _check_status,
    "responses": _check_answers,
    "response_model": _check_model,
    "response_class": _check_response_class,
    "default_response_class": _check_response_class,
    "callbacks": _check_callbacks,
    "max_body_size": _check_bound,
    "form_limits": _check_form_limits,
}
