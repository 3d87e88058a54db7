"""`AsyncClient`: operations of an application, in process or over HTTP."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from signette.client.asgi import ASGITransport
from signette.client.named import ByName, operations_in
from signette.client.runtime.calls import AsyncCalls
from signette.client.runtime.http import HTTPTransport
from signette.client.runtime.transport import Transport

BASE_URL = "http://testserver"
"""The URL of applications that are called in process."""


class AsyncClient(ByName):
    """Calls the operations of an application: `await client.create_order(order=order)`.

    Without `base_url` the application is called in this process, and its lifespan runs inside `async with`. With one,
    requests are sent over HTTP, by httpx2 (extra `client`). `contract` is the application, or the result of
    `operations_of(app)`.

    Args:
        contract: The application whose operations are called.
        base_url: The URL of a running application, with the path that it is below.
        headers: Headers of all requests.
        timeout: Seconds for a call. Over HTTP: for connecting, and for each wait for bytes.
        transport: Carries requests in place of HTTP, such as an `HTTPTransport` with your own `httpx2.AsyncClient`.
    """

    def __init__(
        self,
        contract: Any,
        base_url: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        transport: Transport | None = None,
    ) -> None:
        self._operations = operations_in(contract)
        self._app = contract
        if transport is None:
            transport = _in_process(contract) if base_url is None else HTTPTransport(base_url)
        elif base_url is not None:
            raise TypeError("pass `base_url` or `transport`, and not both: the transport has the URL")
        self._transport = transport
        self._calls = AsyncCalls(transport, headers=headers, timeout=timeout)

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

    def with_options(self, *, headers: Mapping[str, str] | None = None, timeout: float | None = None) -> Self:
        """The same client with other options, over the same transport. Headers are added to those of the client."""
        changed = object.__new__(type(self))
        vars(changed).update(_operations=self._operations, _app=self._app, _transport=self._transport)
        known = self._calls.prepared
        changed._calls = AsyncCalls(
            self._transport,
            headers={**dict(known.headers), **{name.lower(): value for name, value in (headers or {}).items()}},
            timeout=known.timeout if timeout is None else timeout,
        )
        return changed


def _in_process(app: Any) -> ASGITransport:
    if not callable(app):
        raise TypeError("operations without their application need a `base_url`")
    return ASGITransport(app, BASE_URL)
