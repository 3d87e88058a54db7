"""Connections and requests: the attributes of the scope."""

from collections.abc import Mapping
from typing import Any

import pytest

from signette.datastructures.headers import Headers
from signette.datastructures.url import URL, URLPath
from signette.requests import HTTPConnection, Request, cookie_parser
from signette.types import Message
from signette.websockets import WebSocket


def scope_with(**values: Any) -> dict[str, Any]:
    return {"type": "http", "method": "GET", "path": "/", "headers": [], **values}


def test_a_connection_is_a_mapping_over_its_scope() -> None:
    scope = scope_with(path="/here")
    connection = HTTPConnection(scope)
    assert isinstance(connection, Mapping)
    assert connection["path"] == "/here"
    assert dict(connection) == scope
    assert len(connection) == len(scope)
    assert "method" in connection
    with pytest.raises(KeyError):
        connection["app"]


def test_a_connection_equals_only_itself_and_can_be_a_key() -> None:
    scope = scope_with()
    one, two = Request(scope), Request(scope)
    assert one == one  # noqa: PLR0124 - the point
    assert one != two
    assert len({one, two, one}) == 2


@pytest.mark.parametrize(
    ("connection", "kind"), [(HTTPConnection, "lifespan"), (Request, "websocket"), (WebSocket, "http")]
)
def test_a_scope_of_another_type_is_rejected(connection: Any, kind: str) -> None:
    with pytest.raises(AssertionError, match=kind):
        connection({"type": kind}, None, None) if connection is WebSocket else connection({"type": kind})


def test_a_minimal_scope_will_do() -> None:
    request = Request({"type": "http"})
    assert request.headers == Headers()
    assert dict(request.query_params) == {}
    assert request.cookies == {}
    assert request.path_params == {}
    assert request.client is None
    assert isinstance(request.url, URL)
    assert isinstance(request.base_url, URL)
    assert request.state._state == {}


def test_attributes_have_the_values_of_the_scope() -> None:
    request = Request(
        scope_with(
            method="POST",
            scheme="https",
            path="/shop/items",
            query_string=b"a=1&a=2",
            headers=[(b"host", b"example.org"), (b"x-one", b"1")],
            client=("192.0.2.1", 4711),
            path_params={"item": 3},
            app="the app",
        )
    )
    assert request.method == "POST"
    assert request.url == "https://example.org/shop/items?a=1&a=2"
    assert request.headers["X-One"] == "1"
    assert request.query_params.getlist("a") == ["1", "2"]
    assert request.path_params == {"item": 3}
    assert request.client is not None
    assert (request.client.host, request.client.port) == ("192.0.2.1", 4711)
    assert request.app == "the app"


@pytest.mark.parametrize("name", ["url", "base_url", "headers", "query_params", "cookies", "state"])
def test_an_attribute_is_made_once(name: str) -> None:
    request = Request(scope_with(headers=[(b"cookie", b"a=1")]))
    assert getattr(request, name) is getattr(request, name)


@pytest.mark.parametrize(
    ("scope", "base"),
    [
        ({"path": "/a"}, "http://example.org/"),
        ({"path": "/root/a", "root_path": "/root"}, "http://example.org/root/"),
        ({"path": "/root/a", "root_path": "/root/"}, "http://example.org/root/"),
        ({"path": "/app/m/a", "root_path": "/app/m", "app_root_path": "/app"}, "http://example.org/app/"),
        ({"path": "/m/a", "root_path": "/m", "app_root_path": ""}, "http://example.org/"),
    ],
)
def test_the_base_url_is_where_the_application_is_mounted(scope: dict[str, Any], base: str) -> None:
    request = Request(scope_with(headers=[(b"host", b"example.org")], query_string=b"a=1", **scope))
    assert request.base_url == base


def test_cookies_of_several_fields_are_merged_and_the_last_value_wins() -> None:
    request = Request(scope_with(headers=[(b"cookie", b"a=1; b=2"), (b"x", b"y"), (b"cookie", b"a=3; c=4")]))
    assert request.cookies == {"a": "3", "b": "2", "c": "4"}


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        ("a=1; b=2", {"a": "1", "b": "2"}),
        ("a=b=c", {"a": "b=c"}),
        ('a="x\\"y"', {"a": 'x"y'}),
        ("no-name", {"": "no-name"}),
        (";;", {}),
        ("", {}),
    ],
)
def test_cookies_are_read_leniently(header: str, cookies: dict[str, str]) -> None:
    assert cookie_parser(header) == cookies
    assert Request(scope_with(headers=[(b"cookie", header.encode())])).cookies == cookies


