"""Form fields and uploaded files, URL-encoded or multipart. All rows of a form share one parsed body."""

from collections.abc import Container, Iterable, Mapping
from typing import Any

from signette._http.media import is_json, parse_media_type
from signette._http.query import TooManyPairs, parse_pairs
from signette._scope_keys import LIMITS
from signette.body import LimitedReceive, StreamConsumedError, chunks_of, read_limited, read_rest
from signette.datastructures.headers import Headers
from signette.datastructures.multidict import FormData
from signette.datastructures.upload import Upload, UploadFile
from signette.declarative.signature.markers import File, Form
from signette.declarative.signature.model import Parameter
from signette.declarative.sources.body import check_json_values, unsupported
from signette.declarative.sources.brackets import is_blank, nested
from signette.declarative.sources.header import HEADER
from signette.declarative.sources.operation_limits import limits_and_receive, limits_in_force
from signette.declarative.sources.row import QuickOpening, Row
from signette.declarative.sources.source import Phase
from signette.exceptions import HTTPException, LimitExceeded
from signette.forms.errors import MultiPartException
from signette.forms.file_types import SNIFFED_BYTES
from signette.forms.limits import FormLimits
from signette.forms.parsers import MultiPartParser
from signette.forms.receiving import receive_form, send_on
from signette.forms.rules import FileRules, sends_on
from signette.forms.sinks import undo_uploads
from signette.forms.stream import FormStream
from signette.limits import Limits
from signette.middleware.failed_request import keep_body
from signette.requests import Request
from signette.types import Message, Receive, Scope

Fields = Mapping[bytes, bytes]
Pairs = list[tuple[str, Any]]
URLENCODED = b"application/x-www-form-urlencoded"
FORM_MEDIA_TYPES = "application/x-www-form-urlencoded, multipart/form-data"


class Names:
    """The names of the form parts that are read. A name that ends with `[` includes all names that begin with it."""

    __slots__ = ("_names", "_prefixes")

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._prefixes = tuple(name for name in self._names if name.endswith("["))

    def __contains__(self, name: str) -> bool:
        return name in self._names or (bool(self._prefixes) and name.startswith(self._prefixes))


async def read_form(
    scope: Scope,
    receive: Receive,
    headers: Fields,
    limits: Limits,
    file_rules: FileRules | None,
    known_names: Container[str] | None = None,
) -> Pairs:
    """Read the pairs of a form in the order sent, texts and `UploadFile`s. The caller closes the files.

    Parts of a multipart form whose names are not in `known_names` count for its limits, but are dropped.
    """
    if LIMITS in scope:
        limits, receive = limits_and_receive(scope, receive, limits)
    content_type = headers.get(b"content-type")
    try:
        if content_type == URLENCODED:
            return await _read_urlencoded(receive, headers, limits, file_rules)
        if content_type is None:
            body = await read_limited(receive, headers, limits.body_bytes, "body_bytes")
            if not body:
                return []
        else:
            media_type, _ = parse_media_type(content_type.decode("latin-1"))
            if media_type == "multipart/form-data":
                receive = LimitedReceive(receive, limits.body_bytes, headers)
                return await _read_multipart(receive, headers, limits, file_rules, known_names, scope.get("app"))
            if media_type == URLENCODED.decode():
                return await _read_urlencoded(receive, headers, limits, file_rules)
    except Exception:
        keep_body(scope, receive, None)
        raise
    if content_type is None:
        keep_body(scope, receive, body)
    raise unsupported(content_type, FORM_MEDIA_TYPES)


async def read_request_form(request: Request, headers: Fields, limits: Limits, file_rules: FileRules | None) -> Pairs:
    """Read a form through a `Request`, so that its `form()` returns the same fields and files."""
    if request._form is None:
        pairs = await read_form(request.scope, _receive_of(request), headers, limits, file_rules)
        request._form = FormData(pairs)
        request._stream_started = request._stream_consumed = True  # the body itself is not kept
    elif file_rules:  # a guard has read the form
        await _check_files(request._form.multi_items(), file_rules)
        if sends_on(file_rules):
            request._form = FormData(await send_on(request._form.multi_items(), file_rules, request.scope.get("app")))
    return request._form.multi_items()


def _receive_of(request: Request) -> Receive:
    """`receive` for the body. A body that a guard has read arrives again."""
    body: bytes | None = request.__dict__.get("_body")
    if body is None:
        if request._stream_started:
            raise StreamConsumedError
        return request.receive

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _check_files(pairs: Pairs, rules: FileRules) -> None:
    """Check the files of a form that was read without their rules."""
    try:
        for name, value in pairs:
            rule = rules.get(name)
            if rule is None or is_blank(value):
                continue
            if isinstance(value, Upload):  # another endpoint of the request has sent it to its sink
                continue
            if isinstance(value, str):
                rule.check_text(name, value)
                continue
            rule.check_type(name, value.content_type)
            rule.check_size(name, value.size or 0)
            if rule.sniff:
                position = await value.tell()
                await value.seek(0)
                rule.check_beginning(name, await value.read(SNIFFED_BYTES))
                await value.seek(position)
    except MultiPartException as exc:
        raise exc.as_http_exception() from None


