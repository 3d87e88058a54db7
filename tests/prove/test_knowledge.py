"""Which values of earlier responses are tried in requests of an operation."""

import json
from typing import Any

from pydantic import BaseModel

from signette import App, Created
from signette.prove.knowledge import Knowledge
from signette.prove.law import Exchange, ProvedOperation, Request
from signette.prove.operations import Template, operations_of


class Order(BaseModel):
    id: int
    customer_id: str


class NewOrder(BaseModel):
    customer_id: str
    note: str = ""


app = App()


@app.post("/customers", operation_id="create_customer")
async def create_customer() -> Created[dict[str, str]]:
    raise NotImplementedError


@app.post("/orders", operation_id="create_order")
async def create_order(order: NewOrder) -> Created[Order]:
    raise NotImplementedError


@app.get("/orders/{order}", operation_id="read_order")
async def read_order(order: int) -> Order:
    raise NotImplementedError


@app.get("/orders/{order}/lines/{line}", operation_id="read_line")
async def read_line(order: int, line: str) -> str:
    raise NotImplementedError


@app.get(
    "/airports/{code}",
    operation_id="read_airport",
    responses={
        200: {"links": {"near": {"operationId": "search", "parameters": {"query.near": "$response.body#/places/0"}}}}
    },
)
async def read_airport(code: str) -> Any: ...


@app.get("/search", operation_id="search")
async def search(near: str = "") -> Any: ...


OPERATIONS = {each.name: each for each in operations_of(app)}


def response(
    name: str, target: str, body: Any = None, status: int = 200, **headers: str
) -> tuple[ProvedOperation, Exchange]:
    operation = OPERATIONS[name]
    content = (("Content-Type", "application/json"), *headers.items())
    return operation, Exchange(Request(operation.method, target), status, content, json.dumps(body).encode())


def known(*responses: tuple[ProvedOperation, Exchange]) -> Knowledge:
    knowledge = Knowledge(tuple(OPERATIONS.values()))
    for pair in responses:
        knowledge.learn(*pair)
    return knowledge


def test_the_id_of_what_was_created_is_a_path_parameter() -> None:
    knowledge = known(response("create_order", "/orders", {"id": 7, "customer_id": "c"}, 201))
    assert knowledge.candidates(OPERATIONS["read_order"]).path == {"order": ("7",)}
    assert knowledge.candidates(OPERATIONS["read_line"]).path == {"order": ("7",)}


def test_location_and_links_in_bodies_are_matched_with_templates() -> None:
    knowledge = known(
        response("create_order", "/orders", {"self": "http://testserver/orders/3"}, 201, Location="/orders/a%20b"),
        response("search", "/search", ["/orders/4/lines/x"], Link="</orders/9>; rel=next"),
    )
    assert knowledge.candidates(OPERATIONS["read_order"]).path == {"order": ("a b", "3", "9", "4")}
    assert knowledge.candidates(OPERATIONS["read_line"]).path["line"] == ("x",)


def test_ids_of_other_resources_are_members_of_bodies() -> None:
    knowledge = known(response("create_customer", "/customers", {"id": "ada"}, 201))
    assert knowledge.candidates(OPERATIONS["create_order"]).body == {"customer_id": ("ada",)}


def test_parameters_of_a_successful_request_are_used_again_and_those_of_a_failed_one_are_not() -> None:
    knowledge = known(response("read_airport", "/airports/FRA"), response("read_airport", "/airports/XXX", status=404))
    assert knowledge.candidates(OPERATIONS["read_airport"]).path == {"code": ("FRA",)}


def test_links_of_the_document_are_followed() -> None:
    knowledge = known(response("read_airport", "/airports/FRA", {"places": ["Mainz", "Bonn"]}))
    assert knowledge.candidates(OPERATIONS["search"]).query == {"near": ("Mainz",)}


def test_a_template_finds_values_of_a_whole_path_only() -> None:
    template = Template("/a.b/{x}/c/{y}")
    assert template.values("/a.b/1/c/%C3%A4") == {"x": "1", "y": "ä"}
    assert template.values("/a-b/1/c/2") is None
    assert template.values("/a.b/1/c/2/d") is None
