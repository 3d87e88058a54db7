"""`Application`."""

from contextlib import asynccontextmanager, contextmanager
from typing import Any

import anyio
import cloudpickle
import pytest

from signette.applications import Application
from signette.limits import Limits
from signette.middleware.registry import Middleware
from signette.responses.plain import PlainTextResponse
from signette.routing.host import Host
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.routing.websocket import WebSocketRoute
from tests.asgi import call


async def hello(request: Any) -> Any:
    return PlainTextResponse("hello")


async def test_an_application_survives_pickling_before_and_after_its_first_request() -> None:
    def sync(request: Any) -> Any:
        return PlainTextResponse("sync")

    app = Application(
        routes=[
            Route("/", hello),
            Route("/sync", sync),
            Route("/{x:float}/a-{y}", hello),
            Mount("/m", routes=[Route("/", hello)]),
        ],
        exception_handlers={404: lambda request, exc: PlainTextResponse("none")},
        limits=Limits(),
    )
    for _ in range(2):
        again = cloudpickle.loads(cloudpickle.dumps(app))
        assert again.middleware_stack is None
        for path in ("/", "/sync", "/1.5/a-b", "/m/", "/none"):
            assert (await call(again, path)).status == (await call(app, path)).status == 200


async def test_sync_endpoints_share_the_threads_of_their_application() -> None:
    app = Application(limits=Limits(worker_threads=1))
    assert app.limiter.total_tokens == 1
    assert app.limiter is app.limiter
    assert app.limiter is not Application().limiter
    assert Application().limiter.total_tokens == 40
    busy: list[float] = []

    def endpoint(request: Any) -> Any:
        busy.append(anyio.from_thread.run_sync(lambda: app.limiter.borrowed_tokens))
        return PlainTextResponse("x")

    app.add_route("/", endpoint)
    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(call, app)
    assert busy == [1, 1, 1]


def test_routes_are_added_by_keyword() -> None:
    async def session(websocket: Any) -> None:
        await websocket.close()

    app = Application()
    app.add_route(path="/a", route=hello)
    app.add_websocket_route(path="/w", route=session)
    assert app.routes == [Route("/a", hello), WebSocketRoute("/w", session)]


async def test_routes_are_added_by_methods() -> None:
    async def session(websocket: Any) -> None:
        await websocket.close()

    app = Application()
    app.add_route("/a", hello, ["POST"], "n", include_in_schema=False)
    app.add_websocket_route("/w", session, "w")
    app.mount("/m", Application(routes=[Route("/x", hello)]), "m")
    app.host("h.example.org", Application(routes=[Route("/y", hello)]), "h")
    assert app.routes == [
        Route("/a", hello, methods=["POST"]),
        WebSocketRoute("/w", session),
        app.routes[2],
        app.routes[3],
    ]
    assert isinstance(app.routes[2], Mount)
    assert isinstance(app.routes[3], Host)
    assert not app.routes[0].include_in_schema
    assert app.routes is app.router.routes
    assert app.url_path_for("n") == "/a"
    assert app.url_path_for("m:hello") == "/m/x"
    assert (await call(app, "/m/x")).text == "hello"
    assert (await call(app, "/y", headers=[(b"host", b"h.example.org")])).text == "hello"


async def test_the_stack_is_made_once_by_a_method_that_a_subclass_may_replace() -> None:
    class Own(Application):
        made = 0

        def build_middleware_stack(self) -> Any:
            self.made += 1
            inner = super().build_middleware_stack()

            async def around(scope: Any, receive: Any, send: Any) -> None:
                scope["around"] = True
                await inner(scope, receive, send)

            return around

    async def endpoint(request: Any) -> Any:
        return PlainTextResponse(f"{request.scope['around']}")

    app = Own(routes=[Route("/", endpoint)])
    assert (await call(app)).text == "True"
    assert (await call(app)).text == "True"
    assert app.made == 1


