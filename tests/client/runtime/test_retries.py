"""Which requests are sent again, and when."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2
import pytest
import stamina

from signette._http.idempotency_key import parse_idempotency_key
from signette.client.runtime.retries import (
    Retries,
    is_connection_error,
    may_repeat,
    new_idempotency_key,
    retry_after,
)

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)


@pytest.fixture
def without_waits() -> Iterator[None]:
    with stamina.set_testing(True, attempts=9, cap=True):
        yield


@pytest.mark.parametrize(
    ("method", "headers", "expected"),
    [
        ("GET", {}, True),
        ("put", {}, True),
        ("QUERY", {}, True),
        ("POST", {}, False),
        ("PATCH", {}, False),
        ("POST", {"idempotency-key": "x"}, True),
    ],
)
def test_a_request_is_repeated_if_the_server_may_get_it_twice(
    method: str, headers: dict[str, str], expected: bool
) -> None:
    assert may_repeat(method, headers) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Mon, 30 Nov 2026 20:01:00 GMT", 60),
        ("Mon, 30 Nov 2026 19:00:00 GMT", 0),
        ("soon", None),
        ("-1", None),
        ("", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str, expected: float | None) -> None:
    assert retry_after({"Retry-After": value}, NOW) == expected


def test_a_response_says_whether_and_when_it_is_requested_again() -> None:
    retries = Retries(wait_max=5)
    assert retries.wait_after_response(503, {}, NOW) is True
    assert retries.wait_after_response(429, {"retry-after": "3"}, NOW) == 3
    assert retries.wait_after_response(429, {"retry-after": "6"}, NOW) is False
    assert retries.wait_after_response(500, {}, NOW) is False
    assert retries.wait_after_response(404, {}, NOW) is False


def test_errors_of_the_connection_are_temporary() -> None:
    assert is_connection_error(httpx2.ConnectError("refused"))
    assert is_connection_error(httpx2.ReadTimeout("slow"))
    assert not is_connection_error(httpx2.UnsupportedProtocol("ftp:"))
    assert not is_connection_error(ValueError())


class Server:
    """Fails some times, and then is done."""

    def __init__(self, failures: int) -> None:
        self.failures = failures

    def send(self) -> str:
        self.failures -= 1
        if self.failures >= 0:
            raise httpx2.ConnectError("refused")
        return "done"

    async def send_async(self) -> str:
        return self.send()


@pytest.mark.usefixtures("without_waits")
async def test_a_call_is_repeated_until_it_returns() -> None:
    assert await Retries(attempts=3).call_async(Server(2).send_async, is_connection_error) == "done"
    with pytest.raises(httpx2.ConnectError):
        await Retries(attempts=3).call_async(Server(3).send_async, is_connection_error)
    with pytest.raises(httpx2.ConnectError):
        await Retries().call_async(Server(1).send_async, lambda _: False)


@pytest.mark.usefixtures("without_waits")
def test_a_call_is_repeated_without_async() -> None:
    assert Retries(attempts=3).call(Server(2).send, is_connection_error) == "done"
    with pytest.raises(httpx2.ConnectError):
        Retries(attempts=3).call(Server(3).send, is_connection_error)


def test_numbers_are_in_range() -> None:
    with pytest.raises(ValueError, match="`attempts=0` must be at least 1"):
        Retries(attempts=0)
    with pytest.raises(ValueError, match="must not be negative"):
        Retries(wait_max=-1)


def test_stamina_is_named_if_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "stamina", None)
    with pytest.raises(ImportError, match="pip install stamina"):
        Retries()


def test_each_call_has_its_own_idempotency_key() -> None:
    first, second = new_idempotency_key(), new_idempotency_key()
    assert first != second
    assert parse_idempotency_key([first]) == first.strip('"')
