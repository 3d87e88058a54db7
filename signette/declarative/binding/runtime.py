"""What binders call at a request: functions in threads, generators that are opened and closed, and responses."""

import functools
from collections.abc import Callable, Hashable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, AsyncExitStack, contextmanager
from contextvars import ContextVar, Token, copy_context
from types import TracebackType
from typing import Any, Self

import anyio

from signette._scope_keys import EXCHANGE, STARTED
from signette._thread_owned import ThreadOwned
from signette._threads import NotedCall, NotedCalls, Run, run_counted, run_holding, run_reserved
from signette.background import BackgroundTasks, is_background_failure, run_after
from signette.concurrency import run_limited
from signette.declarative.signature.callables import identity_of
from signette.exceptions import ClientDisconnect
from signette.responses.plain import Response
from signette.responses.streaming import HeadIsSent, StreamingResponse, until_head_is_sent
from signette.responses.wire import BODILESS
from signette.types import Message, Receive, Scope, Send


async def in_thread(scope: Scope, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Run a sync callable in a worker thread, under the limiter of the application (decision 10).

    Context variables that it sets are set for all later calls of the request.
    """
    call = NotedCall(functools.partial(function, *args, **kwargs))
    try:
        return await run_limited(_limiter_of(scope), call)
    finally:
        call.repeat_changes()


async def in_reserved_thread(
    scope: Scope, key: Hashable, function: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> Any:
    """The same for a request that holds something that the requests in all threads of the limiter may wait for."""
    call = NotedCall(functools.partial(function, *args, **kwargs))
    try:
        return await run_holding(_limiter_of(scope), key, call)
    finally:
        call.repeat_changes()


async def in_one_thread(scope: Scope, calls: Callable[[Run], Any]) -> Any:
    """Make several sync calls in one worker thread, one after the other: those that `calls` makes with its argument.

    What each of them can observe is the same as with `in_thread`, except for thread locals of those before it.
    """
    noted = NotedCalls(calls)
    try:
        return await run_counted(_limiter_of(scope), noted)
    finally:
        noted.abandon()
        noted.repeat_changes()


async def in_one_reserved_thread(scope: Scope, key: Hashable, calls: Callable[[Run], Any]) -> Any:
    """The same for a request that holds something that the requests in all threads of the limiter may wait for."""
    noted = NotedCalls(calls)
    try:
        return await run_holding(_limiter_of(scope), key, noted)
    finally:
        noted.abandon()
        noted.repeat_changes()


def _limiter_of(scope: Scope) -> anyio.CapacityLimiter | None:
    return getattr(scope.get("app"), "limiter", None)


class ExitsOutOfOrder(AsyncExitStack):
    """The open generators of a request, closed in reverse order.

    Closing is shielded: a client that disconnects must not leave a transaction open.

    Raises SwallowedException if a generator swallows an exception, because then there is no response.
    """

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        with anyio.CancelScope(shield=True):
            swallowed = await super().__aexit__(kind, exc, traceback)
        if swallowed:
            raise SwallowedException(exc) from exc
        return False


class Exits(AsyncExitStack):
    """The same for generators that may have a cancel scope or a task group around their `yield`.

    Scopes must be left in reverse order, so the one that shields is entered before those of the generators.
    """

    def __init__(self) -> None:
        super().__init__()
        self._scope = anyio.CancelScope()

    async def __aenter__(self) -> Self:
        self._scope.__enter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        self._scope.shield = True
        try:
            swallowed = await super().__aexit__(kind, exc, traceback)
        except BaseException as raised:
            self._scope.__exit__(type(raised), raised, raised.__traceback__)
            if exc is not None and is_group_of(raised, exc):
                raise exc from exc.__cause__
            raise
        if swallowed:
            self._scope.__exit__(None, None, None)
            raise SwallowedException(exc) from exc
        self._scope.__exit__(kind, exc, traceback)
        return False


def is_group_of(raised: BaseException, exc: BaseException) -> bool:
    """Whether a task group raised the exception that was thrown into it, and no other."""
    while isinstance(raised, BaseExceptionGroup) and len(raised.exceptions) == 1:
        raised = raised.exceptions[0]
        if raised is exc:
            return True
    return False


class SwallowedException(RuntimeError):
    """A `yield` dependency caught an exception and did not re-raise it, so there is no response."""

    def __init__(self, exc: BaseException | None) -> None:
        super().__init__(
            f"a `yield` dependency swallowed {exc!r}\n"
            "  hint: end its `except` with `raise`, or raise an `HTTPException` or a `Problem`"
        )


def sync_context(function: Callable[..., Any]) -> Callable[..., "Keyed"]:
    """A function that makes context managers of a sync generator function, each with the key of the function."""
    make, key = contextmanager(function), identity_of(function)
    return lambda *args, **kwargs: (key, make(*args, **kwargs))


Keyed = tuple[Hashable, AbstractContextManager[Any]]


class ThreadContext(ThreadOwned, AbstractAsyncContextManager[Any]):
    """The context manager of a sync generator, entered and left in worker threads.

    Both run in one context, so context variables that are set before the `yield` can be reset after it. `held`: the
    request already holds something that other requests may wait for.
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
        """Leave in a thread, shielded. Try again after a native cancellation that came before a thread was free."""
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
    """The response that an endpoint returned. A returned problem is raised, so that open generators see it."""
    if isinstance(result, BaseException):
        raise result
    response: Response = result
    if not response.status_code:  # the injected response was returned
        response.status_code = 200
        response.headers.setdefault("content-length", str(memoryview(response.body).nbytes))
    return response


class TrackedSend:
    """A `send` that notes in the scope that the response has started, and sends no body to `HEAD`.

    For `HEAD`, calls after the first chunk of a longer body raise `HeadIsSent`.
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
    """Send a response. An error before the first chunk of a stream decides the status."""
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
    if not returned and (background := getattr(response, "background", None)) is not None:
        await run_after(background, scope)


async def respond_early(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the response of a policy's guard, in place of that of the endpoint."""
    if scope["type"] == "http":
        await respond(response, scope, receive, send)
        if EXCHANGE in scope:  # keep dependencies open until middleware around the endpoint has taken the response
            await scope[EXCHANGE].until_taken()
    elif "websocket.http.response" in (scope.get("extensions") or ()):
        await response(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 1008, "reason": ""})


