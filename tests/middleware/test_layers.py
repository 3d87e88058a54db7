"""What is between the layers: user middleware sees exceptions, and error responses pass through all of it."""

import functools
from typing import Any

import pytest

from signette.applications import Application
from signette.exceptions import HTTPException
from signette.limits import Limits, exceeded_message
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.cors import CORSMiddleware
from signette.middleware.registry import Middleware
from signette.middleware.request_limits import RequestLimits
from signette.responses.plain import PlainTextResponse, Response
from signette.routing.route import Route
from tests.asgi import call


class Stamp:
    """Adds a field to each response."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def stamped(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"x-stamp", b"yes")]}
            await send(message)

        await self.app(scope, receive, stamped)


class Raise:
    def __init__(self, app: Any, exc: Exception) -> None:
        self.exc = exc

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raise self.exc


ORIGIN = (b"origin", b"https://page.example")


async def boom(request: Any) -> Any:
    raise ValueError("boom")


async def test_a_500_passes_through_the_middleware() -> None:
    response = await call(Application(routes=[Route("/", boom)], middleware=[Middleware(Stamp)]))
    assert (response.status, response.headers["x-stamp"]) == (500, "yes")
    assert isinstance(response.error, ValueError)


async def test_so_does_the_response_of_the_handler_for_exceptions() -> None:
    async def handler(request: Any, exc: Any) -> Any:
        return PlainTextResponse("sorry", status_code=500)

    app = Application(
        routes=[Route("/", boom)], middleware=[Middleware(Stamp)], exception_handlers={Exception: handler}
    )
    response = await call(app)
    assert (response.text, response.headers["x-stamp"]) == ("sorry", "yes")


async def test_middleware_that_catches_exceptions_handles_them() -> None:
    class Catch(Stamp):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            try:
                await self.app(scope, receive, send)
            except ValueError:
                await PlainTextResponse("caught", status_code=400)(scope, receive, send)

    response = await call(Application(routes=[Route("/", boom)], middleware=[Middleware(Catch)]))
    assert response.error is None
    assert (response.status, response.text) == (400, "caught")


class Bare(Stamp):
    """Passes `send` on as it is, so that it shares a tracker with its neighbours."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


def test_one_can_walk_through_the_stack_to_each_middleware() -> None:
    found, inside = [], Application(middleware=[Middleware(Stamp), Middleware(Bare)]).build_middleware_stack()
    while hasattr(inside, "app"):
        found.append(type(inside))
        inside = inside.app
    assert [cls for cls in found if issubclass(cls, Stamp)] == [Stamp, Bare]


