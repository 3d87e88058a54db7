"""What binders do at a request beside reading: call into threads, open and close generators, send what was made."""

import functools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from threading import Lock
from types import TracebackType
from typing import Any

import anyio

from signette.background import run_after
from signette.body import ClientDisconnect
from signette.concurrency import run_limited
from signette.exceptions import HTTPException
from signette.problems import Problem
from signette.responses.plain import Response
from signette.responses.streaming import HeadIsSent, until_head_is_sent
from signette.types import Message, Receive, Scope, Send


async def in_thread(scope: Scope, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """The result of a sync callable, run in a worker thread under the application's own limiter (decision 10)."""
    if kwargs:
        function = functools.partial(function, **kwargs)
    return await run_limited(getattr(scope.get("app"), "limiter", None), function, *args)


class Exits(AsyncExitStack):
    """The generators of a request that wait to be closed, last opened first.

    Closing is shielded: a client that leaves must not leave a transaction open. A generator that swallows an exception
    leaves the request without an answer, which is its mistake and told as such.
    """

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        with anyio.CancelScope(shield=True):
            swallowed = await super().__aexit__(kind, exc, traceback)
        if swallowed:
            raise SwallowedException(exc) from exc
        return False


class SwallowedException(RuntimeError):
    """A `yield` dependency caught an exception and did not raise again, so that nothing could be answered."""

    def __init__(self, exc: BaseException | None) -> None:
        super().__init__(
            f"a `yield` dependency caught {exc!r} and did not raise again\n"
            "  mend: end its `except` with `raise`, or raise the `HTTPException` or `Problem` that is to be answered"
        )


@asynccontextmanager
async def in_thread_context(scope: Scope, manager: AbstractContextManager[Any]) -> AsyncIterator[Any]:
    """A sync generator's context, entered and left in worker threads."""
    # A native cancellation of asyncio does not wait for the thread, as anyio's do. So what a thread enters behind our
    # back is left behind the lock, and what it has not yet begun to enter is not entered any more.
    using = Lock()
    state = _FRESH

    def enter() -> Any:
        nonlocal state
        with using:
            if state is _LEFT:
                return None
            value = manager.__enter__()
            state = _ENTERED
            return value

    def leave(*outcome: Any) -> bool | None:
        nonlocal state
        with using:
            was, state = state, _LEFT
            return manager.__exit__(*outcome) if was is _ENTERED else False

    try:
        value = await in_thread(scope, enter)
    except anyio.get_cancelled_exc_class() as exc:
        await _insist(scope, leave, type(exc), exc, exc.__traceback__)
        raise
    try:
        yield value
    except BaseException as exc:
        if not await _insist(scope, leave, type(exc), exc, exc.__traceback__):
            raise
    else:
        await _insist(scope, leave, None, None, None)


async def _insist(scope: Scope, function: Callable[..., Any], *args: Any) -> Any:
    """Call it in a thread, shielded; and again where a native cancellation came before a thread had taken it up."""
    cancelled: BaseException | None = None
    while True:
        try:
            with anyio.CancelScope(shield=True):
                result = await in_thread(scope, function, *args)
        except anyio.get_cancelled_exc_class() as exc:
            cancelled = exc
        else:
            break
    if cancelled is not None:
        raise cancelled
    return result


# Where the context of a sync generator stands.
_FRESH, _ENTERED, _LEFT = "fresh", "entered", "left"


# What is never rendered, whatever the annotation says.
SPECIAL = (Response, Problem, HTTPException)


def settled(result: Any) -> Response:
    """A returned response as it is; a returned problem is raised, so that open transactions see it."""
    if isinstance(result, BaseException):
        raise result
    response: Response = result
    return response


class TrackedSend:
    """`send` that notes in the scope that a response has begun; for `HEAD`, without the body's bytes.

    The first piece of a longer body ends the response to `HEAD`: from then on each call raises `HeadIsSent`.
    """

    __slots__ = ("ended", "head", "scope", "send")

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.send = send
        self.head = scope.get("method") == "HEAD"
        self.ended = False

    async def __call__(self, message: Message) -> None:
        self.scope["signette.started"] = True
        if self.head:
            if self.ended:
                raise HeadIsSent
            if message["type"] == "http.response.body":
                self.ended = message.get("more_body", False)
                message = {"type": "http.response.body", "body": b""}
        try:
            await self.send(message)
        except OSError as gone:  # ASGI 2.4: the client has left
            raise ClientDisconnect from gone
        if self.ended:
            raise HeadIsSent


async def respond(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send a response, noting when it begins."""
    tracked = TrackedSend(scope, send)
    if not tracked.head:
        await response(scope, receive, tracked)
        return
    returned = False
    with until_head_is_sent():
        await response(scope, receive, tracked)
        returned = True
    if not returned and response.background is not None:
        await run_after(response.background, scope)


def merged(response: Response, sketch: Response) -> Response:
    """The response with the status, headers and cookies that were written into the injected one."""
    if sketch.status_code:
        response.status_code = sketch.status_code
    response.raw_headers.extend(sketch.raw_headers)
    return response
