"""What the contract of an application has besides its OpenAPI document: facts of plans, WebSockets, mounted apps."""

import json
from datetime import date, datetime, timedelta, timezone
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, computed_field, create_model

from signette import (
    App,
    Body,
    Depends,
    File,
    Form,
    Header,
    Items,
    Limits,
    Mount,
    Page,
    Query,
    Request,
    RequiredConditional,
    Router,
    Security,
    Socket,
    Stream,
    Tagged,
    UploadFile,
    WebSocket,
)
from signette.contract.application import contract_of
from signette.contract.model import OperationContract
from signette.formats import CSV, JSON
from signette.policies import Cached, Concurrency, Deadline, Deprecated, Exchange, Idempotent, Off, Policy, RateLimit
from signette.security import APIKeyHeader, HTTPBearer
from signette.sockets import SocketOptions
from tests.contracts.test_documents import validate
from tests.regenerate import CONTRACTS, EXAMPLES, contract_text


class Item(BaseModel):
    name: str
    price: int = 0


def operation_of(app: App, key: str) -> OperationContract:
    contract = contract_of(app)
    validate(contract)
    assert contract["made_from"] == "application"
    return contract["operations"][key]


def test_limits_are_those_of_what_an_operation_reads() -> None:
    app = App(limits=Limits(body_bytes=1000, json_bytes=500, path_bytes=None), request_encodings=["gzip"])

    @app.post("/json", max_body_size=200)
    async def json(item: Item) -> None: ...

    @app.post("/form", form_limits={"max_fields": 3})
    async def form(name: Annotated[str, Form()]) -> None: ...

    @app.post("/files")
    async def files(file: UploadFile) -> None: ...

    @app.post("/bytes", request_encodings=["br"])
    async def whole(body: Annotated[bytes, Body()]) -> None: ...

    @app.get("/nothing")
    async def nothing() -> None: ...

    contract = contract_of(app)
    validate(contract)
    assert contract["limits"]["path_bytes"] is None
    assert contract["limits"]["query_params"] == 1000
    limits = {key: each["limits"] for key, each in contract["operations"].items()}
    assert limits["POST /json"] == {
        "body_bytes": 200, "json_bytes": 200, "json_values": 1_000_000, "decompression_ratio": 100,
    }  # fmt: skip
    assert (limits["POST /form"]["form_fields"], limits["POST /files"]["form_files"]) == (3, 100)
    assert "form_files" not in limits["POST /form"]
    assert limits["POST /bytes"] == {"body_bytes": 1000, "decompression_ratio": 100}
    assert limits["GET /nothing"] == {}
    bodies = {key: each["body"] or {} for key, each in contract["operations"].items()}
    assert bodies["POST /json"]["encodings"] == ["gzip"]
    assert bodies["POST /bytes"]["encodings"] == ["br"]


def test_bodies_of_json_say_whether_they_need_a_content_type() -> None:
    app = App()

    @app.post("/strict")
    async def strict(item: Item) -> None: ...

    @app.post("/lax", strict_content_type=False)
    async def lax(item: Item) -> None: ...

    @app.post("/bytes")
    async def whole(body: Annotated[bytes, Body()]) -> None: ...

    found = contract_of(app)["operations"]
    bodies = [found[f"POST /{name}"]["body"] or {} for name in ("strict", "lax", "bytes")]
    assert [each.get("requires_media_type") for each in bodies] == [True, False, None]


def test_policies_have_the_arguments_that_clients_can_notice() -> None:
    async def user(request: Request) -> str: ...

    app = App(policies=[Deadline(2)])

    @app.post(
        "/items",
        policies=[
            RateLimit("10/second; 100/2 minutes", by=user, cost=2, name="items"),
            Idempotent(by=user, required=True, lease=3, statuses=range(200, 203)),
            Concurrency(5, queue=2),
        ],
    )
    async def add(item: Item) -> Item: ...

    @app.get("/items", policies=[Cached(60, tags=["items"]), Off(Deadline)])
    async def items() -> list[Item]: ...

    found = contract_of(app)["operations"]
    validate(contract_of(app))
    policies = found["POST /items"]["policies"]
    assert policies["RateLimit"] == {
        "arguments": {
            "by": True, "strategy": "fixed-window",
            "windows": [{"amount": 5, "seconds": 1}, {"amount": 50, "seconds": 120}],  # requests that cost 2
        },
        "statuses": ["429"],
    }  # fmt: skip
    assert policies["Idempotent"]["arguments"] == {
        "ttl": 86400, "by": True, "required": True, "statuses": [200, 201, 202], "max_bytes": 1_048_576,
    }  # fmt: skip
    assert policies["Deadline"] == {"arguments": {"seconds": 2, "status": 504}, "statuses": ["504"]}
    assert policies["Concurrency"]["arguments"] == {"limit": 5, "queue": 2, "timeout": None, "retry_after": 1}
    assert found["GET /items"]["policies"].keys() == {"Cached"}
    assert "tags" not in found["GET /items"]["policies"]["Cached"]["arguments"]