async def respond_then_run(
    response: Response, tasks: BackgroundTasks, scope: Scope, receive: Receive, send: Send
) -> Exception | None:
    """Send a response, and run its background tasks and the injected ones. Returns what the first failed one raised.

    It is returned, so that dependencies end as after any response that was sent: their transactions are committed.
    """
    failure: Exception | None = None
    try:
        await respond(response, scope, receive, send)
    except Exception as exc:
        if not is_background_failure(exc):
            raise
        failure = exc
    of_tasks = await failure_of(tasks, scope)
    return failure or of_tasks


async def failure_of(tasks: BackgroundTasks, scope: Scope) -> Exception | None:
    """Run the injected background tasks. Returns what the first failed one raised."""
    try:
        await run_after(tasks, scope)
    except Exception as exc:  # noqa: BLE001 - the caller raises it
        return exc
    return None


# Headers that a response may have several times, with all values valid (RFC 9110 §5.3, RFC 6265 §3).
_ADDED = frozenset({b"set-cookie", b"vary", b"link", b"www-authenticate", b"proxy-authenticate", b"allow",
                    b"server-timing"})  # fmt: skip
# Headers that a response may have once. With several, clients differ in which one they use.
_ONCE = frozenset({b"content-type", b"content-location", b"content-disposition", b"location", b"etag", b"last-modified",
                   b"retry-after", b"expires", b"access-control-allow-origin"})  # fmt: skip
# Headers that describe the body of one response, and cannot be copied to another.
_FRAMING = (b"content-length", b"transfer-encoding")


def merged(response: Response, response_overrides: Response) -> Response:
    """Set the status, headers and cookies of the injected response on a response.

    For a stream this is done when its first chunk is ready.
    """
    if isinstance(response, StreamingResponse):
        response._before_start = functools.partial(_merge, response, response_overrides)
    elif isinstance(response, Response) or isinstance(getattr(response, "raw_headers", None), list):
        _merge(response, response_overrides)
    return response


def _merge(response: Response, response_overrides: Response) -> None:
    """Copy status and headers of the injected response. Its headers replace those of the response."""
    own_status = response.status_code
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
    if own_status in BODILESS and response.status_code not in BODILESS and hasattr(response, "body"):
        response.headers["content-length"] = str(memoryview(response.body).nbytes)
