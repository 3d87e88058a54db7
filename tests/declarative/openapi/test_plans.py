"""The plans in the API docs: a route that exists with `debug=True` only."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from signette import App, Mount
from signette.applications import Application
from signette.testclient import TestClient


def shop(debug: bool, **options: Any) -> App:
    app = App(debug=debug, **options)

    @app.get("/items/{item_id:int}")
    async def read_item(item_id: int, note: str = "<b>") -> int:
        return item_id

    @app.post("/items", operation_id="items/add <&>")
    async def add_item(name: str) -> None: ...

    @app.get("/feed")
    async def feed() -> AsyncIterator[int]:
        yield 1

    @app.get("/hidden", include_in_schema=False)
    async def hidden() -> None: ...

    @app.webhooks.post("sent")
    async def sent(body: int) -> None: ...

    return app


@pytest.mark.parametrize(
    ("operation_id", "operation"),
    [("read_item", "GET /items/{item_id:int}"), ("feed", "GET /feed"), ("items%2Fadd%20%3C%26%3E", "POST /items")],
)
def test_a_plan_is_what_explain_shows(operation_id: str, operation: str) -> None:
    app = shop(debug=True)
    response = TestClient(app).get(f"/docs/plans/{operation_id}")
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    plan = response.json()
    assert plan["plan"] == app.explain(operation)
    assert f"{plan['plan']}\n\n{plan['source']}" == app.explain(operation, source=True).rstrip("\n")
    assert plan["source"].startswith("async def ")


@pytest.mark.parametrize("operation_id", ["unknown", "hidden", "sent", "", "read_item/"])
def test_other_operations_have_no_plan(operation_id: str) -> None:
    assert TestClient(shop(debug=True)).get(f"/docs/plans/{operation_id}").status_code == 404


def test_without_debug_there_is_no_route_and_the_page_does_not_name_it() -> None:
    app = shop(debug=False)
    client = TestClient(app)
    assert client.get("/docs/plans/read_item").status_code == 404
    assert not [route for route in app.routes if "plans" in route.path]
    assert 'data-plans-url=""' in client.get("/docs").text
    assert 'data-plans-url="/docs/plans/"' in TestClient(shop(debug=True)).get("/docs").text


def test_an_application_that_leaves_debug_shows_no_more_plans() -> None:
    app = shop(debug=True)
    client = TestClient(app)
    app.debug = False
    assert client.get("/docs/plans/read_item").status_code == 404
    assert 'data-plans-url=""' in client.get("/docs").text


def test_without_a_page_there_are_no_plans() -> None:
    for options in ({"docs": None}, {"docs_url": None}, {"openapi_url": None}):
        assert not [route for route in shop(debug=True, **options).routes if "plans" in route.path]


def test_plans_are_found_below_a_mount() -> None:
    client = TestClient(Application(routes=[Mount("/v1", shop(debug=True))]))
    assert 'data-plans-url="/v1/docs/plans/"' in client.get("/v1/docs").text
    assert client.get("/v1/docs/plans/read_item").json()["plan"].startswith("GET /items/{item_id:int}")


def test_each_method_of_a_route_has_its_plan() -> None:
    app = App(debug=True)

    @app.api_route("/both", methods=["GET", "PUT"])
    async def both() -> int:
        return 1

    ids = [operation["operationId"] for operation in app.openapi()["paths"]["/both"].values()]
    client = TestClient(app)
    assert [client.get(f"/docs/plans/{each}").status_code for each in ids] == [200, 200]
