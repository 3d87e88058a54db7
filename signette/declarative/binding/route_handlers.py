"""Routes with their own handler: `get_route_handler` of a subclass of `TypedRoute` wraps that of its base class.

Theory of operation. A binder sends its response, but the handler of a subclass gets the response as an object before it
is sent, and may change it or return another one. So such a route runs its binder as `BaseHTTPMiddleware` runs an
application: in its own task, whose response the handler sees. The handler may pass on a `Request` of a subclass: its
body is what the binder reads, and it is the `Request` of the endpoint. Routes without their own handler have no part
in this.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from signette._overrides import overrides
from signette._scope_keys import CUSTOM, ORIGINAL
from signette.declarative.binding.binder import Binder
from signette.declarative.plan.steps import Open, Plan
from signette.declarative.sources.stream import STREAM
from signette.middleware.base import AppResponse, BaseHTTPMiddleware
from signette.requests import Request
from signette.responses.plain import Response
from signette.types import Message, Receive, Scope, Send

RouteHandler = Callable[[Request], Awaitable[Response]]


async def original_handler(request: Request) -> Response:
    """Run the binder of the request's route. `body` of the response is set, unless it is sent in several messages."""
    original: RouteHandler | None = request.scope.get(ORIGINAL)
    if original is None:
        raise RuntimeError("the handler of a route runs only in a request to the route; call the application instead")
    return await original(request)


def with_route_handler(
    binder: Binder, handler: RouteHandler, populate_scope: Callable[[Scope, Sequence[str]], None], plan: Plan
) -> Binder:
    """Wrap a binder in the handler of its route."""
    opened = [step.source for step in plan.steps if isinstance(step, Open)]
    passes = STREAM in opened or any(source.place == "form" for source in opened)

    async def handling(scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> None:
        async def run_binder(scope: Scope, receive: Receive, send: Send) -> None:
            body = _BodyOf(scope[CUSTOM], receive, passes=passes)
            await binder(scope, body, send, values)

        async def dispatch(request: Request, call_next: Any) -> Response:
            async def original(custom: Request) -> Response:
                custom.scope[CUSTOM] = custom
                response: AppResponse = await call_next(custom)
                if (body := await response.whole_body()) is not None:
                    response.body = body
                return response

            scope[ORIGINAL] = original
            return await handler(request)

        if "router" not in scope and hasattr(scope.get("app"), "router"):
            scope["router"] = scope["app"].router
        populate_scope(scope, values)
        await BaseHTTPMiddleware(run_binder, dispatch)(scope, receive, send)

    return handling


class _BodyOf:
    """A `receive` for the body of a `Request`, as that reads it. The handler can read the body afterwards.

    Messages that the handler has not read pass one by one, so that the limits of the route hold while they arrive. A
    form or a stream is not kept, unless the `Request` reads it in its own way.
    """

    def __init__(self, request: Request, receive: Receive, *, passes: bool) -> None:
        self._request = request
        self._receive = receive
        self._is_read = False
        is_own = type(request) is not Request and overrides(request, Request, "body", "stream")
        self._passes = passes and not is_own and "_body" not in request.__dict__
        self._is_whole = is_own or "_body" in request.__dict__
        self._source = request._receive
        self._kept: list[Message] = []

    async def __call__(self) -> Message:
        if self._passes:
            return await self._receive()
        is_untouched = bool(self._kept) or not self._request._stream_started  # the endpoint may read it itself
        if not self._is_read and not self._is_whole and is_untouched:
            return await self._next()
        if not self._is_read:
            self._is_read = True
            return {"type": "http.request", "body": await self._request.body(), "more_body": False}
        message = await self._receive()
        while message["type"] == "http.request":  # the body that was read
            message = await self._receive()
        return message

    async def _next(self) -> Message:
        """The next message. Until the last one, the `Request` gets those before it again, when it reads the body."""
        request = self._request
        message = await self._source()
        self._kept.append(message)
        if message["type"] == "http.request" and not message.get("more_body", False):
            self._is_read = True
            request._receive = self._source
            request._stream_started = request._stream_consumed = True
            bodies = [each.get("body", b"") for each in self._kept]
            request._body = bodies[0] if len(bodies) == 1 else b"".join(bodies)
            self._kept.clear()
        else:
            request._receive = _Again(self._kept, self._source)
        return message


class _Again:
    """A `receive` that begins with messages that were received before."""

    def __init__(self, messages: list[Message], source: Receive) -> None:
        self._messages = messages
        self._source = source

    async def __call__(self) -> Message:
        return self._messages.pop(0) if self._messages else await self._source()
