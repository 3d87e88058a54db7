"""Checks of path, methods and options, when a route is created."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from http import HTTPMethod
from pathlib import Path
from typing import Any, get_origin
from unicodedata import normalize

from signette._frameworks import is_response_class
from signette._patterns import lazy_pattern
from signette.convertors import CONVERTOR_TYPES
from signette.declarative.errors import base as errors
from signette.declarative.errors import bodies as body_errors
from signette.declarative.errors import options as option_errors
from signette.declarative.errors import policies as policy_errors
from signette.declarative.errors import tools as tool_errors
from signette.declarative.formats.options import SharedOption
from signette.declarative.policies.base import Off, Policy
from signette.declarative.policies.entries import SharedPolicy, conflict
from signette.declarative.problems.format import ProblemFormat
from signette.declarative.routing.format_checks import check_envelope, check_renders
from signette.declarative.routing.options import FROM_ROUTERS, RouteOptions
from signette.declarative.signature.annotations import is_model
from signette.declarative.signature.callables import caller_location, location_of
from signette.declarative.signature.executors import Executor, SharedExecutor
from signette.declarative.signature.model import SourceLocation
from signette.declarative.signature.pages import PageLimit
from signette.declarative.signature.tool import Tool
from signette.declarative.sources.operation_limits import FORM_LIMITS
from signette.middleware.decompression import CODINGS, installed
from signette.routing.matching import parameters_in, replace_parameters

# Path parameters in the syntax of other frameworks, or with a typing error, each with a hint.
_OTHER_SYNTAX = (
    (lazy_pattern(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>"), "write `{{{name}}}`"),
    (lazy_pattern(r"(?<=/):(?P<name>[a-zA-Z_]\w*)"), "write `{{{name}}}`"),
    (lazy_pattern(r"\?.*$"), "remove it: parameters that are not in the path are read from the query"),
    (lazy_pattern(r"{(?P<name>[^{}]*)}?"), "write `{{{name}}}`"),
    (lazy_pattern(r"(?P<name>[^/{}]*)}"), "write `{{{name}}}`"),
)
_VERSION = lazy_pattern(r"[\w\-.~]+", re.ASCII)
_METHODS = (*(method.value for method in HTTPMethod), "QUERY")
_TEXTS = "a `str`"
_KINDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "name": (str, _TEXTS),
    "summary": (str, _TEXTS),
    "description": (str, _TEXTS),
    "response_description": (str, _TEXTS),
    "operation_id": (str, _TEXTS),
    "deprecated": (bool, "`True`, `False` or a `date`"),
    "include_in_schema": (bool, "`True` or `False`"),
    "strict_content_type": (bool, "`True` or `False`"),
    "openapi_extra": (Mapping, "a mapping"),
    "generate_unique_id_function": (Callable, "a function of the route"),  # type: ignore[dict-item]
    "errors": (ProblemFormat, "a `ProblemFormat()`"),
    "executor": ((Executor, SharedExecutor), "a `Thread(...)`, `Process(...)` or `Interpreter(...)`"),
    "page_limit": (PageLimit, "a `Page.Limit(...)`"),
}
_RESPONSE_FIELDS = ("model", "description", "content", "headers", "links", "summary", "$ref")
_RESPONSE_CLASSES = ("JSONResponse", "HTMLResponse", "PlainTextResponse", "RedirectResponse", "StreamingResponse",
              "FileResponse", "EventSourceResponse", "Response")  # fmt: skip
# Options of the response, which a WebSocket does not have.
RESPONSE_OPTIONS = frozenset(
    name
    for name in RouteOptions.__annotations__
    if name.startswith("response")
    or name in ("status_code", "validate_responses", "callbacks", "openapi_extra", "renders", "envelope", "tool")
)


_REQUEST_OPTIONS = frozenset({"max_body_size", "form_limits", "request_encodings", "strict_content_type"})


def check_endpoint(endpoint: Any, path: str) -> None:
    """Reject an endpoint that cannot be called. The location is that of the coroutine's code, or else the path."""
    if callable(endpoint):
        return
    if frame := getattr(endpoint, "cr_frame", None) or getattr(endpoint, "gi_frame", None):
        code = frame.f_code
        file = "/".join(Path(code.co_filename).parts[-2:])
        name = f"{frame.f_globals.get('__name__', '')}.{endpoint.__qualname__}"
        endpoint.close()  # prevents the warning that it was never awaited
        raise option_errors.endpoint_not_callable(SourceLocation(name, file, code.co_firstlineno), endpoint)
    raise option_errors.endpoint_not_callable(f"the route `{path}`", endpoint)


