"""From HTTP to HTTPS."""

from typing import Any

import pytest

from signette.middleware.httpsredirect import HTTPSRedirectMiddleware
from signette.responses.plain import PlainTextResponse
from tests.asgi import call

app = HTTPSRedirectMiddleware(PlainTextResponse("in"))
DENIAL = {"websocket.http.response": {}}


@pytest.mark.parametrize(
    ("host", "server", "location"),
    [
        (b"a.org", ("x", 80), "https://a.org/p%20q?r=1"),
        (b"a.org:80", ("x", 80), "https://a.org/p%20q?r=1"),
        (b"a.org:443", ("x", 80), "https://a.org/p%20q?r=1"),
        (b"a.org:000080", ("x", 80), "https://a.org/p%20q?r=1"),
        (b"[::1]:0443", ("x", 80), "https://[::1]/p%20q?r=1"),
        (b"a.org:0", ("x", 80), "https://a.org:0/p%20q?r=1"),
        (b"a.org:8080", ("x", 80), "https://a.org:8080/p%20q?r=1"),
        (b"[::1]:80", ("x", 80), "https://[::1]/p%20q?r=1"),
        (b"[::80]", ("x", 80), "https://[::80]/p%20q?r=1"),
        (b"not a host", ("x", 80), "https://x/p%20q?r=1"),
        (None, ("x", 8000), "https://x:8000/p%20q?r=1"),
    ],
)
async def test_http_is_sent_to_the_same_url_by_https(host: bytes | None, server: Any, location: str) -> None:
    fields = [] if host is None else [(b"host", host)]
    response = await call(app, "/p q", headers=fields, query_string=b"r=1", scheme="http", server=server)
    assert (response.status, response.headers["location"]) == (307, location)


async def test_what_was_encoded_in_the_path_stays_encoded() -> None:
    response = await call(app, "/a%41?b#c", headers=[(b"host", b"a.org")])
    assert response.headers["location"] == "https://a.org/a%2541%3Fb%23c"


@pytest.mark.parametrize("path", ["//evil.org", "/\\evil.org", "/\r\nx: y"])
async def test_no_path_leads_to_another_host(path: str) -> None:
    location = (await call(app, path, headers=[(b"host", b"a.org")])).headers["location"]
    assert location.startswith("https://a.org/")
    assert location.isprintable()


async def test_https_passes() -> None:
    assert (await call(app, scheme="https", headers=[(b"host", b"a.org")])).text == "in"


async def test_a_websocket_is_sent_to_wss_where_the_server_can_say_so() -> None:
    fields = [(b"host", b"a.org")]
    response = await call(app, kind="websocket", scheme="ws", headers=fields, extensions=DENIAL)
    assert (response.status, response.headers["location"]) == (307, "wss://a.org/")
    closed = await call(app, kind="websocket", scheme="ws", headers=fields)
    assert [message["type"] for message in closed.messages] == ["websocket.close"]


async def test_a_secure_websocket_passes() -> None:
    response = await call(app, kind="websocket", scheme="wss", extensions=DENIAL)
    assert response.text == "in"


async def test_without_a_scheme_it_is_the_plain_one() -> None:
    assert (await call(app, headers=[(b"host", b"a.org")])).status == 307


async def test_without_a_host_no_plain_http_gets_through() -> None:
    response = await call(app, server=None)
    assert (response.status, response.text) == (400, "Invalid host header")


async def test_a_lifespan_passes() -> None:
    assert (await call(app, kind="lifespan")).status == 200
