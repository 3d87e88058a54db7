"""What binders do at a request beside reading: call into threads, open and close generators, send what was made."""

import functools
from collections.abc import Callable, Hashable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, AsyncExitStack, contextmanager
from contextvars import ContextVar, Token, copy_context
from types import TracebackType
from typing import Any

import anyio

from signette._scope_keys import STARTED
from signette._thread_owned import ThreadOwned
from signette._threads import NotedCall, run_holding, run_reserved
from signette.background import run_after
from signette.concurrency import run_limited
from signette.declarative.signature.callables import identity_of
from signette.exceptions import ClientDisconnect
from signette.responses.plain import Response
from signette.responses.streaming import HeadIsSent, StreamingResponse, until_head_is_sent
from signette.responses.wire import BODILESS
from signette.types import Message, Receive, Scope, Send


async def in_thread(scope: Scope, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """The result of a sync callable, run in a worker thread under the application's own limiter (decision 10).

    What it sets of context variables is set for whoever is called after it.
    """
    call = NotedCall(functools.partial(function, *args, **kwargs))
    try:
        return await run_limited(_limiter_of(scope), call)
    finally:
        call.repeat_changes()


async def in_reserved_thread(
    scope: Scope, key: Hashable, function: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> Any:
    """The same for a request that holds something open, for which others may wait in all threads of the limiter."""
    call = NotedCall(functools.partial(function, *args, **kwargs))
    try:
        return await run_holding(_limiter_of(scope), key, call)
    finally:
        call.repeat_changes()


def _limiter_of(scope: Scope) -> anyio.CapacityLimiter | None:
    return getattr(scope.get("app"), "limiter", None)


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


def sync_context(function: Callable[..., Any]) -> Callable[..., "Keyed"]:
    """A sync generator function as one that makes contexts, each with the key of the function."""
    make, key = contextmanager(function), identity_of(function)
    return lambda *args, **kwargs: (key, make(*args, **kwargs))


Keyed = tuple[Hashable, AbstractContextManager[Any]]


class ThreadContext(ThreadOwned, AbstractAsyncContextManager[Any]):
    """A sync generator's context, entered and left in worker threads.

    Both see the same context variables: what was set at the one end can be reset at the other. `held`: the request
    holds something open already.
    """

    def __init__(self, scope: Scope, keyed: Keyed, *, held: bool = False) -> None:
        super().__init__()
        self._limiter = _limiter_of(scope)
        self._key, self._manager = keyed
        self._held = held
        self._is_entered = False
        self._context = copy_context()
        self._tokens: dict[ContextVar[Any], Token[Any]] = {}

    async def __aenter__(self) -> Any:
        call = NotedCall(functools.partial(self.use, self._enter), self._context)
        try:
            if self._held:
                return await run_reserved(self._limiter, self._key, call)
            return await run_limited(self._limiter, call)
        except anyio.get_cancelled_exc_class() as exc:
            await self._run_shielded(type(exc), exc, exc.__traceback__)
            raise
        finally:
            call.repeat_changes(self._tokens)

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        return await self._run_shielded(kind, exc, traceback)

    def _enter(self) -> Any:
        value = self._manager.__enter__()
        self._is_entered = True
        return value

    def _exit(self, *outcome: Any) -> bool | None:
        return self._manager.__exit__(*outcome) if self._is_entered else False

    async def _run_shielded(self, *outcome: Any) -> bool | None:
        """Leave in a thread, shielded; and again where a native cancellation came before a thread had taken it up."""
        cancelled: BaseException | None = None
        call = NotedCall(functools.partial(self.release, self._exit, *outcome), self._context)
        while True:
            try:
                with anyio.CancelScope(shield=True):
                    result: bool | None = await run_holding(self._limiter, ("leave", self._key), call)
            except anyio.get_cancelled_exc_class() as exc:
                cancelled = exc
            else:
                break
            finally:
                call.repeat_changes(self._tokens)
        if cancelled is not None:
            raise cancelled
        return result


def unwrap_response(result: Any) -> Response:
    """A returned response as it is; a returned problem is raised, so that open transactions see it."""
    if isinstance(result, BaseException):
        raise result
    response: Response = result
    if not response.status_code:  # the injected one, returned
        response.status_code = 200
        response.headers.setdefault("content-length", str(memoryview(response.body).nbytes))
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
        self.scope[STARTED] = True
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
    """Send a response, noting when it begins. What goes wrong before the first piece of a stream decides its status."""
    if isinstance(response, StreamingResponse):
        response._waits_for_first_chunk = True
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


# What HTTP lets stand in several fields of one response, each adding to the others (RFC 9110 §5.3, RFC 6265 §3).
_ADDED = frozenset({b"set-cookie", b"vary", b"link", b"www-authenticate", b"proxy-authenticate", b"allow",
                    b"server-timing"})  # fmt: skip
# Of these a client takes one, and no two take the same.
_ONCE = frozenset({b"content-type", b"content-location", b"content-disposition", b"location", b"etag", b"last-modified",
                   b"retry-after", b"expires", b"access-control-allow-origin"})  # fmt: skip
# How long a body is, and how it is framed, only the response that has it knows.
_FRAMING = (b"content-length", b"transfer-encoding")


def merged(response: Response, response_overrides: Response) -> Response:
    """The response with the status, headers and cookies that were written into the injected one.

    Of a stream they are those that are there when its first piece is. A response of another package stays as it is.
    """
    if isinstance(response, StreamingResponse):
        response._before_start = functools.partial(_merge, response, response_overrides)
    elif isinstance(response, Response):
        _merge(response, response_overrides)
    return response


def _merge(response: Response, response_overrides: Response) -> None:
    """Write the injected response into one. A field that it sets takes the place of the response's own."""
    made_for = response.status_code
    if response_overrides.status_code:
        response.status_code = response_overrides.status_code
    last = {field[0]: field for field in response_overrides.raw_headers if field[0] in _ONCE}
    given = [
        field
        for field in response_overrides.raw_headers
        if field[0] not in _FRAMING and last.get(field[0], field) is field
    ]
    if given:
        replaced = {name for name, _ in given if name not in _ADDED}
        response.raw_headers[:] = [field for field in response.raw_headers if field[0] not in replaced] + given
    if made_for in BODILESS and response.status_code not in BODILESS and hasattr(response, "body"):
        response.headers["content-length"] = str(memoryview(response.body).nbytes)