def check_path(path: str, endpoint: Callable[..., Any]) -> None:
    """Reject unknown convertors, duplicate names, and the path syntax of other frameworks."""
    seen = set()
    for name, kind, *_ in parameters_in(path):
        if kind not in CONVERTOR_TYPES:
            raise option_errors.unknown_convertor(location_of(endpoint), path, kind, CONVERTOR_TYPES)
        if name in seen:
            raise option_errors.duplicate_path_parameter(location_of(endpoint), path, name)
        seen.add(name)
    rest = replace_parameters(path, lambda _: "x")  # so that the colon of `{id}:cancel` counts
    if not any(mark in rest for mark in "<:?{}"):
        return
    for pattern, hint in _OTHER_SYNTAX:
        if other := pattern.search(rest):
            name = _nearest_name(other.groupdict().get("name", ""))
            raise option_errors.invalid_path_syntax(location_of(endpoint), path, other[0], hint.format(name=name))


def _nearest_name(text: str) -> str:
    """The text as a valid name of a path parameter."""
    start = normalize("NFKC", text).partition(":")[0].strip().lstrip("0123456789")
    name = re.sub("_{2,}", "_", "".join(letter if f"a{letter}".isidentifier() else "_" for letter in start))
    return name if name.isidentifier() else "name"


def check_methods(methods: Any, endpoint: Callable[..., Any]) -> None:
    """Reject a string instead of a list, an empty list, and misspelt methods ("GTE"). Custom methods are allowed."""
    if isinstance(methods, str):
        raise option_errors.string_instead_of_list(location_of(endpoint), "methods", methods)
    if not methods:
        raise option_errors.unknown_method(location_of(endpoint), list(methods or ()), None)
    for method in methods:
        word = method.upper() if isinstance(method, str) else ""
        near = next((each for each in _METHODS if sorted(each) == sorted(word)), None) or errors.closest_match(
            word, (each for each in _METHODS if abs(len(each) - len(word)) < 2 and len(word) > 4)
        )
        if word not in _METHODS and (near or not word.replace("-", "").isalnum()):
            raise option_errors.unknown_method(location_of(endpoint), method, near)


def check_options(options: Mapping[str, Any], endpoint: Callable[..., Any]) -> None:
    """Reject invalid values of options. None counts as not set."""
    location = location_of(endpoint) if options else ""
    for name, value in options.items():
        if value is None:
            continue
        wanted, words = _KINDS.get(name, (object, ""))
        if not isinstance(value, wanted):
            raise option_errors.wrong_option_type(location, name, value, words)
        check = _CHECKS.get(name)
        if check is not None:
            check(name, value, location)


def check_own_options(options: Mapping[str, Any], endpoint: Callable[..., Any]) -> None:
    """Reject options that only routers and applications have. A route has their values after it was merged."""
    for name in FROM_ROUTERS & options.keys():
        raise option_errors.router_option(location_of(endpoint), name)


def check_socket_options(options: Mapping[str, Any], endpoint: Callable[..., Any]) -> None:
    """Reject options of a WebSocket route for bodies and responses. Its router may have them, for other routes."""
    check_own_options(options, endpoint)
    for name in options:
        if name in RESPONSE_OPTIONS:
            raise option_errors.websocket_option(location_of(endpoint), name)
        if name in _REQUEST_OPTIONS:
            raise option_errors.request_option_of_websocket(location_of(endpoint), name)


def check_shared_options(options: Mapping[str, Any]) -> None:
    """Reject invalid options of routers, applications and `include_router`."""
    location = "a router, an application or `include_router`"
    if not isinstance(options.get("prefix", ""), str):
        raise option_errors.wrong_option_type(location, "prefix", options["prefix"], "a `str`")
    if options.get("version") is not None:
        _check_version(options["version"])
    for name in ("errors", "executor", "generate_unique_id_function", "openapi_extra", "page_limit"):
        wanted, words = _KINDS[name]
        if options.get(name) is not None and not isinstance(options[name], wanted):
            raise option_errors.wrong_option_type(location, name, options[name], words)
    for name in _SHARED_CHECKS:
        value = options.get(name)
        if value is None:
            continue
        if name == "dependencies":
            if not isinstance(value, Iterable):
                raise errors.dependency_without_depends(location, value)
        else:
            _CHECKS[name](name, value, location)


def check_one_version(outer: Mapping[str, Any], inner: Mapping[str, Any]) -> None:
    """Reject a version of the API below another one: the paths would have both."""
    if outer.get("version") is not None and inner.get("version") is not None:
        raise option_errors.two_versions(caller_location(), outer["version"], inner["version"])


def check_form_limits(form_limits: Any) -> None:
    """Reject invalid `form_limits=` of an application."""
    if form_limits is not None:
        _check_form_limits("form_limits", form_limits, "the application")


def _check_version(version: Any) -> None:
    """It is one segment of a path, without characters that clients would have to escape (RFC 3986 §2.3)."""
    if not isinstance(version, str) or not _VERSION.fullmatch(version) or version in (".", ".."):
        raise option_errors.invalid_version(caller_location(), version)