async def _read_urlencoded(receive: Receive, headers: Fields, limits: Limits, file_rules: FileRules | None) -> Pairs:
    pairs = _parse_urlencoded(await read_limited(receive, headers, limits.form_text_bytes, _limit_of(limits)), limits)
    if file_rules:
        await _check_files(pairs, file_rules)
    return pairs


def _parse_urlencoded(body: bytes, limits: Limits) -> Pairs:
    try:
        pairs = parse_pairs(body, limits.form_fields)
    except TooManyPairs:
        raise LimitExceeded(400, "form_fields", limits.form_fields) from None
    most = limits.form_part_bytes
    if len(body) > most and any(len(field) > most for field in body.split(b"&")):
        raise LimitExceeded(413, "form_part_bytes", most)
    return pairs


async def _read_rest_of_urlencoded(message: Message, receive: Receive, limits: Limits) -> Pairs:
    return _parse_urlencoded(await read_rest(message, receive, limits.form_text_bytes, _limit_of(limits)), limits)


def _limit_of(limits: Limits) -> str:
    """The limit that an urlencoded form meets first. Those of a route are at most the limit for all bodies."""
    return "body_bytes" if limits.form_text_bytes == limits.body_bytes else "form_text_bytes"


async def _read_multipart(
    receive: Receive,
    headers: Fields,
    limits: Limits,
    file_rules: FileRules | None,
    known_names: Container[str] | None,
    app: Any,
) -> Pairs:
    fields, chunks = Headers(raw=list(headers.items())), chunks_of(receive)
    form_limits: FormLimits = {
        "max_files": limits.form_files,
        "max_fields": limits.form_fields,
        "max_part_size": limits.form_part_bytes,
        "max_text_size": limits.form_text_bytes,
        "file_rules": file_rules,
    }
    try:
        if file_rules is not None and sends_on(file_rules):
            stream = FormStream(fields, chunks, MultiPartException.as_http_exception, **form_limits)
            return await receive_form(stream, file_rules, known_names, app)
        parser = MultiPartParser(fields, chunks, known_names=known_names, **form_limits)
        return (await parser.parse()).multi_items()
    except MultiPartException as exc:
        raise exc.as_http_exception() from None


