"""WebSocket endpoints: values of the connection, dependencies, and what a rejection looks like."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any

import pytest

from signette.app import App, Router
from signette.background import BackgroundTasks
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.marker_functions import Depends, Security
from signette.declarative.signature.markers import Cookie, Header, Query
from signette.exceptions import ClientDisconnect, HTTPException, WebSocketException
from signette.requests import HTTPConnection
from signette.responses.plain import Response
from signette.websockets import WebSocket, WebSocketDisconnect
from tests.asgi import connect


async def talk(app: App, path: str, headers: dict[str, str] | None = None, extensions: Any = None) -> list[Any]:
    """All that an application sends to a socket whose client says one text and leaves."""
    target, _, query = path.partition("?")
    hello = {"type": "websocket.receive", "text": "hello"}
    scope = {"query_string": query.encode(), "extensions": extensions or {}}
    return (await connect(app, target, hello, headers=headers or {}, **scope)).or_raise().messages


async def member(token: Annotated[str, Query(min_length=3)]) -> str:
    return token


def app_with_room() -> App:
    app = App()

    @app.websocket("/rooms/{room}")
    async def chat(
        socket: WebSocket,
        room: int,
        member: Annotated[str, Depends(member)],
        x_lang: Annotated[str, Header()] = "en",
        sid: Annotated[str | None, Cookie()] = None,
    ) -> None:
        await socket.accept()
        await socket.send_text(f"{member} in {room} {x_lang} {sid}: {await socket.receive_text()}")
        await socket.close()

    return app


async def test_values_and_dependencies_are_read_as_for_requests() -> None:
    sent = await talk(app_with_room(), "/rooms/3?token=abc", {"x-lang": "de", "cookie": "sid=s"})
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.send", "websocket.close"]
    assert sent[1]["text"] == "abc in 3 de s: hello"


async def test_invalid_values_close_the_socket() -> None:
    sent = await talk(app_with_room(), "/rooms/x?token=a")
    assert [message["type"] for message in sent] == ["websocket.close"]
    assert sent[0]["code"] == 1008
    assert len(sent[0].get("reason", "").encode()) <= 123


async def test_invalid_values_are_reported_where_the_server_supports_denials() -> None:
    sent = await talk(app_with_room(), "/rooms/x?token=a", extensions={"websocket.http.response": {}})
    assert [message["type"] for message in sent] == ["websocket.http.response.start", "websocket.http.response.body"]
    assert sent[0]["status"] == 422
    assert (b"content-type", b"application/problem+json") in sent[0]["headers"]
    assert b"int_parsing" in sent[1]["body"]
    assert b"string_too_short" in sent[1]["body"]


async def test_a_guard_rejects_the_handshake() -> None:
    app = App()

    async def guard(authorization: Annotated[str | None, Header()] = None) -> str:
        if authorization is None:
            raise HTTPException(401)
        return authorization

    @app.websocket("/")
    async def endpoint(socket: WebSocket, who: Annotated[str, Security(guard)]) -> None:
        await socket.accept()
        await socket.close(reason=who)

    assert (await talk(app, "/"))[0]["type"] == "websocket.close"
    assert (await talk(app, "/", extensions={"websocket.http.response": {}}))[0]["status"] == 401
    assert (await talk(app, "/", {"authorization": "me"}))[-1]["reason"] == "me"


async def test_a_dependency_may_close_the_socket_with_its_own_code() -> None:
    app = App()

    async def rejects() -> None:
        raise WebSocketException(4001, "not you")

    @app.websocket("/", dependencies=[Depends(rejects)])
    async def endpoint(socket: WebSocket) -> None: ...

    assert await talk(app, "/") == [{"type": "websocket.close", "code": 4001, "reason": "not you"}]


async def test_dependencies_of_all_levels_apply_to_sockets_too() -> None:
    calls: list[str] = []

    async def note(connection: HTTPConnection) -> None:
        calls.append(connection.scope["type"])

    app, router = App(dependencies=[Depends(note)]), Router(prefix="/in")

    @router.websocket("/{n}")
    async def endpoint(socket: WebSocket, n: int) -> None:
        await socket.accept()
        await socket.send_json(n)

    app.include_router(router)
    sent = await talk(app, "/in/3")
    assert (sent[1]["text"], calls) == ("3", ["websocket"])


@pytest.mark.parametrize("scope", ["request", "function"])
async def test_generators_are_left_when_the_socket_is_done(scope: Any) -> None:
    seen: list[str] = []

    async def session() -> AsyncIterator[str]:
        seen.append("enter")
        try:
            yield "session"
        finally:
            seen.append("leave")

    app = App()

    @app.websocket("/")
    async def endpoint(socket: WebSocket, session: Annotated[str, Depends(session, scope=scope)]) -> None:
        await socket.accept()
        seen.append(await socket.receive_text())
        await socket.receive_text()  # raises: the client has left

    await talk(app, "/")
    assert seen == ["enter", "hello", "leave"]


async def test_overrides_count_for_sockets() -> None:
    app = app_with_room()

    async def tester() -> str:
        return "tester"

    with app.override(member, tester):
        assert (await talk(app, "/rooms/1"))[1]["text"] == "tester in 1 en None: hello"
    assert (await talk(app, "/rooms/1"))[0]["type"] == "websocket.close"


# -- background tasks --------------------------------------------------------------------------------------------------


class _Boom(Exception):
    """An error of the endpoint."""


ENDS: dict[str, Any] = {
    "returns": lambda: None,
    "left by the client": lambda: WebSocketDisconnect(1001),
    "left in a task group": lambda: ExceptionGroup("", [WebSocketDisconnect(1001)]),
    "the client has gone": ClientDisconnect,
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("scope", ["request", "function"])
async def test_background_tasks_run_when_the_socket_has_ended(end: Any, scope: Any) -> None:
    app, log = App(), []

    async def write(entry: str) -> None:
        log.append(entry)

    def dependency(tasks: BackgroundTasks) -> None:
        tasks.add_task(write, "of the dependency")

    async def session() -> AsyncIterator[None]:
        try:
            yield
        finally:
            log.append("closed")

    @app.websocket("/", dependencies=[Depends(session, scope=scope), Depends(dependency)])
    async def endpoint(socket: WebSocket, after: BackgroundTasks) -> None:
        await socket.accept()
        after.add_task(log.append, "of the endpoint")
        log.append("ends")
        if (error := end()) is not None:
            raise error

    await talk(app, "/")
    tasks = ["of the dependency", "of the endpoint"]
    assert log == (["ends", *tasks, "closed"] if scope == "request" else ["ends", "closed", *tasks])


@pytest.mark.parametrize("error", [_Boom(), WebSocketException(1008), HTTPException(403)])
async def test_they_do_not_if_the_endpoint_fails(error: Exception) -> None:
    app, log = App(), []

    @app.websocket("/")
    async def endpoint(socket: WebSocket, after: BackgroundTasks) -> None:
        after.add_task(log.append, "done")
        raise error

    with suppress(_Boom):
        await talk(app, "/")
    assert log == []


async def test_a_rejected_handshake_has_no_background_tasks() -> None:
    app, log = App(), []

    def reject() -> None:
        raise ClientDisconnect

    @app.websocket("/", dependencies=[Security(reject)])
    async def endpoint(socket: WebSocket, after: BackgroundTasks) -> None:
        log.append("never")

    await talk(app, "/")
    assert log == []


async def test_a_background_task_that_fails_is_logged_with_its_socket(caplog: pytest.LogCaptureFixture) -> None:
    app, log = App(), []

    def fails() -> None:
        raise _Boom

    @app.websocket("/chat")
    async def endpoint(socket: WebSocket, after: BackgroundTasks) -> None:
        after.add_task(fails)
        after.add_task(log.append, "next")
        await socket.close()

    with pytest.raises(_Boom):
        await talk(app, "/chat")
    assert log == ["next"]
    assert "after websocket '/chat'" in caplog.text


@pytest.mark.parametrize("inside", [True, False])
def test_a_response_parameter_is_rejected_wherever_a_socket_would_need_it(inside: bool) -> None:
    app = App()

    def dependency(response: Response) -> None: ...

    async def endpoint(socket: WebSocket, response: Response | None = None) -> None: ...

    async def depending(socket: WebSocket, dependency: Annotated[None, Depends(dependency)]) -> None: ...

    with pytest.raises(SignatureError, match="which sends no response"):
        app.websocket("/")(depending if inside else endpoint)
