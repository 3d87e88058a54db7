"""`CancelOnDisconnect` and `cancel_on_disconnect=`: what is cancelled when a client leaves, and what is not."""

import logging
import pickle
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import anyio
import pytest

from signette.app import App, Router
from signette.background import BackgroundTasks
from signette.cbv import cbv
from signette.declarative.errors.base import SignatureError
from signette.declarative.policies.base import Off, Policy
from signette.declarative.policies.concurrency import Concurrency
from signette.declarative.policies.deadline import Deadline
from signette.declarative.policies.disconnect import CancelOnDisconnect
from signette.declarative.policies.exchange import Exchange
from signette.declarative.policies.idempotent import Idempotent
from signette.declarative.signature.marker_functions import Depends
from signette.requests import Request
from signette.responses.plain import PlainTextResponse
from signette.responses.streaming import StreamingResponse
from signette.routing.route import Route
from signette.testclient import AsyncTestClient
from signette.websockets import WebSocket
from tests.asgi import DISCONNECT, JSON, Message, body_of, exchange, fetch, scope_of
from tests.connected import connected
from tests.declarative.policies.test_deadline import never
from tests.test_cli_servers import SERVERS, read_until, running

pytestmark = pytest.mark.either_loop

EMPTY = body_of()


def cancelling(log: list[Any], **options: Any) -> App:
    """An application whose endpoint never returns, with a dependency."""
    app = App(cancel_on_disconnect=True, **options)

    async def session() -> AsyncIterator[str]:
        try:
            yield "session"
        except BaseException as exc:
            log.append(f"session: {'cancelled' if isinstance(exc, anyio.get_cancelled_exc_class()) else exc}")
            raise
        finally:
            log.append("closed")

    async def wait() -> None:
        try:
            await never()
        finally:
            log.append("endpoint")

    @app.get("/")
    async def read(session: Annotated[str, Depends(session)]) -> None:
        await wait()

    @app.post("/")
    async def create(session: Annotated[str, Depends(session)], order: dict[str, int]) -> None:
        log.append(order)
        await wait()

    @app.post("/raw")
    async def create_raw(session: Annotated[str, Depends(session)]) -> None:
        await wait()

    return app


ENDED = ["endpoint", "session: cancelled", "closed"]


async def test_the_endpoint_is_cancelled_and_nothing_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    log: list[Any] = []
    caplog.set_level(logging.DEBUG, "signette.policies")
    found = await exchange(cancelling(log), scope_of(), *EMPTY, DISCONNECT)
    assert (found.messages, found.error, log) == ([], None, ENDED)
    (record,) = [each for each in caplog.records if each.name == "signette.policies"]
    assert (record.levelname, record.getMessage().partition(": ")[0]) == (
        "DEBUG",
        "the client left, and the endpoint was cancelled",
    )


async def test_the_body_is_read_before_the_client_is_watched() -> None:
    log: list[Any] = []
    found = await exchange(cancelling(log), scope_of("/", "POST", headers=JSON), *body_of(b'{"a"', b": 1}"), DISCONNECT)
    assert (found.messages, found.error, log) == ([], None, [{"a": 1}, *ENDED])


async def test_a_client_that_leaves_during_the_upload_ends_the_request() -> None:
    log: list[Any] = []
    headers = {**JSON, "content-length": "8"}
    found = await exchange(cancelling(log), scope_of("/", "POST", headers=headers), body_of(b"{", b"}")[0], DISCONNECT)
    assert (found.messages, found.error, log) == ([], None, [])


async def test_a_body_that_is_not_read_is_left_alone() -> None:
    app, log = App(cancel_on_disconnect=True), []

    @app.put("/")
    async def replace(request: Request) -> str:
        await anyio.wait_all_tasks_blocked()
        log.append(found.receives)
        return "done"

    async def run() -> None:
        scope = scope_of("/", "PUT", headers={"content-length": "1"})
        async with connected(recorded, scope) as client:
            assert (await client.message())["status"] == 200

    found = type("Counted", (), {"receives": 0})

    async def recorded(scope: Any, receive: Any, send: Any) -> None:
        async def counting() -> Message:
            found.receives += 1
            message: Message = await receive()
            return message

        await app(scope, counting, send)

    await run()
    assert log == [0]


async def test_what_was_read_ahead_reaches_the_endpoint() -> None:
    # As with HTTP/2, which needs no `Content-Length`.
    app = App(cancel_on_disconnect=True)

    @app.post("/")
    async def create(request: Request) -> str:
        await anyio.wait_all_tasks_blocked()  # it is read ahead
        return f"{(await request.body()).decode()} {await request.is_disconnected()}"

    found = await exchange(app, scope_of("/", "POST"), *body_of(b"a", b"b", b"c"))
    assert found.text == "abc False"


