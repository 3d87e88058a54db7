"""Problems: typed errors, sent as RFC 9457 `application/problem+json`.

    class OutOfStock(Problem, status=409):
        "There are fewer items left than were ordered."

        sku: str
        left: int

    raise OutOfStock(sku="A-1", left=2)

An endpoint that declares the class documents its status, its title and its typed members in the OpenAPI document. The
body of the response has the same members.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from string import Formatter
from typing import Any, ClassVar, Self, dataclass_transform, get_origin, get_type_hints

from signette._http import json
from signette.exceptions import ErrorEntry, HTTPException, RequestValidationError, phrase_of, validation_message
from signette.responses.plain import Response
from signette.responses.wire import content_length_field

PROBLEM_MEDIA_TYPE = "application/problem+json"
_INVALID = phrase_of(422)
_CONTENT_TYPE = (b"content-type", PROBLEM_MEDIA_TYPE.encode())
RESERVED = frozenset({"type", "title", "status", "detail", "instance", "errors", "headers", "args"})
_TEXTS = frozenset({"type", "title", "detail", "instance"})
# Limits of one response, for any request (docs/reference/promises.md: errors have limits).
MAX_ERRORS = 100
MAX_ERROR_BYTES = 64 * 1024
MAX_NAME_LENGTH = 200


@dataclass_transform(kw_only_default=True)
class Problem(Exception):
    """Base class of typed problems: subclass it with a status, annotate its members, then raise or return it.

    The docstring of the class is the description of the problem, and its first line the default `detail`. A `detail`
    template may use members: `class Gone(Problem, status=410, detail="{code} was closed"): code: str`.

    Raises:
        TypeError: for a class, a status outside 400 to 599, a `detail` with an unknown member, or a member with a name
            that RFC 9457 reserves; for an instance, a missing or unknown member.
    """

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal Server Error"
    type: ClassVar[str] = "about:blank"
    detail_template: ClassVar[str | None] = None
    headers: ClassVar[Mapping[str, str] | None] = None
    members: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(
        cls,
        *,
        status: int | None = None,
        title: str | None = None,
        type: str | None = None,  # noqa: A002 - RFC 9457's word
        detail: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init_subclass__()
        cls.status = _checked_status(cls, status if status is not None else cls.status)
        cls.title = title or cls.__dict__.get("title") or words_of(cls.__name__)
        # RFC 9457 §3.1.1: a type is a stable URI, by which programs distinguish problems.
        cls.type = type or cls.__dict__.get("type") or f"urn:problem-type:{cls.title.lower().replace(' ', '-')}"
        if detail is not None:
            cls.detail_template = detail
        elif cls.__dict__.get("__doc__"):
            cls.detail_template = None
        if headers is not None:
            cls.headers = dict(headers)
        cls.members = _members_of(cls)
        _check_template(cls)

    def __init__(self, **members: Any) -> None:
        cls = self.__class__
        unknown = members.keys() - set(cls.members)
        if unknown:
            raise TypeError(
                f"`{cls.__name__}` has no member `{min(unknown)}`; it has: {', '.join(cls.members) or 'none'}"
            )
        for name in cls.members:
            if name in members:
                setattr(self, name, members[name])
            elif not hasattr(cls, name):
                raise TypeError(f"`{cls.__name__}` requires the member `{name}=`, which has no default")
        super().__init__(self.detail)

    @property
    def detail(self) -> str:
        """What happened: the formatted template, else the docstring's first line, else the title."""
        if self.detail_template is not None:
            return self.detail_template.format_map({name: getattr(self, name) for name in self.members})
        doc = (type(self).__doc__ or "").strip()
        return doc.splitlines()[0] if doc and type(self) is not Problem else self.title

    def body(self) -> dict[str, Any]:
        """The members of the body: those of RFC 9457 §3.1 first, then those of the class."""
        head: dict[str, Any] = {
            "type": self.type,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        return head | {name: getattr(self, name) for name in self.members}

    def __str__(self) -> str:
        return self.detail

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), {name: getattr(self, name) for name in self.members})


class ProblemResponse(Response):
    """A response with a problem details object as its body (RFC 9457)."""

    media_type = PROBLEM_MEDIA_TYPE

    @classmethod
    def bare(cls, content: Any, status_code: int) -> Self:
        """A response without further headers. PERF: an invalid request should cost little more than a valid one."""
        response = cls.__new__(cls)
        response.status_code = status_code
        response.background = None
        body = json.raw_dumps(content, cls.prepare, json.AS_GIVEN)
        if len(body) > MAX_ERROR_BYTES:
            body = response.render(content)
        response.body = body
        response._fields = [content_length_field(len(body)), _CONTENT_TYPE]
        return response

    def render(self, content: Any) -> bytes:
        """Serialize the problem. If `errors` is too long for one response, shortens names, then drops entries."""
        return _rendered(content, self.prepare)

    @staticmethod
    def prepare(value: Any) -> Any:
        """The serializable value for one that is not JSON-serializable. `App` uses pydantic instead."""
        return str(value)