def test_arguments_of_a_custom_policy_are_json_values() -> None:
    class Quota(Policy):
        def __init__(self, size: float, *names: str, plans: set[str], since: date, more: Any = None) -> None:
            self.size, self.plans, self.since, self.more = size, plans, since, more

        async def around(self, exchange: Exchange, receive: Any, send: Any, call_next: Any) -> None:
            await call_next(receive, send)

    app = App()

    @app.get("/items", policies=[Quota(2.0, "a", plans={"b", "a"}, since=date(2026, 1, 1), more={"a": (1.5, max)})])
    async def items() -> None: ...

    assert operation_of(app, "GET /items")["policies"]["Quota"] == {
        "arguments": {"size": 2, "plans": ["a", "b"], "since": "datetime.date(2026, 1, 1)", "more": {"a": [1.5, True]}},
        "statuses": [],
    }


def test_a_policy_decides_what_is_in_the_contract() -> None:
    class Quota(Policy):
        def __init__(self, size: int, counter: str) -> None:
            self.size, self.counter = size, counter

        def facts(self) -> dict[str, Any]:
            return {"size": self.size}

        async def around(self, exchange: Exchange, receive: Any, send: Any, call_next: Any) -> None:
            await call_next(receive, send)

    app = App()

    @app.get("/items", policies=[Quota(2, "a")])
    async def items() -> None: ...

    assert operation_of(app, "GET /items")["policies"]["Quota"]["arguments"] == {"size": 2}


def test_a_deprecation_has_its_dates_in_utc() -> None:
    app = App()
    noon = datetime(2027, 1, 1, 12, tzinfo=timezone(timedelta(hours=1)))

    @app.get("/old", policies=[Deprecated(date(2026, 1, 1), sunset=noon, successor="/new")])
    async def old() -> None: ...

    @app.get("/older", deprecated=True)
    async def older() -> None: ...

    found = operation_of(app, "GET /old")
    assert found["deprecated"] == {
        "since": "2026-01-01T00:00:00Z", "sunset": "2027-01-01T11:00:00Z", "successor": "/new", "docs": None,
    }  # fmt: skip
    assert found["policies"] == {}
    assert operation_of(app, "GET /older")["deprecated"] == dict.fromkeys(("since", "sunset", "successor", "docs"))


def test_a_deprecated_version_has_the_same_operation_of_the_next_one_as_its_successor() -> None:
    orders, app = Router(prefix="/orders"), App()

    @orders.get("/{number:int}")
    async def order(number: int) -> Item: ...

    app.include_router(orders, version="v1", policies=[Deprecated(date(2026, 1, 1))])
    app.include_router(orders, version="v2")
    found = contract_of(app)["operations"]
    assert (found["GET /v1/orders/{}"]["deprecated"] or {})["successor"] == "/v2/orders/{number}"
    assert found["GET /v2/orders/{}"]["deprecated"] is None


