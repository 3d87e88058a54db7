"""A stream of items in the request body: `rows: Stream[Reading]`."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import anyio

from signette._overrides import overrides
from signette.body import chunks_of, limit_body
from signette.declarative.signature.model import Parameter
from signette.declarative.sources.body import unsupported
from signette.declarative.sources.header import HEADER
from signette.declarative.sources.injected import limited_receive
from signette.declarative.sources.operation_limits import limits_in_force
from signette.declarative.sources.row import Row
from signette.declarative.sources.source import Phase
from signette.declarative.streams.received import ErrorsOf
from signette.declarative.streams.spec import StreamSpec
from signette.declarative.streams.stream import Stream
from signette.limits import Limits, set_by
from signette.requests import Request
from signette.types import Message, Receive, Scope


class BodyChunks:
    """The chunks of a body, for a stream that the endpoint reads when it wants to.

    `receive` is for what waits for a disconnect meanwhile, such as a streaming response: it leaves the body to the
    stream.
    """

    def __init__(self, scope: Scope, receive: Receive, limits: Limits, request: Request[Any] | None = None) -> None:
        self.scope = scope
        self.limits = limits
        self.is_started = False
        """Whether a part of the body was read."""
        self._receive = receive
        self._request = request
        self._chunks: AsyncIterator[bytes] | None = None
        self._is_reading = False
        self._is_over = False
        self._is_closed = False
        self._over = anyio.Event()

    def limit(self, max_bytes: int | None) -> None:
        """Set the limit of the stream, in place of that of the route."""
        if max_bytes is None:
            return
        receive = limit_body(set_by("`Items(max_bytes=...)`", max_bytes), self.scope, self._receive)
        if self._request is None:
            self._receive = receive

    async def next(self) -> bytes:
        """The next chunk; empty at the end.

        Raises ClientDisconnect, LimitExceeded, and RuntimeError.
        """
        if self._is_closed:
            raise RuntimeError("the stream cannot be read after the end of its request")
        if self._is_reading:
            raise RuntimeError("the stream is read by another task already")
        if self._is_over:
            return b""
        self._is_reading = self.is_started = True
        try:
            if self._chunks is None:
                self._chunks = await self._open()
            chunk = await anext(self._chunks, b"")
        except BaseException:
            self._end()
            raise
        finally:
            self._is_reading = False
        if not chunk:
            self._end()
        return chunk

    async def _open(self) -> AsyncIterator[bytes]:
        request = self._request
        if request is None:
            return chunks_of(self._receive)
        is_own = type(request) is not Request and overrides(request, Request, "body")
        if not is_own or overrides(request, Request, "stream"):
            return request.stream()
        body = await request.body()  # a subclass may decode it

        async def receive() -> Message:
            return {"type": "http.request", "body": body}

        return chunks_of(receive)

    async def receive(self) -> Message:
        """The next message after the body, which the stream reads."""
        await self._over.wait()
        return await self._receive()

    def close(self) -> None:
        """End the stream with its request."""
        self._is_closed = True
        self._end()

    def _end(self) -> None:
        self._is_over = True
        self._over.set()


def chunks_of_body(scope: Scope, receive: Receive, limits: Limits) -> BodyChunks:
    """The chunks of a body, within the limit of the route."""
    return BodyChunks(scope, limited_receive(scope, receive, limits), limits_in_force(scope, limits))


def chunks_of_request(request: Request[Any], receive: Receive, limits: Limits) -> BodyChunks:
    """The chunks of a body that a `Request` reads, whose `receive` is limited already."""
    return BodyChunks(request.scope, receive, limits_in_force(request.scope, limits), request)


def stream_maker(spec: StreamSpec) -> Callable[..., Stream[Any]]:
    """A function that makes the stream of a request.

    It raises HTTPException 415 if the body has another media type, before it is read.
    """
    make, accepted = spec.maker(), ", ".join(spec.media_types)

    def stream_of(chunks: BodyChunks, headers: Mapping[bytes, bytes], errors_of: ErrorsOf, strict: bool) -> Stream[Any]:
        content_type = headers.get(b"content-type")
        found = spec.format_of(content_type, strict=strict)
        if found is None:
            raise unsupported(content_type, accepted)
        chunks.limit(spec.items.max_bytes)
        return make(found, headers, chunks.next, chunks.limits, errors_of)

    return stream_of


def is_stream_parameter(parameter: Parameter) -> bool:
    """Whether a parameter is a `Stream`, or has one in its type."""
    return any(part.cls is Stream for part in parameter.type.walk())


# For applications in which a body needs no Content-Type.
LENIENT_STREAM = {"k_requires_content_type": False}

STREAM = Row(
    name="stream",
    place="body",
    claims_if=is_stream_parameter,
    phase=Phase.BODY,
    after=(HEADER,),
    container="body_chunks",
    starts="body_chunks = None",
    # What waits for a disconnect must not take the body away.
    opening="body_chunks = k_chunks_of_body(scope, receive, k_limits)\nreceive = body_chunks.receive",
    opening_request="body_chunks = k_chunks_of_request(request, receive, k_limits)\nreceive = body_chunks.receive",
    closes="if body_chunks is not None:\n    body_chunks.close()",
    one="MISSING",
    always_present=True,
    checks="never",
    error_statuses=(400, 413, 415),
    uses={
        "k_chunks_of_body": chunks_of_body,
        "k_chunks_of_request": chunks_of_request,
        "k_requires_content_type": True,
    },
)
