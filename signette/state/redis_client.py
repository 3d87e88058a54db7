"""Connections to Redis: timeouts, back-off, and `StateUnavailable` in place of the errors of the library.

The only module that imports redis. It is imported when a client is made, as that takes a tenth of a second.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from hashlib import sha1
from typing import Any

from signette.state.redis_url import client_url, shown_url
from signette.state.unavailable import StateUnavailable

# Connections of one event loop. A connection carries one command at a time; more commands wait for their turn.
_CONNECTIONS = 32
_FIRST_DELAY, _LAST_DELAY = 0.05, 2.0


class Script:
    """A script that the engine runs in one step. It is sent once, and called by its hash."""

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self.sha = sha1(self.text.encode(), usedforsecurity=False).hexdigest()


class Backoff:
    """When a failing engine is tried again: at once after one failure, then after longer and longer delays."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self._failures = 0
        self._failed_at = self._retry_at = 0.0

    def delay(self) -> float:
        """Seconds until the next attempt."""
        return max(0.0, self._retry_at - self.now()) if self._failures > 1 else 0.0

    def failed(self, started: float) -> None:
        """Count a failure. Of attempts at the same time only the first one counts."""
        if self._failures and started <= self._failed_at:
            return
        self._failures += 1
        self._failed_at = self.now()
        longest = min(_LAST_DELAY, _FIRST_DELAY * 2 ** min(self._failures - 2, 10))
        # At random, so that processes do not all come back at the same moment.
        self._retry_at = self._failed_at + longest * random.uniform(0.5, 1)  # noqa: S311 - nothing secret

    def succeeded(self) -> None:
        """Forget earlier failures."""
        self._failures = 0


def check_redis(url: str) -> None:
    """Check that the library is installed, and that it accepts a URL. Opens nothing.

    Raises:
        ImportError: it is not installed.
        ValueError: the URL is not valid. The message does not show a password.
    """
    RedisClient(url, 1.0).make_connection()


class RedisClient:
    """A client of one URL, in one event loop of asyncio. Every command ends within `timeout` seconds."""

    def __init__(self, url: str, timeout: float) -> None:
        self.timeout = timeout
        self.engine = f"the engine {shown_url(client_url(url))}"
        self.backoff = Backoff()
        self._last_reason = ""
        self.redis = _library()
        self.pool = self._pool_of(url)

    def _pool_of(self, url: str) -> Any:
        asyncio_redis = self.redis.asyncio
        try:
            return asyncio_redis.BlockingConnectionPool.from_url(
                client_url(url),
                max_connections=_CONNECTIONS,
                timeout=self.timeout,
                protocol=2,
                driver_info=None,  # it would be looked up in files for each connection
                socket_timeout=self.timeout,
                socket_connect_timeout=self.timeout,
                # A command whose reply was lost may have been carried out, so no command is sent twice.
                retry=asyncio_redis.retry.Retry(self.redis.backoff.NoBackoff(), 0),
            )
        except ValueError as exc:
            raise ValueError(f"invalid URL of Redis: {exc}") from None

    def make_connection(self, **options: Any) -> Any:
        """A connection that is not open yet."""
        pool = self.pool
        try:
            return pool.connection_class(**{**pool.connection_kwargs, **options})
        except (TypeError, self.redis.RedisError) as exc:
            raise ValueError(f"invalid option in the URL of Redis: {exc}") from None

    async def execute(self, *command: Any) -> Any:
        """Send a command, and return its reply."""
        async with self.attempt():
            return await self._reply_to(command)

    async def script(self, script: Script, keys: list[bytes], *args: Any) -> Any:
        """Run a script, and return its reply."""
        async with self.attempt():
            try:
                return await self._reply_to(("EVALSHA", script.sha, len(keys), *keys, *args))
            except self.redis.exceptions.NoScriptError:  # the engine has started again
                return await self._reply_to(("EVAL", script.text, len(keys), *keys, *args))

    async def _reply_to(self, command: tuple[Any, ...]) -> Any:
        connection = await self.pool.get_connection()
        is_usable = False
        try:
            if _is_lost(connection):
                await connection.disconnect(nowait=True)
                await connection.connect()
            await connection.send_command(*command)
            reply = await connection.read_response()
            is_usable = True
        except self.redis.exceptions.ReadOnlyError:
            raise  # after a failover the name may belong to another server: connect again
        except self.redis.exceptions.ResponseError:
            is_usable = True
            raise
        finally:
            if not is_usable:  # the reply may still come
                await connection.disconnect(nowait=True)
            await self.pool.release(connection)
        return reply

    @asynccontextmanager
    async def listen(self) -> AsyncGenerator["Listener"]:
        """A separate connection that receives messages."""
        connection = self.make_connection(socket_timeout=None)
        try:
            async with self.errors(), asyncio.timeout(self.timeout):
                await connection.connect()
            yield Listener(self, connection)
        finally:
            await connection.disconnect(nowait=True)

    @asynccontextmanager
    async def attempt(self) -> AsyncGenerator[None]:
        """A block that uses the engine: it ends within the timeout, and its errors are StateUnavailable."""
        if self.backoff.delay():
            raise StateUnavailable(f"{self.engine} {self._last_reason}; it is tried again in a moment")
        async with self.errors(), asyncio.timeout(self.timeout):
            yield

    @asynccontextmanager
    async def errors(self) -> AsyncGenerator[None]:
        """Raise StateUnavailable in place of errors of the library and of the connection, and count failures."""
        started = self.backoff.now()
        try:
            yield
        except self.redis.exceptions.ResponseError as exc:
            self.backoff.succeeded()
            # Without the cause: the engine may repeat the arguments of the command.
            raise StateUnavailable(f"{self.engine} {_reason_of(exc)}") from None
        except (self.redis.RedisError, OSError) as exc:
            self.backoff.failed(started)
            is_timeout = isinstance(exc, TimeoutError | self.redis.TimeoutError)
            self._last_reason = f"did not reply within {self.timeout:g} s" if is_timeout else _reason_of(exc)
            raise StateUnavailable(f"{self.engine} {self._last_reason}") from exc
        self.backoff.succeeded()

    async def aclose(self) -> None:
        """Close all connections. They open again when they are used again."""
        await self.pool.disconnect()


