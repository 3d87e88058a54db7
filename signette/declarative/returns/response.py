"""A `Response` that the endpoint makes itself: sent as it is."""

from typing import Any

from signette.declarative.returns.file import other_answers
from signette.declarative.returns.kind import Answer, Reply, ReturnKind
from signette.declarative.signature.annotations import class_of, union_members
from signette.exceptions import HTTPException, ResponseValidationError
from signette.problems import Problem
from signette.responses.file import FileResponse
from signette.responses.plain import Response

# What is never rendered, whatever the annotation says.
SPECIAL = (Response, Problem, HTTPException)


def is_response(annotation: Any) -> bool:
    """Whether each member of the annotation is a class of responses."""
    classes = [class_of(member) for member in union_members(annotation)]
    return all(cls is not None and cls is not Any and issubclass(cls, Response) for cls in classes)


def is_foreign_response(value: Any) -> bool:
    """Whether a value answers as a `Response` does, though it is none of ours: an ASGI application with a status."""
    return callable(value) and hasattr(value, "status_code") and hasattr(value, "raw_headers")


def _as_it_is(annotation: Any, reply: Reply) -> Any:
    def make(value: Any) -> Any:
        if not is_foreign_response(value):
            why = f"it is of type `{type(value).__name__}`. Annotate what is returned, or return a `Response`"
            raise ResponseValidationError(annotation, why, body=value)
        return value

    return make


def _other_answers(annotation: Any, reply: Reply) -> tuple[Answer, ...]:
    classes = [class_of(member) for member in union_members(annotation)]
    sends_files = any(cls is not None and issubclass(cls, FileResponse) for cls in classes)
    return other_answers(annotation, reply) if sends_files else ()


RESPONSE = ReturnKind(
    "response", takes=lambda annotation, _: is_response(annotation), makes=_as_it_is, also=_other_answers
)
