"""Query parameters that no one reads: ignored, reported, forbidden."""

import logging
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict

from signette.app import App, Router
from signette.declarative.plan.steps import CheckUnknown
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Query
from tests.asgi import JSON, fetch


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    number: int = 1


def page(number: int = 1, size: int = 9) -> int:
    return number * size


def made(choice: Any = None, **options: Any) -> App:
    app = App(unknown_query_params=choice)

    @app.get("/", **options)
    async def endpoint(page: Annotated[int, Depends(page)], sort: str = "") -> int:
        return page

    @app.get("/none")
    async def none() -> str:
        return "none"

    @app.post("/body")
    async def body(value: dict[str, int], q: int = 0) -> int:
        return q

    @app.get("/open")
    async def model(model: Annotated[Open, Query()]) -> Any:
        return model.model_extra

    @app.get("/deep")
    async def deep(by: Annotated[dict[str, int], Query(style="deepObject")]) -> dict[str, int]:
        return by

    return app


async def test_an_unknown_name_is_rejected_with_the_nearest_name() -> None:
    response = await fetch(made("forbid"), "GET /?numbr=2&zzz=1&size=3")
    assert [(each["name"], each["code"], each["message"]) for each in response.json["errors"]] == [
        ("numbr", "extra_forbidden", "Extra inputs are not permitted; the nearest known is `number`"),
        ("zzz", "extra_forbidden", "Extra inputs are not permitted"),
    ]
    assert (await fetch(made("forbid"), "GET /?number=2&size=3&sort=x")).status == 200


async def test_it_is_reported_together_with_all_other_errors() -> None:
    assert (await fetch(made("forbid"), "POST /body?p=1&q=x", b'{"a": "b"}', JSON)).errors == [
        ("query", "q", "int_parsing"), ("query", "p", "extra_forbidden"), ("body", "/a", "int_parsing"),
    ]  # fmt: skip


async def test_where_nothing_is_read_nothing_is_known() -> None:
    assert (await fetch(made("forbid"), "GET /none?a=1")).errors == [("query", "a", "extra_forbidden")]
    assert (await fetch(made("forbid"), "GET /none")).body == b"none"


async def test_a_model_that_allows_extra_fields_accepts_any_name() -> None:
    assert (await fetch(made("forbid"), "GET /open?other=1")).json == {"other": "1"}


async def test_names_with_brackets_are_known_by_their_beginning() -> None:
    app = made("forbid")
    assert (await fetch(app, "GET /deep?by[a]=1")).json == {"a": 1}
    assert (await fetch(app, "GET /deep?by[a]=1&bye[a]=1")).errors == [("query", "bye[a]", "extra_forbidden")]


async def test_a_report_is_one_line_with_names_and_no_values(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "signette.unknown"):
        assert (await fetch(made("log"), "GET /?numbr=secret&zz%0A=secret")).status == 200
        await fetch(made("log"), "GET /?number=2")
    assert [each.getMessage() for each in caplog.records] == ["GET /: unknown query parameters 'numbr', 'zz\\n'"]


async def test_the_innermost_level_decides() -> None:
    assert (await fetch(made("forbid", unknown_query_params="ignore"), "GET /?a=1")).status == 200
    inner, app = Router(), App(unknown_query_params="ignore")

    @inner.get("/in")
    async def endpoint(n: int = 0) -> int:
        return n

    app.include_router(inner, unknown_query_params="forbid")
    assert (await fetch(app, "GET /in?m=1")).errors == [("query", "m", "extra_forbidden")]


def test_what_is_ignored_costs_no_step() -> None:
    plans = [route.plan for route in made().routes if hasattr(route, "plan")]
    assert not any(isinstance(step, CheckUnknown) for plan in plans for step in plan.steps)


def test_the_rejection_is_in_the_document() -> None:
    responses = made("forbid").openapi()["paths"]["/none"]["get"]["responses"]
    assert "422" in responses
    assert "422" not in made("log").openapi()["paths"]["/none"]["get"]["responses"]
    assert "  check    reject unknown query parameters" in made("forbid").explain("GET /none")
