"""A complete response as bytes, for a store: a line of JSON, then the body."""

from collections.abc import Mapping
from typing import Any

from signette._dataclasses import dataclass
from signette._http import json
from signette.datastructures.headers import Field
from signette.responses.plain import Response

# A store may hold what another version of signette has written.
_VERSION = 1
# RFC 9110 §7.6.1: fields of one connection. The server adds `Date`, and frames the body.
NOT_STORED = frozenset(
    {
        b"connection",
        b"date",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """Status, header fields and body of a response."""

    status: int
    headers: tuple[Field, ...]
    body: bytes

    def values(self, name: bytes) -> list[bytes]:
        """The values of all header fields of this name, which is in lower case."""
        return [value for field, value in self.headers if field == name]

    def with_headers(self, *fields: Field) -> "StoredResponse":
        """The response with these header fields that replace those of the same names."""
        replaced = {name for name, _ in fields}
        kept = (field for field in self.headers if field[0] not in replaced)
        return StoredResponse(self.status, (*kept, *fields), self.body)


def response_of(status: int, headers: Any, body: bytes) -> StoredResponse:
    """The response of a `http.response.start` message and a body, without the fields of one connection."""
    fields = ((bytes(name).lower(), bytes(value)) for name, value in headers)
    return StoredResponse(status, tuple(field for field in fields if field[0] not in NOT_STORED), body)


def as_response(stored: StoredResponse) -> Response:
    """A response with exactly the header fields and the body of a stored one."""
    response = Response.__new__(Response)  # PERF: its constructor makes header fields
    response.status_code = stored.status
    response.background = None
    response.body = stored.body
    response.raw_headers = list(stored.headers)
    return response


def pack(facts: Mapping[str, Any], response: StoredResponse | None = None) -> bytes:
    """Facts, and a response if there is one, as bytes."""
    head: dict[str, Any] = {"version": _VERSION, **facts}
    if response is None:
        return json.dumps(head)
    head["status"] = response.status
    head["headers"] = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers]
    return json.dumps(head) + b"\n" + response.body


def unpack(data: bytes) -> tuple[dict[str, Any], StoredResponse | None] | None:
    """What `pack` was called with. `None` for bytes of another version, or of something else."""
    line, separator, body = data.partition(b"\n")
    try:
        facts = json.loads(line)
        if facts.pop("version") != _VERSION:
            return None
        if not separator:
            return facts, None
        headers = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in facts.pop("headers"))
        return facts, StoredResponse(facts.pop("status"), headers, body)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
