"""Startup and shutdown functions: which run, in which order, and what is rejected where they are declared."""

import functools
import pickle
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from signette.app import App
from signette.app import Router as TypedRouter
from signette.applications import Application
from signette.exceptions import SignetteDeprecationWarning
from signette.requests import Request
from signette.responses import PlainTextResponse
from signette.routing import Mount, Router
from signette.testclient import TestClient
from signette.websockets import WebSocket

KINDS = [Application, App, Router, TypedRouter]
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
HINT = "use `lifespan=`, an async context manager with a `yield` between startup and shutdown"


class Log(list[str]):
    def sync(self, name: str) -> Callable[[], None]:
        return functools.partial(self.append, name)

    def coroutine(self, name: str) -> Callable[[], Any]:
        async def function() -> None:
            self.append(name)

        return function

    def lifespan(self, name: str) -> Any:
        @asynccontextmanager
        async def lifespan(app: Any) -> AsyncIterator[None]:
            self.append(f"start {name}")
            yield
            self.append(f"stop {name}")

        return lifespan


def run(app: Any) -> None:
    with TestClient(app):
        pass


@pytest.fixture
def ignore() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SignetteDeprecationWarning)
        yield


@each_kind
@pytest.mark.usefixtures("ignore")
def test_functions_run_in_the_order_of_their_declaration(kind: Any) -> None:
    log = Log()
    app = kind(on_startup=[log.sync("one"), log.coroutine("two")], on_shutdown=[log.coroutine("a"), log.sync("b")])
    app.on_event("startup")(log.coroutine("three"))
    app.add_event_handler("startup", log.sync("four"))
    app.add_event_handler("shutdown", log.sync("c"))
    app.on_event("shutdown")(log.coroutine("d"))
    run(app)
    assert log == ["one", "two", "three", "four", "a", "b", "c", "d"]


@each_kind
def test_a_declaration_warns_at_its_own_line(kind: Any) -> None:
    log = Log()
    app = kind()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        app.on_event("startup")(log.sync(""))
        app.add_event_handler("shutdown", log.sync(""))
        kind(on_startup=[log.sync("")], on_shutdown=[log.sync("")])
    words = ["`on_event`", "`add_event_handler`", "`on_startup=`", "`on_shutdown=`"]
    assert [str(each.message) for each in caught] == [f"{word} is deprecated; {HINT}" for word in words]
    assert {(each.category, each.filename) for each in caught} == {(SignetteDeprecationWarning, __file__)}


