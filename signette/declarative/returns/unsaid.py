"""No annotation: what the result is, is seen when it is there. The one kind that looks at a value per request."""

from collections.abc import AsyncIterable, Iterator
from pathlib import Path
from typing import Any

from signette.declarative.adapters.dump import dumper
from signette.declarative.ir import Reply, ReturnKind
from signette.declarative.markers import MISSING
from signette.declarative.outcomes import Outcome
from signette.declarative.returns.file import make_file
from signette.declarative.returns.outcome import make_outcome
from signette.declarative.returns.stream import make_lines
from signette.declarative.returns.text import TEXT
from signette.responses.plain import Response


def _render(annotation: Any, reply: Reply) -> Any:
    return dumper(Any, reply.options)


def _make(annotation: Any, reply: Reply) -> Any:
    dump = dumper(Any, reply.options)
    by_type = [
        (
            str,
            lambda value: Response(value.encode("utf-8", "replace"), reply.status, media_type=TEXT.media_type),
        ),
        (
            bytes | bytearray | memoryview,
            lambda value: Response(value, reply.status, media_type="application/octet-stream"),
        ),
        (Path, make_file(Any, reply)),
        (Outcome, make_outcome(Any, reply)),
        (Iterator | AsyncIterable, make_lines(Any, reply)),
    ]

    def make(value: Any) -> Response:
        for types, become in by_type:
            if isinstance(value, types):
                response: Response = become(value)
                return response
        return Response(dump(value), reply.status, media_type="application/json")

    return make


UNSAID = ReturnKind(
    "whatever it is",
    takes=lambda annotation, reply: annotation is MISSING and reply.response_class is None,
    media_type="application/json",
    renders=_render,
    makes=_make,
    rendered_types=(dict, list),
)
