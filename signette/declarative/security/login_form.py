"""The login form that a client sends to the token endpoint of the password flow (RFC 6749 §4.3.2)."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from signette.declarative.signature.markers import Form

_SECRET: dict[str, Any] = {"format": "password"}


@dataclass(kw_only=True)
class OAuth2PasswordRequestForm:
    """A login form as a dependency: `form: Annotated[OAuth2PasswordRequestForm, Depends()]`.

    `scopes` are the requested scopes. `grant_type` is optional, unlike in RFC 6749; it is required in
    `OAuth2PasswordRequestFormStrict`.
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
    """A login form that requires `grant_type=password`, as RFC 6749 does."""

    grant_type: Annotated[str, Form(pattern="^password$")] = field()  # without it, the base's None would be its default
