"""How errors are told to clients: one replaceable object that gives the body and, for the document, its schema."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from signette._overrides import overrides
from signette.declarative.adapters.jsonable import members_of
from signette.declarative.adapters.serializers import to_jsonable
from signette.declarative.problems.schema import PROBLEM_SCHEMA, VALIDATION_SCHEMA, problem_schema
from signette.exceptions import ErrorEntry, HTTPException, RequestValidationError
from signette.problems import PROBLEM_MEDIA_TYPE, Problem, ProblemResponse, body_of, invalid_body, problem_body
from signette.requests import Request
from signette.responses.plain import Response
from signette.responses.wire import has_no_body


class PreparedProblem(ProblemResponse):
    """A problem whose members pydantic makes fit for JSON."""

    prepare = staticmethod(to_jsonable)


Handler = Callable[[Request, Exception], Awaitable[Response]]


class ProblemFormat:
    """RFC 9457. Subclass it for members of your own, or to answer in another shape; keep body and schema alike."""

    media_type = PROBLEM_MEDIA_TYPE

    def body(self, exc: Exception) -> Mapping[str, Any]:
        """What a client reads of this error. Nothing in it may echo a value that was sent."""
        if isinstance(exc, Problem):
            return exc.body()
        if isinstance(exc, HTTPException):
            return body_of(exc, members_of)
        return problem_body(500)  # what went wrong inside is for the log

    def schema(self, status: int, problem: type[Problem] | None = None) -> Mapping[str, Any]:
        """The JSON Schema of `body` for a status, or for a problem of the application's own."""
        if problem is not None:
            return problem_schema(problem)
        return VALIDATION_SCHEMA if status == 422 else PROBLEM_SCHEMA

    def respond(self, exc: Exception) -> Response:
        """The whole answer to an exception."""
        if type(exc) is RequestValidationError:
            status, headers = 422, None
        else:
            status, headers = _status_of(exc)
        if has_no_body(status):
            return Response(None, status, headers)
        if headers is None and self.media_type is PROBLEM_MEDIA_TYPE:
            return PreparedProblem.bare(self.body(exc), status)
        return PreparedProblem(self.body(exc), status, headers, self.media_type)

    def refuse(self, errors: list[ErrorEntry]) -> Response:
        """The whole answer to values that will not do, as `respond` gives it to a `RequestValidationError`."""
        # PERF: a format that is no subclass is not asked.
        has_own_way = type(self) is not ProblemFormat and overrides(self, ProblemFormat, "body", "respond")
        if not has_own_way and self.media_type is PROBLEM_MEDIA_TYPE:
            return PreparedProblem.bare(invalid_body(errors), 422)  # PERF: no exception is made only to be read
        return self.respond(RequestValidationError(errors))

    def handlers(self) -> dict[int | type[Exception], Handler]:
        """Handlers for all that can be raised, for an application's `exception_handlers`."""

        answer = ErrorFormatter(self)
        return {HTTPException: answer, Problem: answer, Exception: answer}


def _status_of(exc: Exception) -> tuple[int, Mapping[str, str] | None]:
    """The status and headers that an exception asks for.

    Others than ours may have attributes of these names, too: the error of a client library tells of another response.
    """
    if isinstance(exc, Problem):
        return exc.status, getattr(exc, "headers", None)
    return (exc.status_code, exc.headers) if isinstance(exc, HTTPException) else (500, None)


class ErrorFormatter:
    """A handler of exceptions that needs no request: a stack may ask `prompt` in its place."""

    __slots__ = ("format",)

    def __init__(self, error_format: ProblemFormat) -> None:
        self.format = error_format

    async def __call__(self, _: Request, exc: Exception) -> Response:
        return self.format.respond(exc)

    def refuse(self, errors: list[ErrorEntry]) -> Response:
        """The answer to values that will not do."""
        return self.format.refuse(errors)

    def prompt(self, exc: Exception) -> Response:
        """The answer, from the exception alone."""
        return self.format.respond(exc)
