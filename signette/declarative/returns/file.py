"""`pathlib.Path`: the file at that path."""

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

from signette.declarative.adapters.serializers import validated
from signette.declarative.returns.kind import Answer, Reply, ReturnKind
from signette.declarative.returns.text import TEXT, chunk_of
from signette.declarative.signature.annotations import class_of, metadata_of
from signette.declarative.signature.markers import MISSING
from signette.exceptions import ResponseValidationError
from signette.responses.file import FileResponse


def _make(annotation: Any, reply: Reply) -> Any:
    cls = reply.response_class or FileResponse
    path_of = _path_of(annotation)

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


def _takes(annotation: Any, reply: Reply) -> bool:
    if reply.response_class is not None:
        return isinstance(reply.response_class, type) and issubclass(reply.response_class, FileResponse)
    cls = class_of(annotation)
    return cls is not None and cls is not Any and issubclass(cls, Path)


def other_answers(annotation: Any, reply: Reply) -> tuple[Answer, ...]:
    """What a file's own answers are where the request has conditions or asks for ranges (RFC 9110 §13, §14)."""
    if reply.status != 200:
        return ()
    return (
        Answer(206, reply.kind, annotation, "The ranges that were asked for."),
        Answer(304, None, None, "The client has it already."),
        Answer(400, TEXT, str, "The ranges that were asked for cannot be read."),
        Answer(416, TEXT, str, "No range that was asked for is in the file."),
    )


FILE = ReturnKind("file", takes=_takes, media_type="application/octet-stream", makes=_make, also=other_answers)
