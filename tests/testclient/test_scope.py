"""The scope of a request of both clients."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.testclient import TestClient
from signette.testclient._httpx import httpx
from signette.testclient.target import as_single_callable
from signette.types import Receive, Scope, Send


class Recorder:
    """Responds with 200 and records the scope."""

    scope: Scope

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def scope_of(url: str, method: str = "GET", request: dict[str, Any] | None = None, **client: Any) -> Scope:
    app = Recorder()
    TestClient(app, **client).request(method, url, **(request or {}))
    return app.scope


def test_a_request_makes_the_scope_of_a_server() -> None:
    assert scope_of("/a%20b?x=1&y=%C3%A9") == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/a b",
        "raw_path": b"/a%20b",
        "root_path": "",
        "query_string": b"x=1&y=%C3%A9",
        "headers": [
            (b"host", b"testserver"),
            (b"accept", b"*/*"),
            (b"accept-encoding", httpx.Client().headers["accept-encoding"].encode()),
            (b"connection", b"keep-alive"),
            (b"user-agent", b"testclient"),
        ],
        "client": ("testclient", 50000),
        "server": ["testserver", 80],
        "state": {},
        "extensions": {"http.response.debug": {}, "http.response.trailers": {}},
    }


@pytest.mark.parametrize(
    ("url", "scheme", "server", "host"),
    [
        ("https://example.org/", "https", ["example.org", 443], b"example.org"),
        ("https://example.org:8443/", "https", ["example.org", 8443], b"example.org:8443"),
        ("http://[::1]:80/", "http", ["::1", 80], b"[::1]"),
        ("http://[::1]:0/", "http", ["::1", 0], b"[::1]:0"),
        ("https://example.org:0/", "https", ["example.org", 0], b"example.org:0"),
        ("http://bücher.example/", "http", ["xn--bcher-kva.example", 80], b"xn--bcher-kva.example"),
    ],
)
def test_an_absolute_url_sets_scheme_and_server(url: str, scheme: str, server: list[Any], host: bytes) -> None:
    scope = scope_of(url)
    assert (scope["scheme"], scope["server"]) == (scheme, server)
    assert dict(scope["headers"])[b"host"] == host


def test_a_relative_url_starts_at_the_base_url() -> None:
    scope = scope_of("items", base_url="https://shop.example:99/api/v1")
    assert (scope["scheme"], scope["server"]) == ("https", ["shop.example", 99])
    assert scope["path"] == "/api/v1/items"


def test_root_path_and_client_address_are_those_of_the_client() -> None:
    scope = scope_of("/x", root_path="/proxied", client=("192.0.2.7", 1234))
    assert (scope["root_path"], scope["path"], scope["client"]) == ("/proxied", "/x", ("192.0.2.7", 1234))


def test_an_unknown_client_address_is_none() -> None:
    assert scope_of("/", client=None)["client"] is None


def test_header_names_are_lower_case_and_repeated_ones_are_kept() -> None:
    headers = scope_of("/", request={"headers": [("X-A", "1"), ("x-a", "2")]})["headers"]
    assert [pair for pair in headers if pair[0] == b"x-a"] == [(b"x-a", b"1"), (b"x-a", b"2")]


def test_headers_and_cookies_of_the_client_are_sent_with_every_request() -> None:
    headers = dict(scope_of("/", headers={"Authorization": "key", "User-Agent": "me"}, cookies={"a": "1"})["headers"])
    assert (headers[b"authorization"], headers[b"user-agent"], headers[b"cookie"]) == (b"key", b"me", b"a=1")


def test_a_custom_user_agent_is_the_only_one() -> None:
    headers = scope_of("/", headers={"User-Agent": "me"})["headers"]
    assert [value for name, value in headers if name == b"user-agent"] == [b"me"]


@pytest.mark.parametrize("url", ["ftp://example.org/", "ws://example.org/"])
def test_the_error_for_another_scheme_names_it(url: str) -> None:
    scheme = url.partition(":")[0]
    with pytest.raises(httpx.UnsupportedProtocol, match=f"not `{scheme}`"):
        TestClient(Recorder()).get(url)


# A lone dot is a step in the path (RFC 3986 §5.2.4), which httpx takes before anything is sent.
SEGMENTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).filter(lambda text: text not in {".", ".."})


@given(SEGMENTS, st.binary(max_size=20))
def test_every_path_and_query_arrives_as_it_was_quoted(path: str, query: bytes) -> None:
    quoted_path, quoted_query = "/" + quote(path, safe=""), quote(query, safe="")
    request = httpx.Request("GET", f"http://testserver{quoted_path}?{quoted_query}")
    scope = TestClient(Recorder())._app_transport.target.http_scope(request)
    assert scope["path"] == "/" + path
    assert scope["raw_path"] == quoted_path.encode()
    assert scope["query_string"] == quoted_query.encode()


class Two:
    """An ASGI 2 application as a class."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, receive: Receive, send: Send) -> None:
        await Recorder()(self.scope, receive, send)


def two(scope: Scope) -> Any:
    return Two(scope)


@pytest.mark.parametrize("app", [Two, two])
def test_an_application_of_asgi_2_is_called_in_two_steps(app: Any) -> None:
    assert TestClient(app).get("/").status_code == 200


class Endpoint:
    """Like an endpoint class: awaiting an instance sends the response."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.call = scope, receive, send

    def __await__(self) -> Any:
        return Recorder()(*self.call).__await__()


def test_a_class_with_awaitable_instances_is_an_asgi_3_application() -> None:
    assert TestClient(Endpoint).get("/").status_code == 200


def test_a_callable_without_a_signature_is_taken_for_asgi_3() -> None:
    class Unsigned:
        __signature__ = "none"

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    app = Unsigned()
    assert as_single_callable(app) is app


def test_pytest_does_not_collect_the_client() -> None:
    assert TestClient.__test__ is False
