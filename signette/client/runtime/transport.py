"""The seam between calls and what carries them: a `Sent` request, and a `Received` response."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

Pairs = list[tuple[str, str]]
"""Headers, in the order sent. The names of responses are in lower case."""


@dataclass(slots=True)
class Sent:
    """A request."""

    method: str
    url: str
    """The path and the query, percent-encoded."""
    headers: Pairs = field(default_factory=list)
    body: bytes | AsyncIterable[bytes] | Iterable[bytes] | None = None
    streams: bool = False
    """The response is read while it arrives. False: it is read whole, before `send` returns."""
    timeout: float | None = None
    """Seconds for the whole call. None: the timeouts of the client."""


class Received(Protocol):
    """A response, whose body may still arrive."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Pairs: ...

    async def aread(self) -> bytes:
        """The whole body. It may be called again."""
        ...

    def aiter_bytes(self) -> AsyncIterator[bytes]:
        """The chunks of the body as they arrive, once."""
        ...

    async def aclose(self) -> None:
        """End the response. It may be called again."""
        ...


class BlockingReceived(Protocol):
    """A response of a client without `async`."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Pairs: ...

    def read(self) -> bytes:
        """The whole body. It may be called again."""
        ...

    def iter_bytes(self) -> Iterator[bytes]:
        """The chunks of the body as they arrive, once."""
        ...

    def close(self) -> None:
        """End the response. It may be called again."""
        ...


class Transport(Protocol):
    """What carries requests of an `AsyncClient`."""

    async def send(self, sent: Sent) -> Received: ...
    async def aclose(self) -> None: ...


class BlockingTransport(Protocol):
    """What carries requests of a `Client`."""

    def send(self, sent: Sent) -> BlockingReceived: ...
    def close(self) -> None: ...


@dataclass(slots=True)
class WholeResponse:
    """A response whose body is in memory."""

    status: int
    headers: Pairs
    body: bytes = b""
    error: BaseException | None = None
    """What an application in the same process has raised after its response."""

    async def aread(self) -> bytes:
        return self.body

    async def aiter_bytes(self) -> AsyncIterator[bytes]:
        if self.body:
            yield self.body

    async def aclose(self) -> None:
        pass

    def read(self) -> bytes:
        return self.body

    def iter_bytes(self) -> Iterator[bytes]:
        if self.body:
            yield self.body

    def close(self) -> None:
        pass


def header_of(headers: Pairs, name: str) -> str | None:
    """The first value of a header of a response, by its name in lower case."""
    return next((value for key, value in headers if key == name), None)


async def close_chunks(chunks: object) -> None:
    """Close an iterator of chunks, if it is an async generator, which an event loop would close at some later time."""
    if isinstance(chunks, AsyncGenerator):
        await chunks.aclose()
