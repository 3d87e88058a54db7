"""The server, driven by the client of the package `mcp`: in memory, over HTTP, and over standard input and output."""

import json
import subprocess
import sys
from typing import Any

import httpx2
import mcp
import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from signette.app import App
from signette.mcp import MCP
from tests.interop.serving import served
from tests.mcp.shop import shop
from tests.timeouts import SECONDS

pytestmark = pytest.mark.either_loop

CAPTURED: Any = {"capture_output": True, "text": True, "timeout": SECONDS, "check": False}
PROGRAM = [sys.executable, "-m", "signette", "mcp", "tests.mcp.serving:app"]


async def checked(client: Any) -> None:
    """What holds over each transport."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert {"read_order", "cancel_order"} <= tools.keys()
    assert tools["read_order"].annotations.read_only_hint is True
    assert tools["cancel_order"].annotations.destructive_hint is True
    found = await client.call_tool("read_order", {"order_id": 3})
    assert (found.structured_content, found.is_error) == ({"sku": "A3", "quantity": 1}, False)
    failed = await client.call_tool("create_order", {"order": {"sku": "A1", "quantity": 9}})
    assert failed.is_error
    assert failed.structured_content["left"] == 5
    assert (await client.call_tool("numbers", {})).structured_content == {"result": [0, 1, 2]}
    with pytest.raises(mcp.MCPError, match="did you mean `numbers`"):
        await client.call_tool("numbres", {})


async def test_in_memory() -> None:
    app = shop()
    async with mcp.Client(MCP(app)._server) as client:
        assert client.server_info.name == "Shop"
        assert client.server_info.version == "2.0"
        await checked(client)
    assert not hasattr(app.state, "started")


# httpcore2 leaves a generator of a response behind on trio.
@pytest.mark.filterwarnings("ignore:.*PoolByteStream:pytest.PytestUnraisableExceptionWarning")
async def test_mounted_in_the_application() -> None:
    app = shop()
    app.mount("/mcp", MCP(app))
    with served(app) as client:
        async with mcp.Client(f"{client.base_url}/mcp/") as agent:
            await checked(agent)
        headers = {"Authorization": "Bearer of-the-agent"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=SECONDS) as http,
            streamable_http_client(f"{client.base_url}/mcp/", http_client=http) as streams,
            ClientSession(streams[0], streams[1]) as session,
        ):
            await session.initialize()
            found = await session.call_tool("who_am_i", {})
    assert found.structured_content == {"result": "of-the-agent"}
    assert app.state.started == 1


async def test_beside_the_application() -> None:
    app = shop()
    with served(MCP(app, run_lifespan=True, allowed_hosts=["127.0.0.1:*"])) as client:
        async with mcp.Client(f"{client.base_url}/") as agent:
            await checked(agent)
        foreign = client.post("/", headers={"Host": "evil.example", "Content-Type": "application/json"}, content=b"{}")
    assert foreign.status_code == 421
    assert app.state.started == 1


async def test_over_standard_input_and_output() -> None:
    async with mcp.Client(StdioServerParameters(command=PROGRAM[0], args=PROGRAM[1:])) as client:
        await checked(client)


async def test_a_wrong_tool_keeps_the_server_from_starting() -> None:
    app = App()
    app.get("/a", tool=True)(lambda: 1)
    app.mount("/mcp", MCP(app, tools=["b"]))
    with pytest.raises(LookupError, match="no tool `b`"):
        MCP(app, tools=["b"]).tools  # noqa: B018 - a property that raises


def test_the_command_lists_tools() -> None:
    found = subprocess.run([*PROGRAM, "--list", "--tool", "search"], **CAPTURED)  # noqa: PLW1510 - in CAPTURED
    (tool,) = json.loads(found.stdout)
    assert (tool["name"], tool["annotations"]["readOnlyHint"]) == ("search", True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tool", "serach"], "did you mean `search`"),
        (["--header", "Authorization"], "is not a header"),
    ],
)
def test_the_command_says_what_is_wrong(arguments: list[str], words: str) -> None:
    found = subprocess.run([*PROGRAM, *arguments], **CAPTURED)  # noqa: PLW1510
    assert (found.returncode, words in found.stderr) == (2, True)
