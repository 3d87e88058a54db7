"""The search of the API docs, and links to operations, parameters and schemas."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.chromium import Chromium

GROUPS = """Object.fromEntries([...document.querySelectorAll(".results ul")].map((list) =>
    [list.ariaLabel, [...list.querySelectorAll("code")].map((each) => each.textContent)]))"""
HASH = "decodeURIComponent(location.hash)"


@pytest.fixture
def page(browser: Chromium, server: str) -> Iterator[Chromium]:
    browser.complaints.clear()
    browser.open(f"{server}/docs")
    browser.until("document.querySelector('.operation')")
    yield browser
    assert browser.complaints == []


def found(page: Chromium, text: str) -> Any:
    page.run("document.activeElement.blur()")
    page.press("/")
    assert page.run("document.activeElement.type") == "search"
    page.press("Escape")
    page.type(text)
    return page.run(GROUPS)


def test_results_are_grouped_and_counted(page: Chromium) -> None:
    assert found(page, "sku") == {"Schemas": ["Order.sku", "OutOfStock.sku"]}
    assert page.run("document.querySelector('.toolbar > .note').textContent") == "2 found"
    assert found(page, "post orders")["Operations"] == ["POST /orders"]
    assert found(page, "limit") == {"Parameters": ["limit"]}
    assert found(page, "remember")["Parameters"] == ["remember"]
    assert found(page, "zzz") == {}
    assert page.run("document.querySelector('.results').hidden")


def test_the_closest_names_come_first(page: Chromium) -> None:
    assert found(page, "part")["Schemas"][:2] == ["Part", "Order.parts"]
    assert found(page, "delete orders limit") == {}
    assert found(page, "get orders limit") == {"Parameters": ["limit"]}


def test_the_keyboard_moves_through_results_and_opens_one(page: Chromium) -> None:
    found(page, "orders")
    for key, focused in (("ArrowDown", "POST /orders"), ("ArrowDown", "GET /orders/{order_id}"),
                         ("ArrowUp", "POST /orders")):  # fmt: skip
        page.press(key)
        assert page.run("document.activeElement.querySelector('code').textContent") == focused
    page.run("document.activeElement.click()")
    page.until("document.querySelector('[data-operation=place_order]').open")
    assert page.run(HASH) == "#place_order"
    assert page.run("document.querySelector('.results').hidden")


def test_enter_opens_the_first_result_and_focuses_the_input_of_a_parameter(page: Chromium) -> None:
    found(page, "x-trace")
    page.press("Enter")
    page.until("document.activeElement.ariaLabel === 'x-trace'")
    assert page.run(HASH) == "#read_order/header/x-trace"
    assert page.run("document.querySelector('tr.found').dataset.parameter") == "header/x-trace"


def test_a_result_can_be_opened_twice(page: Chromium) -> None:
    for _ in range(2):
        found(page, "x-trace")
        page.press("Enter")
        page.until("document.activeElement.ariaLabel === 'x-trace'")
        page.run("document.activeElement.closest('.operation').open = false")


LINKS = {
    "read_order": "[data-operation=read_order] > summary",
    "read_order/query/limit": "[data-operation=read_order] [aria-label=limit]",
    "read_order/query/unknown": "[data-operation=read_order] > summary",
    "login/form/username": "[data-operation=login] [aria-label=username]",
    "schema/Order": "[data-schema=Order] summary",
    "schema/Order/sku": "[data-schema=Order] .found",
    "schema/Order/unknown": "[data-schema=Order] summary",
}


def test_a_link_opens_what_it_names(page: Chromium) -> None:
    for link, focused in LINKS.items():
        page.run(f"document.activeElement.blur(); location.hash = '{link}'")
        page.until(f"document.activeElement.matches('{focused}')")
        assert page.run(HASH) == f"#{link}"
        assert page.run("document.activeElement.checkVisibility()")


def test_a_link_is_followed_when_the_page_is_opened(browser: Chromium, server: str) -> None:
    browser.open(f"{server}/docs#read_order/query/limit")
    browser.until("document.activeElement.matches('[aria-label=limit]')")
    assert browser.run(HASH) == "#read_order/query/limit"


def test_a_link_to_nothing_opens_nothing(page: Chromium) -> None:
    for link in ("schema/Unknown", "unknown", "%", "schema/", "/"):
        page.run(f"""new Promise((done) => {{
            addEventListener("hashchange", () => done(true), {{ once: true }});
            location.hash = "{link}";
        }})""")
        assert page.run("document.querySelectorAll('.operation[open], .found').length") == 0, link


def test_results_fit_on_a_phone(page: Chromium) -> None:
    page.call("Emulation.setDeviceMetricsOverride", width=360, height=700, deviceScaleFactor=2, mobile=True)
    found(page, "order")
    wide = page.run("document.documentElement.scrollWidth")
    inside = page.run("document.querySelector('.results').getBoundingClientRect().right <= innerWidth")
    page.call("Emulation.clearDeviceMetricsOverride")
    assert (wide, inside) == (360, True)
