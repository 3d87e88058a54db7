"""OAuth 2 (RFC 6749) and OpenID Connect as schemes: the document says where tokens come from, requests bring one."""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from signette.declarative.security.schemes import SecurityScheme, authorization_of
from signette.declarative.signature.markers import Header

Flow = Mapping[str, Any]

# OpenAPI 3.1 §4.8.29: the flows, and the addresses that each must name.
FLOWS = {
    "implicit": ("authorizationUrl",),
    "password": ("tokenUrl",),
    "clientCredentials": ("tokenUrl",),
    "authorizationCode": ("authorizationUrl", "tokenUrl"),
}
# RFC 6749 §3.3: printable ASCII without blanks, quotes and backslashes, as a blank separates scopes.
_is_scope = re.compile(r"[!#-\[\]-~]+").fullmatch


class OAuth2(SecurityScheme):
    """OAuth 2 by any flows, as OpenAPI writes them. Gives the whole `Authorization` header, of whatever scheme."""

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
            challenge="Bearer",  # RFC 6750 §3: what OAuth 2 hands out are bearer tokens
            scheme_name=scheme_name,
            description=description,
            auto_error=auto_error,
        )


class OAuth2Token(OAuth2):
    """Base of the schemes whose flow is known: they give the bearer token alone."""

    def credentials(self, sent: str) -> str | None:
        scheme, token = authorization_of(sent)
        return token if scheme.lower() == "bearer" and token else None


class OAuth2PasswordBearer(OAuth2Token):
    """A bearer token that the application gives itself for a user name and a password (RFC 6749 §4.3).

    `tokenUrl` is the address of that endpoint, relative to the API's; `scopes` maps each scope to what it allows.
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
    """A bearer token that the user fetches at an authorization server (RFC 6749 §4.1)."""

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
    """OpenID Connect, found by its discovery document. Gives the whole `Authorization` header, of whatever scheme."""

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
    """A flow as the document tells it. Raises ValueError where OpenAPI has no such flow, or one without its parts."""
    if name not in FLOWS:
        raise ValueError(f"OAuth 2 has no flow {name!r}: {_meant(name, FLOWS)}")
    needed = FLOWS[name]
    told = {"scopes": _checked_scopes(flow.get("scopes") or {})}
    for key, value in flow.items():
        if key not in {*needed, "refreshUrl", "scopes"}:
            raise ValueError(f"the flow {name!r} has no {key!r}: {_meant(key, (*needed, 'refreshUrl', 'scopes'))}")
        if value is not None and key != "scopes":
            told[key] = value
    missing = [key for key in needed if not told.get(key)]
    if missing:
        raise ValueError(f"the flow {name!r} needs {' and '.join(map(repr, missing))}: say where tokens come from")
    return told


def _checked_scopes(scopes: Any) -> dict[str, str]:
    if not isinstance(scopes, Mapping):
        raise TypeError(f"scopes are a mapping from names to what they allow, not {scopes!r}")
    for scope in scopes:
        if not _is_scope(scope):
            raise ValueError(f"{scope!r} is no name of a scope (RFC 6749 §3.3): write each by itself, without blanks")
    return dict(scopes)


def _meant(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"write {near[0]!r}" if near else f"it is one of {', '.join(known)}"
