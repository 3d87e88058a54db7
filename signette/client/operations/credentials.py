"""Security schemes of plans -> the credentials that a client sends."""

from collections.abc import Mapping, Sequence
from typing import Any

from signette.client.runtime.spec import SecuritySpec
from signette.declarative.openapi.security import SchemeNames, requirements


def security_of(
    required: Sequence[tuple[Any, tuple[str, ...]]], names: SchemeNames
) -> tuple[tuple[SecuritySpec, ...], ...]:
    """The alternatives of an operation, each with the credentials that are sent together."""
    if not required:
        return ()
    return tuple(
        tuple(_spec(name, names.described[name], tuple(scopes)) for name, scopes in alternative.items())
        for alternative in requirements(required, names)
    )


def _spec(name: str, about: Mapping[str, Any], scopes: tuple[str, ...]) -> SecuritySpec:
    kind = about.get("type")
    if kind == "apiKey":
        return SecuritySpec(name, "key", about["in"], about["name"], scopes=scopes)
    if kind == "http":
        scheme = str(about.get("scheme", ""))
        if scheme.lower() in ("bearer", "basic"):
            return SecuritySpec(name, "bearer" if scheme.lower() == "bearer" else "basic", scopes=scopes)
        return SecuritySpec(name, "authorization", scheme=scheme, scopes=scopes)
    flows = about.get("flows") or {}
    token_url = next((str(each["tokenUrl"]) for each in flows.values() if each.get("tokenUrl")), "")
    return SecuritySpec(name, "bearer", scopes=scopes, token_url=token_url)  # OAuth 2 and OpenID Connect
