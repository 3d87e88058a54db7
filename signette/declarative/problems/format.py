"""The format of error responses: one replaceable object with the body and, for the OpenAPI document, its schema."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from signette.declarative.adapters.jsonable import members_of
from signette.declarative.adapters.serializers import to_jsonable
from signette.declarative.problems.schema import PROBLEM_SCHEMA, VALIDATION_SCHEMA, problem_schema
from signette.exceptions import ErrorEntry, HTTPException, RequestValidationError
from signette.middleware.outage import OutageLog, service_unavailable
from signette.problems import PROBLEM_MEDIA_TYPE, Problem, ProblemResponse, body_of, invalid_text, problem_body
from signette.requests import Request
from signette.responses.plain import Response
from signette.responses.wire import has_no_body
from signette.state.unavailable import StateUnavailable


class PreparedProblem(ProblemResponse):
    """A problem whose members pydantic converts to JSON types."""

    prepare = staticmethod(to_jsonable)


Handler = Callable[[Request, Exception], Awaitable[Response]]


class ProblemFormat:
    """Error responses as RFC 9457 defines them. Subclass it for further members, or for another format.

    Keep `body` and `schema` consistent.
    """

    media_type = PROBLEM_MEDIA_TYPE
    needs_details = False
    """Whether `body` reads more of validation errors than their entries have: `DetailedEntry.error`."""

    def body(self, exc: Exception) -> Mapping[str, Any]:
        """The body of the response to an exception. It must not contain values of the request."""
        if isinstance(exc, Problem):
            return exc.body()
        if isinstance(exc, HTTPException):
            return body_of(exc, members_of)
        return problem_body(500)  # details of a server error go to the log only

    def schema(self, status: int, problem: type[Problem] | None = None) -> Mapping[str, Any]:
        """The JSON Schema of `body` for a status, or for a problem class of the application."""
        if problem is not None:
            return problem_schema(problem)
        return VALIDATION_SCHEMA if status == 422 else PROBLEM_SCHEMA

    def documented_errors(
        self,
        statuses: Collection[int],
        *,
        reads_values: bool,  # noqa: ARG002 - for other formats
        declared: Collection[str],  # noqa: ARG002
    ) -> Mapping[int, str]:
        """The errors of a request that the OpenAPI document lists for an operation, with descriptions that may be "".

        `statuses` are all errors that can occur, `declared` the keys of `responses=`. `reads_values` says whether the
        operation has parameters or a body.
        """
        return dict.fromkeys(statuses, "")

    def respond(self, exc: Exception) -> Response:
        """The response to an exception."""
        if type(exc) is RequestValidationError:
            status, headers = 422, None
        else:
            status, headers = _status_of(exc)
        if has_no_body(status):
            return Response(None, status, headers)
        if headers is None and self.media_type is PROBLEM_MEDIA_TYPE:
            return PreparedProblem.bare(self.body(exc), status)
        return PreparedProblem(self.body(exc), status, headers, self.media_type)

    def validation_error(self, errors: list[ErrorEntry]) -> Response:
        """The response to validation errors, the same as that of `respond` to a `RequestValidationError`."""
        return self.respond(RequestValidationError(errors))

    def rejection(self) -> "Rejection":
        """`validation_error` for binders. PERF: the default format makes neither an exception nor a `Response`."""
        return Rejection(self)

    def adapted(self, handler: Any) -> Any:
        """An exception handler of the application, as this format calls it."""
        return handler

    def handlers(self) -> dict[int | type[Exception], Handler]:
        """Handlers for all exceptions, for an application's `exception_handlers`."""
        handler = ErrorFormatter(self)
        # A handler of the application for `HTTPException` would lose the list of errors.
        formatted = (RequestValidationError, HTTPException, Problem, Exception)
        return {**dict.fromkeys(formatted, handler), StateUnavailable: UnavailableFormatter(self)}


class Rejection:
    """Responds to validation errors as a format does, also if its methods are replaced after the first request.

    Attributes:
        replaced: What was set on the format itself, a live dictionary. While it is empty, the body of the response is
            `text` of the entries; None if it may be another one.
    """

    __slots__ = ("_format", "replaced")
    text = staticmethod(invalid_text)  # its entries are texts, which need no conversion
    media_type = PROBLEM_MEDIA_TYPE

    def __init__(self, error_format: ProblemFormat) -> None:
        self._format = error_format
        is_default = type(error_format) is ProblemFormat
        self.replaced: Mapping[str, Any] | None = vars(error_format) if is_default else None

    def __call__(self, errors: list[ErrorEntry]) -> Response:
        return self._format.validation_error(errors)


def _status_of(exc: Exception) -> tuple[int, Mapping[str, str] | None]:
    """The status and headers of the response to an exception.

    Only of signette's exceptions: those of client libraries may have attributes of the same names, which describe
    another response.
    """
    if isinstance(exc, Problem):
        return exc.status, getattr(exc, "headers", None)
    return (exc.status_code, exc.headers) if isinstance(exc, HTTPException) else (500, None)


class ErrorFormatter:
    """An exception handler that does not need the request, so `respond_sync` may be called in its place."""

    __slots__ = ("format",)

    def __init__(self, error_format: ProblemFormat) -> None:
        self.format = error_format

    async def __call__(self, _: Request, exc: Exception) -> Response:
        return self.format.respond(exc)

    def rejection(self) -> Rejection:
        """What responds to validation errors."""
        return self.format.rejection()

    def respond_sync(self, exc: Exception) -> Response:
        """The response to an exception."""
        return self.format.respond(exc)


class UnavailableFormatter(ErrorFormatter):
    """The exception handler of `StateUnavailable`: a 503, in the format of the application."""

    __slots__ = ("_outages",)

    def __init__(self, error_format: ProblemFormat) -> None:
        super().__init__(error_format)
        self._outages = OutageLog()

    async def __call__(self, _: Request, exc: Exception) -> Response:
        return self.respond_sync(exc)

    def respond_sync(self, exc: Exception) -> Response:
        """The response to an exception."""
        self._outages.note(exc)
        return self.format.respond(service_unavailable())