class Listener:
    """A connection that receives messages. Its methods raise StateUnavailable."""

    def __init__(self, client: RedisClient, connection: Any) -> None:
        self._client = client
        self._connection = connection

    async def send(self, *command: Any) -> None:
        """Send a command. Its reply is one of those that `receive` returns."""
        async with self._client.errors(), asyncio.timeout(self._client.timeout):
            if _is_lost(self._connection):
                raise ConnectionResetError
            await self._connection.send_command(*command)

    async def receive(self) -> list[Any]:
        """Wait for the next reply or message."""
        async with self._client.errors():
            reply: list[Any] = await self._connection.read_response()
            return reply


def _is_lost(connection: Any) -> bool:
    """Whether a connection was lost, and the client has yet to notice.

    To write to it fails; and on Python 3.12 and 3.13, `writelines` of a lost transport waits for its socket to become
    writable, whose number may be that of another connection by now.
    """
    writer = getattr(connection, "_writer", None)
    return writer is not None and writer.transport.is_closing()


def _library() -> Any:
    try:
        import redis  # noqa: PLC0415
        import redis.asyncio  # noqa: PLC0415
    except ModuleNotFoundError as exc:
        if exc.name != "redis":
            raise
        raise ImportError(
            "state in Redis needs the package redis, which is not installed."
            " Install it with `pip install 'signette[redis]'`."
        ) from None
    return redis


# The class of an error of the library -> what it means. The class of an exception counts before its base classes.
_REASONS = {
    "OutOfMemoryError": "is full: its memory has reached `maxmemory`",
    "ReadOnlyError": "is a read-only replica",
    "BusyLoadingError": "is loading its data",
    "AuthenticationError": "rejected the user or the password",
    "AuthenticationWrongNumberOfArgsError": "rejected the user or the password",
    "NoPermissionError": "does not permit this command to the user",
    "MaxConnectionsError": "has no free connection",
    "ConnectionError": "cannot be reached",
}


def _reason_of(exc: Exception) -> str:
    chain = list(_chain(exc))
    names = [name for each in chain if (name := _known_name(each)) is not None]
    if not names:
        # Its first word is a code, such as MISCONF; the others may be arguments of the command.
        code = str(exc).partition(" ")[0]
        return f"rejected a command ({code})" if code.isupper() else "rejected a command"
    name = next((name for name in names if name != "ConnectionError"), "ConnectionError")
    problem = next((each.strerror for each in chain if isinstance(each, OSError) and each.strerror), None)
    return f"{_REASONS[name]} ({problem})" if name == "ConnectionError" and problem else _REASONS[name]


def _known_name(exc: BaseException) -> str | None:
    return next((cls.__name__ for cls in type(exc).__mro__ if cls.__name__ in _REASONS), None)


def _chain(exc: BaseException | None) -> Iterator[BaseException]:
    """An error and those that it was raised from: the library wraps those of the connection."""
    while exc is not None:
        yield exc
        exc = exc.__cause__ or exc.__context__
