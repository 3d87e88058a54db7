"""What a law works with: requests, exchanges, operations."""

from dataclasses import replace

from signette import App
from signette.declarative.openapi.document import routes_by_operation_id
from signette.policies import Deadline
from signette.prove import Exchange, Law, ProvedOperation, Request

app = App()


@app.get("/items/{item_id}", policies=[Deadline(5)])
async def read_item(item_id: int) -> str:
    return str(item_id)


def operation() -> ProvedOperation:
    document = app.openapi()
    path = "/items/{item_id}"
    route = routes_by_operation_id(app.routes)["read_item"]
    return ProvedOperation("read_item", "GET", path, document["paths"][path]["get"], document, app, route)


def test_headers_of_a_request_are_found_in_any_case_and_replaced() -> None:
    request = Request("GET", "/items/5?q=1", (("Accept", "text/html"), ("X-Token", "a")))
    assert request.header("accept") == "text/html"
    assert request.header("Range") is None
    assert request.with_header("accept", "*/*").headers == (("X-Token", "a"), ("accept", "*/*"))
    assert request.without_header("ACCEPT").headers == (("X-Token", "a"),)
    assert request.path == "/items/5"


def test_an_exchange_has_the_parts_of_its_response() -> None:
    headers = (("Content-Type", "application/JSON; charset=utf-8"), ("Set-Cookie", "a=1"), ("set-cookie", "b=2"))
    exchange = Exchange(Request("GET", "/"), 200, headers, b"[1]")
    assert exchange.media_type == "application/json"
    assert exchange.header_values("Set-Cookie") == ["a=1", "b=2"]
    assert exchange.json() == [1]
    assert exchange.is_success
    assert str(exchange) == "GET / -> 200 OK"
    assert str(replace(exchange, status=299)) == "GET / -> 299"
    silent = replace(exchange, status=None)
    assert not silent.is_success
    assert str(silent) == "GET / -> no response"


def test_an_operation_has_its_plan_its_policies_and_its_declared_responses() -> None:
    proved = operation()
    assert proved.plan.path == "/items/{item_id}"
    assert [type(policy) for policy in proved.policies] == [Deadline]
    assert proved.key == "GET /items/{item_id}"
    assert "policies" in proved.options
    found = proved.response_for(200)
    assert found is not None
    assert found["content"] == {"text/plain": {"schema": {"type": "string"}}}
    assert proved.response_for(299) is None


def test_ranges_and_the_default_are_declared_responses() -> None:
    responses = {"200": {"description": "exact"}, "2XX": {"description": "range"}, "default": {"$ref": "#/a~1b"}}
    proved = replace(operation(), definition={"responses": responses}, document={"a/b": {"description": "default"}})
    found = [proved.response_for(status) for status in (200, 299, 404)]
    assert [response and response["description"] for response in found] == ["exact", "range", "default"]


def test_a_violation_names_its_law_and_operation() -> None:
    class Teapot(Law):
        name = "no-teapot"
        summary = "Nothing is a teapot"

    exchange = Exchange(Request("GET", "/"), 418)
    violation = Teapot().violation(operation(), "it is a teapot", exchange)
    assert (violation.law, violation.operation, violation.exchanges) == ("no-teapot", "read_item", (exchange,))
