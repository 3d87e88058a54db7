"""`pathlib.Path`: the file at that path."""

from pathlib import Path
from typing import Any

from signette.declarative.introspect import class_of
from signette.declarative.ir import Answer, Reply, ReturnKind
from signette.declarative.returns.text import TEXT
from signette.responses.file import FileResponse


def make_file(annotation: Any, reply: Reply) -> Any:
    def file(value: Any) -> FileResponse:
        return FileResponse(value, status_code=reply.status)

    return file


def _takes(annotation: Any, reply: Reply) -> bool:
    cls = class_of(annotation)
    of_path = cls is not None and cls is not Any and issubclass(cls, Path) and reply.response_class is None
    return of_path or reply.response_class is FileResponse


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


FILE = ReturnKind("file", takes=_takes, media_type="application/octet-stream", makes=make_file, also=other_answers)
