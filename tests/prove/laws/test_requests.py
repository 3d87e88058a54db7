"""Changes to requests: what a law adds or removes is all that changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette import App
from signette.declarative.openapi.document import routes_by_operation_id
from signette.prove import ProvedOperation, Request
from signette.prove.laws.requests import (
    path_values,
    query_names,
    reading,
    target_in_app,
    with_cookie,
    with_path_value,
    with_query,
    without_cookie,
    without_query,
)

app = App()
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=8)


@app.get("/shops/{shop}/items/{item_id}")
async def read_item(shop: str, item_id: str) -> str:
    return shop


def operation() -> ProvedOperation:
    document = app.openapi()
    path = "/shops/{shop}/items/{item_id}"
    route = routes_by_operation_id(app.routes)["read_item"]
    return ProvedOperation("read_item", "GET", path, document["paths"][path]["get"], document, app, route)


@given(NAMES, NAMES)
def test_a_query_parameter_is_added_and_removed(name: str, value: str) -> None:
    request = Request("GET", "/items?other%20one=1&flag")
    changed = with_query(request, name, value)
    assert query_names(changed)[-1] == name
    assert with_query(changed, name, value) == changed
    if name not in {"other one", "flag"}:
        assert without_query(changed, name) == request


def test_the_last_query_parameter_takes_the_question_mark_with_it() -> None:
    assert without_query(Request("GET", "/items?limit=2"), "limit").target == "/items"


@given(NAMES, NAMES, NAMES)
def test_path_parameters_are_read_and_replaced(shop: str, item: str, other: str) -> None:
    request = with_path_value(operation(), Request("GET", "/shops/a/items/b?c=d"), "shop", shop)
    request = with_path_value(operation(), request, "item_id", item)
    assert path_values(operation(), request) == {"shop": shop, "item_id": item}
    assert request.target.endswith("?c=d")


def test_cookies_are_replaced_one_by_one() -> None:
    request = Request("GET", "/", (("Cookie", "a=1; b=2"),))
    assert with_cookie(request, "a", "3").header("cookie") == "b=2; a=3"
    assert without_cookie(without_cookie(request, "a"), "b").headers == ()


def test_a_reader_gets_the_credentials_of_a_request_and_nothing_else_of_it() -> None:
    headers = (("Authorization", "Bearer x"), ("Content-Type", "application/json"), ("If-Match", '"1"'))
    request = reading(Request("POST", "/items", headers, b"{}", chunked=True), "/users")
    assert request == Request("GET", "/users", (("Authorization", "Bearer x"),))


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/new", "/new"),
        ("new?a=b#part", "/old/new?a=b"),
        ("http://testserver/new", "/new"),
        ("//testserver/ä b", "/%C3%A4%20b"),
        ("https://elsewhere.example/new", None),
        ("mailto:ada@example.com", None),
        ("http://[", None),
    ],
)
def test_a_location_is_followed_on_the_same_host(location: str, target: str | None) -> None:
    assert target_in_app(Request("GET", "/old/page"), location) == target
