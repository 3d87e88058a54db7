"""`yield` dependencies inside of middleware with `dispatch`: open until it has taken the response."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import anyio
import fastapi
import fastapi.testclient
import pytest

import signette
import signette.testclient
from signette.app import App
from signette.applications import Application
from signette.background import BackgroundTask, BackgroundTasks
from signette.declarative.signature.depends import Depends
from signette.exceptions import HTTPException
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.registry import Middleware
from signette.requests import Request
from signette.responses.plain import PlainTextResponse, Response
from signette.responses.streaming import StreamingResponse
from signette.routing.mount import Mount
from signette.routing.route import Route
from tests.asgi import body_of, call, exchange, scope_of


def session_of(log: list[str], *, in_thread: bool = False) -> Any:
    async def session(request: Request) -> AsyncIterator[str]:
        request.state.session = "open"
        try:
            yield "session"
        except BaseException as exc:
            log.append(f"{type(exc).__name__} in the dependency")
            raise
        finally:
            request.state.session = "closed"
            log.append("closed")

    def session_in_thread(request: Request) -> Iterator[str]:
        request.state.session = "open"
        yield "session"
        request.state.session = "closed"
        log.append("closed")

    return session_in_thread if in_thread else session


def looking(log: list[str], name: str = "dispatch") -> Any:
    async def dispatch(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        for _ in range(9):
            await anyio.lowlevel.checkpoint()
        log.append(f"{name}: {request.state.session}")
        return response

    return dispatch


def app_with(endpoint: Any, session: Any, *dispatches: Any) -> App:
    app = App(middleware=[Middleware(BaseHTTPMiddleware, dispatch=dispatch) for dispatch in dispatches])
    app.get("/", dependencies=[Depends(session)])(endpoint)
    return app


async def value() -> str:
    return "value"


async def response() -> Response:
    return PlainTextResponse("value")


async def stream() -> Response:
    return StreamingResponse([b"va", b"lue"])


ENDPOINTS = [value, response, stream]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("in_thread", [True, False])
async def test_dispatch_finds_what_a_dependency_has_opened_still_open(endpoint: Any, in_thread: bool) -> None:
    log: list[str] = []
    reply = await call(app_with(endpoint, session_of(log, in_thread=in_thread), looking(log)))
    assert (reply.text, reply.error) == ("value", None)
    assert log == ["dispatch: open", "closed"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_so_does_each_of_several(endpoint: Any) -> None:
    log: list[str] = []
    dispatches = [looking(log, name) for name in ("outer", "middle", "inner")]
    reply = await call(app_with(endpoint, session_of(log), *dispatches))
    assert (reply.text, reply.error) == ("value", None)
    assert log == ["inner: open", "middle: open", "outer: open", "closed"]


@pytest.mark.parametrize("place", ["mounted", "guard", "two applications"])
async def test_also_around_a_mounted_application_or_a_guard(place: str) -> None:
    log: list[str] = []
    session = session_of(log)

    async def plain(request: Request) -> Response:
        return PlainTextResponse("value")

    inner = app_with(value, session, *([looking(log, "inner")] if place == "two applications" else []))
    guarded = App(dependencies=[Depends(session)], routes=[])
    guarded.router.routes.append(Route("/", plain))
    app = Application(
        routes=[Mount("/", guarded if place == "guard" else inner)],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=looking(log, "outer"))],
    )
    reply = await call(app)
    assert (reply.text, reply.error) == ("value", None)
    assert log == [*(["inner: open"] if place == "two applications" else []), "outer: open", "closed"]


async def test_it_is_closed_when_dispatch_has_read_the_body() -> None:
    log: list[str] = []

    async def dispatch(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        body = b"".join([chunk async for chunk in response.body_iterator])
        await anyio.wait_all_tasks_blocked()
        log.append(f"dispatch: {request.state.session}")
        return PlainTextResponse(body)

    reply = await call(app_with(stream, session_of(log), dispatch))
    assert (reply.text, reply.error) == ("value", None)
    assert log == ["closed", "dispatch: closed"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("how", ["another response", "closes the body"])
async def test_it_is_closed_where_dispatch_wants_no_response(endpoint: Any, how: str) -> None:
    log: list[str] = []

    async def dispatch(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        if how == "closes the body":
            await response.body_iterator.aclose()
            await anyio.wait_all_tasks_blocked()
            assert "closed" in log
        return PlainTextResponse("instead")

    reply = await call(app_with(endpoint, session_of(log), dispatch))
    assert (reply.text, reply.error) == ("instead", None)
    assert log[-1] == "closed"


async def test_a_second_run_does_not_wait_for_what_the_first_holds() -> None:
    log: list[str] = []
    pool = anyio.CapacityLimiter(1)
    runs: list[str] = []

    async def connection() -> AsyncIterator[None]:
        async with pool:
            yield

    async def endpoint(_: Annotated[None, Depends(connection)]) -> Response:
        runs.append("run")
        return PlainTextResponse("run", status_code=503 if len(runs) == 1 else 200)

    async def retries(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        return response if response.status_code != 503 else await call_next(request)

    reply = await call(app_with(endpoint, session_of(log), retries))
    assert (reply.status, reply.text, reply.error) == (200, "run", None)
    assert runs == ["run", "run"]


async def test_an_error_of_dispatch_ends_it_as_an_error() -> None:
    log: list[str] = []

    async def dispatch(request: Any, call_next: Any) -> Any:
        await call_next(request)
        raise HTTPException(409)

    reply = await call(app_with(value, session_of(log), dispatch))
    assert (reply.status, reply.error) == (409, None)
    assert log[-1] == "closed"
    assert len(log) == 2


async def test_an_error_of_the_endpoint_does_not_wait() -> None:
    log: list[str] = []

    async def endpoint() -> None:
        raise HTTPException(404)

    reply = await call(app_with(endpoint, session_of(log), looking(log)))
    assert reply.status == 404
    assert log == ["HTTPException in the dependency", "closed", "dispatch: closed"]


@pytest.mark.parametrize("middleware", [1, 3])
async def test_a_stream_that_a_disconnect_ends_does_not_wait(middleware: int) -> None:
    """Before ASGI 2.4 it ends without its last message, and `dispatch` waits for the end of the application."""
    log: list[str] = []

    async def endpoint() -> Response:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"x"
            await anyio.sleep_forever()

        return StreamingResponse(chunks())

    app = app_with(endpoint, session_of(log), *[looking(log)] * middleware)
    reply = await exchange(app, scope_of(version="2.3"), *body_of(), leave_at=1)
    assert (reply.body, reply.is_complete, reply.error) == (b"x", False, None)
    assert log == [*["dispatch: open"] * middleware, "closed"]


@pytest.mark.parametrize("sends_trailers", [True, False])
async def test_trailers_are_part_of_the_response(sends_trailers: bool) -> None:
    log: list[str] = []

    async def raw(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [], "trailers": True})
        await send({"type": "http.response.body", "body": b"x"})
        if sends_trailers:
            await send({"type": "http.response.trailers", "headers": []})

    guarded = App(dependencies=[Depends(session_of(log))])
    guarded.mount("/", raw)
    app = Application(routes=[Mount("/", guarded)], middleware=[Middleware(BaseHTTPMiddleware, dispatch=looking(log))])
    reply = await call(app)
    assert (reply.body, reply.error) == (b"x", None)
    assert sorted(log) == ["closed", f"dispatch: {'open' if sends_trailers else 'closed'}"]


@pytest.mark.parametrize("starts", [True, False])
async def test_an_application_that_ends_without_a_whole_response_does_not_wait(starts: bool) -> None:
    log: list[str] = []

    async def raw(scope: Any, receive: Any, send: Any) -> None:
        if starts:
            await send({"type": "http.response.start", "status": 200, "headers": []})

    guarded = App(dependencies=[Depends(session_of(log))])
    guarded.mount("/", raw)
    around = BaseHTTPMiddleware(guarded, looking(log))
    reply = await call(BaseHTTPMiddleware(around, looking(log)))
    assert str(reply.error) == ("None" if starts else "No response returned.")
    assert "closed" in log


@pytest.mark.parametrize("has_middleware", [True, False])
async def test_a_request_to_another_application_within_the_endpoint_does_not_wait_for_dispatch(
    has_middleware: bool,
) -> None:
    log: list[str] = []

    async def adds(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        response.background = BackgroundTask(log.append, "of dispatch")
        return response

    inner = App(middleware=[Middleware(BaseHTTPMiddleware, dispatch=adds)] if has_middleware else [])

    @inner.get("/", dependencies=[Depends(session_of(log))])
    async def of_inner(tasks: BackgroundTasks) -> str:
        tasks.add_task(log.append, "task")
        return "inner"

    async def endpoint() -> str:
        text = (await call(inner)).text
        log.append("endpoint")
        return text

    reply = await call(app_with(endpoint, session_of([]), looking([])))
    assert (reply.text, reply.error) == ("inner", None)
    assert log[-1] == "endpoint"
    assert sorted(log[:-1]) == ["closed", *(["of dispatch"] if has_middleware else []), "task"]


async def test_nothing_of_the_exchange_stays_in_the_scope() -> None:
    reply = await call(app_with(value, session_of([]), looking([]), looking([])))
    assert "signette.exchange" not in reply.scope


@pytest.mark.parametrize("of", [fastapi, signette])
def test_it_is_as_in_fastapi(of: Any) -> None:
    log: list[str] = []
    app = of.FastAPI() if of is fastapi else of.App()

    async def session(request: of.Request) -> AsyncIterator[None]:
        request.state.session = "open"
        yield
        request.state.session = "closed"
        log.append("closed")

    @app.middleware("http")
    async def looks(request: of.Request, call_next: Any) -> Any:
        response = await call_next(request)
        log.append(f"dispatch: {request.state.session}")
        return response

    @app.get("/", dependencies=[of.Depends(session)])
    async def endpoint() -> int:
        return 1

    assert of.testclient.TestClient(app).get("/").json() == 1
    assert log == ["dispatch: open", "closed"]


@pytest.mark.parametrize("package", [signette, fastapi])
@pytest.mark.parametrize("scope", ["request", "function"])
async def test_dispatch_that_waits_for_what_a_dependency_holds_waits_forever_as_with_fastapi(
    package: Any, scope: Any
) -> None:
    lock, log = anyio.Lock(), list[str]()

    async def holding() -> AsyncIterator[None]:
        async with lock:
            yield

    app = signette.App() if package is signette else fastapi.FastAPI()

    @app.middleware("http")
    async def dispatch(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        async with lock:
            log.append("locked")
        return response

    @app.get("/")
    async def endpoint(held: Any = package.Depends(holding, scope=scope)) -> str:
        return "value"

    async def ask() -> None:
        await call(app, "/")
        log.append("done")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        assert log == ([] if scope == "request" else ["locked", "done"])
        tasks.cancel_scope.cancel()
