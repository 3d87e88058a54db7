"""The form of a login: what a client sends to the token endpoint of the password flow (RFC 6749 §4.3.2)."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from signette.declarative.signature.markers import Form

_SECRET: dict[str, Any] = {"format": "password"}


@dataclass(kw_only=True)
class OAuth2PasswordRequestForm:
    """A login, as a dependency: `form: Annotated[OAuth2PasswordRequestForm, Depends()]`.

    `scopes` are the scopes that were asked for. `grant_type` may be left out, which RFC 6749 does not allow;
    `OAuth2PasswordRequestFormStrict` insists on it.
    """

    grant_type: Annotated[str | None, Form(pattern="^password$")] = None
    username: Annotated[str, Form()]
    password: Annotated[str, Form(json_schema_extra=_SECRET)] = field(repr=False)
    scope: Annotated[str, Form()] = field(default="", repr=False)
    client_id: Annotated[str | None, Form()] = None
    client_secret: Annotated[str | None, Form(json_schema_extra=_SECRET)] = field(default=None, repr=False)
    scopes: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.scopes = self.scope.split()


@dataclass(kw_only=True)
class OAuth2PasswordRequestFormStrict(OAuth2PasswordRequestForm):
    """A login that must say `grant_type=password`, as RFC 6749 wants it."""

    grant_type: Annotated[str, Form(pattern="^password$")] = field()  # without it, the base's None would be its default
