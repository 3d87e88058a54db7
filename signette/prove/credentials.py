"""Credentials of a run: what is added to the requests of operations that have security requirements."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from signette.prove.law import ProvedOperation, Request

Secret = str | tuple[str, str]
Auth = Secret | Mapping[str, Secret]


@dataclass(frozen=True)
class Credentials:
    """Headers for all requests, and secrets for security schemes."""

    headers: Mapping[str, str] = field(default_factory=dict)
    auth: Auth | None = None
    """A token or an API key, or a user name and a password; or one for each security scheme, by name."""

    def added(self, operation: ProvedOperation, request: Request, more: Mapping[str, str]) -> Request:
        """A request with credentials. `more` are headers for operations with security requirements."""
        for name, value in self.headers.items():
            request = request.with_header(name, value)
        if not is_secured(operation) and any_secured(operation.document):
            return request
        if is_secured(operation):
            for name in schemes_of(operation):
                secret = self.auth.get(name) if isinstance(self.auth, Mapping) else self.auth
                if secret is not None:
                    request = with_secret(request, _scheme(operation, name), secret)
        for name, value in more.items():
            request = request.with_header(name, value)
        return request

    def removed(self, operation: ProvedOperation, request: Request, more: Mapping[str, str]) -> Request:
        """A request without the headers, cookies and query parameters of credentials."""
        for header in ("Authorization", *more):
            request = request.without_header(header)
        for name in schemes_of(operation):
            scheme = _scheme(operation, name)
            match scheme.get("in"):
                case "header":
                    request = request.without_header(scheme["name"])
                case "cookie":
                    request = _without_cookie(request, scheme["name"])
                case "query":
                    request = _without_query(request, scheme["name"])
        return request


def is_secured(operation: ProvedOperation) -> bool:
    """Whether an operation requires credentials."""
    return bool(operation.definition.get("security", operation.document.get("security")))


def any_secured(document: Mapping[str, Any]) -> bool:
    """Whether a document has security schemes at all."""
    return bool(document.get("components", {}).get("securitySchemes"))


def schemes_of(operation: ProvedOperation) -> list[str]:
    """The names of the security schemes of an operation."""
    security = operation.definition.get("security", operation.document.get("security", ()))
    return list(dict.fromkeys(name for requirement in security for name in requirement))


def with_secret(request: Request, scheme: Mapping[str, Any], secret: Secret) -> Request:
    """The request with the credentials of one security scheme."""
    if scheme.get("type") == "apiKey":
        value = secret if isinstance(secret, str) else secret[1]
        match scheme.get("in"):
            case "header":
                return request.with_header(scheme["name"], value)
            case "cookie":
                cookies = _without_cookie(request, scheme["name"]).header("cookie")
                pair = f"{scheme['name']}={value}"
                return request.with_header("Cookie", f"{cookies}; {pair}" if cookies else pair)
            case _:
                target = _without_query(request, scheme["name"]).target
                mark = "&" if "?" in target else "?"
                return replace(request, target=f"{target}{mark}{quote(scheme['name'])}={quote(value, safe='')}")
    if isinstance(secret, tuple):
        pair = base64.b64encode(":".join(secret).encode()).decode()
        return request.with_header("Authorization", f"Basic {pair}")
    return request.with_header("Authorization", f"Bearer {secret}")


def _scheme(operation: ProvedOperation, name: str) -> Mapping[str, Any]:
    schemes = operation.document.get("components", {}).get("securitySchemes", {})
    scheme: Mapping[str, Any] = operation.resolve(schemes.get(name, {}))
    return scheme


def _without_cookie(request: Request, name: str) -> Request:
    own = [part.strip() for part in (request.header("cookie") or "").split(";") if part.strip()]
    kept = [part for part in own if part.partition("=")[0] != name]
    return request.with_header("Cookie", "; ".join(kept)) if kept else request.without_header("Cookie")


def _without_query(request: Request, name: str) -> Request:
    path, _, query = request.target.partition("?")
    kept = [part for part in query.split("&") if part and part.partition("=")[0] != quote(name)]
    return replace(request, target=f"{path}?{'&'.join(kept)}" if kept else path)
