"""The media types of request streams."""

from collections.abc import Callable, Mapping

from signette._dataclasses import dataclass
from signette._http.media import is_json, parse_media_type
from signette.declarative.streams.array import Array
from signette.declarative.streams.cells import Rows
from signette.declarative.streams.framing import Framing
from signette.declarative.streams.lines import Lines
from signette.declarative.streams.sequence import Sequence


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """How items are written in a body."""

    name: str
    media_type: str
    """The media type that is documented."""
    aliases: tuple[str, ...]
    """Other names of it that clients use."""
    framing: Callable[[int], Framing]
    """Makes what finds the items, with the limit of an item in bytes."""
    is_separated: bool = True
    """Items are found without reading them, so that the one after an item that is not JSON is known."""


LINES = StreamFormat(
    "JSON Lines",
    "application/jsonl",
    ("application/x-ndjson", "application/ndjson", "application/x-jsonlines", "application/jsonlines",
     "application/json-lines", "application/x-jsonl", "application/json-l"),
    Lines,
)  # fmt: skip
ARRAY = StreamFormat("JSON array", "application/json", (), Array, is_separated=False)
SEQUENCE = StreamFormat("JSON text sequence", "application/json-seq", (), Sequence)
CSV = StreamFormat("CSV", "text/csv", ("application/csv",), Rows)

FORMATS = (LINES, ARRAY, SEQUENCE, CSV)
_BY_MEDIA_TYPE: Mapping[str, StreamFormat] = {
    media_type: each for each in FORMATS for media_type in (each.media_type, *each.aliases)
}
_UTF_8 = frozenset({"utf-8", "utf8", "us-ascii"})


def format_named(media_type: str) -> StreamFormat | None:
    """The format of a media type without parameters; None if it is not supported."""
    return _BY_MEDIA_TYPE.get(media_type.lower()) or (ARRAY if is_json(media_type) else None)


def format_sent(content_type: str) -> StreamFormat | None:
    """The format of a Content-Type; None if it is not supported."""
    media_type, parameters = parse_media_type(content_type)
    found = format_named(media_type)
    # RFC 7111 and RFC 4180: `charset`, and `header=absent` for a table without a header row.
    if found is CSV and (
        parameters.get("charset", "utf-8").lower() not in _UTF_8 or parameters.get("header", "").lower() == "absent"
    ):
        return None
    return found
