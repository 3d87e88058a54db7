"""Jobs in Redis: calls wait in a stream, through the broker of taskiq, until a worker takes them.

Theory of operation. A call is an entry of a stream, which a consumer group reads. A worker acknowledges an entry when
the job has run. An entry that was not acknowledged for a while is claimed by another worker: its worker has died, or
still runs it (`worker.py` finds out which). The broker of taskiq looks for such entries only after a new one has
arrived, which may be never, so this module looks for them itself.

A delayed call is a member of a sorted set, by the time at which it is due. All workers look there; a script gives each
due call to one of them, which puts it into the stream and then removes it. If that worker dies in between, another one
does the same again, and the record of the job keeps it from running twice.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from contextlib import aclosing, asynccontextmanager, contextmanager
from functools import partial
from typing import Any

from anyio import CancelScope, fail_after

from signette._per_loop import PerLoop
from signette.declarative.jobs.calls import JobCall, decode
from signette.state.backend import Backend
from signette.state.loops import AsyncioRunner, runner_here
from signette.state.redis_client import Script
from signette.state.redis_url import shown_url
from signette.state.unavailable import StateUnavailable

GROUP = "workers"
NEVER_MILLISECONDS = 10 * 365 * 86_400_000
# Entries that are not acknowledged are delivered again after this time.
RECLAIM_SECONDS = 30.0
# A worker that waits for a new entry looks for old ones this often.
BLOCK_MILLISECONDS = 1000
# A worker that has taken a delayed call puts it into the stream at once; otherwise it has died.
MOVING_MILLISECONDS = 30_000
MOVED_AT_ONCE = 100
# A consumer without entries that has not asked for one for this long belongs to a worker that was killed.
DEAD_MILLISECONDS = 3_600_000

# The clock is that of the server, as those of hosts differ. `%.0f`: a number of Lua is a float.
_DELAY = Script("""
local now = redis.call('TIME')
local due = string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000) + ARGV[1])
return redis.call('ZADD', KEYS[1], due, ARGV[2])
""")

# Each due call, for one worker: it is due again when that worker has not removed it in time.
_TAKE_DUE = Script("""
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[2])
for _, call in ipairs(due) do redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[1]), call) end
return due
""")

# An entry that is idle for long enough, for this consumer; it is not idle any more then.
_RECLAIM = Script("""
if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
local old = redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[3], '-', '+', 1)
if #old == 0 then return {} end
return redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], old[1][1])
""")

# An acknowledged entry would stay in the stream.
_ACKNOWLEDGE = Script("""
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
return redis.call('XDEL', KEYS[1], ARGV[2])
""")

# Consumers of workers that were killed. One with entries stays: they are delivered to others, one by one.
_CLEAN = Script("""
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local facts = {}
  for index = 1, #consumer, 2 do facts[consumer[index]] = consumer[index + 1] end
  if facts['pending'] == 0 and facts['idle'] > tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], facts['name'])
  end
end
return 1
""")


class Delivery:
    """A call that was delivered to this worker."""

    def __init__(self, data: bytes, ack: Any) -> None:
        self.data = data
        self._ack = ack

    def call(self) -> JobCall:
        """The call. Raises an exception if the entry is not one."""
        return decode(self.data)

    async def acknowledge(self) -> None:
        """Say that the call need not be delivered again.

        Raises:
            StateUnavailable: Redis cannot be reached.
        """
        await self._ack()


class StreamQueue:
    """Calls in a stream of Redis, for any number of processes."""

    def __init__(self, backend: Backend, reclaim_seconds: float = RECLAIM_SECONDS) -> None:
        connections = backend.connections("jobs")
        assert connections is not None  # as the URL is one of Redis
        self._connections = connections  # the backend closes them
        self._url = backend.url("jobs")
        self.shown_url = shown_url(self._url)
        self._timeout = backend.timeout
        self.reclaim_seconds = reclaim_seconds
        prefix = f"{backend.namespace}:jobs"
        self.stream, self.delayed = f"{prefix}:queue", f"{prefix}:delayed"
        self._senders: PerLoop[_Sender] = PerLoop(self._sender)

    def _sender(self) -> "_Sender":
        return _Sender(self)

    def broker(self) -> Any:
        """A broker of taskiq, which is not connected yet."""
        return _broker_class(self._acknowledgement)(
            self._url,
            queue_name=self.stream,
            consumer_group_name=GROUP,
            consumer_id="0",  # also what was sent before the first worker has started
            xread_block=BLOCK_MILLISECONDS,
            # A worker takes a call when it can run it, and leaves others to other workers.
            xread_count=1,
            idle_timeout=NEVER_MILLISECONDS,  # see above
            unacknowledged_batch_size=1,
            unacknowledged_lock_timeout=5,
            driver_info=None,  # making it would read files
        )

    def _acknowledgement(self, entry_id: bytes) -> Any:
        key = self.stream.encode()
        return partial(self._connections.script, _ACKNOWLEDGE, [key], GROUP, entry_id)

    # -- sending -------------------------------------------------------------------------------------------------------

    async def send(self, call: JobCall, delay: float = 0) -> None:
        """Put a call into the stream, or into the sorted set.

        Raises:
            StateUnavailable: Redis cannot be reached in time.
        """
        if delay > 0:
            await self._connections.script(_DELAY, [self.delayed.encode()], int(delay * 1000), call.encode())
        else:
            await self._senders.get().send(call)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Keep the connections of this event loop open until the end of the block."""
        async with self._senders.get().in_use():
            yield

    # -- receiving, on asyncio -----------------------------------------------------------------------------------------

    @asynccontextmanager
    async def receiving(self) -> AsyncGenerator[AsyncIterator[Delivery]]:
        """The calls that are delivered to this worker: new ones, and those that a dead worker has left.

        Raises:
            StateUnavailable: Redis cannot be reached.
        """
        broker = self.broker()
        try:
            with unavailable(), fail_after(self._timeout):
                await broker.startup()
            async with aclosing(_deliveries(broker)) as deliveries:
                yield deliveries
        finally:
            with CancelScope(shield=True):
                await broker.shutdown()

    async def reclaim(self, consumer: str) -> Delivery | None:
        """A call that another worker has not acknowledged in time; None without one.

        Raises:
            StateUnavailable: Redis cannot be reached.
        """
        idle = int(self.reclaim_seconds * 1000)
        for entry in await self._connections.script(_RECLAIM, [self.stream.encode()], GROUP, consumer, idle):
            entry_id, (_, data) = entry
            return Delivery(data, self._acknowledgement(entry_id))
        return None

    async def move_due(self) -> int:
        """Put delayed calls that are due into the stream, and return how many there were.

        Raises:
            StateUnavailable: Redis cannot be reached.
        """
        key = self.delayed.encode()
        due = await self._connections.script(_TAKE_DUE, [key], MOVING_MILLISECONDS, MOVED_AT_ONCE)
        for data in due:
            await self.send(decode(data))
            await self._connections.execute("ZREM", key, data)
        return len(due)

    async def clean(self) -> None:
        """Remove consumers of workers that were killed.

        Raises:
            StateUnavailable: Redis cannot be reached.
        """
        await self._connections.script(_CLEAN, [self.stream.encode()], GROUP, DEAD_MILLISECONDS)


