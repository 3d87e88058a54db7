"""Problems: errors that are part of an endpoint's contract, told as RFC 9457 `application/problem+json`.

    class OutOfStock(Problem, status=409):
        "There are fewer pieces left than were ordered."

        sku: str
        left: int

    raise OutOfStock(sku="A-1", left=2)

The class is the contract: its status, its title and its typed members stand in the OpenAPI document of each endpoint
that names it, and the same members stand in the body that a client reads.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any, ClassVar, Self, dataclass_transform, get_origin, get_type_hints

from signette._http import json
from signette.exceptions import ErrorEntry, HTTPException, RequestValidationError, count_of, phrase_of
from signette.responses.plain import Response
from signette.responses.wire import content_length_field

PROBLEM_MEDIA_TYPE = "application/problem+json"
_INVALID = phrase_of(422)
_CONTENT_TYPE = (b"content-type", PROBLEM_MEDIA_TYPE.encode())
RESERVED = frozenset({"type", "title", "status", "detail", "instance", "errors", "headers", "args"})
_TEXTS = frozenset({"type", "title", "detail", "instance"})
# What one answer may hold, whatever was sent (promises: errors are bounded).
MOST_ERRORS = 100
MOST_ERROR_BYTES = 64 * 1024
MOST_NAME = 200


@dataclass_transform(kw_only_default=True)
class Problem(Exception):
    """Base of an application's typed problems: subclass it with a status, annotate its members, raise or return it.

    The class's docstring is the problem's description, and its first line the default `detail`. Members may be
    named in a `detail` template: `class Gone(Problem, status=410, detail="{code} was closed"): code: str`.

    Raises:
        TypeError: a status outside 400 to 599, a `detail` that names no member, a member with a name that RFC 9457
            keeps for itself, or, at `raise`, a member that is missing or unknown.
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
        cls.title = title or words_of(cls.__name__)
        # RFC 9457 §3.1.1: a type is a URI that stays the same, so that a program can tell problems apart.
        cls.type = type or f"urn:problem-type:{cls.title.lower().replace(' ', '-')}"
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
                raise TypeError(f"`{cls.__name__}` needs `{name}=`: it is a member without a default")
        super().__init__(self.detail)

    @property
    def detail(self) -> str:
        """What happened, for a person: the template filled in, else the docstring's first line, else the title."""
        if self.detail_template is not None:
            return self.detail_template.format_map({name: getattr(self, name) for name in self.members})
        doc = (type(self).__doc__ or "").strip()
        return doc.splitlines()[0] if doc and type(self) is not Problem else self.title

    def body(self) -> dict[str, Any]:
        """The members of the answer, in the order of RFC 9457 §3.1, the problem's own behind them."""
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
    """A response whose body is a problem document (RFC 9457)."""

    media_type = PROBLEM_MEDIA_TYPE

    @classmethod
    def bare(cls, content: Any, status_code: int) -> Self:
        """A problem without further headers. PERF: a refused request should cost little more than a good one."""
        response = cls.__new__(cls)
        response.status_code = status_code
        response.background = None
        response.body = body = response.render(content)
        response.raw_headers = [content_length_field(len(body)), _CONTENT_TYPE]
        return response

    def render(self, content: Any) -> bytes:
        """The document; of errors that are too long for one answer only the beginning."""
        body = json.dumps_lenient(content, self.prepare)
        if len(body) > MOST_ERROR_BYTES and content.get("errors"):
            content = {**content, "errors": [_shortened(entry) for entry in content["errors"]]}
            body = json.dumps_lenient(content, self.prepare)
        while len(body) > MOST_ERROR_BYTES and len(content.get("errors") or ()) > 1:
            content = {**content, "errors": content["errors"][: len(content["errors"]) // 2]}
            body = json.dumps_lenient(content, self.prepare)
        return body

    @staticmethod
    def prepare(value: Any) -> Any:
        """What JSON has no shape for as something that it has. `App` asks pydantic in its place."""
        return str(value)


def _shortened(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry whose names and pointers, which clients choose, have a bound."""
    return {
        key: f"{value[:MOST_NAME]}..." if isinstance(value, str) and len(value) > MOST_NAME else value
        for key, value in entry.items()
    }


def problem_body(status_code: int, detail: str | None = None) -> dict[str, Any]:
    """A problem that its status tells whole: RFC 9457 §4.2.1, `about:blank` with the status's phrase as title."""
    phrase = phrase_of(status_code) or "Unknown Error"
    return {"type": "about:blank", "title": phrase, "status": status_code, "detail": detail or phrase}


def invalid_body(errors: list[ErrorEntry]) -> dict[str, Any]:
    """The problem of values that will not do; as many of them as one answer may hold."""
    return {
        "type": "about:blank",
        "title": _INVALID,
        "status": 422,
        "detail": count_of(errors),
        "errors": errors[:MOST_ERRORS],
    }


def body_of(exc: HTTPException, members_of: Callable[[Any], Any] = lambda detail: detail) -> dict[str, Any]:
    """An `HTTPException` as a problem: a `str` is its `detail`, a mapping its members.

    `members_of` makes a mapping of any other detail that has members.
    """
    if isinstance(exc, RequestValidationError):
        return invalid_body(exc.errors())
    detail = exc.detail if isinstance(exc.detail, str | Mapping) else members_of(exc.detail)
    if isinstance(detail, Mapping):
        return _with_members(exc.status_code, detail)
    return problem_body(exc.status_code, detail if isinstance(detail, str) else str(detail))


def _with_members(status_code: int, members: Mapping[Any, Any]) -> dict[str, Any]:
    """RFC 9457 §3.1: the status is that of the response, and the other members that it names are texts."""
    named = {str(key): value for key, value in members.items()}
    body = problem_body(status_code)
    for name in _TEXTS & named.keys():
        if not isinstance(named[name], str):
            value = named.pop(name)
            if name == "detail" and value is not None:
                body["detail"] = str(value)
    return body | named | {"status": status_code}


def words_of(class_name: str) -> str:
    """`OutOfStock` -> `Out of stock`."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[A-Z]+", class_name)
    return (
        " ".join([words[0], *(word if word.isupper() else word.lower() for word in words[1:])]) if words else class_name
    )


def _check_template(cls: type[Problem]) -> None:
    """A `detail=` that could not be filled in would be told at the worst moment: when something else went wrong."""
    template = cls.detail_template
    if template is None:
        return
    try:
        fields = [field for _, field, _, _ in Formatter().parse(template) if field is not None]
    except ValueError as exc:
        raise TypeError(f"`{cls.__name__}` has the detail {template!r}: {exc}") from None
    for field in fields:
        name = re.split(r"[.\[]", field)[0]
        if name not in cls.members:
            raise TypeError(
                f"`{cls.__name__}` has no member `{name}` for its detail {template!r};"
                f" it has: {', '.join(cls.members) or 'none'}"
            )


def _checked_status(cls: type[Problem], status: int) -> int:
    if not isinstance(status, int):
        raise TypeError(f"`{cls.__name__}` has the status {status!r}, which is no number")
    if not 400 <= status <= 599:
        raise TypeError(f"`{cls.__name__}` has status {status}; a problem's status is from 400 to 599 (RFC 9110 §15)")
    return int(status)


def _members_of(cls: type[Problem]) -> tuple[str, ...]:
    own = [name for name in inspect.get_annotations(cls) if not name.startswith("_")]
    members = [name for name in own if not _is_class_variable(cls, name)]
    for name in members:
        if name in RESERVED:
            raise TypeError(
                f"`{cls.__name__}.{name}`: RFC 9457 keeps `{name}` for itself; give the member another name"
            )
    return (*(name for name in cls.members if name not in members), *members)


def _is_class_variable(cls: type[Problem], name: str) -> bool:
    annotation: Any = inspect.get_annotations(cls)[name]
    origin: Any = get_origin(annotation)
    return origin is ClassVar or (isinstance(annotation, str) and "ClassVar" in annotation)


def member_types(cls: type[Problem]) -> dict[str, Any]:
    """The problem's members with their types, as they stand in its schema."""
    hints = get_type_hints(cls, include_extras=True)
    return {name: hints[name] for name in cls.members}


def _rebuild(cls: type[Problem], members: dict[str, Any]) -> Problem:
    return cls(**members)
