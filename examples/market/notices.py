"""Notices for connected clients."""

from collections.abc import Iterator
from contextlib import contextmanager

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from examples.market.models import Notice


class Board:
    """Sends each notice to all connected clients of this process; several processes need a message broker."""

    def __init__(self) -> None:
        self._watching: set[MemoryObjectSendStream[Notice]] = set()

    @contextmanager
    def watch(self) -> Iterator[MemoryObjectReceiveStream[Notice]]:
        """The notices from now on. Slow clients miss some: at most a hundred wait."""
        send, receive = anyio.create_memory_object_stream[Notice](100)
        with send, receive:
            self._watching.add(send)
            try:
                yield receive
            finally:
                self._watching.discard(send)

    async def post(self, notice: Notice) -> None:
        """Send a notice to all connected clients. Called on the event loop, so that no client connects meanwhile."""
        for send in self._watching:
            try:
                send.send_nowait(notice)
            except anyio.WouldBlock:
                continue