class _Sender:
    """The broker that an event loop sends with. It is closed after each call, unless a lifespan runs."""

    def __init__(self, queue: StreamQueue) -> None:
        self._queue = queue
        self._runner: AsyncioRunner = runner_here()
        self._broker: Any = None
        self._users = 0

    @asynccontextmanager
    async def in_use(self) -> AsyncGenerator[None]:
        """Keep the broker open until the end of the block, and of all others."""
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                with CancelScope(shield=True):
                    await self._runner.run(self._drop)
                    # Another call may have begun meanwhile: it runs there, and closes it at its end.
                    if not self._users:
                        await self._runner.aclose()

    async def send(self, call: JobCall) -> None:
        async with self.in_use():
            with unavailable(), fail_after(self._queue._timeout):
                await self._runner.run(self._send, call)

    async def _send(self, call: JobCall) -> None:
        import taskiq  # noqa: PLC0415 - an extra

        message = taskiq.BrokerMessage(task_id=call.id, task_name=call.name, message=call.encode(), labels={})
        # The connections of a broker may have ended with the engine. A call that is in the stream twice runs once.
        for is_last in (False, True):
            broker = await self._open()
            try:
                await broker.kick(message)
            except BaseException as exc:
                with CancelScope(shield=True):
                    await self._drop(broker)
                if is_last or not isinstance(exc, Exception):
                    raise
            else:
                return

    async def _open(self) -> Any:
        if self._broker is None:
            broker = self._queue.broker()
            try:
                await broker.startup()
            except BaseException:
                with CancelScope(shield=True):
                    await broker.shutdown()
                raise
            if self._broker is None:
                self._broker = broker
            else:  # another call has opened one meanwhile
                await broker.shutdown()
        return self._broker

    async def _drop(self, broker: Any = None) -> None:
        """Close the broker, or only this one. Another one is opened when it is used again."""
        if self._broker is not None and broker in (None, self._broker):
            broker, self._broker = self._broker, None
            await broker.shutdown()


async def _deliveries(broker: Any) -> AsyncGenerator[Delivery]:
    async with aclosing(broker.listen()) as messages:
        while True:
            with unavailable():
                message = await anext(messages)
            yield Delivery(message.data, message.ack)


def _broker_class(acknowledgement: Callable[[bytes], Any]) -> Any:
    """The broker class, with another way to acknowledge an entry: also when the broker is closed already."""
    import taskiq_redis  # noqa: PLC0415 - an extra

    class Broker(taskiq_redis.RedisStreamBroker):
        def _ack_generator(self, id: Any, queue_name: str | None = None) -> Any:  # noqa: A002, ARG002 - the base's
            return acknowledgement(id)

    return Broker


@contextmanager
def unavailable() -> Generator[None]:
    """Raise StateUnavailable in place of errors of taskiq and of the client library."""
    try:
        yield
    except StateUnavailable:
        raise
    except Exception as exc:
        # Without the text, which may repeat the arguments of a command.
        raise StateUnavailable(f"the queue of jobs cannot be used: {type(exc).__name__}") from exc


def check_taskiq() -> None:
    """Check that taskiq is installed.

    Raises:
        ImportError: it is not; the message says what to install.
    """
    try:
        import taskiq_redis  # noqa: F401, PLC0415 - an extra
    except ImportError:
        raise ImportError("jobs in Redis need taskiq: `pip install 'signette[redis,jobs]'`") from None
