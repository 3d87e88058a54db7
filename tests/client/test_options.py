"""Options of clients are checked when the client is made, in the same way in generated modules."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest

from signette import App, Security, Socket
from signette.client import (
    APIKey,
    ArgumentError,
    AsyncClient,
    Authorization,
    Basic,
    Bearer,
    Client,
    OAuth2Token,
    Reconnect,
    Retries,
    UnusableCredential,
)
from signette.events import Events
from signette.security import HTTPAuthorizationCredentials, HTTPBearer
from tests.client.ways import generated

URL = "http://127.0.0.1:9"

app = App()


@app.get("/limited")
async def limited(token: Annotated[HTTPAuthorizationCredentials, Security(HTTPBearer())]) -> str:
    return token.credentials


@app.get("/ticks")
async def ticks() -> Events[int]:
    yield 1


@app.get("/sum")
async def total(self: int, other: int = 0) -> int:
    return self + other


@app.websocket("/echo")
async def echo(socket: Socket[int, int]) -> None:
    async for number in socket:
        await socket.send(number)


@pytest.fixture(scope="module")
def module() -> Iterator[Any]:
    with generated(app, "options_client") as made:
        yield made


WRONG: list[tuple[str, Any, type[Exception], str]] = [
    ("retries", "a", TypeError, r"`retries` is a number of attempts, or `Retries\(...\)`"),
    ("retries", True, TypeError, "`retries` is a number"),
    ("retries", 1.5, TypeError, "`retries` is a number"),
    ("retries", 0, ValueError, "`retries` is 0, and a request is sent at least once"),
    ("timeout", -1, ValueError, "`timeout` is -1, and must be"),
    ("timeout", 0, ValueError, "`timeout` is 0"),
    ("timeout", float("nan"), ValueError, "`timeout` is nan"),
    ("timeout", float("inf"), ValueError, "`timeout` is inf"),
    ("timeout", "3", TypeError, "`timeout` is a number of seconds"),
    ("auth", "tok", TypeError, r"`auth` is credentials, .* write `Bearer\(...\)`"),
    ("auth", 5, TypeError, "`auth` is credentials"),
    ("auth", {"HTTPBearer": "tok"}, TypeError, "`auth`: `HTTPBearer` has no credentials"),
    ("reconnect", 3, TypeError, r"`reconnect` is `Reconnect\(...\)`"),
    ("headers", "x", TypeError, "`headers` is a mapping"),
    ("headers", [("a", "b")], TypeError, "`headers` is a mapping"),
    ("headers", {"a": 1}, TypeError, "`headers`: the names and values are texts"),
    ("headers", {"a b": "1"}, ValueError, "`headers`: 'a b' is not the name"),
    ("headers", {"a": "1\r\nb: 2"}, ValueError, "`headers`: the value of 'a' has a line break"),
    ("headers", {"a": "\u20ac"}, ValueError, "`headers`: the value of 'a' has .* Latin-1"),
]


@pytest.mark.parametrize(("option", "value", "kind", "message"), WRONG)
def test_an_option_is_checked_when_the_client_is_made(
    module: Any, option: str, value: Any, kind: type[Exception], message: str
) -> None:
    wrong: dict[str, Any] = {option: value}
    for make in (
        lambda: AsyncClient(app, **wrong),
        lambda: Client(app, **wrong),
        lambda: AsyncClient(app).with_options(**wrong),
        lambda: Client(app).with_options(**wrong),
        lambda: module.AsyncClient(URL, **wrong),
        lambda: module.Client(URL, **wrong),
        lambda: module.Client(URL).with_options(**wrong),
    ):
        with pytest.raises(kind, match=message):
            make()


def test_options_that_are_right_are_kept(module: Any) -> None:
    client = Client(
        app, auth=Bearer("a"), headers={"X-A": "1", "X-B": "\xe9"}, retries=2, reconnect=Reconnect(attempts=3)
    )
    other = client.with_options(
        headers={"x-a": "2"}, timeout=0.5, retries=Retries(attempts=1), auth={"HTTPBearer": Bearer(str)}
    )
    assert other._options["headers"] == {"X-B": "\xe9", "x-a": "2"}
    assert client.with_options(headers=None)._options["headers"] == {"X-A": "1", "X-B": "\xe9"}
    assert module.Client(URL, reconnect=module.Reconnect(attempts=1)).with_options(timeout=1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Bearer(5), "`token` of `Bearer`"),  # type: ignore[arg-type]
        (lambda: Bearer("a\nb"), "`token` of `Bearer` has a line break"),
        (lambda: APIKey(None), "`key` of `APIKey`"),  # type: ignore[arg-type]
        (lambda: APIKey("a\r"), "`key` of `APIKey` has a line break"),
        (lambda: Basic("ada", 1), "`password` of `Basic`"),  # type: ignore[arg-type]
        (lambda: Basic(None, "x"), "`username` of `Basic`"),  # type: ignore[arg-type]
        (lambda: Authorization("Digest", 1), "`credentials` of `Authorization`"),  # type: ignore[arg-type]
        (lambda: Authorization("Digest\n", "x"), "`scheme` of `Authorization` has a line break"),
        (lambda: OAuth2Token("ada", 5), "`password` of `OAuth2Token`"),  # type: ignore[arg-type]
        (lambda: Reconnect(attempts="a"), "`attempts` of `Reconnect`"),  # type: ignore[arg-type]
        (lambda: Reconnect(seconds=-1), "`seconds` of `Reconnect`"),
        (lambda: Retries(attempts="a"), "`attempts` of `Retries`"),  # type: ignore[arg-type]
        (lambda: Retries(wait_max="a"), "`wait_max` of `Retries`"),  # type: ignore[arg-type]
    ],
)
def test_credentials_and_numbers_are_checked(make: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        make()


def test_a_function_of_a_token_returns_a_text() -> None:
    token: Any = lambda: 5  # noqa: E731
    with (
        Client(app, auth=Bearer(token)) as client,
        pytest.raises(UnusableCredential, match="a function of a credential has returned 5"),
    ):
        client.limited()


@pytest.mark.parametrize(
    "url", ["", "shop.example", "//shop.example", "ftp://shop.example", "http://", "http://a b", "http://a?b=1"]
)
def test_the_base_url_is_a_url(module: Any, url: str) -> None:
    for make in (
        lambda: AsyncClient(app, url),
        lambda: Client(app, url),
        lambda: module.AsyncClient(url),
        lambda: module.Client(url),
    ):
        with pytest.raises(ValueError, match=r"`base_url` is .*, and must be a URL such as `https://api.example`"):
            make()


def test_the_base_url_is_a_text(module: Any) -> None:
    for make in (lambda: Client(app, 5), lambda: module.Client(5)):  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="`base_url` is a text"):
            make()


def test_arguments_are_passed_by_name() -> None:
    with Client(app) as client:
        for call in (client.total, client.total.reply):
            with pytest.raises(TypeError, match=r"`total` takes arguments by their names: `total\(self=...\)`"):
                call(1)
        with pytest.raises(TypeError, match="`total` takes arguments by their names"):
            client.call("total", 1)  # type: ignore[call-arg]
        with pytest.raises(TypeError, match="`total` takes arguments by their names"):
            client.reply("total", 1)  # type: ignore[call-arg]
        with pytest.raises(TypeError, match="`limited` takes no arguments"):
            client.limited(1)
        assert client.total(self=1) == client.call("total", self=1) == client.reply("total", self=1).value == 1


@pytest.mark.parametrize("arguments", [[1], None, "self", 5])
def test_json_arguments_are_an_object(arguments: Any) -> None:
    with Client(app) as client, pytest.raises(TypeError, match="`total`: the arguments are a mapping"):
        client.call_json("total", arguments)


def test_a_name_that_is_nearly_right_is_suggested() -> None:
    with Client(app) as client:
        for call in (client.call, client.reply):
            with pytest.raises(LookupError, match="there is no operation `limitd`; did you mean `limited`"):
                call("limitd")


def test_a_message_that_cannot_be_sent_names_the_websocket(module: Any) -> None:
    with Client(app) as client, client.echo() as socket:
        with pytest.raises(ArgumentError, match="`echo`: argument `message` is not valid: ") as caught:
            socket.send("x")
        assert (caught.value.operation, caught.value.argument) == ("echo", "message")
        socket.send(5)
        assert socket.receive() == 5
