"""`AsyncTestClient`: requests to an application in the event loop of the test."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Any, Self

from signette._app_tasks.lifespan import LifespanTask
from signette._app_tasks.task_group import TaskGroupHolder
from signette.testclient._httpx import httpx
from signette.testclient.request import default_headers, socket_options, warn_of_timeout
from signette.testclient.target import SOCKET, Target, as_single_callable
from signette.testclient.transport import LoopTransport
from signette.testclient.websocket import AsyncWebSocketTestSession


class AsyncTestClient(httpx.AsyncClient):
    """An `httpx2.AsyncClient` that calls an ASGI application in the running event loop.

    Test and application can share events, streams and connections. `async with` runs the lifespan. Outside of
    `async with`, there is no lifespan, and responses are not streamed. The arguments are those of `TestClient`. Runs on
    asyncio and trio.
    """

    __test__ = False

    def __init__(
        self,
        app: Callable[..., Any],
        base_url: str = "http://testserver",
        raise_server_exceptions: bool = True,
        root_path: str = "",
        cookies: "httpx._types.CookieTypes | None" = None,
        headers: "httpx._types.HeaderTypes | None" = None,
        follow_redirects: bool = True,
        client: tuple[str, int] | None = ("testclient", 50000),
    ) -> None:
        self.app = as_single_callable(app)
        self.app_state: dict[str, Any] = {}
        target = Target(self.app, raise_server_exceptions, root_path, client, self.app_state)
        self._app_transport = LoopTransport(target)
        self._exit_stacks: list[AsyncExitStack] = []
        super().__init__(
            base_url=base_url,
            headers=default_headers(headers),
            cookies=cookies,
            follow_redirects=follow_redirects,
            transport=self._app_transport,
        )

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            tasks = await stack.enter_async_context(TaskGroupHolder())
            lifespan = LifespanTask(self.app, self.app_state)
            tasks.start_soon(lifespan.run)
            await lifespan.start()
            stack.push_async_callback(lifespan.shut_down)
            stack.callback(setattr, self._app_transport, "task_group", self._app_transport.task_group)
            self._app_transport.task_group = tasks
            stack.push_async_callback(self._app_transport.close_bodies)
            self._exit_stacks.append(stack.pop_all())
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        # `__aexit__` of httpx closes the client; this client can still be used, and entered again.
        await self._exit_stacks.pop().__aexit__(exc_type, exc_value, traceback)

    def build_request(self, *args: Any, **kwargs: Any) -> httpx.Request:
        warn_of_timeout(kwargs)
        return super().build_request(*args, **kwargs)

    @asynccontextmanager
    async def websocket_connect(
        self, url: str, subprotocols: Sequence[str] | None = None, **kwargs: Any
    ) -> AsyncIterator[AsyncWebSocketTestSession]:
        """Open a WebSocket with `async with`. `kwargs` are those of `get`: `headers`, `params`, `auth`.

        Raises:
            WebSocketDisconnect: the application closes the WebSocket without accepting it.
            WebSocketDenialResponse: the application rejects the handshake with a response.
        """
        response = await self.request("GET", url, **socket_options(subprotocols, kwargs))
        async with response.extensions[SOCKET] as session:
            yield session
