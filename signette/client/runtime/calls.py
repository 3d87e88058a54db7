"""Calls of operations: encode, send, decode. What dynamic clients and generated ones share.

Theory of operation. A call is encoded at once, so that an argument that cannot be sent is an error where it is passed.
Then the kind of the operation's result decides: a value is read whole and decoded, by `reply_of`; for other kinds, such
as `events`, a `ResultMaker` of the client makes an object of the call, which sends the request when it is used.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from signette.client.runtime.decoding import STREAMED_KINDS, Reply, ResponseDecoder
from signette.client.runtime.encoding import RequestEncoder
from signette.client.runtime.errors import UnexpectedResponse, Unsupported
from signette.client.runtime.sending import AsyncSender, BlockingSender, Sending
from signette.client.runtime.spec import BodyKind, OperationSpec, ResultKind, ResultSpec
from signette.client.runtime.transport import (
    BlockingReceived,
    BlockingTransport,
    Pairs,
    Received,
    Sent,
    Transport,
    WholeResponse,
)

ResultMaker = Callable[[Any], Any]
"""Makes the result of an `AsyncCall` or `BlockingCall`."""


@dataclass(frozen=True, slots=True)
class PreparedOperation:
    """What a client needs for an operation, made when it is first called."""

    operation: OperationSpec
    encoder: RequestEncoder
    decoder: ResponseDecoder
    maker: ResultMaker | None
    """What makes the result. None: it is a value."""
    is_plain: bool
    """Requests go to the transport as they are."""


class PreparedCalls:
    """What a client needs for each operation, and for all of them."""

    def __init__(
        self,
        sending: Sending,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        writers: Mapping[BodyKind, Any] | None = None,
        makers: Mapping[ResultKind, ResultMaker] | None = None,
    ) -> None:
        self.sending = sending
        self.headers: Pairs = [(name.lower(), value) for name, value in (headers or {}).items()]
        self.timeout = timeout
        self.writers = writers or {}
        self.makers = makers or {}
        # By identity: defaults in a spec may have no hash. The spec is kept, so that its id stays its own.
        self._made: dict[int, PreparedOperation] = {}
        self._coders: dict[int, tuple[OperationSpec, RequestEncoder, ResponseDecoder]] = {}

    def share(self, other: "PreparedCalls") -> None:
        """Use the encoders and decoders of a client with the same operations, which may have other options."""
        self._coders = other._coders

    def of(self, operation: OperationSpec) -> PreparedOperation:
        """What the client needs for an operation.

        Raises Unsupported.
        """
        return self._made.get(id(operation)) or self._prepare(operation)

    def _prepare(self, operation: OperationSpec) -> PreparedOperation:
        if operation.unsupported:
            raise Unsupported(operation)
        maker = next((self.makers[each.kind] for each in operation.results if each.kind in self.makers), None)
        coders = self._coders.get(id(operation))
        if coders is None:
            coders = operation, RequestEncoder(operation, self.writers), ResponseDecoder(operation)
            self._coders[id(operation)] = coders
        is_streamed = operation.body is not None and operation.body.kind in self.writers
        is_plain = not is_streamed and self.sending.is_plain_for(operation)
        made = self._made[id(operation)] = PreparedOperation(*coders, maker, is_plain)
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
        self, calls: Any, made: PreparedOperation, arguments: Mapping[str, Any], sent: Sent, *, is_json: bool
    ) -> None:
        self.calls = calls
        self.made = made
        self.operation = made.operation
        self.encoder = made.encoder
        self.decoder = made.decoder
        self.sent = sent
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
        return await self.calls.reply_of(self.made, self.other_sent(changes))

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
        return self.calls.reply_of(self.made, self.other_sent(changes))

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
        sending = sending or Sending()
        self.prepared = PreparedCalls(sending, headers, timeout, writers, makers)
        self.sender = AsyncSender(transport, sending)

    def call(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Any:
        """Call an operation: what it returns, after `await`; a stream, a page or a WebSocket at once.

        Raises ArgumentError and Unsupported before the request is sent.
        """
        made = self.prepared.of(operation)
        return self._result(made, arguments, made.encoder.encode(arguments), is_json=False)

    def call_json(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Any:
        """Call an operation with arguments that are JSON values already, with the names of JSON.

        Raises ArgumentError and Unsupported before the request is sent.
        """
        made = self.prepared.of(operation)
        return self._result(made, arguments, made.encoder.encode_json(arguments), is_json=True)

    def reply(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Awaitable[Reply[Any]]:
        """Call an operation: its result with the status and the headers.

        Raises ArgumentError and Unsupported before the request is sent, and TypeError for a stream.
        """
        made = self.prepared.of(operation)
        check_replies(operation)
        return self.reply_of(made, made.encoder.encode(arguments))

    def _result(self, made: PreparedOperation, arguments: Mapping[str, Any], sent: Sent, *, is_json: bool) -> Any:
        if made.maker is not None:
            return made.maker(AsyncCall(self, made, arguments, sent, is_json=is_json))
        return self._value(made, sent)

    async def _value(self, made: PreparedOperation, sent: Sent) -> Any:
        return (await self.reply_of(made, sent)).value

    async def reply_of(self, made: PreparedOperation, sent: Sent) -> Reply[Any]:
        """Send a request, and read the whole response."""
        sent = self.prepared.finish(sent)
        # PERF: most calls add nothing to the request, and have a response that is in memory.
        received = await (self.transport.send(sent) if made.is_plain else self.sender.send(made.operation, sent))
        if isinstance(received, WholeResponse):
            return decoded_reply(made.decoder, received, received.body)
        try:
            body = await received.aread()
        finally:
            await received.aclose()
        return decoded_reply(made.decoder, received, body)


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
        sending = sending or Sending()
        self.prepared = PreparedCalls(sending, headers, timeout, writers, makers)
        self.sender = BlockingSender(transport, sending)

    def call(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Any:
        """Call an operation, and return what it returns; a stream, a page or a WebSocket before the request is sent."""
        made = self.prepared.of(operation)
        return self._result(made, arguments, made.encoder.encode(arguments), is_json=False)

    def call_json(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Any:
        """Call an operation with arguments that are JSON values already, with the names of JSON."""
        made = self.prepared.of(operation)
        return self._result(made, arguments, made.encoder.encode_json(arguments), is_json=True)

    def reply(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Reply[Any]:
        """Call an operation: its result with the status and the headers. Raises TypeError for a stream."""
        made = self.prepared.of(operation)
        check_replies(operation)
        return self.reply_of(made, made.encoder.encode(arguments))

    def _result(self, made: PreparedOperation, arguments: Mapping[str, Any], sent: Sent, *, is_json: bool) -> Any:
        if made.maker is not None:
            return made.maker(BlockingCall(self, made, arguments, sent, is_json=is_json))
        return self.reply_of(made, sent).value

    def reply_of(self, made: PreparedOperation, sent: Sent) -> Reply[Any]:
        """Send a request, and read the whole response."""
        sent = self.prepared.finish(sent)
        received = self.transport.send(sent) if made.is_plain else self.sender.send(made.operation, sent)
        try:
            body = received.read()
        finally:
            received.close()
        return decoded_reply(made.decoder, received, body)


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