def lists_of(pairs: Pairs) -> dict[str, list[Any]]:
    """Each name with all its values, in the order sent."""
    found: dict[str, list[Any]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def last_filled(pairs: Pairs) -> dict[str, Any]:
    """Each name with the last of its values that is not empty, or with its last value if all are empty."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name not in found or not is_blank(value):
            found[name] = value
    return found


def without_blank(values: Iterable[Any]) -> list[Any]:
    """A list of files without the empty part that browsers send if no file is selected."""
    return [value for value in values if not is_blank(value)]


async def close_files(pairs: Pairs) -> None:
    """Close each uploaded file, even if closing another file fails."""
    if any(value.__class__ is not str for _, value in pairs):
        await FormData(pairs).close()


async def undo_form(pairs: Pairs) -> None:
    """Remove the files of a form from their sinks."""
    await undo_uploads([value for _, value in pairs])


async def content_of(value: Any) -> Any:
    """The bytes of a file, or of each file of a list. Other values are left to the validator, which rejects them."""
    if isinstance(value, list):
        return [await content_of(each) for each in value]
    if not isinstance(value, UploadFile):
        return value
    await value.seek(0)
    content = await value.read()
    await value.seek(0)
    return content


async def json_of(value: Any, scope: Scope, limits: Limits) -> bytes:
    """The JSON of a form part: its text, or its content if it is a file, as browsers send a `Blob`.

    Raises HTTPException 415 if the Content-Type of the file is not JSON, and 413 if it exceeds the limits of a JSON
    body.
    """
    limits = limits_in_force(scope, limits)
    content = await _bytes_of(value, limits)
    if limits.json_values is not None and len(content) > limits.json_values:
        check_json_values(content, limits.json_values)
    return content


async def _bytes_of(value: Any, limits: Limits) -> bytes:
    if not isinstance(value, UploadFile):
        return str(value).encode("utf-8", "surrogatepass")
    content_type = value.content_type
    if content_type is not None and not is_json(content_type.encode("latin-1", "replace")):
        raise HTTPException(415, "unsupported media type of a form part; expected `application/json`")
    most = limits.json_bytes
    if most is not None and (value.size or 0) > most:
        raise LimitExceeded(413, "json_bytes", most, f"JSON in a form part exceeds {most} bytes")
    content: bytes = await content_of(value)
    return content


def _is_upload(parameter: Parameter) -> bool:
    return parameter.type.is_upload


# PERF: only forms that repeat a name need the loop in Python.
DICTIONARY = """
form = dict(pairs_sent)
if len(form) != len(pairs_sent):
    form = k_last_filled(pairs_sent)"""
_READ = "pairs_sent = files_sent = await k_read_form(scope, receive, {headers}, k_limits, k_file_rules, k_known_names)"
READ = _READ.format(headers="headers") + DICTIONARY
READ_REQUEST = (
    "pairs_sent = files_sent = await k_read_request_form(request, headers, k_limits, k_file_rules)" + DICTIONARY
)

# `read_form` in the binder, for the most common request. PERF: four calls less, and no files to look for.
_READ_QUICKLY = """\
if content_type == b"application/x-www-form-urlencoded" and {LIMITS!r} not in scope and (
    content_length is MISSING or len(content_length) <= {digits}
):
    try:
        b_message = await receive()
        b_form = b_message.get("body")
        if b_form is None or len(b_form) > {most} or b_message.get("more_body"):
            pairs_sent = await k_read_rest_of_urlencoded(b_message, receive, k_limits)
        else:
            pairs_sent = k_parse_urlencoded(b_form, k_limits)
    except Exception:
        k_keep_body(scope, receive, None)
        raise
else:
    {read}"""


def _read_quickly(limits: Limits) -> str:
    most = limits.form_text_bytes
    read, digits = _READ.format(headers="k_first_headers(pairs)"), len(str(most)) - 1
    return _READ_QUICKLY.format(LIMITS=LIMITS, digits=digits, most=most, read=read) + DICTIONARY


LISTS = "form_lists = k_form_lists(pairs_sent)"

FORM = Row(
    name="form",
    place="form",
    error_statuses=(400, 413, 415),
    marker=Form,
    phase=Phase.BODY,
    after=(HEADER,),
    starts="pairs_sent = files_sent = ()",
    container="form",
    lists="form_lists",
    has_files=True,
    opening=READ,
    opening_lists=f"{READ}\n{LISTS}",
    opening_request=f"{READ_REQUEST}\n{LISTS}",
    quick=QuickOpening(
        {b"content-type": "content_type", b"content-length": "content_length"},
        _read_quickly,
        {
            "k_keep_body": keep_body,
            "k_parse_urlencoded": _parse_urlencoded,
            "k_read_rest_of_urlencoded": _read_rest_of_urlencoded,
        },
    ),
    closes="if files_sent:\n    await k_close_files(files_sent)",
    one="form.get({key}, MISSING)",
    one_or_empty="form_lists.get({key}, (MISSING,))[-1]",
    many="form_lists.get({key}, MISSING)",
    nested="k_nested(form_lists, {key}, {shape})",
    # PERF: most values are texts; only others are checked for an empty file.
    empty='{raw} == "" or ({raw}.__class__ is not str and k_is_blank({raw}))',
    uses={
        "k_read_form": read_form,
        "k_read_request_form": read_request_form,
        "k_last_filled": last_filled,
        "k_form_lists": lists_of,
        "k_close_files": close_files,
        "k_is_blank": is_blank,
        "k_nested": nested,
    },
)

FILE = Row(
    name="file",
    place="form",
    marker=File,
    claims_if=_is_upload,
    phase=Phase.BODY,
    opened_by=FORM,
    one="form.get({key}, MISSING)",
    one_or_empty="form_lists.get({key}, (MISSING,))[-1]",
    many="k_without_blank(form_lists.get({key}, ())) or MISSING",
    empty="k_is_blank({raw})",
    uses={"k_is_blank": is_blank, "k_without_blank": without_blank},
)

# A JSON parameter of an endpoint that reads a form: one part of the form.
JSON_PART = Row(
    name="JSON part",
    place="form",
    phase=Phase.BODY,
    opened_by=FORM,
    one="form.get({key}, MISSING)",
    decode="await k_json_of({raw}, scope, k_limits)",
    checks="json",
    empty="k_is_blank({raw})",
    uses={"k_json_of": json_of, "k_is_blank": is_blank},
)

# `bytes` with `File()`: the content of an uploaded file.
CONTENT = Row(
    name="file content",
    place="form",
    marker=File,
    accepts_if=lambda parameter: not _is_upload(parameter),
    phase=Phase.BODY,
    opened_by=FORM,
    one="form.get({key}, MISSING)",
    one_or_empty="form_lists.get({key}, (MISSING,))[-1]",
    many="k_without_blank(form_lists.get({key}, ())) or MISSING",
    decode="await k_content_of({raw})",
    decodes_lists=True,
    empty="k_is_blank({raw})",
    uses={"k_content_of": content_of, "k_is_blank": is_blank, "k_without_blank": without_blank},
)