@pytest.mark.parametrize(
    ("name", "middleware"),
    [("session", "SessionMiddleware"), ("auth", "AuthenticationMiddleware"), ("user", "AuthenticationMiddleware")],
)
def test_the_error_for_a_missing_middleware_names_it(name: str, middleware: str) -> None:
    with pytest.raises(AssertionError, match=f"{middleware} must be installed to access request.{name}"):
        getattr(Request(scope_with()), name)
    assert getattr(Request(scope_with(**{name: "there"})), name) == "there"


def test_state_is_shared_by_all_connections_of_a_scope() -> None:
    scope = scope_with(state={"begun": 1})
    Request(scope).state.more = 2
    assert Request(scope).state.begun == 1
    assert Request(scope).state.more == 2
    assert scope["state"] == {"begun": 1, "more": 2}
    with pytest.raises(AttributeError):
        _ = Request(scope).state.missing


class Router:
    def __init__(self, path: str) -> None:
        self.path = path

    def url_path_for(self, name: str, /, **params: Any) -> URLPath:
        return URLPath(self.path.format(name=name, **params))


def test_url_for_asks_the_router_and_else_the_application() -> None:
    scope = scope_with(headers=[(b"host", b"example.org")], root_path="/root", path="/root/")
    both = Request(scope | {"router": Router("/r/{name}/{id}"), "app": Router("/a")})
    assert both.url_for("item", id=3) == "http://example.org/root/r/item/3"
    assert Request(scope | {"app": Router("/a/{name}")}).url_for("x") == "http://example.org/root/a/x"


def test_url_for_outside_of_an_application_raises() -> None:
    with pytest.raises(RuntimeError, match="can only be used inside a signette application or with a router"):
        Request(scope_with()).url_for("x")


async def test_a_request_without_receive_and_send_raises() -> None:
    request = Request(scope_with(extensions={"http.response.push": {}}))
    with pytest.raises(RuntimeError, match="Receive channel has not been made available"):
        await request.body()
    with pytest.raises(RuntimeError, match="Send channel has not been made available"):
        await request.send_push_promise("/x")


class Server:
    def __init__(self) -> None:
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        raise AssertionError("nothing is to be received")

    async def send(self, message: Message) -> None:
        self.sent.append(message)


async def test_a_push_promise_carries_the_headers_that_matter_to_caches() -> None:
    server = Server()
    headers = [(b"user-agent", b"u"), (b"cookie", b"secret"), (b"accept", b"a"), (b"accept", b"b")]
    scope = scope_with(headers=headers, extensions={"http.response.push": {}})
    await Request(scope, server.receive, server.send).send_push_promise("/style.css")
    assert server.sent == [
        {
            "type": "http.response.push",
            "path": "/style.css",
            "headers": [(b"accept", b"a"), (b"accept", b"b"), (b"user-agent", b"u")],
        }
    ]


async def test_early_hints_are_links() -> None:
    server = Server()
    scope = scope_with(extensions={"http.response.early_hint": {}})
    await Request(scope, server.receive, server.send).send_early_hints("</a>; rel=preload", "</b>")
    assert server.sent == [{"type": "http.response.early_hint", "links": [b"</a>; rel=preload", b"</b>"]}]


@pytest.mark.parametrize("link", ["a\r\nb", "a\nb", "a\0b", "\N{EURO SIGN}"])
async def test_a_link_with_invalid_characters_is_rejected(link: str) -> None:
    server = Server()
    scope = scope_with(extensions={"http.response.early_hint": {}})
    with pytest.raises(ValueError):  # noqa: PT011 - of two kinds: broken, or no latin-1
        await Request(scope, server.receive, server.send).send_early_hints("</a>", link)
    assert server.sent == []


async def test_nothing_is_sent_if_the_server_has_no_extension() -> None:
    server = Server()
    for scope in (scope_with(), scope_with(extensions={})):
        request = Request(scope, server.receive, server.send)
        await request.send_push_promise("/x")
        await request.send_early_hints("</a>")
    assert server.sent == []
