"""The connections to one URL of Redis, in each event loop that uses it."""

from typing import Any

from anyio import CancelScope

from signette._per_loop import PerLoop
from signette.state.loops import AsyncioRunner, runner_here
from signette.state.redis_client import RedisClient, Script, check_redis
from signette.state.redis_feed import Feed


class Peer:
    """What one event loop has: a client, and the feed of its subscriptions. Both run by `runner`."""

    def __init__(self, url: str, timeout: float) -> None:
        self.runner: AsyncioRunner = runner_here()
        self._settings = url, timeout
        self._prepare()

    def _prepare(self) -> None:
        self.client = RedisClient(*self._settings)
        self.feed = Feed(self.client)

    async def aclose(self) -> None:
        """Close all connections."""
        with CancelScope(shield=True):
            await self.runner.run(self._close)
            await self.runner.aclose()

    async def _close(self) -> None:
        client, feed = self.client, self.feed
        self._prepare()  # for another event loop of the runner: locks of asyncio belong to one
        await feed.aclose()
        await client.aclose()


class RedisConnections:
    """The connections to one URL, which stores and buses share. Nothing opens before the first command.

    Raises:
        ValueError, ImportError: see `check_redis`.
    """

    def __init__(self, url: str, timeout: float) -> None:
        check_redis(url)
        self.url = url
        self.timeout = timeout
        self._peers: PerLoop[Peer] = PerLoop(self._open)
        self._is_used = False

    def _open(self) -> Peer:
        self._is_used = True
        return Peer(self.url, self.timeout)

    def here(self) -> Peer:
        """The connections of the running event loop."""
        return self._peers.get()

    async def execute(self, *command: Any) -> Any:
        """Send a command, and return its reply.

        Raises:
            StateUnavailable: the engine cannot be used.
        """
        peer = self._peers.get()
        return await peer.runner.run(peer.client.execute, *command)

    async def script(self, script: Script, keys: list[bytes], *args: Any) -> Any:
        """Run a script, and return its reply.

        Raises:
            StateUnavailable: the engine cannot be used.
        """
        peer = self._peers.get()
        return await peer.runner.run(peer.client.script, script, keys, *args)

    async def aclose(self) -> None:
        """Close the connections of the running event loop. They open again when they are used again."""
        if self._is_used:
            await self._peers.get().aclose()
