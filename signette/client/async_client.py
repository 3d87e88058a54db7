"""`AsyncClient`: operations of an application, in process or over HTTP."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from signette.client.asgi import ASGITransport
from signette.client.named import ByName, operations_in
from signette.client.runtime.auth import Auth
from signette.client.runtime.calls import AsyncCalls
from signette.client.runtime.events import Reconnect
from signette.client.runtime.http import HTTPTransport
from signette.client.runtime.options import changed_options, client_options
from signette.client.runtime.retries import Retries
from signette.client.runtime.transport import Transport
from signette.client.runtime.uploads import STREAMED_BODIES
from signette.client.runtimes import ASYNC_MAKERS, result_options, sending_of

BASE_URL = "http://testserver"
"""The URL of applications that are called in process."""


class AsyncClient(ByName):
    """Calls the operations of an application: `await client.create_order(order=order)`.

    Without `base_url` the application is called in this process, and its lifespan runs inside `async with`. With one,
    requests are sent over HTTP, by httpx2 (extra `client`).

    Args:
        app: The application whose operations are called, or the result of `operations_of(app)`.
        base_url: The URL of a running application, with the path that it is below.
        auth: Credentials, such as `Bearer("...")`, or a mapping of the names of security schemes to them.
        headers: Headers of all requests.
        retries: How often safe and idempotent requests are sent, a number or `Retries(...)`; needs stamina. By default
            once.
        reconnect: When streams of events connect again, as `Reconnect(...)`.
        timeout: Seconds for a call. Over HTTP: for connecting, and for each wait for bytes.
        transport: Carries requests in place of HTTP, such as an `HTTPTransport` with your own `httpx2.AsyncClient`.
    """

    def __init__(
        self,
        app: Any,
        base_url: str | None = None,
        *,
        auth: Auth | None = None,
        headers: Mapping[str, str] | None = None,
        retries: Retries | int | None = None,
        reconnect: Reconnect | None = None,
        timeout: float | None = None,
        transport: Transport | None = None,
    ) -> None:
        self._operations = operations_in(app)
        self._app = app
        if transport is None:
            transport = _in_process(app) if base_url is None else HTTPTransport(base_url)
        elif base_url is not None:
            raise TypeError("pass `base_url` or `transport`, and not both: the transport has the URL")
        self._transport = transport
        self._options = client_options(
            auth=auth, headers=headers, retries=retries, reconnect=reconnect, timeout=timeout
        )
        self._calls = self._made_calls()

    async def __aenter__(self) -> Self:
        if isinstance(self._transport, ASGITransport):
            # An application that is running already keeps the lifespan that it has.
            await self._transport.open(runs_lifespan=not getattr(self._app, "has_started", False))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections. In process: shut the application down."""
        await self._transport.aclose()

    def with_options(self, **options: Any) -> Self:
        """The same client with other options, over the same transport: `auth`, `headers`, `retries`, ...

        Headers are added to those of the client.

        Raises:
            TypeError: there is no such option, or it has another type.
            ValueError: an option has a value that no request can have.
        """
        found = changed_options(self._options, options)
        changed = object.__new__(type(self))
        vars(changed).update(_operations=self._operations, _app=self._app, _transport=self._transport)
        changed._options = found
        changed._calls = changed._made_calls()
        changed._calls.prepared.share(self._calls.prepared)
        return changed

    def _made_calls(self) -> AsyncCalls:
        options = self._options
        return AsyncCalls(
            self._transport,
            headers=options["headers"],
            timeout=options["timeout"],
            sending=sending_of(self._operations.all, options["auth"], options["retries"]),
            makers=ASYNC_MAKERS,
            writers=STREAMED_BODIES,
            options=result_options(options["reconnect"]),
        )


def _in_process(app: Any) -> ASGITransport:
    if not callable(app):
        raise TypeError("operations without their application need a `base_url`")
    return ASGITransport(app, BASE_URL)
