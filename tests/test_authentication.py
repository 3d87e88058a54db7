"""`requires`, and the users and scopes of requests."""

import functools
import inspect
from typing import Any

import pytest

from signette.app import App
from signette.applications import Application
from signette.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    BaseUser,
    SimpleUser,
    UnauthenticatedUser,
    has_required_scope,
    requires,
)
from signette.connection import HTTPConnection
from signette.requests import Request
from signette.responses.plain import PlainTextResponse
from signette.routing.route import Route
from signette.routing.websocket import WebSocketRoute
from tests.asgi import Exchange, call


async def ask(endpoint: Any, *scopes: str, **options: Any) -> Exchange:
    """One request of a client that has these scopes."""
    routes = [Route("/", endpoint), Route("/log-in", hello, name="login")]
    scope = {"auth": AuthCredentials(scopes), "server": ("a.org", 80), "scheme": "http", **options}
    return await call(Application(routes=routes), **scope)


async def hello(request: Any) -> Any:
    return PlainTextResponse("hello")


def hello_sync(request: Any) -> Any:
    return PlainTextResponse("hello")


class Greeter:
    async def hello(self, request: Any) -> Any:
        return PlainTextResponse("hello")


ENDPOINTS = [hello, hello_sync]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_a_client_with_the_scope_is_allowed(endpoint: Any) -> None:
    assert (await ask(requires("read")(endpoint), "read", "more")).text == "hello"


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("has", [(), ("read",), ("write",)])
async def test_a_client_without_the_scope_is_rejected(endpoint: Any, has: tuple[str, ...]) -> None:
    response = await ask(requires(["read", "write"])(endpoint), *has)
    assert (response.status, response.text) == (403, "Forbidden")
    assert (await ask(requires(["read", "write"], status_code=404)(endpoint), *has)).status == 404


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_or_sent_to_a_route_that_knows_where_to_return(endpoint: Any) -> None:
    response = await ask(requires("read", redirect="login")(endpoint), query_string=b"a=1&b=2")
    assert response.status == 303
    assert response.headers["location"] == "http://a.org/log-in?next=http%3A%2F%2Fa.org%2F%3Fa%3D1%26b%3D2"


async def test_a_method_of_a_class_can_require_too() -> None:
    endpoint = requires("read")(Greeter.hello)
    limit = functools.partial(endpoint, Greeter())
    assert [(await ask(limit, *has)).status for has in ((), ("read",))] == [403, 200]


async def test_a_websocket_is_closed() -> None:
    @requires("read")
    async def endpoint(websocket: Any) -> None:
        await websocket.accept()

    app = Application(routes=[WebSocketRoute("/", endpoint)])
    rejected = await call(app, kind="websocket", auth=AuthCredentials())
    assert [message["type"] for message in rejected.messages] == ["websocket.close"]
    accepted = await call(app, kind="websocket", auth=AuthCredentials(["read"]))
    assert accepted.messages[0]["type"] == "websocket.accept"


async def test_a_typed_endpoint_keeps_its_signature() -> None:
    app = App()

    @app.get("/{number}")
    @requires("read")
    async def endpoint(number: int, request: Request) -> int:
        return number + 1

    assert (await call(app, "/3", auth=AuthCredentials(["read"]))).text == "4"
    assert (await call(app, "/3", auth=AuthCredentials())).status == 403


@pytest.mark.parametrize("endpoint", [hello, hello_sync])
def test_the_endpoint_keeps_its_name_and_signature(endpoint: Any) -> None:
    guarded = requires("read")(endpoint)
    assert guarded.__name__ == endpoint.__name__
    assert inspect.iscoroutinefunction(guarded) == inspect.iscoroutinefunction(endpoint)


def test_decorating_a_function_without_a_connection_raises() -> None:
    def endpoint(number: int) -> None: ...

    with pytest.raises(TypeError, match=r'^No "request" or "websocket" argument on function "<function .*endpoint'):
        requires("read")(endpoint)


async def test_without_the_middleware_the_error_names_it() -> None:
    response = await call(Application(routes=[Route("/", requires("read")(hello))]))
    assert "AuthenticationMiddleware must be installed to access request.auth" in str(response.error)


@pytest.mark.parametrize(
    ("has", "wanted", "expected"),
    [([], [], True), (["a"], [], True), (["a", "b"], ["b"], True), (["a"], ["a", "b"], False), ([], ["a"], False)],
)
def test_all_scopes_have_to_be_there(has: list[str], wanted: list[str], expected: bool) -> None:
    conn: Any = HTTPConnection({"type": "http", "auth": AuthCredentials(has)})
    assert has_required_scope(conn, wanted) is expected


def test_users_have_a_name_and_an_identity() -> None:
    known, unknown = SimpleUser("ada"), UnauthenticatedUser()
    assert (known.is_authenticated, known.display_name, known.identity) == (True, "ada", "ada")
    assert (unknown.is_authenticated, unknown.display_name, unknown.identity) == (False, "", "")
    assert AuthCredentials().scopes == []
    assert AuthCredentials(("a", "b")).scopes == ["a", "b"]


@pytest.mark.parametrize("name", ["is_authenticated", "display_name", "identity"])
def test_a_users_facts_are_for_subclasses_to_write(name: str) -> None:
    with pytest.raises(NotImplementedError):
        getattr(BaseUser(), name)


async def test_so_is_a_backend() -> None:
    with pytest.raises(NotImplementedError):
        await AuthenticationBackend().authenticate(HTTPConnection({"type": "http"}))