def test_pages_formats_streams_and_files_are_facts() -> None:
    app = App()

    @app.get("/items", renders=[JSON(), CSV()])
    async def items() -> list[Item]: ...

    @app.get("/pages", unknown_query_params="forbid")
    async def pages(page: Page.Offset) -> Page[Item]: ...

    @app.post("/rows")
    async def rows(rows: Annotated[Stream[Item], Items(on_error="skip", max_bytes=100)]) -> None: ...

    @app.post("/pictures")
    async def picture(
        picture: Annotated[UploadFile, File(max_bytes=10, media_types=["image/png"], sniff=True)],
    ) -> None: ...

    formats = operation_of(app, "GET /items")["formats"]
    assert [each.partition(";")[0] for each in formats] == ["application/json", "text/csv"]
    paged = operation_of(app, "GET /pages")
    assert paged["paging"]["parameter"] == "offset"
    assert paged["rejects_unknown"] == ["query"]
    stream = operation_of(app, "POST /rows")
    assert (stream["stream"]["on_error"], stream["limits"]["body_bytes"]) == ("skip", 100)
    files = operation_of(app, "POST /pictures")["files"]
    assert files == {"picture": {"max_bytes": 10, "media_types": ["image/png"], "sniff": True}}


def test_conditional_requests_are_facts() -> None:
    app = App()

    @app.get("/item")
    async def item() -> Tagged[Item]: ...

    @app.put("/item")
    async def put(item: Item, cond: RequiredConditional) -> None: ...

    @app.get("/plain")
    async def plain() -> Item: ...

    assert operation_of(app, "GET /item")["conditional"] == {"precondition_required": False, "tagged": ["200"]}
    assert operation_of(app, "PUT /item")["conditional"]["precondition_required"] is True
    assert "conditional" not in operation_of(app, "GET /plain")


def test_routes_that_are_not_documented_are_not_in_the_contract() -> None:
    app = App()

    @app.get("/hidden", include_in_schema=False)
    async def hidden() -> None: ...

    @app.websocket("/hidden", include_in_schema=False)
    async def feed(socket: WebSocket) -> None: ...

    contract = contract_of(app)
    assert contract["operations"] == {}
    assert contract["sockets"] == {}


class Say(BaseModel):
    text: str


def test_a_socket_has_its_handshake_messages_options_and_limits() -> None:
    app = App()
    key = APIKeyHeader(name="X-Key")

    @app.websocket("/rooms/{room}", policies=[RateLimit("5/minute")], dependencies=[Depends(key)])
    async def room(
        room: int,
        socket: Annotated[
            Socket[Say, Item], SocketOptions(heartbeat=5, heartbeat_message=Item(name="-"), max_message_bytes=9)
        ],
        since: Annotated[int, Query(ge=0)] = 0,
    ) -> None: ...

    contract = contract_of(app)
    validate(contract)
    socket = contract["sockets"]["/rooms/{}"]
    assert socket["inputs"]["path 1"]["schema"] == {"type": "integer"}
    assert (socket["inputs"]["query since"]["default"], socket["limits"]) == (0, {"websocket_message_bytes": 9})
    assert socket["receives"] == {"Say": {"media_type": "application/json", "schema": {"$ref": "#/schemas/Say"}}}
    assert list(socket["sends"]) == ["Item"]
    assert (socket["options"]["heartbeat"], socket["options"]["heartbeat_message"]["name"]) == (5, "-")
    assert socket["policies"].keys() == {"RateLimit"}
    assert socket["security"] == [[{"scheme": "APIKeyHeader", "scopes": []}]]
    assert contract["schemes"] == {"APIKeyHeader": {"type": "apiKey", "in": "header", "name": "X-Key"}}


def test_a_schema_that_is_another_one_in_messages_has_another_name() -> None:
    """In a message to the client, the model has a computed member, and the model around it has another reference."""
    app = App()

    class Priced(BaseModel):
        price: int

        @computed_field
        def tax(self) -> int: ...

    class Box(BaseModel):
        item: Priced

    @app.post("/items")
    async def add(box: Box) -> None: ...

    @app.websocket("/items")
    async def feed(socket: Socket[None, Box]) -> None: ...

    contract = contract_of(app)
    validate(contract)
    assert {"Box", "Box-Message", "Priced", "Priced-Message"} <= contract["schemas"].keys()
    assert contract["sockets"]["/items"]["sends"]["Box"]["schema"] == {"$ref": "#/schemas/Box-Message"}
    assert contract["schemas"]["Box-Message"]["properties"]["item"] == {"$ref": "#/schemas/Priced-Message"}
    assert contract["schemas"]["Priced-Message"]["required"] == ["price", "tax"]
    assert contract["schemas"]["Priced"]["required"] == ["price"]


