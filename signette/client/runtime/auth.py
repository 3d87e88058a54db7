"""Credentials: what a client sends for each kind of security scheme.

Theory of operation. `auth=` is one of the credentials below, or a mapping of the names of security schemes to them. For
a request, `Authenticator` chooses the first alternative of the operation whose schemes all have credentials, and adds
headers, query parameters and cookies. Tokens that a server issues are kept until they expire.
"""

import base64
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from signette.client.runtime.errors import ClientError
from signette.client.runtime.spec import SecuritySpec

# -- credentials -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bearer:
    """A bearer token (RFC 6750), or a function that returns it for each request."""

    token: str | Callable[[], str]

    def __post_init__(self) -> None:
        _check_text(self, "token", may_be_function=True)

    def __repr__(self) -> str:
        return "Bearer('**********')"


@dataclass(frozen=True, slots=True)
class Basic:
    """User name and password (RFC 7617).

    Raises:
        ValueError: the user name contains a colon.
    """

    username: str
    password: str

    def __post_init__(self) -> None:
        _check_text(self, "username", in_header=False)
        _check_text(self, "password", in_header=False)
        if ":" in self.username:
            raise ValueError("a user name of HTTP Basic authentication cannot contain a colon")

    def __repr__(self) -> str:
        return f"Basic({self.username!r}, '**********')"


@dataclass(frozen=True, slots=True)
class APIKey:
    """An API key, or a function that returns it for each request. The scheme says where it is sent."""

    key: str | Callable[[], str]

    def __post_init__(self) -> None:
        _check_text(self, "key", may_be_function=True)

    def __repr__(self) -> str:
        return "APIKey('**********')"


@dataclass(frozen=True, slots=True)
class Authorization:
    """The credentials of another scheme of the `Authorization` header: `Authorization("Digest", "...")`."""

    scheme: str
    credentials: str

    def __post_init__(self) -> None:
        _check_text(self, "scheme")
        _check_text(self, "credentials")

    def __repr__(self) -> str:
        return f"Authorization({self.scheme!r}, '**********')"


