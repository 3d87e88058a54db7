"""Calls of tools in process: arguments become requests, responses become results."""

import base64
import json
from typing import Any

import anyio
import jsonschema
import pytest

from signette.app import App
from signette.compat import FastAPIErrors
from signette.mcp.calls import ToolCalls, ToolResult
from signette.mcp.tools import tools_of
from signette.requests import Request
from tests.mcp.shop import PNG, shop

pytestmark = pytest.mark.either_loop

APP = shop()
TOOLS = {tool.name: tool for tool in tools_of(APP)}


async def call(name: str, headers: Any = None, **arguments: Any) -> ToolResult:
    return await call_with(ToolCalls(APP), name, headers, **arguments)


async def call_with(calls: ToolCalls, name: str, headers: Any = None, **arguments: Any) -> ToolResult:
    async with calls.running(runs_lifespan=False):
        return await calls.call(TOOLS[name], arguments, headers)


def text_of(result: ToolResult) -> str:
    return "\n".join(block["text"] for block in result.content)


@pytest.mark.parametrize(
    ("name", "arguments", "structured"),
    [
        ("read_order", {"order_id": 3}, {"sku": "A3", "quantity": 1}),
        ("read_order", {"order_id": 3, "verbose": True}, {"sku": "A3", "quantity": 2}),
        ("create_order", {"order": {"sku": "A1"}}, {"sku": "A1", "quantity": 1}),
        ("change_order", {"order_id": 4, "patch": {"quantity": 9}}, {"sku": "A4", "quantity": 9}),
        ("numbers", {}, {"result": [0, 1, 2]}),
        ("numbers", {"count": 1}, {"result": [0]}),
        ("lines", {}, {"result": [{"sku": "A1", "quantity": 1}, {"sku": "A2", "quantity": 1}]}),
        ("upload", {"file": base64.b64encode(b"hello").decode(), "note": "x"}, {"result": "hello"}),
        ("rows", {"rows": [{"sku": "A1"}, {"sku": "A2"}]}, {"result": 2}),
        ("raw", {"content": base64.b64encode(bytes(100)).decode()}, {"result": 100}),
    ],
)
async def test_a_result_is_structured(name: str, arguments: dict[str, Any], structured: Any) -> None:
    result = await call(name, **arguments)
    assert (result.structured, result.is_error) == (structured, False)
    schema = TOOLS[name].output_schema
    assert schema is not None
    jsonschema.validate(result.structured, dict(schema))


async def test_pages_are_objects() -> None:
    result = await call("search", search={"text": "a", "tags": ["b", "c"]}, limit=2)
    assert result.structured["items"] == ["a", "b"]


async def test_no_content_is_null() -> None:
    result = await call("cancel_order", order_id=3)
    assert (result.content, result.structured, result.is_error) == ((), {"result": None}, False)
    assert APP.state.calls[-1] == "remove 3"


async def test_text_images_and_other_bytes_are_content() -> None:
    assert text_of(await call("greeting")) == "hello"
    (picture,) = (await call("picture")).content
    assert picture == {"type": "image", "data": base64.b64encode(PNG).decode(), "mimeType": "image/png"}
    (archive,) = (await call("archive")).content
    assert archive["resource"]["mimeType"] == "application/zip"


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("read_order", {"order_id": "x"}, "422"),
        ("read_order", {}, "argument `order_id` is missing"),
        ("read_order", {"order_id": 1, "colour": "red"}, "argument `colour` is unknown"),
        ("create_order", {"order": {"sku": "A"}}, "at least 2 characters"),
        ("upload", {"file": "not base64!"}, "is not base64"),
        ("upload", {"file": 7}, "is not base64"),
        ("rows", {"rows": 7}, "argument `rows` is not a list"),
        ("rows", {"rows": {"sku": "A1"}}, "argument `rows` is not a list"),
        ("breaks", {}, "the application raised RuntimeError"),
        ("elsewhere", {}, "see /numbers"),
        ("broken", {}, "500"),
        ("me", {}, "401"),
        ("rows", {"rows": [{"quantity": 1}]}, "sku"),
    ],
)
async def test_a_failure_says_why(name: str, arguments: dict[str, Any], words: str) -> None:
    name = "who_am_i" if name == "me" else name
    result = await call(name, **arguments)
    assert result.is_error
    assert words in text_of(result)


async def test_a_problem_is_the_structured_content_of_an_error() -> None:
    result = await call("create_order", order={"sku": "A1", "quantity": 9})
    assert result.is_error
    assert (result.structured["status"], result.structured["left"]) == (409, 5)
    assert text_of(result) == "409 Out of stock\nask for less"


async def test_headers_of_the_agent_are_sent() -> None:
    result = await call("who_am_i", [("authorization", "Bearer me")])
    assert result.structured == {"result": "me"}
    fixed = ToolCalls(APP, headers={"Authorization": "Bearer fixed"})
    assert (await call_with(fixed, "who_am_i")).structured == {"result": "fixed"}


async def test_a_header_argument_is_sent() -> None:
    await call("create_order", order={"sku": "A7"}, x_client="agent")
    assert APP.state.calls[-1] == "create A7 agent"


async def test_a_large_result_is_an_error() -> None:
    for name, arguments in (("numbers", {"count": 100}), ("endless", {})):
        result = await call_with(ToolCalls(APP, max_result_bytes=10), name, **arguments)
        assert result.is_error
        assert "ask for less" in text_of(result)


async def test_text_content_is_the_json() -> None:
    assert json.loads(text_of(await call("numbers"))) == [0, 1, 2]


async def test_each_validation_error_has_a_line() -> None:
    result = await call("create_order", order={"sku": "A", "quantity": 0})
    lines = text_of(result).splitlines()[2:]
    assert lines == [
        "body /sku: String should have at least 2 characters",
        "body /quantity: Input should be greater than or equal to 1",
    ]


async def test_errors_of_another_format_have_lines_too() -> None:
    app = App(errors=FastAPIErrors(), tool=True)

    async def double(number: int) -> int:
        return 2 * number

    app.get("/double")(double)
    (tool,) = tools_of(app)
    calls = ToolCalls(app)
    async with calls.running(runs_lifespan=False):
        result = await calls.call(tool, {"number": "x"})
    assert "query number: Input should be a valid integer" in text_of(result)


async def test_calls_at_the_same_time_have_their_own_state() -> None:
    app, arrived = App(tool=True), anyio.Event()

    async def user(request: Request, waits: bool) -> str:
        if waits:
            await arrived.wait()
        else:
            arrived.set()
        return str(request.state.user)

    app.get("/user")(user)
    (tool,) = tools_of(app)
    calls, found = ToolCalls(app), {}

    async def call_as(name: str, waits: bool) -> None:
        found[name] = (await calls.call(tool, {"waits": waits}, state={"user": name})).structured

    async with calls.running(runs_lifespan=False), anyio.create_task_group() as tasks:
        tasks.start_soon(call_as, "ada", True)
        tasks.start_soon(call_as, "bob", False)
    assert found == {"ada": {"result": "ada"}, "bob": {"result": "bob"}}
    assert calls.transport.state == {}