def _rendered(content: Mapping[str, Any], prepare: Callable[[Any], Any]) -> bytes:
    body = json.dumps_lenient(content, prepare)
    if len(body) > MAX_ERROR_BYTES and content.get("errors"):
        content = {**content, "errors": [_shortened(entry) for entry in content["errors"]]}
        body = json.dumps_lenient(content, prepare)
    while len(body) > MAX_ERROR_BYTES and len(content.get("errors") or ()) > 1:
        content = {**content, "errors": content["errors"][: len(content["errors"]) // 2]}
        body = json.dumps_lenient(content, prepare)
    return body


def _shortened(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry with names and pointers, which clients choose, cut to a maximum length."""
    return {
        key: f"{value[:MAX_NAME_LENGTH]}..." if isinstance(value, str) and len(value) > MAX_NAME_LENGTH else value
        for key, value in entry.items()
    }


def problem_body(status_code: int, detail: str | None = None) -> dict[str, Any]:
    """A problem that has only a status: type `about:blank`, the reason phrase as title (RFC 9457 §4.2.1)."""
    phrase = phrase_of(status_code) or "Unknown Error"
    return {"type": "about:blank", "title": phrase, "status": status_code, "detail": detail or phrase}


def invalid_body(errors: list[ErrorEntry]) -> dict[str, Any]:
    """The problem of a validation error, with at most `MAX_ERRORS` entries."""
    return {
        "type": "about:blank",
        "title": _INVALID,
        "status": 422,
        "detail": validation_message(errors),
        "errors": errors[:MAX_ERRORS],
    }


def _plain(value: Any) -> Any:
    """A part of an entry that orjson does not know: a subclass of a dictionary, or of a text."""
    return dict(value) if isinstance(value, dict) else str(value)


def invalid_text(errors: list[ErrorEntry], prepare: Callable[[Any], Any] = _plain) -> bytes:
    """The JSON of `invalid_body`. PERF: only the entries are serialized, in less than half of the time."""
    if len(errors) <= MAX_ERRORS:
        text = _before_entries(len(errors)) + json.raw_dumps(errors, prepare, json.AS_GIVEN) + b"}"
        if len(text) <= MAX_ERROR_BYTES:
            return text
    return _rendered(invalid_body(errors), prepare)


@lru_cache(maxsize=MAX_ERRORS + 1)
def _before_entries(count: int) -> bytes:
    """The JSON of `invalid_body` for so many errors, up to the first entry."""
    empty: Any = [{}] * count
    return json.dumps({**invalid_body(empty), "errors": []}).removesuffix(b"[]}")


def body_of(exc: HTTPException, members_of: Callable[[Any], Any] = lambda detail: detail) -> dict[str, Any]:
    """An `HTTPException` as a problem: a string as `detail` is the problem's `detail`, a mapping its members.

    `members_of` converts other details that have members to a mapping.
    """
    if isinstance(exc, RequestValidationError):
        return invalid_body(exc.errors())
    detail = exc.detail if isinstance(exc.detail, str | Mapping) else members_of(exc.detail)
    if isinstance(detail, Mapping):
        return _with_members(exc.status_code, detail)
    return problem_body(exc.status_code, detail if isinstance(detail, str) else str(detail))


def _with_members(status_code: int, members: Mapping[Any, Any]) -> dict[str, Any]:
    """A problem with these members. RFC 9457 §3.1: `status` is that of the response, its other members are strings."""
    named = {str(key): value for key, value in members.items()}
    body = problem_body(status_code)
    for name in _TEXTS & named.keys():
        if not isinstance(named[name], str):
            value = named.pop(name)
            if name == "detail" and value is not None:
                body["detail"] = str(value)
    return body | named | {"status": status_code}


def words_of(class_name: str) -> str:
    """The title of a class name: `OutOfStock` -> `Out of stock`."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[A-Z]+", class_name)
    return (
        " ".join([words[0], *(word if word.isupper() else word.lower() for word in words[1:])]) if words else class_name
    )


def _check_template(cls: type[Problem]) -> None:
    """Raise TypeError for a `detail=` that cannot be formatted, before a problem is raised."""
    template = cls.detail_template
    if template is None:
        return
    try:
        fields = [field for _, field, _, _ in Formatter().parse(template) if field is not None]
    except ValueError as exc:
        raise TypeError(f"`{cls.__name__}` has the invalid detail {template!r}: {exc}") from None
    for field in fields:
        name = re.split(r"[.\[]", field)[0]
        if name not in cls.members:
            raise TypeError(
                f"`{cls.__name__}` has no member `{name}`, which its detail {template!r} uses;"
                f" it has: {', '.join(cls.members) or 'none'}"
            )


def _checked_status(cls: type[Problem], status: int) -> int:
    if not isinstance(status, int):
        raise TypeError(f"`{cls.__name__}` has the status {status!r}; a status must be an integer")
    if not 400 <= status <= 599:
        raise TypeError(
            f"`{cls.__name__}` has the status {status}; the status of a problem must be from 400 to 599 (RFC 9110 §15)"
        )
    return int(status)


def _members_of(cls: type[Problem]) -> tuple[str, ...]:
    own = [name for name in inspect.get_annotations(cls) if not name.startswith("_")]
    members = [name for name in own if not _is_class_variable(cls, name)]
    for name in members:
        if name in RESERVED:
            raise TypeError(f"`{cls.__name__}.{name}`: RFC 9457 reserves the name `{name}`; rename the member")
    return (*(name for name in cls.members if name not in members), *members)


def _is_class_variable(cls: type[Problem], name: str) -> bool:
    annotation: Any = inspect.get_annotations(cls)[name]
    origin: Any = get_origin(annotation)
    return origin is ClassVar or (isinstance(annotation, str) and "ClassVar" in annotation)


def member_types(cls: type[Problem]) -> dict[str, Any]:
    """The members of a problem with their types, as in its schema."""
    hints = get_type_hints(cls, include_extras=True)
    return {name: hints[name] for name in cls.members}


def _rebuild(cls: type[Problem], members: dict[str, Any]) -> Problem:
    return cls(**members)
