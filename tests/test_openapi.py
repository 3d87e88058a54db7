"""`get_openapi`: the document of routes, made by hand."""

import inspect
from typing import Any

import cloudpickle
import pytest

from signette.app import App
from signette.compat import FastAPIErrors
from signette.declarative.problems.format import ProblemFormat
from signette.openapi import get_openapi
from signette.testclient.client import TestClient


def application(**about: Any) -> App:
    app = App(title="Shop", version="3.0", summary="Sells.", description="Sells *things*.", **about)

    @app.get("/items/{item_id}")
    async def item(item_id: int) -> int:
        return item_id

    @app.webhooks.post("sold")
    async def sold(body: int) -> None: ...

    return app


@pytest.mark.parametrize("version", ["3.1.0", "3.2.0"])
def test_it_gives_what_the_application_gives(version: str) -> None:
    app = application(openapi_version=version)
    made = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        openapi_version=app.openapi_version,
        routes=app.routes,
        webhooks=app.webhooks.routes,
    )
    assert made == app.openapi()
    assert made is not app.openapi()


@pytest.mark.parametrize("errors", [None, FastAPIErrors()])
def test_errors_are_in_the_format_of_the_application_whose_routes_are_given(errors: ProblemFormat | None) -> None:
    app = application(errors=errors)
    paths = app.openapi()["paths"]
    assert get_openapi(title="Mine", version="1", routes=app.routes)["paths"] == paths
    again = cloudpickle.loads(cloudpickle.dumps(app))
    assert get_openapi(title="Mine", version="1", routes=again.routes)["paths"] == paths
    given = get_openapi(title="Mine", version="1", routes=app.routes, errors=ProblemFormat())["paths"]
    assert (given == paths) is (errors is None)
    app.router.routes = list(app.routes)
    assert get_openapi(title="Mine", version="1", routes=app.routes)["paths"] == paths


def test_a_function_of_ones_own_takes_the_place_of_the_application_s() -> None:
    app = application()

    def custom() -> dict[str, Any]:
        document = get_openapi(title="Mine", version="1", routes=app.routes)
        document["info"]["x-logo"] = {"url": "/logo.png"}
        return document

    app.openapi = custom  # type: ignore[method-assign]  # as people do
    with TestClient(app) as client:
        assert client.get("/openapi.json").json()["info"] == {
            "title": "Mine",
            "version": "1",
            "x-logo": {"url": "/logo.png"},
        }


def test_it_takes_all_that_an_application_says_of_its_document() -> None:
    renamed = {"openapi_tags": "tags", "openapi_external_docs": "external_docs"}
    own = inspect.signature(App.__init__).parameters
    names = list(own)[1 : list(own).index("openapi_url")]
    assert {renamed.get(name, name) for name in names} <= set(inspect.signature(get_openapi).parameters)
