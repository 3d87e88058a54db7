"""The key of a cached response: all of a request that the response may depend on."""

from collections.abc import Iterable
from typing import Any

from signette._dataclasses import dataclass
from signette._http.cookies import parse_cookies
from signette.declarative.formats.negotiation import Negotiation
from signette.declarative.policies.body_digest import digest_of
from signette.declarative.policies.credentials import cookies_of, has_hidden_credentials, headers_of
from signette.paths import as_sent
from signette.types import Scope


@dataclass(frozen=True, slots=True)
class Variation:
    """The headers and cookies that the response of an operation depends on."""

    headers: tuple[str, ...] = ()
    """Names in lower case."""
    cookies: tuple[str, ...] = ()
    has_hidden_credentials: bool = False
    """The operation may read credentials that `Vary` does not name, so that proxies must not store its responses."""
    negotiation: Negotiation | None = None
    """The formats of the response, from which `Accept` chooses one."""

    @property
    def vary(self) -> tuple[str, ...]:
        """The names for the header `Vary`."""
        more = [*(["cookie"] if self.cookies else []), *(["accept"] if self.negotiation is not None else [])]
        return (*self.headers, *(name for name in more if name not in self.headers))

    def key(self, scope: Scope, operation: str, caller: bytes) -> str:
        """The digest of the operation, the URL with its authority, the caller, and what the response depends on.

        The authority is part of it: a response with links has the host that the client has sent.
        """
        fields = scope["headers"]
        parts = [
            _encoded(operation),
            _encoded(scope.get("scheme", "http")),
            _joined(fields, b"host", b"\n").lower(),
            _encoded(scope.get("root_path", "")),
            # An escaped slash is part of a path parameter, and another one separates two.
            _encoded(as_sent(scope["path"], scope)),
            scope.get("query_string", b""),
            caller,
        ]
        for name in self.headers:
            encoded = name.encode("latin-1")
            # No field differs from an empty one, and two fields from one with a comma: an endpoint sees the difference.
            is_sent = any(field == encoded for field, _ in fields)
            parts.append(b"+" + _joined(fields, encoded, b"\n") if is_sent else b"-")
        if self.cookies:
            sent = parse_cookies(_joined(fields, b"cookie", b"; ").decode("latin-1"))
            parts += (b"+" + _encoded(sent[name]) if name in sent else b"-" for name in self.cookies)
        if self.negotiation is not None:  # the format, as many values of the header choose the same one
            parts.append(self.negotiation.name(scope).encode("latin-1"))
        return digest_of(*parts)


def variation_of(plan: Any, vary: Iterable[str]) -> Variation:
    """What the signature of an operation reads, and the headers that `vary=` adds."""
    headers = tuple(sorted({*headers_of(plan), *map(str.lower, vary)}))
    return Variation(headers, cookies_of(plan), has_hidden_credentials(plan), plan.reply.negotiation)


def _joined(fields: Iterable[tuple[bytes, bytes]], name: bytes, separator: bytes) -> bytes:
    return separator.join(value for field, value in fields if field == name)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
