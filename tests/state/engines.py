"""The engines that the conformance tests run on."""

from typing import Protocol

from signette.state import Bus, MemoryBus, MemoryStore, Store


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
