"""Limits of bodies outside of an `Application`, and behind middleware that has read the body."""

from collections.abc import Callable
from typing import Any

import pytest

from signette.applications import Application
from signette.exceptions import HTTPException, LimitExceeded
from signette.limits import Limits
from signette.middleware import Middleware
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.body_limit import RequestBodyLimitMiddleware
from signette.responses.plain import PlainTextResponse
from signette.routing.host import Host
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.routing.router import Router
from tests.asgi import Exchange, call, connect

pytestmark = pytest.mark.either_loop

LIMITED = Middleware(RequestBodyLimitMiddleware, max_body_size=5)
PIECES = {"announced": ([b"123456"], [(b"content-length", b"6")]), "counted": ([b"123", b"456"], [])}


async def size(request: Any) -> Any:
    return PlainTextResponse(str(len(await request.body())))


async def size_of_stream(request: Any) -> Any:
    return PlainTextResponse(str(sum([len(chunk) async for chunk in request.stream()])))


async def fields(request: Any) -> Any:
    return PlainTextResponse(str(len(await request.form())))


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """An ASGI application without any framework."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    await PlainTextResponse(str(length))(scope, receive, send)


def route(endpoint: Any = size, **options: Any) -> Route:
    return Route("/", endpoint, methods=["POST"], **options)


ALONE: dict[str, Callable[[], Any]] = {
    "middleware": lambda: RequestBodyLimitMiddleware(bare, max_body_size=5),
    "middleware around a router": lambda: RequestBodyLimitMiddleware(Router([route()]), max_body_size=5),
    "middleware around a form": lambda: RequestBodyLimitMiddleware(Router([route(fields)]), max_body_size=5),
    "middleware around middleware": lambda: RequestBodyLimitMiddleware(
        RequestBodyLimitMiddleware(bare, max_body_size=5), max_body_size=100
    ),
    "middleware around a function that reads": lambda: RequestBodyLimitMiddleware(
        BaseHTTPMiddleware(bare, dispatch=read_first), max_body_size=5
    ),
    "route": lambda: route(max_body_size=5),
    "middleware of a route": lambda: route(middleware=[LIMITED]),
    "route in a router": lambda: Router([route(max_body_size=5)]),
    "route in a router with a larger limit": lambda: Router([route(max_body_size=5)], max_body_size=100),
    "router": lambda: Router([route()], max_body_size=5),
    "middleware of a router": lambda: Router([route()], middleware=[LIMITED]),
    "router with a stream": lambda: Router([route(size_of_stream)], max_body_size=5),
    "router whose middleware reads": lambda: Router(
        [route()], middleware=[Middleware(BaseHTTPMiddleware, dispatch=read_first)], max_body_size=5
    ),
    "router with a default": lambda: Router(default=bare, max_body_size=5),
    "mount": lambda: Mount("", bare, max_body_size=5),
    "mount with routes": lambda: Mount("", routes=[route()], max_body_size=5),
    "middleware of a mount": lambda: Mount("", bare, middleware=[LIMITED]),
    "host": lambda: Router([Host("host", Router([route()], max_body_size=5))]),
}


async def read_first(request: Any, call_next: Any) -> Any:
    await request.body()
    return await call_next(request)


async def post(app: Any, *pieces: bytes, fields: list[Any] | None = None) -> Exchange:
    headers = [(b"host", b"host"), (b"content-type", b"application/x-www-form-urlencoded"), *(fields or [])]
    return await call(app, "/", "POST", headers=headers, body=pieces)


@pytest.mark.parametrize("body", PIECES)
@pytest.mark.parametrize("limited", ALONE)
async def test_without_an_application_a_body_over_the_limit_is_a_413(limited: str, body: str) -> None:
    pieces, announced = PIECES[body]
    response = (await post(ALONE[limited](), *pieces, fields=announced)).or_raise()
    assert (response.status, response.text) == (413, "body exceeds 5 bytes")
    assert response["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("limited", ALONE)
async def test_without_an_application_a_body_within_the_limit_is_read(limited: str) -> None:
    response = (await post(ALONE[limited](), b"123", b"45")).or_raise()
    assert (response.status, response.text) == (200, "1" if "form" in limited else "5")


@pytest.mark.parametrize("body", PIECES)
@pytest.mark.parametrize("limited", ALONE)
async def test_an_application_around_it_handles_the_error(limited: str, body: str) -> None:
    async def handler(request: Any, exc: Any) -> Any:
        return PlainTextResponse(f"{exc.limit} {exc.limit_value}", 418)

    pieces, announced = PIECES[body]
    for options in {}, {"middleware": [Middleware(BaseHTTPMiddleware, dispatch=pass_on)]}:
        app = Application(routes=[Mount("", ALONE[limited]())], exception_handlers={LimitExceeded: handler}, **options)
        response = (await post(app, *pieces, fields=announced)).or_raise()
        assert (response.status, response.text) == (418, "body_bytes 5")


async def pass_on(request: Any, call_next: Any) -> Any:
    return await call_next(request)


async def test_once_the_response_has_started_the_error_goes_to_the_server() -> None:
    async def late(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await bare(scope, receive, send)

    response = await post(RequestBodyLimitMiddleware(late, max_body_size=5), b"123", b"456")
    assert response.types == ["http.response.start"]
    assert str(response.error) == "Caught handled exception, but response already started."
    assert isinstance(response.error.__cause__, LimitExceeded)  # type: ignore[union-attr]  # it is there


async def test_all_other_exceptions_pass() -> None:
    async def fails(request: Any) -> Any:
        raise HTTPException(418) if await request.body() else ZeroDivisionError

    app = Router([route(fails)], max_body_size=5)
    assert isinstance((await post(app, b"1")).error, HTTPException)
    assert isinstance((await post(app)).error, ZeroDivisionError)


async def test_the_limits_of_a_form_pass_too() -> None:
    exceeded = LimitExceeded(413, "form_part_bytes", 3)

    async def fails(request: Any) -> Any:
        raise exceeded

    assert (await post(Router([route(fails)], max_body_size=5))).error is exceeded


async def test_websockets_pass() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise LimitExceeded(413, "body_bytes", 3)

    response = await connect(RequestBodyLimitMiddleware(app, max_body_size=5))
    assert isinstance(response.error, LimitExceeded)


OWNERS: dict[str, Callable[[Any], Any]] = {
    "the application": lambda limit: Application(max_body_size=limit),
    "the route": lambda limit: route(max_body_size=limit),
    "the router": lambda limit: Router(max_body_size=limit),
    "the mount": lambda limit: Mount("", bare, max_body_size=limit),
    "`RequestBodyLimitMiddleware`": lambda limit: RequestBodyLimitMiddleware(bare, limit),
}


@pytest.mark.parametrize("owner", OWNERS)
def test_what_is_no_limit_is_rejected_where_it_is_given(owner: str) -> None:
    hint = "write a number, such as `10 * 1024 * 1024` for 10 MiB"
    for wrong in ("10MB", "10", True, 1e6, [5]):
        with pytest.raises(TypeError) as caught:
            OWNERS[owner](wrong)
        assert str(caught.value) == f"`max_body_size={wrong!r}` of {owner} must be an integer or None; {hint}"
    with pytest.raises(ValueError, match="max_body_size=-1") as negative:
        OWNERS[owner](-1)
    assert str(negative.value) == f"`max_body_size=-1` of {owner} must be 0 or more, or None"
    for limit in (0, 5, None):
        OWNERS[owner](limit)


# -- behind middleware that has read the body --------------------------------------------------------------------------


class Replay:
    """Middleware that reads the body, or its first message only, and lets the application read it again."""

    def __init__(self, app: Any, *, whole: bool = True, joined: bool = False) -> None:
        self.app = app
        self.whole = whole
        self.joined = joined

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        messages = [await receive()]
        while self.whole and messages[-1].get("more_body", False):
            messages.append(await receive())
        if self.joined:
            messages = [{"type": "http.request", "body": b"".join(each["body"] for each in messages)}]

        async def again() -> Any:
            return messages.pop(0) if messages else await receive()

        await self.app(scope, again, send)


READERS = {
    "a function that reads": [Middleware(BaseHTTPMiddleware, dispatch=read_first)],
    "a function that reads, among others": [
        Middleware(BaseHTTPMiddleware, dispatch=pass_on),
        Middleware(BaseHTTPMiddleware, dispatch=read_first),
        Middleware(BaseHTTPMiddleware, dispatch=pass_on),
    ],
    "a class that replays": [Middleware(Replay)],
    "a class that replays the first message": [Middleware(Replay, whole=False)],
    "a class that replays one message": [Middleware(Replay, joined=True)],
}
# What is around the middleware that reads.
AROUND: dict[str, Callable[..., Any]] = {
    "nothing": lambda routes, middleware: Application(routes=routes, middleware=middleware),
    "larger limit": lambda routes, middleware: Application(routes=routes, middleware=middleware, max_body_size=10),
    "no limit of bodies": lambda routes, middleware: Application(
        routes=routes, middleware=middleware, limits=Limits(body_bytes=None)
    ),
    "larger limit of a middleware": lambda routes, middleware: Application(
        routes=routes, middleware=[Middleware(RequestBodyLimitMiddleware, max_body_size=10), *middleware]
    ),
    "limit that a middleware lifts": lambda routes, middleware: Application(
        routes=routes,
        middleware=[Middleware(RequestBodyLimitMiddleware, max_body_size=None), *middleware],
        max_body_size=10,
    ),
    "limit that the middleware of a mount lifts": lambda routes, middleware: Application(
        routes=[
            Mount(
                "",
                routes=routes,
                middleware=[Middleware(RequestBodyLimitMiddleware, max_body_size=None), *middleware],
            )
        ],
        max_body_size=10,
    ),
    "router alone": lambda routes, middleware: Router(routes, middleware=middleware, max_body_size=10),
}
INSIDE: dict[str, Callable[[], list[Any]]] = {
    "route": lambda: [route(max_body_size=5)],
    "route that streams": lambda: [route(size_of_stream, max_body_size=5)],
    "middleware of a route": lambda: [route(middleware=[LIMITED])],
    "mount": lambda: [Mount("", routes=[route()], max_body_size=5)],
    "middleware of a mount": lambda: [Mount("", routes=[route()], middleware=[LIMITED])],
    "router": lambda: [Mount("", Router([route()], max_body_size=5))],
    "application": lambda: [Mount("", Application(routes=[route()], max_body_size=5))],
    "route in a router with a larger limit": lambda: [Mount("", Router([route(max_body_size=5)], max_body_size=8))],
}


@pytest.mark.parametrize("inside", INSIDE)
@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("reader", READERS)
async def test_a_smaller_limit_counts_if_middleware_has_read_the_body(reader: str, around: str, inside: str) -> None:
    app = AROUND[around](INSIDE[inside](), READERS[reader])
    assert (await post(app, b"123", b"45")).or_raise().text == "5"
    for pieces, announced in PIECES.values():
        assert (await post(app, *pieces, fields=announced)).or_raise().status == 413