def test_applications_that_are_mounted_are_in_the_contract_below_their_path() -> None:
    inner, app = App(limits=Limits(json_bytes=7)), App()

    @inner.post("/items/{number}")
    async def change(number: int, item: Item) -> None: ...

    @inner.websocket("/feed")
    async def feed(socket: WebSocket) -> None: ...

    app.mount("/shops/{shop}", inner)
    contract = contract_of(app)
    validate(contract)
    found = contract["operations"]["POST /shops/{}/items/{}"]
    assert found["path"] == "/shops/{shop}/items/{number}"
    assert {key: each["name"] for key, each in found["inputs"].items()} == {"path 1": "shop", "path 2": "number"}
    assert found["limits"]["json_bytes"] == 7
    assert contract["sockets"].keys() == {"/shops/{}/feed"}


def test_dependencies_and_policies_in_front_of_a_mounted_application_are_in_its_contract() -> None:
    async def tenant(shop: int, x_tenant: Annotated[str, Header()]) -> str: ...

    inner = App(policies=[RateLimit("1/second")])
    app = App(policies=[RateLimit("9/second"), Deadline(2)], limits=Limits(json_bytes=5))
    key = APIKeyHeader(name="X-Key")

    @inner.post("/items/{number}", dependencies=[Security(HTTPBearer())])
    async def change(number: int, item: Item) -> None: ...

    @inner.websocket("/feed")
    async def feed(socket: WebSocket) -> None: ...

    router = Router(dependencies=[Depends(tenant), Depends(key)])
    router.mount("/shops/{shop:int}", inner)
    app.include_router(router)
    contract = contract_of(app)
    validate(contract)
    found = contract["operations"]["POST /shops/{}/items/{}"]
    assert list(found["inputs"]) == ["path 1", "header x-tenant", "path 2"]
    assert [found["inputs"][key]["schema"] for key in ("path 1", "path 2")] == [{"type": "integer"}] * 2
    assert found["security"] == [[{"scheme": "APIKeyHeader", "scopes": []}, {"scheme": "HTTPBearer", "scopes": []}]]
    assert found["policies"].keys() == {"RateLimit", "RateLimit of /shops/{}", "Deadline"}
    assert "504 urn:problem-type:deadline-exceeded" in found["problems"]
    assert found["limits"]["json_bytes"] == 5  # as the inner application sets none
    socket = contract["sockets"]["/shops/{}/feed"]
    assert socket["security"] == [[{"scheme": "APIKeyHeader", "scopes": []}]]
    assert socket["inputs"].keys() == {"path 1", "header x-tenant"}
    assert socket["policies"].keys() == {"RateLimit", "RateLimit of /shops/{}"}
    assert contract["schemes"].keys() == {"APIKeyHeader", "HTTPBearer"}


def test_applications_in_mounts_of_mounts_are_in_the_contract() -> None:
    inner = App()

    @inner.get("/items")
    async def items() -> None: ...

    app = App(routes=[Mount("/a", routes=[Mount("/b", app=inner), Mount("/c", app=Mount("/d", routes=[]))])])
    app.mount("/self", app)
    app.mount("/foreign", lambda scope, receive, send: None)
    app.host("api.example.org", inner)
    assert contract_of(app)["operations"].keys() == {"GET /a/b/items", "GET /items"}


def test_mounted_applications_may_have_models_of_the_same_name() -> None:
    app = App()
    for number, kind in enumerate((int, str)):
        inner, model = App(), create_model("Item", value=(kind, ...))

        async def add(item: Any) -> None: ...

        add.__annotations__["item"] = model
        inner.add_api_route("/items", add, methods=["POST"])
        app.mount(f"/v{number}", inner)
    contract = contract_of(app)
    validate(contract)
    bodies = [contract["operations"][f"POST /v{number}/items"]["body"] for number in (0, 1)]
    schemas = [each["contents"]["application/json"]["schema"]["$ref"] for each in bodies if each]
    assert schemas == ["#/schemas/Item", "#/schemas/Item-v1"]
    assert contract["schemas"]["Item-v1"]["properties"] == {"value": {"type": "string"}}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_contract_of_an_example_is_up_to_date(name: str) -> None:
    text = (CONTRACTS / f"{name}.json").read_text("utf-8")
    assert text == contract_text(name), "if the change is meant, write the file again: `make schemas`"
    validate(json.loads(text))
