"""A body in one of several formats: `Body(media_types=[JSON, FormEncoded, MessagePack])`, chosen by its Content-Type.

Theory of operation. The parameter's row has a table with the format of each media type, and what makes a value of a
body in it. JSON is validated as any other JSON body, a form as a form model: its names form a tree by the shape of the
type, whose texts are validated. All other formats are decoded to JSON values, which are validated.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from typing import Any

from signette._dataclasses import dataclass
from signette._http.encodings import content_codings
from signette._http.media import parse_media_type
from signette._scope_keys import LIMITS
from signette.body import read_limited
from signette.declarative.adapters.error_entries import body_errors, model_errors
from signette.declarative.adapters.exact_json import check_json_exactly
from signette.declarative.adapters.validators import ValidationError, check_json, check_object, check_text, every_error
from signette.declarative.formats.base import Decode, Format
from signette.declarative.formats.form import FormEncoded
from signette.declarative.formats.json import JSON
from signette.declarative.sources.body import check_json_values, unsupported
from signette.declarative.sources.brackets import Node, shaped, steps_of
from signette.declarative.sources.form import Pairs, close_files, read_form, read_request_form
from signette.declarative.sources.header import HEADER
from signette.declarative.sources.operation_limits import limits_and_receive, limits_in_force
from signette.declarative.sources.row import Row
from signette.declarative.sources.shapes import Shape, shape_of
from signette.declarative.sources.source import Phase
from signette.exceptions import ErrorEntry, HTTPException
from signette.limits import Limits
from signette.middleware.decompression import unsupported_encoding
from signette.middleware.failed_request import keep_body
from signette.requests import Request
from signette.types import Receive, Scope

Headers = Mapping[bytes, bytes]
Entries = Callable[..., list[ErrorEntry]]


class InvalidContent(Exception):
    """The value of a body is not valid. `entries` makes the entries for the response."""

    def __init__(self, entries: Entries) -> None:
        super().__init__()
        self.entries = entries


def content_errors(invalid: InvalidContent, *, detailed: bool = False) -> list[ErrorEntry]:
    """Entries for a body in one of several formats: located as in a form, or as in JSON."""
    return invalid.entries(detailed=detailed)


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """What makes a value of a body in a format."""

    format: Format
    media_type: str
    check: Callable[[Any], Any]
    """From what was sent to the value. Raises InvalidContent, or HTTPException 400."""
    is_form: bool = False
    is_json: bool = False


@dataclass(frozen=True, slots=True)
class SentContent:
    """A body that was read: its bytes, or the pairs of a form."""

    sent: Any
    reader: Reader
    headers: Headers

    def __bool__(self) -> bool:
        return bool(self.sent)


@dataclass(frozen=True, slots=True, eq=False)
class Readers:
    """The readers of a body by media type."""

    by_media_type: Mapping[str, Reader]
    header: str = "Accept-Post"
    """The header field of a 415 that lists the media types."""
    accept: str = field(init=False)
    first: Reader = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "accept", ", ".join(self.by_media_type))
        object.__setattr__(self, "first", next(iter(self.by_media_type.values())))

    def find(self, headers: Headers, *, strict: bool) -> Reader | None:
        """The reader for the Content-Type; None without one, which an empty body needs not.

        Raises HTTPException 415.
        """
        sent = headers.get(b"content-type")
        if sent is None:
            return None if strict else self.first
        media_type = parse_media_type(sent.decode("latin-1"))[0]
        found = self.by_media_type.get(media_type)
        if found is None and media_type.endswith("+json") and self.header == "Accept-Post":
            found = self.by_media_type.get("application/json")
        if found is None:
            raise unsupported(sent, self.accept, self.header)
        return found


async def read_content(
    scope: Scope, receive: Receive, headers: Headers, limits: Limits, readers: Readers, *, strict: bool = True
) -> SentContent:
    """Read a body in one of the formats of `readers`. `strict`: a body requires a Content-Type."""
    reader = readers.find(headers, strict=strict)
    if reader is not None and reader.is_form:
        form_limits = _without_files(limits_in_force(scope, limits))
        pairs = await read_form(scope, receive, headers, form_limits, None)
        await _reject_files(pairs)
        return SentContent(pairs, reader, headers)
    if LIMITS in scope:
        limits, receive = limits_and_receive(scope, receive, limits)
    name = "json_bytes" if limits.json_bytes != limits.body_bytes else "body_bytes"
    try:
        body = await read_limited(receive, headers, limits.json_bytes, name)
    except Exception:
        keep_body(scope, receive, None)
        raise
    try:
        return _content(body, headers, reader, readers, limits)
    except HTTPException:
        keep_body(scope, receive, body)
        raise


async def read_request_content(
    request: Request, headers: Headers, limits: Limits, readers: Readers, *, strict: bool = True
) -> SentContent:
    """Read a body through a `Request`, so that its `body()` or `form()` returns the same."""
    reader = readers.find(headers, strict=strict)
    limits = limits_in_force(request.scope, limits)
    if reader is not None and reader.is_form:
        pairs = await read_request_form(request, headers, _without_files(limits), None)
        await _reject_files(pairs)
        return SentContent(pairs, reader, headers)
    if limits.json_bytes is not None and "_body" not in request.__dict__:
        request._body = await read_limited(request.receive, headers, limits.json_bytes, "json_bytes")
        request._stream_started = request._stream_consumed = True
    return _content(await request.body(), headers, reader, readers, limits)


def _content(body: bytes, headers: Headers, reader: Reader | None, readers: Readers, limits: Limits) -> SentContent:
    if reader is None and body:
        raise unsupported(None, readers.accept, readers.header)
    reader = reader or readers.first
    if reader.is_json and limits.json_values is not None and len(body) > limits.json_values:
        check_json_values(body, limits.json_values)
    return SentContent(body, reader, headers)


def _without_files(limits: Limits) -> Limits:
    return replace(limits, form_files=0)


async def _reject_files(pairs: Pairs) -> None:
    """Close the files of a form, and raise HTTPException 400 for them: limits around the route may allow files."""
    if any(value.__class__ is not str for _, value in pairs):
        await close_files(pairs)
        raise HTTPException(400, "a form in place of JSON must not have files")


# The functions for applications in which a body needs no Content-Type.
LENIENT_CONTENT = {
    "k_read_content": partial(read_content, strict=False),
    "k_read_request_content": partial(read_request_content, strict=False),
}


def check_content(content: SentContent) -> Any:
    """The value of a body that was read.

    Raises InvalidContent, or HTTPException: 400 for a body that is not in its format, 415 if it is encoded.
    """
    try:
        return content.reader.check(content.sent)
    except InvalidContent as invalid:
        if not content.reader.is_json:
            raise
        raise InvalidContent(partial(invalid.entries, headers=content.headers)) from None
    except HTTPException:
        if content_codings([content.headers.get(b"content-encoding", b"")]):
            raise unsupported_encoding(()) from None
        raise


# -- readers, made with the plan ---------------------------------------------------------------------------------------


def json_reader(each: JSON, media_type: str, annotation: Any, *, decimal: bool) -> Reader:
    """Validates bytes of JSON. `decimal`: with exact numbers."""
    check_bytes = check_json_exactly(annotation) if decimal else check_json(annotation)
    every = every_error(annotation, json=True)

    def check(body: bytes) -> Any:
        try:
            return check_bytes(body)
        except ValidationError as exc:
            found = exc if every is None else every(exc, body)
            raise InvalidContent(partial(body_errors, found, body)) from None

    return Reader(each, media_type, check, is_json=True)


def form_reader(each: FormEncoded, media_type: str, annotation: Any) -> Reader:
    """Validates the texts of a form."""
    check_texts, every = check_text(annotation), every_error(annotation, json=False)
    shape = shape_of(annotation, drops_blank=True)

    def check(pairs: Sequence[tuple[str, Any]]) -> Any:
        values = tree_of(pairs, shape)
        try:
            return check_texts(values)
        except ValidationError as exc:
            found = exc if every is None else every(exc, values)
            raise InvalidContent(partial(model_errors, found, "form", {}, values)) from None

    return Reader(each, media_type, check, is_form=True)


def decoding_reader(each: Format, media_type: str, annotation: Any, decode: Decode) -> Reader:
    """Decodes the bytes of another format, and validates the value."""
    check_value = check_object(annotation)

    def check(body: bytes) -> Any:
        try:
            value = decode(body)
        except (ValueError, RecursionError):
            raise HTTPException(400, f"Invalid body: not valid `{media_type}`") from None
        try:
            return check_value(value)
        except ValidationError as exc:
            # Bytes would be taken for JSON, and have no steps that a location could name.
            located = None if isinstance(value, bytes) else value
            raise InvalidContent(partial(body_errors, exc, located)) from None

    return Reader(each, media_type, check)


def tree_of(pairs: Sequence[tuple[str, Any]], shape: Shape) -> Any:
    """The values of a form with names in brackets, as an object of the shape.

    Raises HTTPException 400 if a name is nested too deeply, or if `[]` is not its last step.
    """
    root = Node([])
    for name, value in pairs:
        key, bracket, rest = name.partition("[")
        steps = steps_of(bracket + rest) if bracket else ()
        node = root
        for step in (key, *steps) if steps or not bracket else (name,):
            node = node.children.setdefault(step, Node([]))
        node.values.append(value)
    return shaped(root, shape) if root.children else {}


CONTENT = Row(
    name="content",
    place="body",
    phase=Phase.BODY,
    after=(HEADER,),
    container="content",
    opening="""\
content = await k_read_content(scope, receive, headers, k_limits, k_readers)
if content.reader.is_form:
    pairs_sent = content.sent
else:
    body = content.sent""",
    opening_request="content = await k_read_request_content(request, headers, k_limits, k_readers)",
    one="content or MISSING",
    checks="json",
    error_statuses=(400, 413, 415),
    uses={"k_read_content": read_content, "k_read_request_content": read_request_content},
)


def content_row(readers: Readers) -> Row:
    """The row of a parameter with these readers."""
    return replace(CONTENT, uses={**CONTENT.uses, "k_readers": readers})


def accept_of(row: Any) -> str:
    """The media types of the bodies that a row reads, for `Accept-Post` or `Accept-Patch`."""
    readers: Readers = row.uses["k_readers"]
    return readers.accept
