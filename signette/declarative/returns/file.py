"""`pathlib.Path`: the file at that path."""

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

from signette._frameworks import is_kind_of
from signette.declarative.adapters.serializers import validated
from signette.declarative.returns.kind import DeclaredResult, Reply, ResponseSpec, ReturnKind
from signette.declarative.returns.text import chunk_of
from signette.declarative.signature.annotations import class_of, metadata_of
from signette.declarative.signature.markers import MISSING
from signette.exceptions import ResponseValidationError
from signette.responses.file import FileResponse


def _accepts(result: DeclaredResult) -> bool:
    if result.response_class is not None:
        return is_kind_of(result.response_class, FileResponse)
    cls = class_of(result.annotation)
    return cls is not None and cls is not Any and issubclass(cls, Path)


def _make(reply: Reply) -> Any:
    cls = reply.response_class or FileResponse
    path_of = _path_of(reply.annotation)

    def file(value: Any) -> FileResponse:
        path = path_of(value)
        if not isinstance(path, str | PathLike):
            raise ResponseValidationError(Path, f"it is of type `{type(value).__name__}`", body=value)
        response: FileResponse = cls(path, status_code=reply.status)
        return response

    return file


def _path_of(annotation: Any) -> Callable[[Any], Any]:
    if class_of(annotation) is str:
        return chunk_of(annotation)
    if annotation is not MISSING and metadata_of(annotation):
        return validated(annotation)
    return lambda value: value


def range_responses(response: ResponseSpec) -> tuple[ResponseSpec, ...]:
    """The responses of a file to conditional requests and range requests (RFC 9110 §13, §14)."""
    if response.status != 200:
        return ()
    return (
        ResponseSpec(206, response.kind, response.annotation, "The requested ranges."),
        ResponseSpec(304, None, None, "The client's copy is up to date."),
        ResponseSpec(400, None, None, "The `Range` header cannot be parsed."),
        ResponseSpec(416, None, None, "No requested range is in the file."),
    )


FILE = ReturnKind(
    "file",
    accepts=_accepts,
    media_type="application/octet-stream",
    makes=_make,
    conditional_responses=range_responses,
)