def _check_policies(name: str, value: Any, location: SourceLocation | str) -> None:  # noqa: ARG001
    if not isinstance(value, list | tuple):
        raise policy_errors.not_a_policy(location, value)
    own = [each for each in value if not isinstance(each, SharedPolicy)]
    for each in own:
        if not isinstance(each, Policy | Off):
            raise policy_errors.not_a_policy(location, each)
    if (both := conflict(own)) is not None:
        raise policy_errors.conflicting_policies(location, *both)


def _check_tool(name: str, value: Any, location: SourceLocation | str) -> None:  # noqa: ARG001
    if isinstance(value, SharedOption):
        return
    is_shared = isinstance(location, str) and bool(location)
    if not isinstance(value, bool) and (is_shared or not isinstance(value, Tool)):
        raise tool_errors.not_a_tool(location, value, is_shared=is_shared)


def _check_tags(name: str, value: Any, location: SourceLocation | str) -> None:
    if isinstance(value, str):
        raise option_errors.string_instead_of_list(location, name, value)


def _check_status(name: str, value: Any, location: Any) -> None:  # noqa: ARG001 - the shape of a check
    if isinstance(value, bool) or not isinstance(value, int) or not 200 <= value <= 599:
        raise option_errors.invalid_status_code(location, value)


def _check_responses(name: str, value: Any, location: SourceLocation | str) -> None:  # noqa: ARG001
    if not isinstance(value, Mapping):
        raise option_errors.responses_not_a_mapping(location, value)
    for status, response in value.items():
        if not _is_status(status):
            raise option_errors.invalid_responses_key(location, status)
        if not isinstance(response, Mapping):
            raise option_errors.responses_entry_not_a_mapping(location, status, response)
        for field in response:
            if field not in _RESPONSE_FIELDS and not str(field).startswith("x-"):
                raise option_errors.unknown_response_field(location, status, field, _RESPONSE_FIELDS)
        if _is_value(response.get("model")):
            raise option_errors.value_instead_of_type(
                location, f'responses={{{status!r}: {{"model": ...}}}}', response["model"]
            )


def _is_status(value: Any) -> bool:
    word = str(int(value)) if isinstance(value, int) else str(value)
    return word == "default" or re.fullmatch("[1-5](?:[0-9][0-9]|XX|xx)", word) is not None


def _check_model(name: str, value: Any, location: Any) -> None:
    if _is_value(value):
        raise option_errors.value_instead_of_type(location, f"{name}=", value)


def _is_value(value: Any) -> bool:
    """Whether it is a value, which pydantic would accept as a type, or reject later."""
    if isinstance(value, type) or get_origin(value) is not None:
        return False
    return isinstance(value, str | int | float | Collection) or is_model(type(value))


def _check_response_class(name: str, value: Any, location: Any) -> None:  # noqa: ARG001
    if not is_response_class(value):
        raise option_errors.invalid_response_class(location, value, _RESPONSE_CLASSES)


def _check_callbacks(name: str, value: Any, location: Any) -> None:  # noqa: ARG001
    if not isinstance(value, Iterable):
        raise option_errors.invalid_callbacks(location, value)
    for each in value:
        if not hasattr(each, "path"):
            raise option_errors.invalid_callbacks(location, each)


def _check_limit(name: str, value: Any, location: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise option_errors.invalid_limit(location, name, value)


def _check_encodings(name: str, value: Any, location: Any) -> None:
    if isinstance(value, str):
        raise option_errors.string_instead_of_list(location, name, value)
    if not isinstance(value, Sequence):
        raise option_errors.wrong_option_type(location, name, value, 'a list, such as `["gzip", "br"]`')
    for coding in value:
        if coding not in CODINGS:
            raise body_errors.unknown_encoding(location, coding, CODINGS)
    installed(value)


def _check_form_limits(name: str, value: Any, location: Any) -> None:
    if not isinstance(value, Mapping):
        raise option_errors.wrong_option_type(location, name, value, "a mapping, as `{'max_files': 3}`")
    if unknown := value.keys() - FORM_LIMITS.keys():
        raise errors.unknown_form_limit(location, min(unknown), FORM_LIMITS)
    for key, limit in value.items():
        _check_limit(key, limit, location)


_CHECKS: dict[str, Callable[[str, Any, Any], None]] = {
    "policies": _check_policies,
    "tags": _check_tags,
    "response_model_include": _check_tags,
    "response_model_exclude": _check_tags,
    "status_code": _check_status,
    "responses": _check_responses,
    "response_model": _check_model,
    "response_class": _check_response_class,
    "default_response_class": _check_response_class,
    "callbacks": _check_callbacks,
    "max_body_size": _check_limit,
    "form_limits": _check_form_limits,
    "request_encodings": _check_encodings,
    "renders": check_renders,
    "tool": _check_tool,
    "envelope": check_envelope,
}
_SHARED_CHECKS = ("tags", "responses", "policies", "dependencies", "max_body_size", "form_limits", "request_encodings",
                  "renders", "envelope", "tool")  # fmt: skip