async def test_the_endpoint_can_wait_for_the_body_while_it_is_watched() -> None:
    app = App(cancel_on_disconnect=True)

    @app.post("/")
    async def create(request: Request) -> str:
        return (await request.body()).decode()

    assert (await fetch(app, "POST /", b"ab")).text == "ab"


async def test_the_endpoint_that_listens_itself_learns_of_the_disconnect() -> None:
    app, log = App(cancel_on_disconnect=True), []

    @app.get("/")
    async def read(request: Request) -> None:
        with anyio.CancelScope(shield=True):
            log.extend([(await request.receive())["type"], (await request.receive())["type"]])

    assert (await exchange(app, scope_of(), *EMPTY, DISCONNECT)).messages == []
    assert log == ["http.request", "http.disconnect"]


async def test_a_response_of_a_cancelled_endpoint_is_not_sent() -> None:
    app = App(cancel_on_disconnect=True)

    @app.get("/")
    async def read() -> str:
        try:
            await never()
        except BaseException:  # noqa: BLE001 - what an endpoint should not do
            return "late"
        return ""

    found = await exchange(app, scope_of(), *EMPTY, DISCONNECT)
    assert (found.messages, found.error) == ([], None)


async def test_background_tasks_run_on_after_the_response() -> None:
    app, log = App(cancel_on_disconnect=True), []

    @app.get("/")
    async def read(tasks: BackgroundTasks) -> str:
        async def later() -> None:
            await anyio.wait_all_tasks_blocked()  # the watcher has seen that the client has left
            log.append("ran")

        tasks.add_task(later)
        await anyio.wait_all_tasks_blocked()
        return "sent"

    assert (await fetch(app, "GET /")).text == "sent"
    assert log == ["ran"]


async def test_exceptions_and_results_are_those_of_the_endpoint() -> None:
    app = App(cancel_on_disconnect=True)

    @app.get("/{what}")
    async def read(what: str) -> str:
        await anyio.lowlevel.checkpoint()
        if what == "error":
            raise ValueError("failed")
        return what

    assert (await fetch(app, "GET /a")).text == "a"
    assert (await fetch(app, "HEAD /a")).status == 200
    with pytest.raises(ValueError, match="failed"):
        await fetch(app, "GET /error")


@pytest.mark.parametrize("policies", [[Deadline(60)], [Concurrency(1)], [Idempotent()]], ids=repr)
async def test_it_works_with_other_policies(policies: list[Any]) -> None:
    log: list[Any] = []
    app = cancelling(log, policies=policies)
    headers = {**JSON, "idempotency-key": "1"}
    for _ in range(2):  # the first one leaves nothing locked
        log.clear()
        found = await exchange(app, scope_of("/", "POST", headers=headers), *body_of(b'{"a": 1}'), DISCONNECT)
        assert (found.messages, found.error, log) == ([], None, [{"a": 1}, *ENDED])


class Signed(Policy):
    """Reads the body before the endpoint does."""

    reads_body = True

    def guard(self) -> Callable[..., Any]:
        async def check(exchange: Exchange) -> None:
            await exchange.body()

        return check


@pytest.mark.parametrize("path", ["/", "/raw"])
async def test_a_body_that_a_policy_reads_ahead_is_followed_by_the_watcher(path: str) -> None:
    log: list[Any] = []
    app = cancelling(log, policies=[Signed()])
    found = await exchange(app, scope_of(path, "POST", headers=JSON), *body_of(b'{"a"', b": 1}"), DISCONNECT)
    assert (found.messages, found.error, log) == ([], None, [{"a": 1}, *ENDED] if path == "/" else ENDED)


async def test_the_test_client_of_a_cancelled_request_disconnects() -> None:
    log: list[Any] = []
    app = cancelling(log)
    async with AsyncTestClient(app) as client:
        with anyio.move_on_after(0.01):
            await client.get("/")
    assert log == ENDED


# -- where it is declared ----------------------------------------------------------------------------------------------


def note_of(route: Any) -> str:
    return "\n".join(line for line in str(route.explain()).splitlines() if "policy" in line)


async def streamed() -> AsyncIterator[str]:
    yield "a"


def sync() -> str:
    return "sync"


async def plain() -> str:
    return "plain"


