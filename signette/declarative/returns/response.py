"""A `Response` that the endpoint returns: sent unchanged."""

from typing import Any

from signette.declarative.returns.file import range_responses
from signette.declarative.returns.kind import Reply, ResponseSpec, ReturnKind
from signette.declarative.signature.annotations import class_of, union_members
from signette.exceptions import HTTPException, ResponseValidationError
from signette.problems import Problem
from signette.responses.file import FileResponse
from signette.responses.plain import Response

# Results that are never serialized, for any annotation.
SPECIAL = (Response, Problem, HTTPException)


def is_response(annotation: Any) -> bool:
    """Whether each member of the annotation is a response class."""
    classes = [class_of(member) for member in union_members(annotation)]
    return all(cls is not None and cls is not Any and issubclass(cls, Response) for cls in classes)


def is_foreign_response(value: Any) -> bool:
    """Whether a value is a response of another library: an ASGI application with a status and headers."""
    return callable(value) and hasattr(value, "status_code") and hasattr(value, "raw_headers")


def _make(reply: Reply) -> Any:
    annotation = reply.annotation

    def make(value: Any) -> Any:
        if not is_foreign_response(value):
            why = f"it is of type `{type(value).__name__}`. Annotate the return value, or return a `Response`"
            raise ResponseValidationError(annotation, why, body=value)
        return value

    return make


def _conditional_responses(response: ResponseSpec) -> tuple[ResponseSpec, ...]:
    classes = [class_of(member) for member in union_members(response.annotation)]
    sends_files = any(cls is not None and issubclass(cls, FileResponse) for cls in classes)
    return range_responses(response) if sends_files else ()


RESPONSE = ReturnKind(
    "response",
    accepts=lambda result: is_response(result.annotation),
    makes=_make,
    conditional_responses=_conditional_responses,
)
