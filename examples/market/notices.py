"""Those who watch the market, and how they are told."""

from collections.abc import Iterator
from contextlib import contextmanager

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from examples.market.models import Notice


class Board:
    """Hands each notice to all who watch. In one process; several need a bus between them."""

    def __init__(self) -> None:
        self._watching: set[MemoryObjectSendStream[Notice]] = set()

    @contextmanager
    def watch(self) -> Iterator[MemoryObjectReceiveStream[Notice]]:
        """The notices from now on. Who reads too slowly misses some: a hundred wait at most."""
        send, receive = anyio.create_memory_object_stream[Notice](100)
        with send, receive:
            self._watching.add(send)
            try:
                yield receive
            finally:
                self._watching.discard(send)

    async def post(self, notice: Notice) -> None:
        """Tell all who watch. Called in the event loop, so that nobody comes or goes meanwhile."""
        for send in self._watching:
            try:
                send.send_nowait(notice)
            except anyio.WouldBlock:
                continue
