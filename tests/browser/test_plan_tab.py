"""The tab "Plan" of an operation, which exists with `debug=True` only."""

from collections.abc import Iterator

import pytest

from signette import App
from tests.browser.chromium import Chromium
from tests.browser.conftest import serving
from tests.browser.contrast import poor_texts

app = App(title="Plans", debug=True)
MARKUP = "<img src=x onerror='window.hacked=1'>"


@app.get("/items/{item_id}")
async def read_item(item_id: int, note: str = MARKUP) -> dict[str, int]:
    return {"item_id": item_id}


@app.get("/odd", operation_id="odd/id <&> ü")
async def odd() -> None: ...


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(app) as found:
        yield found


@pytest.fixture
def page(browser: Chromium, url: str) -> Chromium:
    browser.complaints.clear()
    browser.open(f"{url}/docs#read_item")
    browser.until("document.querySelector('.operation[open] [role=tab]') !== null")
    return browser


def test_the_tab_shows_the_plan_and_the_source_of_the_binder_as_text(page: Chromium) -> None:
    page.run("[...document.querySelectorAll('[role=tab]')].at(-1).click()")
    assert page.until("document.querySelector('[aria-label=Plan].code')?.textContent") == app.explain(
        "GET /items/{item_id}"
    )
    source = page.run("document.querySelector('[aria-label=Binder].code').textContent")
    assert source in app.explain("GET /items/{item_id}", source=True)
    assert "async def " in source
    assert MARKUP in page.run("document.querySelector('[aria-label=Plan].code').textContent")
    assert page.run("[document.images.length, typeof window.hacked]") == [0, "undefined"]
    assert page.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_plan_can_be_read_in_light_and_dark(page: Chromium, scheme: str) -> None:
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    page.run("[...document.querySelectorAll('[role=tab]')].at(-1).click()")
    page.until("document.querySelector('[aria-label=Plan].code')")
    poor = poor_texts(page)
    page.call("Emulation.setEmulatedMedia", features=[])
    assert poor == []


def test_the_keyboard_moves_between_the_tabs(page: Chromium) -> None:
    shown = "[...document.querySelectorAll('.operation[open] [role=tabpanel]')].map((each) => each.hidden)"
    page.run("document.querySelector('[role=tab]').focus()")
    for expected in ([True, False], [False, True]):
        page.press("ArrowRight")
        assert page.run(shown) == expected
        assert page.run("document.activeElement.ariaSelected") == "true"


def test_a_plan_that_cannot_be_loaded_is_reported(page: Chromium) -> None:
    page.run("document.documentElement.dataset.plansUrl = '/nowhere/'")
    page.run("document.querySelector('.operation').open = false")
    page.run("showPlan('/nowhere', document.querySelector('[role=tabpanel].plan-panel'))")
    assert page.until("document.querySelector('.plan-panel .failed')?.textContent") == (
        "The plan could not be loaded: status 404."
    )


def test_without_debug_there_are_no_tabs(browser: Chromium, server: str) -> None:
    browser.open(f"{server}/docs#read_order")
    browser.until("document.querySelector('.operation[open] form')")
    assert browser.run("document.querySelectorAll('[role=tab]').length") == 0


def test_an_operation_id_may_have_any_characters(browser: Chromium, url: str) -> None:
    browser.open(f"{url}/docs#odd%2Fid%20%3C%26%3E%20%C3%BC")
    browser.until("document.querySelector('.operation[open] [role=tab]') !== null")
    browser.run("[...document.querySelectorAll('.operation[open] [role=tab]')].at(-1).click()")
    plan = browser.until("document.querySelector('[aria-label=Plan].code')?.textContent")
    assert plan == app.explain("GET /odd")


def test_a_plan_fits_on_a_phone(page: Chromium) -> None:
    page.call("Emulation.setDeviceMetricsOverride", width=360, height=700, deviceScaleFactor=2, mobile=True)
    page.run("[...document.querySelectorAll('.operation[open] [role=tab]')].at(-1).click()")
    page.until("document.querySelector('[aria-label=Plan].code') !== null")
    wide = page.run("document.documentElement.scrollWidth")
    page.call("Emulation.clearDeviceMetricsOverride")
    assert wide == 360