async def test_build_middleware_stack_may_be_replaced_on_an_instance() -> None:
    async def endpoint(request: Any) -> Any:
        return PlainTextResponse(f"{request.scope['around']}")

    app: Any = Application(routes=[Route("/", endpoint)])
    make = app.build_middleware_stack

    def make_another() -> Any:
        inner = make()

        async def around(scope: Any, receive: Any, send: Any) -> None:
            scope["around"] = True
            await inner(scope, receive, send)

        return around

    app.build_middleware_stack = make_another
    assert (await call(app)).text == "True"


async def test_the_method_that_makes_the_stack_may_be_replaced_on_the_class(monkeypatch: pytest.MonkeyPatch) -> None:
    make = Application.build_middleware_stack

    def make_another(app: Application) -> Any:
        inner = make(app)

        async def around(scope: Any, receive: Any, send: Any) -> None:
            scope["around"] = True
            await inner(scope, receive, send)

        return around

    async def endpoint(request: Any) -> Any:
        return PlainTextResponse(f"{request.scope['around']}")

    monkeypatch.setattr(Application, "build_middleware_stack", make_another)
    app = Application(routes=[Route("/", endpoint)])
    assert (await call(app)).text == "True"
    assert (await call(app, "/none")).status == 404


async def test_handlers_are_added_before_the_first_request() -> None:
    app = Application()

    async def handler(request: Any, exc: Any) -> Any:
        return PlainTextResponse("added", status_code=404)

    app.add_exception_handler(404, handler)
    assert app.exception_handlers == {404: handler}
    assert (await call(app, "/none")).text == "added"


def test_the_arguments_are_attributes() -> None:
    layer = Middleware(Application)
    app = Application(debug=True, middleware=[layer], max_body_size=3, limits=Limits())
    assert (app.debug, app.user_middleware, app.max_body_size, app.limits) == (True, [layer], 3, Limits())
    assert app.middleware_stack is None
    app.state.db = 1
    assert app.state.db == 1


async def test_a_router_with_its_own_call_method_is_used() -> None:
    app = Application()

    class Own(type(app.router)):  # type: ignore[misc]
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await PlainTextResponse("own")(scope, receive, send)

    app.router = Own()
    assert (await call(app)).text == "own"


async def test_redirect_slashes_can_be_disabled() -> None:
    routes = [Route("/a/", hello)]
    assert (await call(Application(routes=routes), "/a")).headers["location"] == "/a/"
    assert (await call(Application(routes=routes, redirect_slashes=False), "/a")).status == 404


@asynccontextmanager
async def lifespan(app: Any) -> Any:
    yield


@pytest.mark.parametrize(
    ("create", "message"),
    [
        (lambda: Application(middleware=Middleware(hello)), r"write `\[Middleware\(hello\)\]`"),
        (lambda: Application(middleware=[Application]), r"write `Middleware\(Application, ...\)`"),
        (lambda: Application(middleware=[Application()]), r"write `Middleware\(Application, ...\)`"),
        (
            lambda: Application(exception_handlers={"404": hello}).build_middleware_stack(),
            "cannot register a handler for '404'",
        ),
        (lambda: Application(lifespan=lifespan(None)), "pass the function itself"),
        (lambda: Application(lifespan=hello), "`lifespan=hello` does not return an async context manager"),
        (lambda: Application(lifespan=contextmanager(iter)), "does not return an async context manager"),
        (lambda: Application(lifespan=5), "`lifespan=5` does not return an async context manager"),
        (lambda: Limits(body_bytes="10MB"), "`Limits\\(body_bytes='10MB'\\)`: a limit must be an integer or None"),
    ],
)
def test_an_invalid_argument_raises_with_a_hint(create: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        create()


def test_a_negative_limit_is_rejected() -> None:
    with pytest.raises(ValueError, match="a limit must be 0 or more"):
        Limits(body_bytes=-1)
