"""`BaseAsyncClient` and `BaseClient`: what the clients of generated modules share."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, ClassVar, ParamSpec, Self, TypeVar

from signette.client.runtime.auth import Auth, Authenticator
from signette.client.runtime.calls import AsyncCalls, BlockingCalls, ResultMaker
from signette.client.runtime.decoding import Reply
from signette.client.runtime.http import BlockingHTTPTransport, HTTPTransport
from signette.client.runtime.options import changed_options, check_reconnect, client_options
from signette.client.runtime.retries import Retries
from signette.client.runtime.sending import Sending
from signette.client.runtime.spec import UNSET, BodyKind, InputSpec, OperationSpec, ResultKind
from signette.client.runtime.transport import BlockingTransport, Transport

ReplyT = TypeVar("ReplyT")
ArgumentsP = ParamSpec("ArgumentsP")


class ClientOptions:
    """The options of a client, and the operations that it calls."""

    operations: ClassVar[Mapping[str, OperationSpec]] = {}
    makers: ClassVar[Mapping[ResultKind, ResultMaker]] = {}
    writers: ClassVar[Mapping[BodyKind, Any]] = {}

    _transport: Any
    _options: dict[str, Any]
    _calls: Any

    def with_options(self, **options: Any) -> Self:
        """The same client with other options, over the same transport: `auth`, `headers`, `retries`, `timeout`.

        Headers are added to those of the client.

        Raises:
            TypeError: there is no such option, or it has another type.
            ValueError: an option has a value that no request can have.
        """
        return self._copied(changed_options(self._options, options))

    def _call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Call an operation: a method of the client passes all arguments that it has."""
        operation = self.operations[name]
        return self._calls.call(operation, passed(operation, arguments))

    def _copied(self, options: dict[str, Any]) -> Self:
        changed = object.__new__(type(self))
        changed._transport, changed._options = self._transport, options
        changed._calls = changed._made_calls()
        return changed

    def _made_calls(self) -> Any:
        raise NotImplementedError

    def _settings(self) -> dict[str, Any]:
        """The arguments of `AsyncCalls` and `BlockingCalls`."""
        options = self._options
        reconnect = options["reconnect"]
        if reconnect is not None and "events" not in self.makers:
            raise TypeError("`reconnect` has no effect: the API has no streams of events")
        check_reconnect(reconnect)
        return {
            "headers": options["headers"],
            "timeout": options["timeout"],
            "sending": sending_for(self.operations.values(), options["auth"], options["retries"]),
            "makers": self.makers,
            "writers": self.writers,
            "options": {} if reconnect is None else {"reconnect": reconnect},
        }


class BaseAsyncClient(ClientOptions):
    """A client of an API over HTTP.

    Args:
        base_url: The URL of the API.
        auth: Credentials, such as `Bearer("...")`, or a mapping of the names of security schemes to them.
        headers: Headers of all requests.
        retries: How often safe and idempotent requests are sent, a number or `Retries(...)`; needs stamina.
        reconnect: When streams of events connect again, as `Reconnect(...)`.
        timeout: Seconds for connecting, and for each wait for bytes.
        transport: Carries requests in place of `base_url`: an `HTTPTransport` with your own `httpx2.AsyncClient`.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        auth: Auth | None = None,
        headers: Mapping[str, str] | None = None,
        retries: Retries | int | None = None,
        reconnect: Any = None,
        timeout: float | None = None,
        transport: Transport | None = None,
    ) -> None:
        if (base_url is None) is (transport is None):
            raise TypeError("pass either `base_url` or `transport`: the transport has the URL")
        self._transport = HTTPTransport(base_url) if base_url is not None else transport
        self._options = client_options(
            auth=auth, headers=headers, retries=retries, reconnect=reconnect, timeout=timeout
        )
        self._calls = self._made_calls()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def reply(
        self,
        operation: Callable[ArgumentsP, Awaitable[ReplyT]],
        /,
        *args: ArgumentsP.args,
        **arguments: ArgumentsP.kwargs,
    ) -> Reply[ReplyT]:
        """Call an operation, and return a `Reply`: the result with the status and the headers.

        `reply = await client.reply(client.create_order, order=order)`

        Raises:
            TypeError: the result is a stream, a page or a WebSocket, which has its own headers.
        """
        recording = self._copied(self._options)
        recording._calls = recorded = AsyncRecorder(self._calls)
        method: Any = operation
        await method.__func__(recording, *args, **arguments)
        return recorded.last

    def _made_calls(self) -> AsyncCalls:
        return AsyncCalls(self._transport, **self._settings())


class BaseClient(ClientOptions):
    """As `BaseAsyncClient`, without `async`."""

    def __init__(
        self,
        base_url: str | None = None,
        *,
        auth: Auth | None = None,
        headers: Mapping[str, str] | None = None,
        retries: Retries | int | None = None,
        reconnect: Any = None,
        timeout: float | None = None,
        transport: BlockingTransport | None = None,
    ) -> None:
        if (base_url is None) is (transport is None):
            raise TypeError("pass either `base_url` or `transport`: the transport has the URL")
        self._transport = BlockingHTTPTransport(base_url) if base_url is not None else transport
        self._options = client_options(
            auth=auth, headers=headers, retries=retries, reconnect=reconnect, timeout=timeout
        )
        self._calls = self._made_calls()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def reply(
        self, operation: Callable[ArgumentsP, ReplyT], /, *args: ArgumentsP.args, **arguments: ArgumentsP.kwargs
    ) -> Reply[ReplyT]:
        """Call an operation, and return a `Reply`: the result with the status and the headers.

        `reply = client.reply(client.create_order, order=order)`

        Raises:
            TypeError: the result is a stream, a page or a WebSocket, which has its own headers.
        """
        recording = self._copied(self._options)
        recording._calls = recorded = Recorder(self._calls)
        method: Any = operation
        method.__func__(recording, *args, **arguments)
        return recorded.last

    def _made_calls(self) -> BlockingCalls:
        return BlockingCalls(self._transport, **self._settings())


class AsyncRecorder:
    """Calls one operation, and keeps its reply."""

    last: Reply[Any]

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def call(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Any:
        """Call the operation, and return its result."""
        self.last = await self._calls.reply(operation, arguments)
        return self.last.value


class Recorder:
    """The same, without `async`."""

    last: Reply[Any]

    def __init__(self, calls: BlockingCalls) -> None:
        self._calls = calls

    def call(self, operation: OperationSpec, arguments: Mapping[str, Any]) -> Any:
        """Call the operation, and return its result."""
        self.last = self._calls.reply(operation, arguments)
        return self.last.value


def sending_for(operations: Iterable[OperationSpec], auth: Auth | None, retries: Retries | int | None) -> Sending:
    """What requests get besides their arguments."""
    schemes = (scheme for each in operations for alternative in each.security for scheme in alternative)
    return Sending(Authenticator(auth, schemes), Retries(attempts=retries) if isinstance(retries, int) else retries)


def passed(operation: OperationSpec, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that are sent: without those that are optional and have their default."""
    return {
        each.argument: arguments[each.argument]
        for each in operation.arguments
        if each.required or not is_default_of(each, arguments[each.argument])
    }


def is_default_of(spec: InputSpec, value: Any) -> bool:
    """Whether a value is the default of an argument, or shows that none was passed: UNSET, or None."""
    if value is UNSET or (value is None and spec.default is UNSET):
        return True
    return type(value) is type(spec.default) and bool(value == spec.default)
