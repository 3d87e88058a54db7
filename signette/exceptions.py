"""What can go wrong with a request, as exceptions.

Exception
├── HTTPException                answered with its status
│   ├── LimitExceeded            a limit was exceeded; the detail says which
│   └── RequestValidationError   422: values that do not fit the signature, all of them at once
├── WebSocketException           closes the socket with its code
├── ResponseValidationError      500: a result is not what its endpoint declares
└── signette.problems.Problem    a typed problem of the application's own (RFC 9457)
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Required, TypedDict, cast

from signette._http.json import loads
from signette.error_entries import entry_of, is_entry
from signette.limits import exceeded_text

# The ground floor warns too, so the class lives there; this is where users find it.
from signette.types import SignetteDeprecationWarning as SignetteDeprecationWarning  # noqa: PLC0414 - handed on


class ShadowedRouteWarning(UserWarning):
    """A route is never reached, as those before it take all that it could. Told when the application starts."""


# RFC 9110 gave the last ones new phrases; the standard library has them from Python 3.13 on.
_PHRASES = {status.value: status.phrase for status in HTTPStatus} | {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}


def phrase_of(status_code: int) -> str:
    """The registered phrase of a status, "" where there is none (RFC 9110 §15)."""
    return _PHRASES.get(status_code, "")


class HTTPException(Exception):
    """Raise it to answer with a status: `raise HTTPException(404)`.

    `detail` defaults to the status's phrase. In an `App` a string becomes the problem's `detail`, a mapping its
    members.
    """

    def __init__(self, status_code: int, detail: Any = None, headers: Mapping[str, str] | None = None) -> None:
        self.status_code = status_code
        self.detail = phrase_of(status_code) if detail is None else detail
        self.headers = headers
        super().__init__(status_code, self.detail, headers)

    def __str__(self) -> str:
        return f"{self.status_code}: {self.detail}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(status_code={self.status_code!r}, detail={self.detail!r})"


class LimitExceeded(HTTPException):
    """A request exceeds a limit. `limit` is its field in `signette.limits.Limits`, `bound` its value.

    The response says which limit in plain words ("body exceeds 16777216 bytes"), or as `detail` does. `hint` names the
    setting that raises the limit. It is for the log: a response never holds it.
    """

    def __init__(
        self, status_code: int, limit: str, bound: float, detail: str | None = None, *, hint: str | None = None
    ) -> None:
        self.limit = limit
        self.bound = bound
        self.hint = f"`App(limits=Limits({limit}=...))`" if hint is None else hint
        super().__init__(status_code, exceeded_text(limit, bound) if detail is None else detail)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_exception, (type(self), self.args, self.__dict__)


# The functional syntax, as `in` is a keyword.
ErrorEntry = TypedDict(
    "ErrorEntry",
    {"in": Required[str], "name": str, "pointer": str, "code": Required[str], "message": Required[str]},
    total=False,
)
ErrorEntry.__doc__ = "One value that was refused: `in` is its source, `name` its key on the wire, `pointer` RFC 6901."


_UNREAD: Any = object()


class RequestValidationError(HTTPException):
    """Values of a request do not fit the signature. `errors()` lists them in the order of the contract.

    An application may raise it, too: with entries, with errors of pydantic or FastAPI (`exc.errors()`, or the exception
    itself), which become entries without the values that they hold, or with texts. `body` is for your log.
    """

    def __init__(self, errors: Any, sent: bytes | None = None, *, body: Any = _UNREAD) -> None:
        # PERF: the attributes of `HTTPException` at once; a refused request should cost little more than a good one.
        self._errors = _entries_of(errors)
        self.status_code = 422
        self.detail = count_of(self._errors)
        self.headers = None
        self._sent = sent
        if body is not _UNREAD:
            self._body = body

    @property
    def body(self) -> Any:
        """What the JSON body held; None where none was read, or it was no JSON. For your log, not for clients."""
        if "_body" in self.__dict__:
            return self._body
        try:
            return loads(self._sent) if self._sent else None
        except ValueError:
            return None

    def errors(self) -> list[ErrorEntry]:
        """Entries of `in`, `name` or `pointer`, `code`, `message`. No entry echoes a value."""
        return self._errors

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_exception, (type(self), ([],), self.__dict__)


def _entries_of(errors: Any) -> list[ErrorEntry]:
    if not isinstance(errors, list | tuple):
        report = getattr(errors, "errors", None)  # pydantic's `ValidationError`
        errors = report() if callable(report) else [errors] if isinstance(errors, str | Mapping) else list(errors)
    if all(map(is_entry, errors)):
        return list(errors)
    return [cast(ErrorEntry, each if is_entry(each) else entry_of(each)) for each in errors]


def count_of(errors: Sequence[ErrorEntry]) -> str:
    """How many values are not valid, in words. Several errors of one value, as of a union's members, count once."""
    count = len(errors)
    if count > 1:
        places = set()
        for each in errors:  # PERF: no comprehension, which would be a call
            places.add((each["in"], each.get("name"), each.get("pointer")))
        count = len(places)
    return "1 value is not valid" if count == 1 else f"{count} values are not valid"


class ResponseValidationError(Exception):
    """What an endpoint returned is not what it declared. The client gets a 500 that tells nothing of it.

    `body` is what was returned, and `errors()` says what is wrong with it: for your log, not for clients.
    """

    def __init__(
        self, annotation: Any, why: str, *, errors: Sequence[ErrorEntry] | None = None, body: Any = None
    ) -> None:
        self.annotation = annotation
        self.body = body
        self._errors = errors
        self._why = why
        name = annotation.__qualname__ if isinstance(annotation, type) else annotation
        super().__init__(f"the result is no `{name}`: {why}")

    def errors(self) -> list[ErrorEntry]:
        """Entries of `in` ("response"), `pointer`, `code` and `message`, as those of a `RequestValidationError`."""
        if self._errors is None:
            return [{"in": "response", "pointer": "", "code": "value_error", "message": self._why}]
        return list(self._errors)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_exception, (type(self), self.args, self.__dict__)


class WebSocketException(Exception):
    """Raise it to close a socket with a code (RFC 6455 §7.4) and a reason of at most 123 bytes."""

    def __init__(self, code: int, reason: str | None = None) -> None:
        self.code = code
        self.reason = reason or ""
        super().__init__(code, self.reason)

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(code={self.code!r}, reason={self.reason!r})"


def _rebuild_exception(cls: type[Exception], args: tuple[Any, ...], state: dict[str, Any]) -> Exception:
    """Unpickle an exception whose constructor takes other arguments than `args`."""
    exc = cls.__new__(cls, *args)
    exc.args = args
    exc.__dict__.update(state)
    return exc


class ClientDisconnect(Exception):
    """The client left before its request was read to the end, or before all of the answer was sent."""