@each_kind
def test_beside_a_lifespan_functions_do_not_run_and_the_warning_says_so(kind: Any) -> None:
    log = Log()
    app = kind(lifespan=log.lifespan("own"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        app.on_event("startup")(log.sync("lost"))
        kind(lifespan=log.lifespan("other"), on_shutdown=[log.sync("lost")])
    run(app)
    assert log == ["start own", "stop own"]
    assert [str(each.message) for each in caught] == [
        f"{word} has no effect, because there is a `lifespan=`; move the code to the lifespan"
        for word in ("`on_event`", "`on_shutdown=`")
    ]


@each_kind
@pytest.mark.usefixtures("ignore")
def test_a_lifespan_that_is_set_later_replaces_the_functions(kind: Any) -> None:
    log = Log()
    app = kind(on_startup=[log.sync("lost")])
    getattr(app, "router", app).lifespan_context = log.lifespan("later")
    run(app)
    assert log == ["start later", "stop later"]


@each_kind
@pytest.mark.usefixtures("ignore")
def test_the_lists_of_a_router_are_live(kind: Any) -> None:
    log = Log()
    app = kind()
    router = getattr(app, "router", app)
    router.on_startup.append(log.sync("start"))
    router.on_shutdown.append(log.coroutine("stop"))
    run(app)
    assert log == ["start", "stop"]


@pytest.mark.usefixtures("ignore")
def test_mounted_applications_run_theirs_inside_and_once() -> None:
    log = Log()
    inner = Application(on_startup=[log.sync("inner starts")], on_shutdown=[log.sync("inner stops")])
    other = Router(on_startup=[log.sync("other starts")])
    routes = [Mount("/a", inner), Mount("/b", inner), Mount("/c", other)]
    run(Application(routes=routes, on_startup=[log.sync("starts")], on_shutdown=[log.sync("stops")]))
    assert log == ["starts", "inner starts", "other starts", "inner stops", "stops"]


@pytest.mark.usefixtures("ignore")
def test_included_routers_run_theirs_once_beside_a_lifespan_of_the_application_too() -> None:
    log = Log()
    app, router, inner = App(lifespan=log.lifespan("app")), TypedRouter(), TypedRouter()
    app.include_router(router)
    app.include_router(router, prefix="/again")
    router.include_router(inner)
    router.on_event("startup")(log.sync("router"))  # after its inclusion
    inner.on_event("shutdown")(log.coroutine("inner"))
    router.on_event("shutdown")(log.sync("end"))
    run(app)
    assert log == ["start app", "router", "inner", "end", "stop app"]


def failing() -> None:
    raise LookupError("no database")


@each_kind
@pytest.mark.usefixtures("ignore")
def test_a_function_that_fails_keeps_the_application_from_starting(kind: Any) -> None:
    log = Log()
    app = kind(on_startup=[failing, log.sync("lost")], on_shutdown=[log.sync("lost")])
    with pytest.raises(LookupError, match="no database"):
        run(app)
    assert log == []


@each_kind
@pytest.mark.parametrize("event", ["start", "", "Startup"])
def test_an_unknown_event_is_rejected(kind: Any, event: str) -> None:
    for declare in (lambda app: app.on_event(event), lambda app: app.add_event_handler(event, failing)):
        with pytest.raises(ValueError, match=f'unknown event {event!r}; use "startup" or "shutdown"'):
            declare(kind())


async def generator() -> AsyncIterator[None]:
    yield


def sync_generator() -> Iterator[None]:
    yield


def takes(app: object) -> None: ...


HAS_YIELD = (
    "the startup function `{}` has a `yield`, so it would not run; decorate it with `@asynccontextmanager`, and pass it"
    " as `lifespan=`"
)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (generator, HAS_YIELD.format("generator")),
        (sync_generator, HAS_YIELD.format("sync_generator")),
        (takes, "the startup function `takes` has required parameters, but it is called without arguments"),
        (3, "expected a startup function, got 3"),
    ],
)
@each_kind
@pytest.mark.usefixtures("ignore")
def test_what_cannot_run_is_rejected(kind: Any, function: Any, message: str) -> None:
    for declare in (
        lambda: kind().on_event("startup")(function),
        lambda: kind().add_event_handler("startup", function),
        lambda: kind(on_startup=[function]),
    ):
        with pytest.raises(TypeError) as caught:
            declare()
        assert str(caught.value) == message


STARTED: list[str] = []


def start() -> None:
    STARTED.append("started")


@pytest.mark.parametrize("kind", [Application, Router])
@pytest.mark.usefixtures("ignore")
def test_functions_are_pickled_with_their_application(kind: Any) -> None:
    STARTED.clear()
    run(pickle.loads(pickle.dumps(kind(on_startup=[start]))))
    assert STARTED == ["started"]


@each_kind
def test_route_and_websocket_route_are_decorators_of_the_toolkit(kind: Any) -> None:

    app = kind()

    @app.route("/page", methods=["POST"], name="paged")
    async def page(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.method)

    @app.route("/plain", include_in_schema=False)
    def plain(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.url.path)

    @app.websocket_route("/socket", name="talk")
    async def socket(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("hello")
        await socket.close()

    client = TestClient(app)
    assert (client.post("/page").text, client.get("/page").status_code) == ("POST", 405)
    assert client.get("/plain").text == "/plain"
    with client.websocket_connect("/socket") as connection:
        assert connection.receive_text() == "hello"
    assert (app.url_path_for("paged"), app.url_path_for("talk")) == ("/page", "/socket")
    assert [route.include_in_schema for route in app.routes if getattr(route, "path", "") == "/plain"] == [False]
    assert all(map(callable, (page, plain, socket)))
