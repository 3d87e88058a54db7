"""`pathlib.Path`: the file at that path."""

from pathlib import Path
from typing import Any

from signette.declarative.introspect import class_of
from signette.declarative.ir import Reply, ReturnKind
from signette.responses.file import FileResponse


def make_file(annotation: Any, reply: Reply) -> Any:
    def file(value: Any) -> FileResponse:
        return FileResponse(value, status_code=reply.status)

    return file


def _takes(annotation: Any, reply: Reply) -> bool:
    cls = class_of(annotation)
    of_path = cls is not None and cls is not Any and issubclass(cls, Path) and reply.response_class is None
    return of_path or reply.response_class is FileResponse


FILE = ReturnKind("file", takes=_takes, media_type="application/octet-stream", makes=make_file)
