"""The exceptions that become responses.

Exception
├── HTTPException                a response with this status
│   ├── LimitExceeded            413, 414, 431 or 400: the request exceeds a limit
│   └── RequestValidationError   422: values of the request fail validation; lists all of them
│       └── WebSocketRequestValidationError   the same for a WebSocket
├── WebSocketException           closes the WebSocket with this code
├── ResponseValidationError      500: the endpoint's result fails validation
└── signette.problems.Problem    a typed problem that the application declares (RFC 9457)
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Required, TypedDict, cast

from signette._http.json import loads
from signette.error_entries import entry_of, is_entry
from signette.limits import OptionLimit, exceeded_message

# Modules below this one raise the warning too; users import it from here.
from signette.types import SignetteDeprecationWarning as SignetteDeprecationWarning  # noqa: PLC0414 - re-exported


class ShadowedRouteWarning(UserWarning):
    """A route is unreachable: earlier routes match all of its requests. Warned of when the application starts."""


class UnusedOptionWarning(UserWarning):
    """An option of an application or a router has no effect. Warned of where it is passed."""


# RFC 9110 changed these phrases; the standard library has the new ones from Python 3.13 on.
_PHRASES = {status.value: status.phrase for status in HTTPStatus} | {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}


def phrase_of(status_code: int) -> str:
    """The registered reason phrase of a status; "" for an unregistered status (RFC 9110 §15)."""
    return _PHRASES.get(status_code, "")


class HTTPException(Exception):
    """Raise to respond with a status: `raise HTTPException(404)`.

    `detail` defaults to the reason phrase of the status. In an `App`, a string becomes the problem's `detail`, a
    mapping its members.

    Attributes:
        status_code: The status of the response.
        detail: The text of the response; by default the phrase of the status (RFC 9110 section 15).
        headers: Additional response headers, or None.
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
    """A request exceeds a limit. `limit` is the name of a field of `signette.limits.Limits`, `limit_value` its value.

    `detail` defaults to a description of the limit ("body exceeds 16777216 bytes"). `hint` names the option that has
    set the limit. It is for the log and never part of a response.

    Attributes:
        limit: The name of the field of `Limits`.
        limit_value: Its value.
        hint: The option that raises the limit: for your log, not for clients.
    """

    def __init__(
        self, status_code: int, limit: str, limit_value: float, detail: str | None = None, *, hint: str | None = None
    ) -> None:
        self.limit = limit
        self.limit_value = limit_value
        if isinstance(limit_value, OptionLimit):
            self.limit_value, hint = int(limit_value), limit_value.option
        self.hint = f"`App(limits=Limits({limit}=...))`" if hint is None else hint
        super().__init__(status_code, exceeded_message(limit, limit_value) if detail is None else detail)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_exception, (type(self), self.args, self.__dict__)


# The functional syntax, as `in` is a keyword.
ErrorEntry = TypedDict(
    "ErrorEntry",
    {"in": Required[str], "name": str, "pointer": str, "code": Required[str], "message": Required[str]},
    total=False,
)
ErrorEntry.__doc__ = (
    "One validation error: `in` is the source of the value, `name` its name in the request, `pointer` RFC 6901."
)


_UNREAD: Any = object()


class RequestValidationError(HTTPException):
    """Values of a request fail validation. `errors()` lists all errors, in the order of the endpoint's parameters.

    You may raise it yourself: `errors` is a list of entries, the errors of pydantic or FastAPI (`exc.errors()`, or the
    exception), or messages. Input values of pydantic's errors are dropped. `body` is for your log.
    """

    def __init__(self, errors: Any, sent: bytes | None = None, *, body: Any = _UNREAD) -> None:
        # PERF: sets the attributes of `HTTPException` directly; an invalid request should cost little more than a
        # valid one.
        self._errors = _entries_of(errors)
        self.status_code = 422
        self.detail = validation_message(self._errors)
        self.headers = None
        self._sent = sent
        if body is not _UNREAD:
            self._body = body

    @property
    def body(self) -> Any:
        """The parsed JSON body; None if no body was read or it is not JSON. For your log, not for clients."""
        if "_body" in self.__dict__:
            return self._body
        try:
            return loads(self._sent) if self._sent else None
        except ValueError:
            return None

    def errors(self) -> list[ErrorEntry]:
        """Entries with `in`, `name` or `pointer`, `code` and `message`. No entry contains the invalid value."""
        return self._errors

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_exception, (type(self), ([],), self.__dict__)


class WebSocketRequestValidationError(RequestValidationError):
    """Values of a WebSocket's request fail validation. Handlers for `RequestValidationError` handle it, too."""


def _entries_of(errors: Any) -> list[ErrorEntry]:
    if not isinstance(errors, list | tuple):
        report = getattr(errors, "errors", None)  # pydantic's `ValidationError`
        errors = report() if callable(report) else [errors] if isinstance(errors, str | Mapping) else list(errors)
    if all(map(is_entry, errors)):
        return list(errors)
    return [cast(ErrorEntry, each if is_entry(each) else entry_of(each)) for each in errors]


def validation_message(errors: Sequence[ErrorEntry]) -> str:
    """The `detail` of a validation error: how many errors there are."""
    return f"request validation failed: {len(errors)} error{'s' if len(errors) != 1 else ''}"


class ResponseValidationError(Exception):
    """An endpoint's result does not match its return type. The client gets a 500 without details.

    `body` is the result, and `errors()` lists what is wrong with it: for your log, not for clients.

    Attributes:
        annotation: The declared type.
        body: The result: for your log, not for clients.
    """

    def __init__(
        self, annotation: Any, reason: str, *, errors: Sequence[ErrorEntry] | None = None, body: Any = None
    ) -> None:
        self.annotation = annotation
        self.body = body
        self._errors = errors
        self._reason = reason
        name = annotation.__qualname__ if isinstance(annotation, type) else annotation
        super().__init__(f"the result is not a valid `{name}`: {reason}")

    def errors(self) -> list[ErrorEntry]:
        """Entries with `in` ("response"), `pointer`, `code` and `message`, as in a `RequestValidationError`."""
        if self._errors is None:
            return [{"in": "response", "pointer": "", "code": "value_error", "message": self._reason}]
        return list(self._errors)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_exception, (type(self), self.args, self.__dict__)


class WebSocketException(Exception):
    """Raise to close the WebSocket with a code (RFC 6455 §7.4) and a reason of at most 123 bytes.

    Attributes:
        code: The code of the close frame that the client receives.
        reason: The reason of the close frame that the client receives.
    """

    def __init__(self, code: int, reason: str | None = None) -> None:
        self.code = code
        self.reason = reason or ""
        super().__init__(code, self.reason)

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(code={self.code!r}, reason={self.reason!r})"


def _rebuild_exception(cls: type[Exception], args: tuple[Any, ...], state: dict[str, Any]) -> Exception:
    """Unpickle an exception whose constructor takes arguments other than `args`."""
    exc = cls.__new__(cls, *args)
    exc.args = args
    exc.__dict__.update(state)
    return exc


class ClientDisconnect(Exception):
    """The client disconnected before the request was read completely, or before the response was sent completely."""
