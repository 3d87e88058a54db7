"""Tools for models by the MCP SDK: its application mounted, which starts with the one around it."""

import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.server import MCPServer

from signette import App
from tests.interop.serving import served


@pytest.mark.anyio
async def test_its_application_is_mounted() -> None:
    server = MCPServer("Shop")

    @server.tool()
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    app = App()

    @app.get("/items")
    async def items() -> int:
        return 1

    app.mount("/", server.streamable_http_app())
    with served(app) as client:
        assert client.get("/items").json() == 1
        async with (
            streamable_http_client(f"{client.base_url}/mcp") as streams,
            ClientSession(streams[0], streams[1]) as session,
        ):
            await session.initialize()
            listed = await session.list_tools()
            result = await session.call_tool("add", {"a": 1, "b": 2})
    assert [tool.name for tool in listed.tools] == ["add"]
    assert result.content[0].text == "3"
