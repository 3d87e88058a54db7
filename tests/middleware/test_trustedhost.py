"""Known hosts only."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.app import App
from signette.applications import Application
from signette.middleware.registry import Middleware
from signette.middleware.trustedhost import TrustedHostMiddleware
from signette.responses.plain import PlainTextResponse
from tests.asgi import Exchange, call

inner = PlainTextResponse("in")


async def ask(app: Any, host: bytes | None, **scope: Any) -> Exchange:
    return await call(app, headers=[] if host is None else [(b"host", host)], **scope)


def trusting(*hosts: str, **options: Any) -> TrustedHostMiddleware:
    return TrustedHostMiddleware(inner, allowed_hosts=hosts, **options)


@pytest.mark.parametrize(
    "host",
    [
        b"example.org",
        b"EXAMPLE.org",
        b"example.org:8000",
        b"example.org:000080",
        b"example.org:65536",
        b"a.sub.org",
        b"a.b.sub.org",
        b"a.sub.org:100000",
        b"[::1]:80",
        b"[::1]:100000",
        b"[::2]",
    ],
)
async def test_an_allowed_host_gets_through(host: bytes) -> None:
    response = await ask(trusting("example.org", "*.sub.org", "::1", "[::2]"), host)
    assert (response.status, response.text) == (200, "in")


@pytest.mark.parametrize(
    "host",
    [
        None,
        b"",
        b"evil.org",
        b"sub.org",
        b"notsub.org",
        b"example.org.evil.org",
        b"evil.org:80@example.org",
        b"user@example.org",
        b"example.org:80:90",
        b"example.org:",
        b"example.org:8a",
        b"example.org ",
        b"example.org/",
        b"::1",
        b"[::1",
        b"\xff",
    ],
)
async def test_any_other_is_a_400(host: bytes | None) -> None:
    response = await ask(trusting("example.org", "*.sub.org", "::1"), host)
    assert (response.status, response.text) == (400, "Invalid host header")


async def test_two_host_headers_are_rejected() -> None:
    fields = [(b"host", b"example.org"), (b"host", b"evil.org")]
    assert (await call(trusting("example.org"), headers=fields)).status == 400


@pytest.mark.parametrize("host", [None, b"", b"any.org", b"not a host"])
async def test_a_star_allows_any_host(host: bytes | None) -> None:
    assert (await ask(trusting("*"), host)).status == 200
    assert (await ask(TrustedHostMiddleware(inner), host)).status == 200


@pytest.mark.parametrize(
    ("host", "location"),
    [
        (b"example.org", "http://www.example.org/a%20b%2525?c=d"),
        (b"example.org:8000", "http://www.example.org:8000/a%20b%2525?c=d"),
        (b"example.org:000080", "http://www.example.org:000080/a%20b%2525?c=d"),
        (b"example.org:65536", "http://www.example.org:65536/a%20b%2525?c=d"),
    ],
)
async def test_a_client_that_left_www_away_is_sent_there(host: bytes, location: str) -> None:
    response = await ask(trusting("www.example.org"), host, path="/a b%25", query_string=b"c=d")
    assert (response.status, response.headers["location"]) == (307, location)


async def test_but_not_if_www_redirect_is_off() -> None:
    assert (await ask(trusting("www.example.org", www_redirect=False), b"example.org")).status == 400


async def test_a_wildcard_is_no_reason_to_be_sent_to_www() -> None:
    assert (await ask(trusting("*.example.org"), b"example.org")).status == 400


@pytest.mark.parametrize("pattern", ["*example.org", "a.*.org", "example.*", "**", "*.*.org"])
def test_a_wildcard_elsewhere_is_rejected_where_it_is_written(pattern: str) -> None:
    with pytest.raises(AssertionError, match=r"^Domain wildcard patterns must be like '\*\.example\.com'\.$"):
        trusting(pattern)


async def test_a_websocket_is_closed_or_denied() -> None:
    closed = await ask(trusting("a.org"), b"b.org", kind="websocket")
    assert closed.messages == [{"type": "websocket.close", "code": 1000, "reason": ""}]
    denied = await ask(trusting("a.org"), b"b.org", kind="websocket", extensions={"websocket.http.response": {}})
    assert (denied.status, denied.text) == (400, "Invalid host header")


async def test_an_application_handles_it_like_all_errors() -> None:
    middleware = Middleware(TrustedHostMiddleware, allowed_hosts=["a.org"])
    plain = await ask(Application(middleware=[middleware]), b"b.org")
    assert (plain.status, plain.text, plain.error) == (400, "Invalid host header", None)
    typed = await ask(App(middleware=[middleware]), b"b.org")
    assert (typed.status, typed.headers["content-type"]) == (400, "application/problem+json")


async def test_a_lifespan_passes() -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    await call(TrustedHostMiddleware(app, ["a.org"]), kind="lifespan")
    assert seen == ["lifespan"]


label = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=8)
domain = st.lists(label, min_size=1, max_size=4).map(".".join)


@given(allowed=domain, below=domain, other=domain)
def test_a_wildcard_is_every_name_below_and_nothing_else(allowed: str, below: str, other: str) -> None:
    middleware = trusting(f"*.{allowed}")
    assert middleware._allows(f"{below}.{allowed}")
    assert middleware._allows(other) == other.endswith(f".{allowed}")
