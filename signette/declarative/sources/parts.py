"""The parts of a multipart form as the endpoint asks for them: `parts: Parts`."""

from collections.abc import AsyncIterator, Mapping

from signette._http.media import parse_media_type
from signette.datastructures.headers import Headers
from signette.declarative.signature.markers import File
from signette.declarative.signature.model import Parameter
from signette.declarative.sources.body import unsupported
from signette.declarative.sources.row import Row
from signette.declarative.sources.stream import STREAM, BodyChunks
from signette.forms.errors import MultiPartException
from signette.forms.rules import FileRule
from signette.forms.stream import Parts

MULTIPART = "multipart/form-data"


class _Chunks(AsyncIterator[bytes]):
    """The chunks of a body until its end."""

    def __init__(self, chunks: BodyChunks) -> None:
        self._next = chunks.next

    async def __anext__(self) -> bytes:
        if chunk := await self._next():
            return chunk
        raise StopAsyncIteration


def parts_of(chunks: BodyChunks, headers: Mapping[bytes, bytes], rule: FileRule | None) -> Parts:
    """The parts of a form. `rule` is for each file.

    Raises HTTPException (415) if the body is not a multipart form.
    """
    content_type = headers.get(b"content-type")
    if content_type is None or parse_media_type(content_type.decode("latin-1"))[0] != MULTIPART:
        raise unsupported(content_type, MULTIPART)
    limits = chunks.limits
    try:
        return Parts(
            Headers(raw=list(headers.items())),
            _Chunks(chunks),
            MultiPartException.as_http_exception,
            max_files=limits.form_files,
            max_fields=limits.form_fields,
            max_part_size=limits.form_part_bytes,
            max_text_size=limits.form_text_bytes,
            every_file=rule,
        )
    except MultiPartException as exc:
        raise exc.as_http_exception() from None


def is_parts(parameter: Parameter) -> bool:
    """Whether a parameter is the parts of a form."""
    return parameter.type.cls is Parts


PARTS = Row(
    name="parts",
    place="form",
    marker=File,
    claims_if=is_parts,
    accepts_if=is_parts,
    phase=STREAM.phase,
    after=STREAM.after,
    container=STREAM.container,
    starts=STREAM.starts,
    opening=STREAM.opening,
    opening_request=STREAM.opening_request,
    closes=STREAM.closes,
    one="MISSING",
    always_present=True,
    checks="never",
    error_statuses=(400, 413, 415),
    uses={**STREAM.uses, "k_parts_of": parts_of},
)