async def test_it_is_inherited_and_removed() -> None:
    router = Router(prefix="/in", cancel_on_disconnect=True)
    router.get("/on")(plain)
    router.get("/off", cancel_on_disconnect=False)(plain)
    outer = Router(cancel_on_disconnect=False)
    outer.include_router(router)
    app = App(cancel_on_disconnect=True)
    app.include_router(outer)
    app.get("/shared")(plain)
    app.get("/not", policies=[Off(CancelOnDisconnect)])(plain)
    app.get("/again", cancel_on_disconnect=True, policies=[CancelOnDisconnect()])(plain)
    found = {route.path: note_of(route).strip() for route in app.routes if route.name == "plain"}
    assert found == {
        "/in/on": "policy   CancelOnDisconnect() of the router /in",
        "/in/off": "",
        "/shared": "policy   CancelOnDisconnect() of the application",
        "/not": "",
        "/again": "policy   CancelOnDisconnect()",
    }
    for path in found:
        assert (await fetch(app, f"GET {path}")).text == "plain"


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [
        (sync, "the endpoint is sync, and a worker thread cannot be cancelled"),
        (streamed, "the response is a stream, which ends when the client disconnects, in any case"),
    ],
)
async def test_where_it_cannot_apply_a_shared_one_is_left_out_and_an_own_one_rejected(
    endpoint: Callable[..., Any], reason: str
) -> None:
    app = App(cancel_on_disconnect=True)
    app.get("/")(endpoint)
    assert f"CancelOnDisconnect() of the application   not applied: {reason}" in note_of(app.routes[-1])
    assert (await fetch(app, "GET /")).status == 200
    with pytest.raises(SignatureError, match=reason):
        App().get("/", cancel_on_disconnect=True)(endpoint)


async def test_a_websocket_has_its_own_disconnects() -> None:
    async def talk(websocket: WebSocket) -> None: ...

    App(cancel_on_disconnect=True).websocket("/")(talk)
    with pytest.raises(SignatureError, match="does not apply to WebSockets"):
        App().add_api_websocket_route("/", talk, cancel_on_disconnect=True)  # type: ignore[call-arg]


@pytest.mark.parametrize("make", [App, Router])
def test_only_true_and_false_are_values(make: Callable[..., Any]) -> None:
    with pytest.raises(SignatureError, match="`cancel_on_disconnect=` must be `True` or `False`, got `int`"):
        make(cancel_on_disconnect=1)
    with pytest.raises(SignatureError, match="`cancel_on_disconnect=` must be `True` or `False`, got `str`"):
        make().get("/", cancel_on_disconnect="yes")(plain)
    with pytest.raises(SignatureError, match="must be a list of policies"):
        make().get("/", cancel_on_disconnect=True, policies="all")(plain)


def test_outgoing_requests_have_no_client() -> None:
    with pytest.raises(SignatureError, match="has no effect on a webhook or callback"):
        App().webhooks.post("new", cancel_on_disconnect=True)(plain)


async def test_routes_of_the_toolkit_and_views_are_cancelled_too() -> None:
    log: list[str] = []

    async def starlike(request: Request) -> PlainTextResponse:
        try:
            await never()
        finally:
            log.append("route")
        return PlainTextResponse("")

    router = Router()

    @cbv(router)
    class View:
        @router.get("/view")
        async def read(self) -> None:
            try:
                await never()
            finally:
                log.append("view")

    app = App(routes=[Route("/plain", starlike)], cancel_on_disconnect=True)
    app.include_router(router)
    for path in ("/plain", "/view"):
        found = await exchange(app, scope_of(path), *EMPTY, DISCONNECT)
        assert (found.messages, found.error) == ([], None)
    assert log == ["route", "view"]


async def test_a_stream_that_is_returned_ends_as_without_it() -> None:
    app, log = App(cancel_on_disconnect=True), []

    async def chunks() -> AsyncIterator[bytes]:
        try:
            yield b"a"
            await never()
        finally:
            log.append("stream")

    @app.get("/")
    async def read() -> StreamingResponse:
        return StreamingResponse(chunks())

    async with connected(app, scope_of(version="2.3")) as client:
        assert [(await client.message())["type"] for _ in range(2)] == ["http.response.start", "http.response.body"]
    assert log == ["stream"]


def test_an_application_with_it_can_be_pickled() -> None:
    pickle.loads(pickle.dumps(CancelOnDisconnect()))


# -- over real sockets -------------------------------------------------------------------------------------------------


LEAVING = """
import anyio
from signette import App

app = App(cancel_on_disconnect=True)


async def wait(name):
    print(name, "begun", flush=True)
    try:
        await anyio.sleep_forever()
    finally:
        print(name, "cancelled", flush=True)


@app.get("/")
async def read() -> None:
    await wait("read")


@app.post("/")
async def create(order: dict[str, int]) -> None:
    await wait("create")


@app.get("/livez")
async def livez() -> None: ...
"""


@pytest.mark.slow
@pytest.mark.parametrize("server", SERVERS)
def test_servers_report_that_clients_leave(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "leaving_shop.py").write_text(LEAVING)
    monkeypatch.chdir(tmp_path)
    with running("leaving_shop:app", "--server", server) as (process, port):
        for request, name in (
            (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "read"),
            (
                b'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"a": 1}',
                "create",
            ),
        ):
            with closing(socket.create_connection(("127.0.0.1", port))) as client:
                client.sendall(request)
                read_until(process.stdout, f"{name} begun")
            read_until(process.stdout, f"{name} cancelled")
        process.terminate()
        _, err = process.communicate(timeout=30)
    assert "Traceback" not in err
