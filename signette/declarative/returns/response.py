"""A `Response` that the endpoint returns: sent unchanged."""

from typing import Any

from signette import _frameworks
from signette._frameworks import is_kind_of, is_response_class
from signette.declarative.returns.file import range_responses
from signette.declarative.returns.kind import Reply, ResponseSpec, ReturnKind
from signette.declarative.signature.annotations import class_of, union_members
from signette.exceptions import ResponseValidationError
from signette.responses.file import FileResponse


def is_response(annotation: Any) -> bool:
    """Whether each member of the annotation is a response class, of signette or another package."""
    return all(is_response_class(class_of(member)) for member in union_members(annotation))


def _make(reply: Reply) -> Any:
    annotation = reply.annotation

    def make(value: Any) -> Any:
        if not _frameworks.is_response(value):
            why = f"it is of type `{type(value).__name__}`. Annotate the return value, or return a `Response`"
            raise ResponseValidationError(annotation, why, body=value)
        return value

    return make


def _conditional_responses(response: ResponseSpec) -> tuple[ResponseSpec, ...]:
    classes = [class_of(member) for member in union_members(response.annotation)]
    sends_files = any(is_kind_of(cls, FileResponse) for cls in classes)
    return range_responses(response) if sends_files else ()


RESPONSE = ReturnKind(
    "response",
    accepts=lambda result: is_response(result.annotation),
    makes=_make,
    conditional_responses=_conditional_responses,
)
