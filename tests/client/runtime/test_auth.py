"""Credentials of each kind of security scheme."""

import pytest

from signette.client.runtime.auth import (
    APIKey,
    Auth,
    Authenticator,
    Authorization,
    Basic,
    Bearer,
    Credential,
    Credentials,
    OAuth2Token,
    UnusableCredential,
)
from signette.client.runtime.spec import SecuritySpec

BEARER = SecuritySpec("HTTPBearer", "bearer")
BASIC = SecuritySpec("HTTPBasic", "basic")
DIGEST = SecuritySpec("HTTPDigest", "authorization", scheme="digest")
ANY = SecuritySpec("OAuth2", "authorization")
HEADER_KEY = SecuritySpec("Key", "key", key="X-API-Key")
QUERY_KEY = SecuritySpec("QueryKey", "key", place="query", key="api_key")
COOKIE_KEY = SecuritySpec("CookieKey", "key", place="cookie", key="session")
PASSWORD = SecuritySpec("OAuth2PasswordBearer", "bearer", token_url="token")
ALL = (BEARER, BASIC, DIGEST, ANY, HEADER_KEY, QUERY_KEY, COOKIE_KEY, PASSWORD)


@pytest.mark.parametrize(
    ("scheme", "credential", "expected"),
    [
        (BEARER, Bearer("abc"), Credentials(headers=[("Authorization", "Bearer abc")])),
        (BEARER, Bearer(lambda: "new"), Credentials(headers=[("Authorization", "Bearer new")])),
        (PASSWORD, Bearer("abc"), Credentials(headers=[("Authorization", "Bearer abc")])),
        (BASIC, Basic("ada", "sécret"), Credentials(headers=[("Authorization", "Basic YWRhOnPDqWNyZXQ=")])),
        (DIGEST, Authorization("Digest", "x=1"), Credentials(headers=[("Authorization", "Digest x=1")])),
        (ANY, Authorization("MAC", "x=1"), Credentials(headers=[("Authorization", "MAC x=1")])),
        (ANY, Bearer("abc"), Credentials(headers=[("Authorization", "Bearer abc")])),
        (HEADER_KEY, APIKey("k"), Credentials(headers=[("X-API-Key", "k")])),
        (QUERY_KEY, APIKey(lambda: "k"), Credentials(query=[("api_key", "k")])),
        (COOKIE_KEY, APIKey("k"), Credentials(cookies=[("session", "k")])),
    ],
)
def test_each_scheme_has_its_credential(scheme: SecuritySpec, credential: Credential, expected: Credentials) -> None:
    assert Authenticator(credential, [scheme]).credentials([[scheme]]) == expected
    assert Authenticator({scheme.name: credential}, ALL).credentials([[scheme]]) == expected


def test_the_first_alternative_with_all_credentials_is_sent() -> None:
    sent = Authenticator({"HTTPBasic": Basic("a", "b"), "Key": APIKey("k")}, ALL)
    assert sent.credentials([[HEADER_KEY, BEARER], [BASIC, HEADER_KEY], [HEADER_KEY]]).headers == [
        ("Authorization", "Basic YTpi"),
        ("X-API-Key", "k"),
    ]
    assert sent.credentials([[BEARER]]) == Credentials()
    assert sent.credentials([]) == Credentials()
    assert sent.credentials([[], [HEADER_KEY]]).headers == [("X-API-Key", "k")]
    assert Authenticator(None, ALL).credentials([[BASIC]]) == Credentials()


@pytest.mark.parametrize(
    ("auth", "message"),
    [
        (Basic("a", "b"), r"no security scheme of the API takes Basic\('a', '\*+'\).*`HTTPBearer` \(bearer\)"),
        (Authorization("Digest", "x"), "no security scheme"),
        (OAuth2Token("ada", "x"), "no security scheme"),
        ({"Other": Bearer("x")}, "has no security scheme `Other`; its security schemes are `HTTPBearer`"),
        ({"HTTPBearer": APIKey("x")}, r"`HTTPBearer` \(bearer\) does not take APIKey"),
    ],
)
def test_a_credential_that_no_scheme_takes_is_an_error(auth: Auth, message: str) -> None:
    with pytest.raises(UnusableCredential, match=message):
        Authenticator(auth, [BEARER])


def test_an_api_without_schemes_takes_no_credentials() -> None:
    with pytest.raises(UnusableCredential, match="it has no security schemes"):
        Authenticator(Bearer("x"), [])


def test_a_user_name_has_no_colon() -> None:
    with pytest.raises(ValueError, match="colon"):
        Basic("a:b", "c")


@pytest.mark.parametrize(
    "credential",
    [
        Bearer("secret"),
        Basic("ada", "secret"),
        APIKey("secret"),
        Authorization("Digest", "secret"),
        OAuth2Token("ada", "secret", client_secret="secret"),
    ],
    ids=lambda credential: type(credential).__name__,
)
def test_secrets_are_not_shown(credential: Credential) -> None:
    assert "secret" not in repr(credential).replace("client_secret", "")


# -- tokens that the API issues ----------------------------------------------------------------------------------------


def test_a_token_is_requested_once_until_it_expires() -> None:
    now = 100.0
    token = OAuth2Token("ada", "pass", scope="buy sell")
    sent = Authenticator(token, [PASSWORD, BASIC], clock=lambda: now)
    assert sent.pending([[PASSWORD]]) == [(token, "token")]
    assert sent.pending([[BASIC]]) == []
    sent.keep(token, {"access_token": "t1", "token_type": "Bearer", "expires_in": 10})
    assert sent.pending([[PASSWORD]]) == []
    assert sent.credentials([[PASSWORD]]).headers == [("Authorization", "Bearer t1")]
    now += 9
    assert sent.pending([[PASSWORD]]) == [(token, "token")]


def test_a_token_without_an_end_is_kept_until_it_is_rejected() -> None:
    token = OAuth2Token(client_id="c", client_secret="s", token_url="https://auth.example/token")
    sent = Authenticator(token, [BEARER])
    sent.keep(token, {"access_token": "t1"})
    assert sent.pending([[BEARER]]) == []
    assert sent.forget([[BEARER]])
    assert sent.pending([[BEARER]]) == [(token, "https://auth.example/token")]
    assert not Authenticator(Bearer("x"), [BEARER]).forget([[BEARER]])


def test_the_form_of_a_token_request_has_the_grant_type() -> None:
    assert OAuth2Token("ada", "pass", scope="buy").form() == {
        "grant_type": "password", "username": "ada", "password": "pass", "scope": "buy",
    }  # fmt: skip
    assert OAuth2Token(client_id="c", client_secret="s").form() == {
        "grant_type": "client_credentials", "client_id": "c", "client_secret": "s",
    }  # fmt: skip


@pytest.mark.parametrize("response", [{}, {"access_token": 1}, {"access_token": "x", "token_type": "mac"}])
def test_a_response_without_a_bearer_token_is_an_error(response: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no bearer token"):
        OAuth2Token("ada", "pass").keep(response, 0.0)
