"""OAuth 2 (RFC 6749) and OpenID Connect as security schemes."""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from signette.declarative.security.schemes import SecurityScheme, authorization_of
from signette.declarative.signature.markers import Header

Flow = Mapping[str, Any]

# OpenAPI 3.1 §4.8.29: the flows, and the URLs that each requires.
FLOWS = {
    "implicit": ("authorizationUrl",),
    "password": ("tokenUrl",),
    "clientCredentials": ("tokenUrl",),
    "authorizationCode": ("authorizationUrl", "tokenUrl"),
}
# RFC 6749 §3.3: printable ASCII without spaces, quotes and backslashes, because a space separates scopes.
_is_scope = re.compile(r"[!#-\[\]-~]+").fullmatch


class OAuth2(SecurityScheme):
    """OAuth 2 with any flows, as in OpenAPI. Returns the whole `Authorization` header, of any scheme."""

    def __init__(
        self,
        *,
        flows: Mapping[str, Flow] | None = None,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(
            Header(alias="Authorization"),
            {"type": "oauth2", "flows": {name: _checked(name, flow) for name, flow in (flows or {}).items()}},
            challenge="Bearer",  # RFC 6750 §3
            scheme_name=scheme_name,
            description=description,
            auto_error=auto_error,
        )


class OAuth2Token(OAuth2):
    """Base class of schemes with one flow, which return only the bearer token."""

    def credentials(self, sent: str) -> str | None:
        scheme, token = authorization_of(sent)
        return token if scheme.lower() == "bearer" and token else None


class OAuth2PasswordBearer(OAuth2Token):
    """A bearer token that the application issues for a user name and a password (RFC 6749 §4.3).

    `tokenUrl` is the URL of that endpoint, relative to the API's; `scopes` maps each scope to its description.
    """

    def __init__(
        self,
        tokenUrl: str,  # noqa: N803 - OpenAPI's spelling
        scheme_name: str | None = None,
        scopes: Mapping[str, str] | None = None,
        description: str | None = None,
        auto_error: bool = True,
        refreshUrl: str | None = None,  # noqa: N803
    ) -> None:
        flow = {"scopes": scopes, "tokenUrl": tokenUrl, "refreshUrl": refreshUrl}
        super().__init__(
            flows={"password": flow}, scheme_name=scheme_name, description=description, auto_error=auto_error
        )


class OAuth2AuthorizationCodeBearer(OAuth2Token):
    """A bearer token that an authorization server issues (RFC 6749 §4.1)."""

    def __init__(
        self,
        authorizationUrl: str,  # noqa: N803 - OpenAPI's spelling
        tokenUrl: str,  # noqa: N803
        refreshUrl: str | None = None,  # noqa: N803
        scheme_name: str | None = None,
        scopes: Mapping[str, str] | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        flow = {
            "scopes": scopes, "authorizationUrl": authorizationUrl, "tokenUrl": tokenUrl, "refreshUrl": refreshUrl,
        }  # fmt: skip
        super().__init__(
            flows={"authorizationCode": flow}, scheme_name=scheme_name, description=description, auto_error=auto_error
        )


class OpenIdConnect(SecurityScheme):
    """OpenID Connect with a discovery document. Returns the whole `Authorization` header, of any scheme."""

    def __init__(
        self,
        *,
        openIdConnectUrl: str,  # noqa: N803 - OpenAPI's spelling
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(
            Header(alias="Authorization"),
            {"type": "openIdConnect", "openIdConnectUrl": openIdConnectUrl},
            challenge="Bearer",
            scheme_name=scheme_name,
            description=description,
            auto_error=auto_error,
        )


def _checked(name: str, flow: Flow) -> dict[str, Any]:
    """An OAuth flow object of OpenAPI. Raises ValueError for an unknown flow, and for unknown and missing fields."""
    if name not in FLOWS:
        raise ValueError(f"unknown OAuth 2 flow {name!r}; {_suggestion(name, FLOWS)}")
    required = FLOWS[name]
    made = {"scopes": _checked_scopes(flow.get("scopes") or {})}
    for key, value in flow.items():
        if key not in {*required, "refreshUrl", "scopes"}:
            suggestion = _suggestion(key, (*required, "refreshUrl", "scopes"))
            raise ValueError(f"the OAuth 2 flow {name!r} has no field {key!r}; {suggestion}")
        if value is not None and key != "scopes":
            made[key] = value
    missing = [key for key in required if not made.get(key)]
    if missing:
        raise ValueError(f"the OAuth 2 flow {name!r} requires {' and '.join(map(repr, missing))}")
    return made


def _checked_scopes(scopes: Any) -> dict[str, str]:
    if not isinstance(scopes, Mapping):
        raise TypeError(f"scopes must be a mapping from names to descriptions, not {scopes!r}")
    for scope in scopes:
        if not _is_scope(scope):
            raise ValueError(f"{scope!r} is not a valid scope (RFC 6749 §3.3); use one name per scope, without spaces")
    return dict(scopes)


def _suggestion(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(known)}"
