"""What an operation reads that may differ from user to user, as its plan shows it."""

from collections.abc import Iterable, Iterator
from typing import Any

from signette.declarative.policies.exchange import PolicyValue
from signette.declarative.signature.annotations import inner_class

# RFC 9110 §11.6.2, §11.7.2; RFC 6265 §5.4; and what people call the header of an API key.
CREDENTIAL_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "x-auth-token", "x-access-token"}
)
# They have the whole request, so it cannot be known what is read from it.
_WHOLE_REQUESTS = frozenset({"request", "connection", "websocket"})
_KNOWN = frozenset(
    {
        "application",
        "background",
        "body",
        "cache",
        "channel",
        "cookie",
        "form",
        "header",
        "page",
        "path",
        "preconditions",
        "query",
        "required preconditions",
        "response",
        "scopes",
    }
)


def credentials_of(plan: Any) -> str | None:
    """The first thing that an operation reads and that may identify a user; None without any."""
    if plan.security:
        return "a security scheme"
    return next(credentials_in(plan.reads), None)


def credentials_in(reads: Iterable[Any]) -> Iterator[str]:
    """Those of these reads that may identify a user, in words."""
    for read in reads:
        place, names = read.source.place, _names_of(read)
        if place in ("cookie", "header") and is_open(read):
            yield f"all {place}s in the model `{read.name}`, which may be credentials"
        elif place == "cookie":
            yield f"the cookie `{names[0]}`"
        elif place == "header" and (found := CREDENTIAL_HEADERS.intersection(map(str.lower, names))):
            yield f"the header `{min(found)}`"
        elif place in _WHOLE_REQUESTS:
            yield f"`{read.name}`, the whole request, which may have credentials"
        elif place == "policy":
            value = inner_class(read.annotation)
            if not (value and issubclass(value, PolicyValue) and value.is_same_for_all):
                yield f"`{read.name}` of a policy, which may be of one user"
        elif place not in _KNOWN:
            yield f"`{read.name}` from the source `{place}`, which may be credentials"


def has_hidden_credentials(plan: Any) -> bool:
    """Whether an operation may read credentials that are neither in `headers_of` nor in `cookies_of`."""
    hidden = (read for read in plan.reads if read.source.place not in ("cookie", "header") or is_open(read))
    return any(credentials_in(hidden))


def is_open(read: Any) -> bool:
    """Whether a model sees all headers or all cookies."""
    return bool(getattr(read, "extras", False))


def headers_of(plan: Any) -> tuple[str, ...]:
    """The names of all headers that an operation reads, in lower case and in order."""
    return _names(plan, "header")


def cookies_of(plan: Any) -> tuple[str, ...]:
    """The names of all cookies that an operation reads, in order."""
    return _names(plan, "cookie")


def _names(plan: Any, place: str) -> tuple[str, ...]:
    names = (name for read in plan.reads if read.source.place == place for name in _names_of(read))
    return tuple(sorted({name.lower() if place == "header" else name for name in names}))


def _names_of(read: Any) -> tuple[str, ...]:
    """The names that a read of one value, or of a model, looks for."""
    fields = getattr(read, "fields", None)
    return tuple(read.keys) if fields is None else tuple(wire for each in fields for wire in each.wire)
