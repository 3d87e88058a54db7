"""The engines that the conformance tests run on."""

from typing import Protocol

from signette.state import Bus, MemoryBus, MemoryStore, Store
from signette.state.redis import RedisBus, RedisStore
from signette.state.redis_connections import RedisConnections
from tests.redis_server import RedisServer


class Engine(Protocol):
    """A store and a bus that share an engine, and its clock."""

    store: Store
    bus: Bus
    kept_messages: int
    """How many messages of a topic are kept."""

    async def advance(self, seconds: float) -> None:
        """Let values expire as if this time had gone by."""


class MemoryEngine:
    """Memory, with a clock that the test moves."""

    kept_messages = 5

    def __init__(self) -> None:
        self.now = 1000.0
        self.store: Store = MemoryStore(clock=lambda: self.now)
        self.bus: Bus = MemoryBus(max_messages=self.kept_messages)

    async def advance(self, seconds: float) -> None:
        self.now += seconds


class RedisEngine:
    """A redis-server, with keys that no other test has."""

    kept_messages = 5
    _count = 0

    def __init__(self, server: RedisServer) -> None:
        RedisEngine._count += 1
        self.server = server
        self.prefix = f"test{RedisEngine._count}"
        self.connections = RedisConnections(server.url, timeout=5)
        self.store: Store = RedisStore(self.connections, prefix=f"{self.prefix}:")
        self.bus: Bus = RedisBus(self.connections, prefix=f"{self.prefix}/", max_messages=self.kept_messages)

    async def advance(self, seconds: float) -> None:
        for key in self.server("KEYS", f"{self.prefix}*"):
            remaining = self.server("PTTL", key)
            if remaining >= 0:
                self.server("PEXPIRE", key, int(remaining - 1000 * seconds))  # less than 0 deletes it
