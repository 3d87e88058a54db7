"""Calls of operations: encode, send, decode. What dynamic clients and generated ones share.

Theory of operation. A call is encoded at once, so that an argument that cannot be sent is an error where it is passed.
Then the kind of the operation's result decides: a value is read whole and decoded, by `reply_of`; for other kinds, such
as `events`, a `ResultMaker` of the client makes an object of the call, which sends the request when it is used.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from signette.client.runtime.decoding import STREAMED_KINDS, Reply, ResponseDecoder
from signette.client.runtime.encoding import RequestEncoder
from signette.client.runtime.errors import UnexpectedResponse, Unsupported
from signette.client.runtime.sending import AsyncSender, BlockingSender, Sending
from signette.client.runtime.spec import BodyKind, OperationSpec, ResultKind, ResultSpec
from signette.client.runtime.transport import BlockingReceived, BlockingTransport, Pairs, Received, Sent, Transport

ResultMaker = Callable[[Any], Any]
"""Makes the result of an `AsyncCall` or `BlockingCall`."""


class PreparedCalls:
    """The encoder and the decoder of each operation, made when it is first called."""

    def __init__(
        self,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        writers: Mapping[BodyKind, Any] | None = None,
        makers: Mapping[ResultKind, ResultMaker] | None = None,
    ) -> None:
        self.headers: Pairs = [(name.lower(), value) for name, value in (headers or {}).items()]
        self.timeout = timeout
        self.writers = writers or {}
        self.makers = makers or {}
        # By identity: defaults in a spec may have no hash. The spec is kept, so that its id stays its own.
        self._made: dict[int, tuple[OperationSpec, RequestEncoder, ResponseDecoder, ResultMaker | None]] = {}

    def share(self, other: "PreparedCalls") -> None:
        """Use the encoders and decoders of a client with the same operations."""
        self._made = other._made

    def coders(self, operation: OperationSpec) -> tuple[RequestEncoder, ResponseDecoder]:
        """The encoder and the decoder of an operation.

        Raises Unsupported.
        """
        _, encoder, decoder, _ = self._made.get(id(operation)) or self._prepare(operation)
        return encoder, decoder

    def maker_of(self, operation: OperationSpec) -> ResultMaker | None:
        """What makes the result of an operation. None: it is a value."""
        return (self._made.get(id(operation)) or self._prepare(operation))[3]

    def _prepare(
        self, operation: OperationSpec
    ) -> tuple[OperationSpec, RequestEncoder, ResponseDecoder, ResultMaker | None]:
        if operation.unsupported:
            raise Unsupported(operation)
        maker = next((self.makers[each.kind] for each in operation.results if each.kind in self.makers), None)
        made = operation, RequestEncoder(operation, self.writers), ResponseDecoder(operation), maker
        self._made[id(operation)] = made
        return made

    def finish(self, sent: Sent) -> Sent:
        """The request with what all requests of the client have."""
        if self.headers:
            names = {name for name, _ in self.headers}
            sent.headers = [*(pair for pair in sent.headers if pair[0] not in names), *self.headers]
        sent.timeout = self.timeout
        return sent


class CallParts:
    """A call whose arguments are encoded. What calls with and without `async` share."""

    def __init__(
        self, calls: Any, operation: OperationSpec, arguments: Mapping[str, Any], sent: Sent, *, is_json: bool
    ) -> None:
        self.calls = calls
        self.operation = operation
        self.sent = sent
        coders: tuple[RequestEncoder, ResponseDecoder] = calls.prepared.coders(operation)
        self.encoder, self.decoder = coders
        self._arguments = arguments
        self._is_json = is_json

    @property
    def options(self) -> Mapping[str, Any]:
        """The options of the client for results."""
        found: Mapping[str, Any] = self.calls.options
        return found

    @property
    def result(self) -> ResultSpec:
        """The result that is more than a value."""
        return next(each for each in self.operation.results if each.kind in self.calls.prepared.makers)

    def other_sent(self, changes: Mapping[str, Any]) -> Sent:
        """The request with other arguments."""
        if not changes:
            return self.sent
        arguments = {**self._arguments, **changes}
        return self.encoder.encode_json(arguments) if self._is_json else self.encoder.encode(arguments)

    def streamed(self, headers: Pairs) -> Sent:
        """The request for a response that is read while it arrives. The headers replace those of the call."""
        names = {name.lower() for name, _ in headers}
        kept = [pair for pair in self.sent.headers if pair[0] not in names]
        return replace(self.sent, headers=[*kept, *((name.lower(), text) for name, text in headers)], streams=True)

    def error_of(self, status: int, headers: Pairs, body: bytes) -> Exception:
        """The exception of a response that is not the result: a declared problem, or UnexpectedResponse."""
        try:
            found = self.decoder.decode(status, headers, body)
        except Exception as exc:  # noqa: BLE001 - it is what the caller raises
            return exc
        if isinstance(found, Exception):  # a problem that the operation returns
            return found
        return UnexpectedResponse(self.operation, status, headers, body)


class AsyncCall(CallParts):
    """A call of an `AsyncClient`."""

    calls: "AsyncCalls"

    async def open(self, headers: Pairs = [], *, accepts: int = 0) -> Received:  # noqa: B006 - it is not changed
        """Send the request. Raises the error of a response without the result, unless it has the status `accepts`."""
        prepared = self.calls.prepared
        received = await self.calls.sender.send(self.operation, prepared.finish(self.streamed(headers)))
        if received.status == accepts or self.decoder.result_of(received.status) is not None:
            return received
        try:
            body = await received.aread()
        finally:
            await received.aclose()
        raise self.error_of(received.status, received.headers, body)

    async def reply(self, changes: Mapping[str, Any]) -> Reply[Any]:
        """The whole response of the request with other arguments."""
        return await self.calls.reply_of(self.operation, self.other_sent(changes), self.decoder)

    async def authenticated(self) -> Sent:
        """The request with the headers of the client, and with credentials."""
        return await self.calls.sender.authenticated(self.operation, self.calls.prepared.finish(self.sent))


class BlockingCall(CallParts):
    """A call of a `Client`."""

    calls: "BlockingCalls"

    def open(self, headers: Pairs = [], *, accepts: int = 0) -> BlockingReceived:  # noqa: B006 - it is not changed
        """Send the request. Raises the error of a response without the result, unless it has the status `accepts`."""
        prepared = self.calls.prepared
        received = self.calls.sender.send(self.operation, prepared.finish(self.streamed(headers)))
        if received.status == accepts or self.decoder.result_of(received.status) is not None:
            return received
        try:
            body = received.read()
        finally:
            received.close()
        raise self.error_of(received.status, received.headers, body)

    def reply(self, changes: Mapping[str, Any]) -> Reply[Any]:
        """The whole response of the request with other arguments."""
        return self.calls.reply_of(self.operation, self.other_sent(changes), self.decoder)

    def authenticated(self) -> Sent:
        """The request with the headers of the client, and with credentials."""
        return self.calls.sender.authenticated(self.operation, self.calls.prepared.finish(self.sent))


class AsyncCalls:
    """Calls operations over a transport.

    `makers` make results that are more than a value, and `writers` write bodies that are streamed.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        sending: Sending | None = None,
        makers: Mapping[ResultKind, ResultMaker] | None = None,
        writers: Mapping[BodyKind, Any] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.transport = transport
        self.options = options or {}
        self.prepared = PreparedCalls(headers, timeout, writers, makers)
        self.sender = AsyncSender(transport, sending or Sending())

    def call(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Any:
        """Call an operation: what it returns, after `await`; a stream, a page or a WebSocket at once.

        Raises ArgumentError and Unsupported before the request is sent.
        """
        encoder, decoder = self.prepared.coders(operation)
        return self._result(operation, arguments, encoder.encode(arguments), decoder, is_json=False)

    def call_json(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Any:
        """Call an operation with arguments that are JSON values already, with the names of JSON.

        Raises ArgumentError and Unsupported before the request is sent.
        """
        encoder, decoder = self.prepared.coders(operation)
        return self._result(operation, arguments, encoder.encode_json(arguments), decoder, is_json=True)

    def reply(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Awaitable[Reply[Any]]:
        """Call an operation: its result with the status and the headers.

        Raises ArgumentError and Unsupported before the request is sent, and TypeError for a stream.
        """
        encoder, decoder = self.prepared.coders(operation)
        check_replies(operation)
        return self.reply_of(operation, encoder.encode(arguments), decoder)

    def _result(
        self,
        operation: OperationSpec,
        arguments: Mapping[str, Any],
        sent: Sent,
        decoder: ResponseDecoder,
        *,
        is_json: bool,
    ) -> Any:
        maker = self.prepared.maker_of(operation)
        if maker is not None:
            return maker(AsyncCall(self, operation, arguments, sent, is_json=is_json))
        return self._value(operation, sent, decoder)

    async def _value(self, operation: OperationSpec, sent: Sent, decoder: ResponseDecoder) -> Any:
        return (await self.reply_of(operation, sent, decoder)).value

    async def reply_of(self, operation: OperationSpec, sent: Sent, decoder: ResponseDecoder) -> Reply[Any]:
        """Send a request, and read the whole response."""
        received = await self.sender.send(operation, self.prepared.finish(sent))
        try:
            body = await received.aread()
        finally:
            await received.aclose()
        return decoded_reply(decoder, received, body)


class BlockingCalls:
    """Calls operations over a transport, without `async`."""

    def __init__(
        self,
        transport: BlockingTransport,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        sending: Sending | None = None,
        makers: Mapping[ResultKind, ResultMaker] | None = None,
        writers: Mapping[BodyKind, Any] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.transport = transport
        self.options = options or {}
        self.prepared = PreparedCalls(headers, timeout, writers, makers)
        self.sender = BlockingSender(transport, sending or Sending())

    def call(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Any:
        """Call an operation, and return what it returns; a stream, a page or a WebSocket before the request is sent."""
        encoder, decoder = self.prepared.coders(operation)
        return self._result(operation, arguments, encoder.encode(arguments), decoder, is_json=False)

    def call_json(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Any:
        """Call an operation with arguments that are JSON values already, with the names of JSON."""
        encoder, decoder = self.prepared.coders(operation)
        return self._result(operation, arguments, encoder.encode_json(arguments), decoder, is_json=True)

    def reply(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Reply[Any]:
        """Call an operation: its result with the status and the headers. Raises TypeError for a stream."""
        encoder, decoder = self.prepared.coders(operation)
        check_replies(operation)
        return self.reply_of(operation, encoder.encode(arguments), decoder)

    def _result(
        self,
        operation: OperationSpec,
        arguments: Mapping[str, Any],
        sent: Sent,
        decoder: ResponseDecoder,
        *,
        is_json: bool,
    ) -> Any:
        maker = self.prepared.maker_of(operation)
        if maker is not None:
            return maker(BlockingCall(self, operation, arguments, sent, is_json=is_json))
        return self.reply_of(operation, sent, decoder).value

    def reply_of(self, operation: OperationSpec, sent: Sent, decoder: ResponseDecoder) -> Reply[Any]:
        """Send a request, and read the whole response."""
        received = self.sender.send(operation, self.prepared.finish(sent))
        try:
            body = received.read()
        finally:
            received.close()
        return decoded_reply(decoder, received, body)


def check_replies(operation: OperationSpec) -> None:
    """Raise TypeError for an operation whose response is not read whole."""
    streamed = next((each.kind for each in operation.results if each.kind in STREAMED_KINDS - {"file"}), None)
    if streamed is not None:
        raise TypeError(f"`{operation.name}` has no reply that is read whole: its result is of the kind {streamed!r}")


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