@dataclass(slots=True)
class OAuth2Token:
    """A token that the API issues at the first request (RFC 6749): for a user name and a password, or for a client.

    With `username`, the grant type is `password`, else `client_credentials`. The token is kept until shortly before it
    expires. `token_url` is needed only if the security scheme has none.
    """

    username: str | None = None
    password: str | None = field(default=None, repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    scope: str | None = None
    token_url: str | None = None
    _token: str | None = field(default=None, repr=False, init=False)
    _expires: float = field(default=0.0, repr=False, init=False)

    def __post_init__(self) -> None:
        for name in ("username", "password", "client_id", "client_secret", "scope", "token_url"):
            if getattr(self, name) is not None:
                _check_text(self, name, in_header=False)

    def form(self) -> dict[str, str]:
        """The form of a token request."""
        given = {
            "grant_type": "password" if self.username is not None else "client_credentials",
            "username": self.username,
            "password": self.password,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "scope": self.scope,
        }
        return {name: value for name, value in given.items() if value is not None}

    def keep(self, response: Mapping[str, Any], now: float) -> str:
        """Keep the token of a response until shortly before it expires, and return it.

        Raises:
            ValueError: the response has no bearer token.
        """
        token, seconds = response.get("access_token"), response.get("expires_in")
        if not isinstance(token, str) or str(response.get("token_type", "bearer")).lower() != "bearer":
            raise ValueError("the response of the token URL has no bearer token")
        self._token = token
        # A tenth of its life for clocks and networks. Without `expires_in` it is kept until a 401.
        self._expires = now + float(seconds) * 0.9 if isinstance(seconds, int | float) else float("inf")
        return token

    def current(self, now: float) -> str | None:
        """The token, None without one, or if it has expired."""
        return self._token if self._token is not None and now < self._expires else None

    def forget(self) -> None:
        """Request another token for the next request."""
        self._token = None


Credential = Bearer | Basic | APIKey | Authorization | OAuth2Token
Auth = Credential | Mapping[str, Credential]


# -- requests ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Credentials:
    """What a request gets: headers, query parameters and cookies."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    query: list[tuple[str, str]] = field(default_factory=list)
    cookies: list[tuple[str, str]] = field(default_factory=list)


class UnusableCredential(ClientError, ValueError):
    """A credential does not fit its security scheme, or names a scheme that the API does not have."""


Alternatives = Sequence[Sequence[SecuritySpec]]


class Authenticator:
    """Adds credentials to requests, by the security schemes of all operations.

    Raises:
        UnusableCredential: no scheme of the API takes the credential.
    """

    def __init__(
        self, auth: Auth | None, schemes: Iterable[SecuritySpec], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        known = {scheme.name: scheme for scheme in schemes}
        self._clock = clock
        self._by_name: dict[str, Credential] = {}
        if isinstance(auth, Mapping):
            for name, credential in auth.items():
                _check_named(known, name, credential)
                self._by_name[name] = credential
        elif auth is not None:
            self._by_name = {name: auth for name, scheme in known.items() if accepts_credential(scheme, auth)}
            if not self._by_name:
                raise UnusableCredential(f"no security scheme of the API takes {auth!r}; {_listed(known)}")

    @property
    def has_credentials(self) -> bool:
        """Whether there are any."""
        return bool(self._by_name)

    def credentials(self, alternatives: Alternatives) -> Credentials:
        """The credentials of a request."""
        found = Credentials()
        for scheme in self._chosen(alternatives):
            value = self._value_of(self._by_name[scheme.name])
            places = {"header": found.headers, "query": found.query, "cookie": found.cookies}
            places[scheme.place].append((scheme.key, value))
        return found

    def pending(self, alternatives: Alternatives) -> list[tuple[OAuth2Token, str]]:
        """The tokens to request before a request, with the URLs that issue them."""
        now = self._clock()
        return [
            (credential, credential.token_url or scheme.token_url)
            for scheme, credential in self._tokens(alternatives)
            if credential.current(now) is None
        ]

    def keep(self, token: OAuth2Token, response: Mapping[str, Any]) -> None:
        """Keep a token that was issued. Raises ValueError if the response has none."""
        token.keep(response, self._clock())

    def forget(self, alternatives: Alternatives) -> bool:
        """Forget the tokens that a 401 has rejected. Returns whether another request may succeed, with new ones."""
        tokens = self._tokens(alternatives)
        for _, token in tokens:
            token.forget()
        return bool(tokens)

    def _chosen(self, alternatives: Alternatives) -> Sequence[SecuritySpec]:
        """The schemes of the first alternative with credentials for all of them; none if there is no such one."""
        for schemes in alternatives:
            if schemes and all(each.name in self._by_name for each in schemes):
                return schemes
        return ()

    def _tokens(self, alternatives: Alternatives) -> list[tuple[SecuritySpec, OAuth2Token]]:
        chosen = ((each, self._by_name[each.name]) for each in self._chosen(alternatives))
        return [(scheme, credential) for scheme, credential in chosen if isinstance(credential, OAuth2Token)]

    def _value_of(self, credential: Credential) -> str:
        if isinstance(credential, Bearer):
            return f"Bearer {_current(credential.token)}"
        if isinstance(credential, APIKey):
            return _current(credential.key)
        if isinstance(credential, Basic):
            pair = f"{credential.username}:{credential.password}".encode()
            return f"Basic {base64.b64encode(pair).decode()}"
        if isinstance(credential, Authorization):
            return f"{credential.scheme} {credential.credentials}"
        return f"Bearer {credential.current(self._clock())}"


def accepts_credential(scheme: SecuritySpec, credential: Credential) -> bool:
    """Whether a scheme takes a credential of this kind."""
    if isinstance(credential, APIKey):
        return scheme.kind == "key"
    if isinstance(credential, Basic):
        return scheme.kind == "basic"
    if isinstance(credential, Authorization):
        return scheme.kind == "authorization" and scheme.scheme.lower() in {"", credential.scheme.lower()}
    if isinstance(credential, OAuth2Token):
        return scheme.kind == "bearer" and bool(credential.token_url or scheme.token_url)
    # A scheme with any flows of OAuth 2 reads the whole header.
    return scheme.kind == "bearer" or (scheme.kind == "authorization" and scheme.scheme.lower() in {"", "bearer"})


def _check_named(known: Mapping[str, SecuritySpec], name: str, credential: Credential) -> None:
    if name not in known:
        raise UnusableCredential(f"the API has no security scheme `{name}`; {_listed(known)}")
    if not accepts_credential(known[name], credential):
        raise UnusableCredential(f"the security scheme `{name}` ({known[name].kind}) does not take {credential!r}")


def _listed(known: Mapping[str, SecuritySpec]) -> str:
    schemes = ", ".join(f"`{name}` ({scheme.kind})" for name, scheme in known.items())
    return f"its security schemes are {schemes}" if schemes else "it has no security schemes"


def _current(value: str | Callable[[], str]) -> str:
    found: Any = value if isinstance(value, str) else value()
    if not isinstance(found, str):
        raise UnusableCredential(f"a function of a credential has returned {found!r}, which is not a text")
    return found


def _check_text(credential: Any, name: str, *, may_be_function: bool = False, in_header: bool = True) -> None:
    """Raise TypeError for an attribute that is not a text, and ValueError for a text with a line break."""
    value, where = getattr(credential, name), f"`{name}` of `{type(credential).__name__}`"
    if may_be_function and callable(value):
        return
    if not isinstance(value, str):
        kinds = "a text, or a function that returns one" if may_be_function else "a text"
        raise TypeError(f"{where} is {kinds}, not of the type `{type(value).__name__}`")
    if in_header and any(each in value for each in "\r\n\0"):
        raise ValueError(f"{where} has a line break, which a header cannot have")
