"""`TestClient`: synchronous requests to an application, without a server."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Literal, Self, cast

from anyio.from_thread import BlockingPortal, start_blocking_portal

from signette._app_tasks.lifespan import LifespanTask
from signette.testclient._httpx import httpx
from signette.testclient.request import default_headers, socket_options, warn_of_timeout
from signette.testclient.target import SOCKET, Target, as_single_callable
from signette.testclient.transport import PortalTransport
from signette.testclient.websocket import WebSocketTestSession


class TestClient(httpx.Client):
    """An `httpx2.Client` that calls an ASGI application directly.

    A `with` block runs the lifespan, and all its requests share one event loop in another thread, which `portal`
    accesses. Outside of a `with` block, there is no lifespan, and each request has a new event loop. A request returns
    when the application has finished it, including background tasks.

    `raise_server_exceptions` raises exceptions of the application in the test; otherwise the response is a 500.
    `client` is the address of the client in the scope, `root_path` the path prefix that a proxy removes. `backend` and
    `backend_options` choose the event loop, as in `anyio.run`.
    """

    __test__ = False
    portal: BlockingPortal | None = None

    def __init__(
        self,
        app: Callable[..., Any],
        base_url: str = "http://testserver",
        raise_server_exceptions: bool = True,
        root_path: str = "",
        backend: Literal["asyncio", "trio"] = "asyncio",
        backend_options: dict[str, Any] | None = None,
        cookies: "httpx._types.CookieTypes | None" = None,
        headers: "httpx._types.HeaderTypes | None" = None,
        follow_redirects: bool = True,
        client: tuple[str, int] | None = ("testclient", 50000),
    ) -> None:
        self.app = as_single_callable(app)
        self.app_state: dict[str, Any] = {}
        self._backend: dict[str, Any] = {"backend": backend, "backend_options": backend_options or {}}
        target = Target(self.app, raise_server_exceptions, root_path, client, self.app_state)
        self._app_transport = PortalTransport(target, self._open_portal)
        self._exit_stacks: list[ExitStack] = []
        super().__init__(
            base_url=base_url,
            headers=default_headers(headers),
            cookies=cookies,
            follow_redirects=follow_redirects,
            transport=self._app_transport,
        )

    @contextlib.contextmanager
    def _open_portal(self) -> Iterator[BlockingPortal]:
        if self.portal is not None:
            yield self.portal
        else:
            with start_blocking_portal(**self._backend) as portal:
                yield portal

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            portal = stack.enter_context(start_blocking_portal(**self._backend))
            stack.callback(setattr, self, "portal", self.portal)
            self.portal = portal
            lifespan = LifespanTask(self.app, self.app_state)
            portal.start_task_soon(lifespan.run)
            portal.call(lifespan.start)
            stack.callback(portal.call, lifespan.shut_down)
            stack.callback(self._app_transport.close_connections)
            self._exit_stacks.append(stack.pop_all())
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        # `__exit__` of httpx closes the client; this client can still be used, and entered again.
        self._exit_stacks.pop().__exit__(exc_type, exc_value, traceback)

    def build_request(self, *args: Any, **kwargs: Any) -> httpx.Request:
        warn_of_timeout(kwargs)
        return super().build_request(*args, **kwargs)

    def websocket_connect(
        self, url: str, subprotocols: Sequence[str] | None = None, **kwargs: Any
    ) -> WebSocketTestSession:
        """A WebSocket session to open with `with`. `kwargs` are those of `get`: `headers`, `params`, `auth`.

        Raises (in `with`):
            WebSocketDisconnect: the application closes the WebSocket without accepting it.
            WebSocketDenialResponse: the application rejects the handshake with a response.
        """
        response = self.request("GET", url, **socket_options(subprotocols, kwargs))
        return cast("WebSocketTestSession", response.extensions[SOCKET])
