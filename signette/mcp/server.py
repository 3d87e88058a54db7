"""`MCP`: a Model Context Protocol server of an application, over streamable HTTP or standard input and output."""

import sys
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from io import TextIOWrapper
from typing import Any

import anyio

try:
    from mcp import MCPError, types
    from mcp.server import Server
    from mcp.server.stdio import stdio_server
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from mcp.server.transport_security import TransportSecuritySettings
except ImportError as exc:
    raise ImportError("tools for agents need the package `mcp`: `pip install 'signette[mcp]'`") from exc

from signette.client.runtime.transport import Pairs
from signette.declarative.errors.base import closest_match
from signette.mcp.calls import ToolCalls, ToolResult
from signette.mcp.tools import OfferedTool, tools_of
from signette.types import Receive, Scope, Send


class MCP:
    """An ASGI application that offers the tools of another one to agents: `app.mount("/mcp", MCP(app))`.

    Tools are the operations with `tool=True`. A call is a request to the application in this process, so that
    dependencies, policies and middleware run as for any other. Of the agent's HTTP request, the headers of the security
    schemes are sent along.

    Args:
        app: The application, which may be the one that this is mounted in.
        name: The name of the server; by default the title of the application.
        instructions: What agents should know before they use the tools.
        tools: Only the tools of these names; by default all.
        headers: Headers of all requests to the application.
        forward_headers: Headers of the agent's request that are sent along; by default those of the security schemes.
        is_stateless: Whether each HTTP request is complete in itself, so that any process may handle it. False: the
            processes keep sessions.
        allowed_hosts: Hosts that requests may name, such as "api.example.com" or "localhost:*", against DNS rebinding.
            None: any.
        max_result_bytes: A larger result is an error: an agent reads all of it.
        run_lifespan: Whether the lifespan of the application runs with this one: if nothing else runs it.

    Raises:
        ImportError: the package `mcp` is not installed (extra `mcp`).
    """

    def __init__(
        self,
        app: Any,
        *,
        name: str | None = None,
        instructions: str | None = None,
        tools: Collection[str] = (),
        headers: Mapping[str, str] | None = None,
        forward_headers: Sequence[str] | None = None,
        is_stateless: bool = True,
        allowed_hosts: Sequence[str] | None = None,
        max_result_bytes: int = 1 << 20,
        run_lifespan: bool = False,
    ) -> None:
        self.routes: Sequence[Any] = ()
        """Empty: requests of any path are those of agents. Applications look here for further lifespans."""
        self._app = app
        self._names = tools
        self._forward = None if forward_headers is None else frozenset(map(str.lower, forward_headers))
        self._is_stateless = is_stateless
        self._hosts = allowed_hosts
        self._run_lifespan = run_lifespan
        self._calls = ToolCalls(app, headers=headers, max_result_bytes=max_result_bytes)
        self._tools: dict[str, OfferedTool] | None = None
        self._manager: StreamableHTTPSessionManager | None = None
        info = getattr(app, "info", None)
        self._server: Server[Any] = Server(
            name or str(getattr(info, "title", None) or "signette"),
            version=str(getattr(info, "version", None) or ""),
            instructions=instructions,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
        )

    @property
    def tools(self) -> Sequence[OfferedTool]:
        """The tools, in the order of their names. They are found once.

        Raises:
            SignatureError: two tools have one name, or an operation has arguments without a JSON value.
            LookupError: there is no tool of one of the names.
        """
        return tuple(self._by_name().values())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            if self._manager is None:
                raise RuntimeError("the lifespan of `MCP` has not run: mount it, or run it by a server")
            await self._manager.handle_request(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def run_stdio(self) -> None:
        """Serve one agent over standard input and output, until the input ends. `print` writes to standard error."""
        lines, sys.stdout = sys.stdout, sys.stderr
        try:
            output = anyio.wrap_file(TextIOWrapper(lines.buffer, encoding="utf-8"))
            async with self._running(), stdio_server(stdout=output) as (received, sent):
                await self._server.run(received, sent, self._server.create_initialization_options())
        finally:
            sys.stdout = lines

    # -- running -------------------------------------------------------------------------------------------------------

    def _running(self) -> AbstractAsyncContextManager[None]:
        """The tools, and the application if nothing else runs it."""
        self._by_name()
        return self._calls.running(runs_lifespan=self._run_lifespan)

    @asynccontextmanager
    async def lifespan_context(self, app: Any) -> AsyncIterator[None]:  # noqa: ARG002 - as of a router
        """What runs while the server runs: applications enter it for their mounts."""
        async with self._running():
            # A manager runs once, but an application may be started again.
            self._manager = StreamableHTTPSessionManager(
                self._server, stateless=self._is_stateless, security_settings=self._security()
            )
            try:
                async with self._manager.run():
                    yield
            finally:
                self._manager = None

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        """The lifespan messages of a server, if this is the outermost application."""
        await receive()
        started = False
        try:
            async with self.lifespan_context(self):
                await send({"type": "lifespan.startup.complete"})
                started = True
                await receive()
        except Exception as exc:
            await send({"type": f"lifespan.{'shutdown' if started else 'startup'}.failed", "message": str(exc)})
            raise
        await send({"type": "lifespan.shutdown.complete"})

    def _security(self) -> TransportSecuritySettings:
        if self._hosts is None:
            return TransportSecuritySettings(enable_dns_rebinding_protection=False)
        origins = [f"{scheme}://{host}" for scheme in ("http", "https") for host in self._hosts]
        return TransportSecuritySettings(allowed_hosts=list(self._hosts), allowed_origins=origins)

    # -- tools ---------------------------------------------------------------------------------------------------------

    def _by_name(self) -> dict[str, OfferedTool]:
        if self._tools is None:
            self._tools = {tool.name: tool for tool in tools_of(self._app, self._names)}
        return self._tools

    async def _list_tools(self, context: Any, params: Any) -> types.ListToolsResult:  # noqa: ARG002 - the SDK's
        return types.ListToolsResult(tools=list(map(_described, self._by_name().values())))

    async def _call_tool(self, context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        tools = self._by_name()
        tool = tools.get(params.name)
        if tool is None:
            near = closest_match(params.name, tools)
            hint = f"; did you mean `{near}`?" if near else ""
            raise MCPError(types.INVALID_PARAMS, f"unknown tool `{params.name}`{hint}")
        headers, state = self._forwarded(tool, context), self._state_of(context)
        return _sent(await self._calls.call(tool, params.arguments or {}, headers, state))

    def _state_of(self, context: Any) -> Mapping[str, Any] | None:
        """The state of the agent's request, if the application around this one runs the lifespan."""
        request = getattr(context, "request", None)
        if self._run_lifespan or request is None:
            return None
        state: Mapping[str, Any] | None = request.scope.get("state")
        return state

    def _forwarded(self, tool: OfferedTool, context: Any) -> Pairs:
        """The headers of the agent's request that the application needs."""
        request = getattr(context, "request", None)
        if request is None:
            return []
        names = self._forward if self._forward is not None else _headers_of_schemes(tool)
        return [(name, value) for name, value in request.headers.items() if name.lower() in names]


def _headers_of_schemes(tool: OfferedTool) -> frozenset[str]:
    schemes = [scheme for each in tool.operation.security for scheme in each]
    keys = {"cookie" if each.place == "cookie" else each.key.lower() for each in schemes if each.place != "query"}
    return frozenset(keys)


def _described(tool: OfferedTool) -> types.Tool:
    return types.Tool.model_validate(
        {
            "name": tool.name,
            "title": tool.title,
            "description": tool.description,
            "inputSchema": tool.input_schema,
            "outputSchema": tool.output_schema,
            "annotations": {"title": tool.title, **tool.annotations},
            "_meta": {"problems": list(tool.problems)} if tool.problems else None,
        }
    )


def _sent(result: ToolResult) -> types.CallToolResult:
    return types.CallToolResult.model_validate(
        {"content": list(result.content), "structuredContent": result.structured, "isError": result.is_error}
    )
