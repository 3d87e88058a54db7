"""Operations -> tools: names, schemas, annotations, and what is rejected."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any

import jsonschema
import pytest
from pydantic import BaseModel

from signette.app import App, Router
from signette.declarative.adapters.json_patch import JSONPatch
from signette.declarative.adapters.patch import Patch
from signette.declarative.errors.base import SignatureError
from signette.declarative.routing.webhooks import WebhookRoute
from signette.declarative.signature.markers import Body
from signette.formats import Content, Format
from signette.mcp import OfferedTool, Tool, tools_of
from signette.responses.events import ServerSentEvent
from signette.websockets import WebSocket
from tests.mcp.shop import shop


@pytest.fixture(scope="module")
def tools() -> dict[str, OfferedTool]:
    return {tool.name: tool for tool in tools_of(shop())}


def test_the_operations_with_the_option_are_tools(tools: dict[str, OfferedTool]) -> None:
    assert list(tools) == sorted(tools)
    assert {"read_order", "create_order", "change_order", "cancel_order", "search", "upload"} <= tools.keys()
    assert not {"hidden", "news", "remove_order"} & tools.keys()


def test_a_tool_has_the_texts_of_its_operation(tools: dict[str, OfferedTool]) -> None:
    found = tools["read_order"], tools["cancel_order"]
    assert [each.title for each in found] == ["Read order", "Remove order"]
    assert [each.description for each in found] == ["One order.", "Cancel it."]


@pytest.mark.parametrize(
    ("name", "hints"),
    [
        ("read_order", (True, False, True, None)),
        ("create_order", (False, False, False, None)),
        ("change_order", (False, True, False, None)),
        ("cancel_order", (False, True, True, False)),
        ("upload", (False, False, False, None)),
    ],
)
def test_annotations_follow_from_the_method(
    tools: dict[str, OfferedTool], name: str, hints: tuple[bool | None, ...]
) -> None:
    names = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")
    assert tuple(tools[name].annotations.get(each) for each in names) == hints


def test_schemas_are_json_schemas_of_objects(tools: dict[str, OfferedTool]) -> None:
    for tool in tools.values():
        for schema in (tool.input_schema, tool.output_schema):
            if schema is not None:
                jsonschema.Draft202012Validator.check_schema(schema)
                assert schema["type"] == "object"
                assert "signette:" not in str(schema)
                assert "#/components" not in str(schema)


@pytest.mark.parametrize(
    ("name", "arguments", "is_valid"),
    [
        ("read_order", {"order_id": 3}, True),
        ("read_order", {"order_id": 3, "verbose": True}, True),
        ("read_order", {}, False),
        ("read_order", {"order_id": 3, "other": 1}, False),
        ("create_order", {"order": {"sku": "A1"}}, True),
        ("create_order", {"order": {"sku": "A1", "quantity": 0}}, False),
        ("change_order", {"order_id": 1, "patch": {"quantity": 3}}, True),
        ("search", {"search": {"text": "a", "tags": ["b"]}, "limit": 2}, True),
        ("upload", {"file": "aGVsbG8=", "note": "x"}, True),
        ("upload", {"file": 3}, False),
        ("rows", {"rows": [{"sku": "A1"}, {"sku": "A2"}]}, True),
        ("rows", {"rows": [{"quantity": 1}]}, False),
    ],
)
def test_the_input_schema_takes_what_the_operation_takes(
    tools: dict[str, OfferedTool], name: str, arguments: dict[str, Any], is_valid: bool
) -> None:
    validator = jsonschema.Draft202012Validator(dict(tools[name].input_schema))
    assert validator.is_valid(arguments) == is_valid


def test_the_problems_of_an_operation_are_listed(tools: dict[str, OfferedTool]) -> None:
    found = [(each["status"], each["title"]) for each in tools["create_order"].problems]
    assert (409, "Out of stock") in found


def test_a_result_that_is_no_object_is_a_member_of_one(tools: dict[str, OfferedTool]) -> None:
    numbers = tools["numbers"]
    assert numbers.is_wrapped
    assert numbers.output_schema is not None
    assert numbers.output_schema["properties"]["result"]["type"] == "array"
    assert not tools["read_order"].is_wrapped
    assert tools["picture"].output_schema is None


def test_tools_are_chosen_by_name() -> None:
    app = shop()
    assert [tool.name for tool in tools_of(app, ["search", "numbers"])] == ["numbers", "search"]
    with pytest.raises(LookupError, match="did you mean `search`"):
        tools_of(app, ["serach"])


def test_a_mounted_application_has_tools() -> None:
    inner, app = App(), App()

    async def read(item_id: int) -> int:
        return item_id

    inner.get("/items/{item_id}", tool=True)(read)
    app.mount("/shop", inner)
    (tool,) = tools_of(app)
    assert (tool.name, tool.operation.path) == ("read", "/shop/items/{item_id}")


def test_an_operation_outside_of_the_document_may_be_a_tool() -> None:
    app = App()
    app.get("/secret", tool=True, include_in_schema=False)(lambda: 1)
    assert len(tools_of(app)) == 1


# -- what is rejected --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [1, "name", Tool, ["x"], {}])
def test_the_option_is_a_bool_or_a_tool(value: Any) -> None:
    with pytest.raises(SignatureError, match="tool="):
        App().get("/x", tool=value)(lambda: 1)


@pytest.mark.parametrize("value", [1, "name", Tool(), Tool])
def test_that_of_a_router_is_a_bool(value: Any) -> None:
    for declare in (Router, App, partial(App().include_router, Router())):
        with pytest.raises(SignatureError, match="of a router or an application"):
            declare(tool=value)


@pytest.mark.parametrize(
    "arguments",
    [{"name": "a b"}, {"name": ""}, {"name": "x" * 129}, {"read_only": True, "destructive": True}],
)
def test_a_tool_has_a_name_and_no_contradiction(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"name|contradicts"):
        Tool(**arguments)


@pytest.mark.parametrize("arguments", [{"name": 3}, {"title": b"x"}, {"read_only": "yes"}, {"open_world": 1}])
def test_arguments_of_a_tool_have_types(arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="must be"):
        Tool(**arguments)


def test_events_and_sockets_are_no_tools() -> None:
    async def events() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent("x")

    async def socket(socket: WebSocket) -> None: ...

    options: Any = {"tool": True}
    with pytest.raises(SignatureError, match="one result"):
        App().get("/events", tool=True)(events)
    with pytest.raises(SignatureError, match="tool"):
        App().websocket("/socket", **options)(socket)
    with pytest.raises(SignatureError, match="tool"):
        WebhookRoute("paid", lambda: None, ["POST"], {"tool": True})


def test_that_of_a_router_says_where_it_does_not_apply() -> None:
    app = App(tool=True)

    async def events() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent("x")

    async def socket(socket: WebSocket) -> None: ...

    app.get("/events")(events)
    app.websocket("/socket")(socket)
    app.get("/one")(lambda: 1)
    assert "`tool=` of the application   not applied: the endpoint sends events" in app.explain("GET /events")
    assert "  tool     Tool()" in app.explain("GET /one")
    assert len(tools_of(app)) == 1


def test_two_tools_of_one_name_are_rejected() -> None:
    app = App()
    app.get("/a", tool=Tool(name="same"))(lambda: 1)
    app.get("/b", tool=Tool(name="same"))(lambda: 2)
    with pytest.raises(SignatureError, match="already that of"):
        tools_of(app)


def test_tools_of_several_versions_have_the_version_in_their_names() -> None:
    async def count() -> int:
        return 1

    async def total() -> int:
        return 2

    orders, app = Router(prefix="/orders"), App()
    orders.get("/count", tool=True)(count)
    orders.get("/total", tool=Tool(name="sum"))(total)
    app.include_router(orders, version="2026-01-01")
    app.include_router(orders, version="2026-07-01")
    app.include_router(orders)
    found = {tool.name: tool.operation.path for tool in tools_of(app)}
    assert found == {
        "count": "/orders/count",
        "count_2026_01_01": "/2026-01-01/orders/count",
        "count_2026_07_01": "/2026-07-01/orders/count",
        "sum": "/orders/total",
        "sum_2026_01_01": "/2026-01-01/orders/total",
        "sum_2026_07_01": "/2026-07-01/orders/total",
    }


def test_a_tool_of_one_version_has_its_own_name() -> None:
    orders, app = Router(prefix="/orders", version="v2"), App()

    async def count() -> int:
        return 1

    orders.get("/count", tool=True)(count)
    app.include_router(orders)
    assert [tool.name for tool in tools_of(app)] == ["count"]


def test_a_patch_of_either_kind_is_in_the_input_schema() -> None:
    class Item(BaseModel):
        name: str

    app = App()

    async def change(patch: Patch[Item] | JSONPatch[Item]) -> None: ...

    app.patch("/item", tool=True)(change)
    (tool,) = tools_of(app)
    validator = jsonschema.Draft202012Validator(dict(tool.input_schema))
    assert validator.is_valid({"patch": {"name": "tea"}})
    assert validator.is_valid({"patch": [{"op": "replace", "path": "/name", "value": "tea"}]})
    assert not validator.is_valid({"patch": [{"op": "other", "path": "/name"}]})
    assert not validator.is_valid({"patch": "tea"})


def test_a_body_that_no_json_can_be_is_rejected() -> None:
    class Lines(Format):
        media_type = "text/plain"

        def decoder(self, content: Content) -> Any:
            return lambda body: dict.fromkeys(body.decode().splitlines(), 1)

    async def packed(order: Annotated[dict[str, int], Body(media_types=[Lines])]) -> int:
        return 1

    app = App()
    app.post("/x", tool=True)(packed)
    with pytest.raises(SignatureError, match="cannot be a tool"):
        tools_of(app)
