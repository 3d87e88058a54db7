"""Who a client is, for those who ask `request.user` and `request.auth`."""

from typing import Any

import pytest

from signette.app import App
from signette.applications import Application
from signette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, SimpleUser
from signette.middleware.authentication import AuthenticationMiddleware
from signette.middleware.registry import Middleware
from signette.requests import Request
from signette.responses.plain import JSONResponse, PlainTextResponse
from signette.websockets import WebSocket
from tests.asgi import Exchange, call


class ByName(AuthenticationBackend):
    """Believes any name but one."""

    async def authenticate(self, conn: Any) -> Any:
        name = conn.headers.get("authorization")
        if name == "mallory":
            raise AuthenticationError("We know you")
        return None if name is None else (AuthCredentials(["authenticated"]), SimpleUser(name))


async def show(scope: Any, receive: Any, send: Any) -> None:
    request = Request(scope)
    user = request.user
    shown = JSONResponse([type(user).__name__, user.display_name, user.is_authenticated, request.auth.scopes])
    await shown(scope, receive, send)


async def ask(name: str | None, app: Any = show, **options: Any) -> Exchange:
    fields = [] if name is None else [(b"authorization", name.encode())]
    return await call(AuthenticationMiddleware(app, backend=ByName(), **options), headers=fields)


async def test_a_known_client_has_a_user_and_scopes() -> None:
    assert (await ask("ada")).text == '["SimpleUser","ada",true,["authenticated"]]'


async def test_a_client_without_credentials_is_anonymous() -> None:
    assert (await ask(None)).text == '["UnauthenticatedUser","",false,[]]'


async def test_an_error_is_a_400_with_its_text() -> None:
    response = await ask("mallory")
    assert (response.status, response.text) == (400, "We know you")


def sorry(conn: Any, exc: Exception) -> Any:
    return PlainTextResponse(f"{conn.url.path}: {exc}", status_code=401, headers={"www-authenticate": "Name"})


async def sorry_async(conn: Any, exc: Exception) -> Any:
    return sorry(conn, exc)


@pytest.mark.parametrize("on_error", [sorry, sorry_async])
async def test_or_what_is_made_of_it(on_error: Any) -> None:
    response = await ask("mallory", on_error=on_error)
    assert (response.status, response.text, response.headers["www-authenticate"]) == (401, "/: We know you", "Name")


@pytest.mark.parametrize(("app", "media_type"), [(Application, "text/plain"), (App, "application/problem+json")])
async def test_an_application_handles_an_error_as_all_others(app: Any, media_type: str) -> None:
    made = app(middleware=[Middleware(AuthenticationMiddleware, backend=ByName())])
    response = await call(made, headers=[(b"authorization", b"mallory")])
    assert (response.status, response.error) == (400, None)
    assert response.headers["content-type"].startswith(media_type)
    assert "We know you" in response.text


async def test_a_websocket_knows_its_user_and_is_closed_on_an_error() -> None:
    users = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        users.append(WebSocket(scope, receive, send).user.display_name)

    middleware = AuthenticationMiddleware(app, backend=ByName())
    await call(middleware, kind="websocket", headers=[(b"authorization", b"ada")])
    closed = await call(middleware, kind="websocket", headers=[(b"authorization", b"mallory")])
    assert users == ["ada"]
    assert [message["type"] for message in closed.messages] == ["websocket.close"]


async def test_other_exceptions_of_a_backend_are_its_own() -> None:
    class Broken(AuthenticationBackend):
        async def authenticate(self, conn: Any) -> Any:
            raise KeyError("db")

    response = await call(AuthenticationMiddleware(show, backend=Broken()))
    assert isinstance(response.error, KeyError)
    assert response.messages == []


async def test_a_lifespan_passes() -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["type"], "user" in scope))

    await call(AuthenticationMiddleware(app, backend=ByName()), kind="lifespan")
    assert seen == [("lifespan", False)]
