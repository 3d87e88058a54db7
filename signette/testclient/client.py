"""`TestClient`: requests to an application without a server, as plain function calls."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Literal, Self, cast

from anyio.from_thread import BlockingPortal, start_blocking_portal

from signette.testclient._httpx import httpx
from signette.testclient.lifespan import LifespanTask
from signette.testclient.request import default_headers, socket_options, warn_of_timeout
from signette.testclient.target import SOCKET, Target, as_single_callable
from signette.testclient.transport import PortalTransport
from signette.testclient.websocket import WebSocketTestSession


class TestClient(httpx.Client):
    """An `httpx2.Client` whose requests go straight to an ASGI application.

    In a `with` block the application's lifespan runs, and everything shares one event loop, in a thread of
    its own (`portal` leads there). Outside of one there is no lifespan, and each request has a loop of its
    own. The request comes back when the application is done with it, background tasks included.

    `raise_server_exceptions` brings what the application raised to the test; without, it is a response of
    500. `client` is the address in the scope, `root_path` what a proxy would have cut off. `backend` and
    `backend_options` say which event loop, as `anyio.run` does.
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
            stack.callback(self._app_transport.close_bodies)
            self._exit_stacks.append(stack.pop_all())
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        # httpx's own `__exit__` would close the client; this one can be used on, and entered again.
        self._exit_stacks.pop().__exit__(exc_type, exc_value, traceback)

    def build_request(self, *args: Any, **kwargs: Any) -> httpx.Request:
        warn_of_timeout(kwargs)
        return super().build_request(*args, **kwargs)

    def websocket_connect(
        self, url: str, subprotocols: Sequence[str] | None = None, **kwargs: Any
    ) -> WebSocketTestSession:
        """A session to open with `with`. `kwargs` are those of `get`: `headers`, `params`, `auth`.

        Raises, when it is opened: `WebSocketDisconnect` where the application refuses the handshake,
        `WebSocketDenialResponse` where it does so with a response.
        """
        response = self.request("GET", url, **socket_options(subprotocols, kwargs))
        return cast("WebSocketTestSession", response.extensions[SOCKET])
