"""The header fields of cached responses: Cache-Control, Vary, Age and validators (RFC 9110 §8.8, RFC 9111)."""

from collections.abc import Iterable, Sequence

from signette._dataclasses import dataclass
from signette._http.cache_control import format_cache_control, parse_cache_control, seconds_of
from signette._http.conditional import digest_of
from signette.datastructures.headers import Field, Headers
from signette.declarative.policies.stored_response import StoredResponse
from signette.middleware.vary import add_vary
from signette.responses.selection import is_not_modified, not_modified

# A response with one of these is for one client, or has to be asked for each time (RFC 9111 §5.2.2).
_NOT_STORED = frozenset({"no-store", "private", "no-cache"})


@dataclass(frozen=True, slots=True)
class RequestDirectives:
    """What the client asks of caches (RFC 9111 §5.2.1)."""

    no_store: bool = False
    """Neither use a stored response, nor store this one."""
    refresh: bool = False
    """Call the endpoint, and store its response."""
    max_age: int | None = None
    """Use only stored responses that are not older."""
    only_if_cached: bool = False
    """Do not call the endpoint: without a stored response, the client wants a 504 (§5.2.1.7)."""


# The request headers of a 304.
_CONDITIONS = frozenset({b"if-none-match", b"if-modified-since"})
NO_DIRECTIVES = RequestDirectives()


def request_directives(fields: Iterable[Field]) -> RequestDirectives:
    """The directives of a request's header fields."""
    header = b",".join(value for name, value in fields if name == b"cache-control")
    directives = parse_cache_control(header.decode("latin-1"))
    max_age = seconds_of(directives, "max-age")
    refresh = "no-cache" in directives or max_age == 0
    return RequestDirectives("no-store" in directives, refresh, max_age, "only-if-cached" in directives)


def response_directives(fields: Iterable[Field]) -> dict[str, str]:
    """The directives of a response's header fields."""
    header = b",".join(value for name, value in fields if name == b"cache-control")
    return parse_cache_control(header.decode("latin-1")) if header else {}


def is_storable(fields: Sequence[Field], vary: Iterable[str]) -> bool:
    """Whether a response may be stored for other clients: by its cookies, `Cache-Control` and `Vary`.

    `vary` are the names of request headers, in lower case, that are part of the key.
    """
    known = frozenset(vary)
    for name, value in fields:
        if name == b"set-cookie":
            return False
        if name == b"vary" and not known.issuperset(_names(value)):
            return False
    return _NOT_STORED.isdisjoint(response_directives(fields))


def fresh_seconds(fields: Iterable[Field], default: float) -> float:
    """For how long a response is fresh: as its own `Cache-Control` says, else the default (RFC 9111 §4.2.1)."""
    own = seconds_of(response_directives(fields), "s-maxage", "max-age")
    return default if own is None else own


def cache_control(max_age: float, stale: float, *, private: bool) -> bytes:
    """The `Cache-Control` of a response without one."""
    directives: list[tuple[str, int | None]] = [("private" if private else "public", None), ("max-age", int(max_age))]
    if stale:
        directives.append(("stale-while-revalidate", int(stale)))
    return format_cache_control(directives).encode()


def with_cache_headers(fields: Sequence[Field], control: bytes, vary: Iterable[str]) -> list[Field]:
    """Header fields with `Cache-Control`, unless there is one, and with these names in `Vary`."""
    found = list(fields)
    if not any(name == b"cache-control" for name, _ in found):
        found.append((b"cache-control", control))
    for name in vary:
        add_vary(found, name.encode("latin-1"))
    return found


def with_etag(response: StoredResponse) -> StoredResponse:
    """The response with an entity tag: its own, or the digest of its body. Only a 200 gets one."""
    if response.status != 200 or response.values(b"etag"):
        return response
    return response.with_headers((b"etag", f'"{digest_of(response.body)}"'.encode()))


def selected(response: StoredResponse, request_fields: list[Field]) -> StoredResponse:
    """The response for a client: the whole one, or a 304 if the client has it already (RFC 9110 §13)."""
    if not any(name in _CONDITIONS for name, _ in request_fields):  # PERF: most requests have none
        return response
    fields = list(response.headers)
    if response.status != 200 or not is_not_modified(Headers(raw=fields), Headers(raw=request_fields)):
        return response
    return StoredResponse(304, tuple(not_modified(fields).headers), b"")


def _names(value: bytes) -> Iterable[str]:
    return (name.strip().lower() for name in value.decode("latin-1").split(",") if name.strip())
