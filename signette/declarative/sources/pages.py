"""The request of a page: what its cursors belong to, and the URLs of other pages."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from signette._http.query import encode_pairs, parse_pairs
from signette.datastructures.url import URL
from signette.declarative.adapters.page_keys import PageKeys, UnreadableKey
from signette.declarative.errors import pages as page_errors
from signette.declarative.signature.model import Parameter
from signette.declarative.signature.pages import Page, Paging
from signette.declarative.sources.cursor_tokens import Bearing, digest_of, open_token, sign
from signette.declarative.sources.row import Row
from signette.paths import as_sent, keep_on_host, path_for_url
from signette.types import Scope


def secrets_of(app: Any) -> Sequence[bytes]:
    """The keys of an application.

    Raises SignatureError for an application that does not check its keys when it starts.
    """
    found: Sequence[bytes] = getattr(app, "cursor_keys", ())
    if not found:
        raise page_errors.missing_cursor_keys("the application")
    return found


class PageRequest:
    """The request of a page."""

    __slots__ = ("scope",)

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def bearing(self, operation: str, paging: Paging) -> Bearing:
        """What a cursor of this request belongs to: the operation, its path, and the other query parameters."""
        scope = self.scope
        # Mounts are part of the path; what a server or proxy has in front of the application is not.
        root = scope.get("app_root_path", scope.get("root_path", "")).rstrip("/")
        path = as_sent(scope["path"], scope)
        below = path[len(root) :] if scope["path"].startswith(root) else path
        # Names in order, and the values of one name as they were sent.
        others = sorted(self._other_pairs(paging, "limit"), key=lambda pair: pair[0])
        return Bearing(
            digest_of((operation, below, *_texts_of(scope.get("path_params", {})))),
            digest_of(text for pair in others for text in pair),
        )

    def url(self, paging: Paging, parameters: Mapping[str, str]) -> str:
        """The absolute URL of this request with these parameters for another page."""
        found = URL(scope=self.scope)
        path = path_for_url(self.scope)
        start = f"{found.scheme}://{found.netloc}{path}" if found.netloc else keep_on_host(path)
        query = encode_pairs([*self._other_pairs(paging), *parameters.items()])
        return f"{start}?{query}" if query else start

    def _other_pairs(self, paging: Paging, *more: str) -> list[tuple[str, str]]:
        dropped = (paging.parameter, *more)
        return [pair for pair in parse_pairs(self.scope.get("query_string", b"")) if pair[0] not in dropped]

    def __repr__(self) -> str:
        return "PageRequest(...)"  # no request value is shown


# Path parameters with these types have the same text in each process.
_TEXTUAL = (str, int, float, UUID)


def _texts_of(path_parameters: Mapping[str, Any]) -> Iterator[str]:
    """The path parameters as text: those of a `Host` are not in the path."""
    for name, value in sorted(path_parameters.items()):
        if isinstance(value, _TEXTUAL):
            yield from (name, str(value))


class Links:
    """The links of one page."""

    __slots__ = ("_paging", "_request")

    def __init__(self, request: PageRequest, paging: Paging) -> None:
        self._request = request
        self._paging = paging

    def header(self, relations: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        """The header `Link`: by relation type, the query parameters to set."""
        urls = {relation: self._request.url(self._paging, given) for relation, given in relations.items()}
        return {"link": ", ".join(f'<{url}>; rel="{relation}"' for relation, url in urls.items())}


class SignedLinks(Links):
    """The links of one page by cursor."""

    __slots__ = ("_bearing", "_keys", "_secrets")

    def __init__(self, request: PageRequest, paging: Paging, keys: PageKeys, operation: str) -> None:
        super().__init__(request, paging)
        self._keys = keys
        self._bearing = request.bearing(operation, paging)
        self._secrets = secrets_of(request.scope.get("app"))

    def cursor(self, key: Any) -> str:
        """The cursor of the page after a key."""
        return sign(self._bearing, self._keys.write(key), self._secrets)

    def key(self, cursor: str) -> Any:
        """The key of a cursor. Raises InvalidCursor."""
        opened = open_token(cursor, self._secrets)
        if opened is None:
            raise Page.InvalidCursor(reason="malformed")
        if opened.bearing.operation != self._bearing.operation:
            raise Page.InvalidCursor(reason="other list")
        if opened.bearing.parameters != self._bearing.parameters:
            raise Page.InvalidCursor(reason="other parameters")
        try:
            return self._keys.read(opened.key)
        except UnreadableKey:  # signed by another version of the application
            raise Page.InvalidCursor(reason="malformed") from None


def _takes_request(parameter: Parameter) -> bool:
    return parameter.type.cls is PageRequest


# Only the dependency of a page parameter takes it.
PAGE_REQUEST = Row(
    name="page request",
    place="page",
    claims_if=_takes_request,
    one="k_PageRequest(scope)",
    always_present=True,
    checks="never",
    uses={"k_PageRequest": PageRequest},
)