async def test_a_call_method_that_is_replaced_after_a_request_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    async def endpoint(request: Any) -> Any:
        return PlainTextResponse("endpoint")

    async def another(self: Any, scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("another")(scope, receive, send)

    app = Application(routes=[Route("/", endpoint)], middleware=[Middleware(Bare)])
    assert (await call(app)).text == "endpoint"
    monkeypatch.setattr(Bare, "__call__", another)
    assert (await call(app)).text == "another"


@pytest.mark.parametrize("kind", ["function", "partial", "method"])
async def test_a_middleware_need_not_be_an_object(kind: str) -> None:
    async def run(app: Any, scope: Any, receive: Any, send: Any) -> None:
        await Bare(app)(scope, receive, send)
        raise HTTPException(400)

    def make(app: Any) -> Any:
        async def function(scope: Any, receive: Any, send: Any) -> None:
            await run(app, scope, receive, send)

        return {"function": function, "partial": functools.partial(run, app), "method": Bare(function).__call__}[kind]

    async def endpoint(request: Any) -> Any:
        raise HTTPException(418)

    response = await call(Application(routes=[Route("/", endpoint)], middleware=[Middleware(make)]))
    assert response.status == 418
    assert "response already started" in str(response.error)


async def test_a_disconnect_that_a_middleware_pretends_is_none_for_itself() -> None:
    class Deadline(Stamp):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            async def ended() -> Any:
                return {"type": "http.disconnect"}

            await self.app(scope, ended, send)
            raise HTTPException(504, "too late")

    async def endpoint(request: Any) -> Any:
        await request.body()

    levels = [Middleware(Bare), Middleware(Deadline), Middleware(Bare)]
    response = await call(Application(routes=[Route("/", endpoint)], middleware=levels))
    assert response.error is None
    assert (response.status, response.text) == (504, "too late")


@pytest.mark.parametrize("inner", [Bare, Stamp])
async def test_an_http_exception_after_the_response_is_too_late(inner: type) -> None:
    class Late(Stamp):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await self.app(scope, receive, send)
            raise HTTPException(400)

    async def endpoint(request: Any) -> Any:
        return PlainTextResponse("whole")

    levels = [Middleware(Bare), Middleware(Late), Middleware(inner)]
    response = await call(Application(routes=[Route("/", endpoint)], middleware=levels))
    assert (response.status, response.text) == (200, "whole")
    assert "response already started" in str(response.error)


async def test_a_response_that_a_middleware_keeps_back_has_not_started_outside_of_it() -> None:
    class Discard(Stamp):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            async def kept(message: Any) -> None:
                """Send nothing."""

            await self.app(scope, receive, kept)
            raise HTTPException(409, "another")

    async def endpoint(request: Any) -> Any:
        return PlainTextResponse("whole")

    levels = [Middleware(Bare), Middleware(Discard), Middleware(Bare)]
    response = await call(Application(routes=[Route("/", endpoint)], middleware=levels))
    assert response.error is None
    assert (response.status, response.text) == (409, "another")


@pytest.mark.parametrize("broken", [RuntimeError("closed"), None])
async def test_middleware_that_can_send_no_more_does_not_prevent_the_500(broken: Exception | None) -> None:
    class Closes(Stamp):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            is_open = True

            async def guarded(message: Any) -> None:
                if is_open:
                    await send(message)
                elif broken is not None:
                    raise broken

            try:
                await self.app(scope, receive, guarded)
            finally:
                is_open = False

    response = await call(Application(routes=[Route("/", boom)], middleware=[Middleware(Closes)]))
    assert (response.status, response.text) == (500, "Internal Server Error")
    assert isinstance(response.error, ValueError)


async def test_a_500_passes_through_the_middleware_around_a_dispatch_function() -> None:
    async def dispatch(request: Any, call_next: Any) -> Any:
        return await call_next(request)

    levels = [Middleware(Stamp), Middleware(BaseHTTPMiddleware, dispatch=dispatch)]
    response = await call(Application(routes=[Route("/", boom)], middleware=levels))
    assert (response.status, response.headers["x-stamp"]) == (500, "yes")


async def test_an_http_exception_of_a_middleware_is_handled_inside_the_outer_ones() -> None:
    levels = [Middleware(Stamp), Middleware(Raise, HTTPException(401, "who?"))]
    response = await call(Application(middleware=levels))
    assert response.error is None
    assert (response.status, response.text, response.headers["x-stamp"]) == (401, "who?", "yes")


async def test_so_is_one_of_a_dispatch_function() -> None:
    async def dispatch(request: Any, call_next: Any) -> Any:
        raise HTTPException(401, "who?")

    response = await call(
        Application(middleware=[Middleware(Stamp), Middleware(BaseHTTPMiddleware, dispatch=dispatch)])
    )
    assert response.error is None
    assert (response.status, response.text, response.headers["x-stamp"]) == (401, "who?", "yes")


async def test_each_exception_of_a_middleware_with_a_handler_is_handled() -> None:
    app = Application(
        middleware=[Middleware(Raise, KeyError("x"))],
        exception_handlers={KeyError: lambda request, exc: Response(status_code=409)},
    )
    assert (await call(app)).status == 409


TOO_MUCH = {
    "path_bytes": (414, {"path": "/1234567890", "raw_path": b"/1234567890"}),
    "query_bytes": (414, {"query_string": b"a=1234567890"}),
    "query_params": (400, {"query_string": b"a&b&c&d"}),
    "header_fields": (431, {"headers": [ORIGIN, (b"b", b"long"), (b"c", b"longer"), (b"d", b"longest")]}),
    "header_bytes": (431, {"headers": [(b"cookie", b"c" * 99), ORIGIN]}),
}


@pytest.mark.parametrize("limit", TOO_MUCH)
async def test_a_limit_error_passes_through_the_middleware_which_sees_only_what_the_limits_allow(limit: str) -> None:
    seen: dict[str, Any] = {}

    class Look(Stamp):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            seen.update(scope)
            await super().__call__(scope, receive, send)

    async def never(request: Any) -> Any:
        raise AssertionError("the route was asked")

    limits = Limits(path_bytes=10, query_bytes=10, query_params=3, header_fields=3, header_bytes=60)
    cors = Middleware(CORSMiddleware, allow_origins=["https://page.example"])
    app = Application(routes=[Route("/", never)], middleware=[cors, Middleware(Look)], limits=limits)
    status, requested = TOO_MUCH[limit]
    response = await call(app, **{"headers": [ORIGIN], **requested})
    assert (response.status, response.headers["x-stamp"]) == (status, "yes")
    assert response.text == exceeded_message(limit, getattr(limits, limit))
    assert response.headers["access-control-allow-origin"] == "https://page.example"
    assert ORIGIN in seen["headers"]
    RequestLimits(limits).check(seen)
    assert response.scope.items() >= requested.items()  # the server's own record stays


async def test_middleware_that_retries_a_rejected_request_is_rejected_again() -> None:
    class Twice(Stamp):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            async def drop(message: Any) -> None: ...

            await self.app(scope, receive, drop)
            await self.app(scope, receive, send)

    app = Application(routes=[Route("/", boom)], middleware=[Middleware(Twice)], limits=Limits(query_bytes=1))
    assert (await call(app, query_string=b"a=1")).status == 414


@pytest.mark.parametrize("key", [None, 500, Exception, ValueError, 404])
async def test_an_error_of_any_kind_can_be_read_by_the_page_that_asked(key: Any) -> None:
    async def handler(request: Any, exc: Any) -> Any:
        return PlainTextResponse("sorry", status_code=418)

    app = Application(
        routes=[Route("/", boom)],
        middleware=[Middleware(CORSMiddleware, allow_origins=["*"])],
        exception_handlers={} if key is None else {key: handler},
    )
    response = await call(app, "/nowhere" if key == 404 else "/", headers=[ORIGIN])
    assert response.status == (500 if key is None else 418)
    assert response.headers["access-control-allow-origin"] == "*"


async def test_an_exception_is_looked_up_by_one_middleware_only() -> None:
    seen = []

    async def handler(request: Any, exc: Any) -> Any:
        seen.append(exc)
        raise exc

    app = Application(
        routes=[Route("/", boom)], middleware=[Middleware(Stamp)] * 3, exception_handlers={ValueError: handler}
    )
    assert (await call(app)).status == 500
    assert len(seen) == 2  # once, and once more as what the handler raised


async def test_the_first_middleware_is_the_outermost_and_one_added_later_goes_around_all() -> None:
    order: list[str] = []

    class Note(Stamp):
        def __init__(self, app: Any, name: str) -> None:
            self.app, self.name = app, name

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            order.append(self.name)
            await self.app(scope, receive, send)

    app = Application(middleware=[Middleware(Note, "a"), Middleware(Note, name="b")])
    app.add_middleware(Note, "c")
    await call(app)
    assert order == ["c", "a", "b"]
    with pytest.raises(RuntimeError, match="Cannot add middleware after an application has started"):
        app.add_middleware(Note, "d")


def test_middleware_unpacks_and_shows_its_arguments() -> None:
    entry = Middleware(Stamp, 1, name="x")
    assert repr(entry) == "Middleware(Stamp, 1, name='x')"
    cls, args, kwargs = entry
    assert (cls, args, kwargs) == (Stamp, (1,), {"name": "x"})
