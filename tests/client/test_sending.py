"""Credentials, retries and idempotency keys of calls."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
import stamina

from signette import App, Depends, Form, HTTPException, Response, Security
from signette.client import (
    APIKey,
    AsyncClient,
    Authorization,
    Basic,
    Bearer,
    Client,
    OAuth2Token,
    Retries,
    UnexpectedResponse,
    UnusableCredential,
)
from signette.policies import IdempotencyKey, Idempotent
from signette.security import (
    APIKeyCookie,
    APIKeyHeader,
    APIKeyQuery,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
    HTTPDigest,
    OAuth2PasswordBearer,
)

pytestmark = [pytest.mark.anyio, pytest.mark.either_loop]

app = App()


@app.get("/header")
def by_header(key: Annotated[str, Depends(APIKeyHeader(name="X-Key"))]) -> str:
    return key


@app.get("/query")
def by_query(key: Annotated[str, Depends(APIKeyQuery(name="api key"))], q: str = "") -> str:
    return key + q


@app.get("/cookie")
def by_cookie(key: Annotated[str, Depends(APIKeyCookie(name="session"))]) -> str:
    return key


@app.get("/basic")
def by_basic(user: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())]) -> str:
    return f"{user.username}:{user.password}"


@app.get("/bearer")
def by_bearer(token: Annotated[Any, Depends(HTTPBearer())]) -> str:
    return str(token.credentials)


@app.get("/digest")
def by_digest(found: Annotated[Any, Depends(HTTPDigest())]) -> str:
    return str(found.credentials)


class Tokens:
    """The tokens that were issued, and whether they are still valid."""

    def __init__(self) -> None:
        self.issued: list[str] = []
        self.valid: set[str] = set()

    def issue(self) -> str:
        token = f"t{len(self.issued)}"
        self.issued.append(token)
        self.valid = {token}
        return token


tokens = Tokens()


@app.post("/token")
def issue(username: Annotated[str, Form()], password: Annotated[str, Form()]) -> dict[str, str]:
    if password != "right":
        raise HTTPException(400, "The password is wrong")
    return {"access_token": tokens.issue(), "token_type": "bearer"}


def valid_token(token: Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="token"))]) -> str:
    if token not in tokens.valid:
        raise HTTPException(401, "The token has expired", {"WWW-Authenticate": "Bearer"})
    return token


@app.get("/oauth")
def by_oauth(token: Annotated[str, Security(valid_token)]) -> str:
    return token


@app.get("/either")
def either(key: Annotated[str | None, Depends(APIKeyHeader(name="X-Key", auto_error=False))]) -> str:
    return key or "nobody"


class Attempts:
    """How often an operation was called, and how often it fails."""

    def __init__(self) -> None:
        self.count = 0
        self.failures = 0
        self.keys: list[str | None] = []

    def count_one(self, key: str | None = None) -> None:
        self.count += 1
        self.keys.append(key)
        if self.count <= self.failures:
            raise HTTPException(503, "Not now", {"Retry-After": "0"})


attempts = Attempts()


@pytest.fixture(autouse=True)
def nothing_happened() -> Iterator[None]:
    attempts.__init__()  # type: ignore[misc]
    tokens.__init__()  # type: ignore[misc]
    with stamina.set_testing(True, attempts=9, cap=True):
        yield


@app.get("/read")
def read() -> int:
    attempts.count_one()
    return attempts.count


@app.post("/write")
def write(order: dict[str, int]) -> int:
    attempts.count_one()
    return attempts.count


@app.post("/once", policies=[Idempotent(required=True)])
def once(order: dict[str, int], key: IdempotencyKey) -> int:
    attempts.count_one(key.value)
    return attempts.count


@app.get("/slow-down")
def slow_down(response: Response) -> int:
    attempts.count_one()
    raise HTTPException(429, "Later", {"Retry-After": "3600"})


# -- credentials -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "scheme", "credential", "expected"),
    [
        ("by_header", "APIKeyHeader", APIKey("k"), "k"),
        ("by_query", "APIKeyQuery", APIKey("k&=ä"), "k&=ä"),
        ("by_cookie", "APIKeyCookie", APIKey("k"), "k"),
        ("by_basic", "HTTPBasic", Basic("ada", "sécret"), "ada:sécret"),
        ("by_bearer", "HTTPBearer", Bearer("abc"), "abc"),
        ("by_digest", "HTTPDigest", Authorization("Digest", 'username="ada"'), 'username="ada"'),
    ],
)
async def test_each_scheme_gets_its_credential(name: str, scheme: str, credential: Any, expected: str) -> None:
    async with AsyncClient(app, auth={scheme: credential}) as client:
        assert await client.call(name) == expected
        with pytest.raises(UnexpectedResponse, match="401"):
            await client.with_options(auth=None).call(name)


async def test_credentials_join_the_arguments_in_the_query() -> None:
    async with AsyncClient(app, auth=APIKey("k")) as client:
        assert await client.by_query(q="x") == "kx"


async def test_an_operation_without_required_credentials_is_called_with_or_without_them() -> None:
    async with AsyncClient(app) as client:
        assert await client.either() == "nobody"
        assert await client.with_options(auth=APIKey("k")).either() == "k"


def test_a_credential_that_the_application_does_not_take_is_an_error() -> None:
    with pytest.raises(UnusableCredential, match="has no security scheme `Other`"):
        AsyncClient(app, auth={"Other": Bearer("x")})


async def test_a_token_is_requested_once_and_again_after_a_401() -> None:
    async with AsyncClient(app, auth={"OAuth2PasswordBearer": OAuth2Token("ada", "right")}) as client:
        assert [await client.by_oauth(), await client.by_oauth()] == ["t0", "t0"]
        tokens.valid.clear()
        assert await client.by_oauth() == "t1"


def test_tokens_are_requested_without_async() -> None:
    with Client(app, auth={"OAuth2PasswordBearer": OAuth2Token("ada", "right")}) as client:
        assert [client.by_oauth(), client.by_oauth()] == ["t0", "t0"]
        tokens.valid.clear()
        assert client.by_oauth() == "t1"


async def test_a_rejected_token_request_is_an_error_without_the_password() -> None:
    async with AsyncClient(app, auth={"OAuth2PasswordBearer": OAuth2Token("ada", "wrong secret")}) as client:
        with pytest.raises(UnusableCredential, match=r"responded with 400.*The password is wrong") as raised:
            await client.by_oauth()
    assert "secret" not in str(raised.value).replace("client_secret", "")


# -- retries -----------------------------------------------------------------------------------------------------------


async def test_a_safe_request_is_sent_again() -> None:
    attempts.failures = 2
    async with AsyncClient(app, retries=3) as client:
        assert await client.read() == 3


async def test_the_last_response_is_the_result() -> None:
    attempts.failures = 9
    async with AsyncClient(app, retries=Retries(attempts=3)) as client:
        with pytest.raises(UnexpectedResponse, match="503"):
            await client.read()
    assert attempts.count == 3


async def test_other_requests_are_sent_once() -> None:
    attempts.failures = 1
    async with AsyncClient(app, retries=3) as client:
        with pytest.raises(UnexpectedResponse, match="503"):
            await client.write(order={"a": 1})
        assert attempts.count == 1
        assert await client.with_options(retries=None).write(order={"a": 1}) == 2


async def test_without_retries_a_request_is_sent_once() -> None:
    attempts.failures = 1
    async with AsyncClient(app) as client:
        with pytest.raises(UnexpectedResponse, match="503"):
            await client.read()


async def test_a_response_that_asks_for_a_long_wait_is_the_result() -> None:
    async with AsyncClient(app, retries=3) as client:
        with pytest.raises(UnexpectedResponse, match="429"):
            await client.slow_down()
    assert attempts.count == 1


async def test_all_attempts_of_a_call_have_one_key() -> None:
    attempts.failures = 2
    async with AsyncClient(app, retries=3) as client:
        assert await client.once(order={"a": 1}) == 3
        assert await client.once(order={"a": 1}) == 4
    first, second, third, other = attempts.keys
    assert first == second == third != other


async def test_a_key_of_your_own_repeats_a_call() -> None:
    async with AsyncClient(app) as client:
        keyed = client.with_options(headers={"Idempotency-Key": "mine"})
        assert [await keyed.once(order={"a": 1}), await keyed.once(order={"a": 1})] == [1, 1]
    assert attempts.keys == ["mine"]


def test_requests_are_sent_again_without_async() -> None:
    attempts.failures = 2
    with Client(app, retries=3) as client:
        assert client.once(order={"a": 1}) == 3
        assert len(set(attempts.keys)) == 1
        attempts.failures = 9
        with pytest.raises(UnexpectedResponse, match="503"):
            client.read()
    assert attempts.count == 6


def test_an_unknown_option_is_an_error() -> None:
    with pytest.raises(TypeError, match="no option `retry`; its options are `auth`"):
        AsyncClient(app).with_options(retry=3)
