"""Calls of operations: encode, send, decode. What dynamic clients and generated ones share."""

from collections.abc import Awaitable, Mapping
from typing import Any

from signette.client.runtime.decoding import Reply, ResponseDecoder
from signette.client.runtime.encoding import RequestEncoder
from signette.client.runtime.errors import UnexpectedResponse, Unsupported
from signette.client.runtime.spec import OperationSpec
from signette.client.runtime.transport import BlockingTransport, Pairs, Sent, Transport


class PreparedCalls:
    """The encoder and the decoder of each operation, made when it is first called."""

    def __init__(self, headers: Mapping[str, str] | None = None, timeout: float | None = None) -> None:
        self.headers: Pairs = [(name.lower(), value) for name, value in (headers or {}).items()]
        self.timeout = timeout
        # By identity: defaults in a spec may have no hash. The spec is kept, so that its id stays its own.
        self._made: dict[int, tuple[OperationSpec, RequestEncoder, ResponseDecoder]] = {}

    def coders(self, operation: OperationSpec) -> tuple[RequestEncoder, ResponseDecoder]:
        """The encoder and the decoder of an operation.

        Raises Unsupported.
        """
        found = self._made.get(id(operation))
        if found is None:
            if operation.unsupported:
                raise Unsupported(operation)
            found = self._made[id(operation)] = operation, RequestEncoder(operation), ResponseDecoder(operation)
        return found[1], found[2]

    def finish(self, sent: Sent, decoder: ResponseDecoder) -> Sent:
        """The request with what all requests of the client have."""
        if self.headers:
            names = {name for name, _ in self.headers}
            sent.headers = [*(pair for pair in sent.headers if pair[0] not in names), *self.headers]
        sent.timeout = self.timeout
        sent.streams = decoder.streams
        return sent


class AsyncCalls:
    """Calls operations over a transport."""

    def __init__(
        self, transport: Transport, *, headers: Mapping[str, str] | None = None, timeout: float | None = None
    ) -> None:
        self.transport = transport
        self.prepared = PreparedCalls(headers, timeout)

    def call(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Any:
        """Call an operation: what it returns, after `await`.

        Raises ArgumentError and Unsupported before the request is sent.
        """
        encoder, decoder = self.prepared.coders(operation)
        sent = encoder.encode(arguments)
        return self._value(sent, decoder)

    def call_json(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Awaitable[Any]:
        """Call an operation with arguments that are JSON values already, with the names of JSON.

        Raises ArgumentError and Unsupported before the request is sent.
        """
        encoder, decoder = self.prepared.coders(operation)
        sent = encoder.encode_json(arguments)
        return self._value(sent, decoder)

    async def reply(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Reply[Any]:
        """Call an operation: its result with the status and the headers."""
        encoder, decoder = self.prepared.coders(operation)
        sent = encoder.encode(arguments)
        return await self._reply(sent, decoder)

    async def _value(self, sent: Sent, decoder: ResponseDecoder) -> Any:
        return (await self._reply(sent, decoder)).value

    async def _reply(self, sent: Sent, decoder: ResponseDecoder) -> Reply[Any]:
        received = await self.transport.send(self.prepared.finish(sent, decoder))
        try:
            body = await received.aread()
        finally:
            await received.aclose()
        return decoded_reply(decoder, received, body)


class BlockingCalls:
    """Calls operations over a transport, without `async`."""

    def __init__(
        self, transport: BlockingTransport, *, headers: Mapping[str, str] | None = None, timeout: float | None = None
    ) -> None:
        self.transport = transport
        self.prepared = PreparedCalls(headers, timeout)

    def call(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Any:
        """Call an operation, and return what it returns."""
        return self.reply(operation, arguments).value

    def call_json(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Any:
        """Call an operation with arguments that are JSON values already, with the names of JSON."""
        encoder, decoder = self.prepared.coders(operation)
        return self._reply(encoder.encode_json(arguments), decoder).value

    def reply(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Reply[Any]:
        """Call an operation: its result with the status and the headers."""
        encoder, decoder = self.prepared.coders(operation)
        return self._reply(encoder.encode(arguments), decoder)

    def _reply(self, sent: Sent, decoder: ResponseDecoder) -> Reply[Any]:
        received = self.transport.send(self.prepared.finish(sent, decoder))
        try:
            body = received.read()
        finally:
            received.close()
        return decoded_reply(decoder, received, body)


def decoded_reply(decoder: ResponseDecoder, received: Any, body: bytes) -> Reply[Any]:
    """The reply of a response that was read."""
    status, headers = received.status, received.headers
    try:
        return Reply(decoder.decode(status, headers, body), status, headers)
    except UnexpectedResponse as exc:
        error: BaseException | None = getattr(received, "error", None)
        if error is not None:  # raised by an application in the same process
            raise exc from error
        raise
