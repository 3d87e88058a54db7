"""Webhooks and callbacks: what an application sends is in its document, and handles no request."""

import cloudpickle
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, OpenAPIV32SpecValidator
from pydantic import BaseModel

from signette.app import App, Router
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.marker_functions import Depends
from signette.problems import Problem
from signette.security import APIKeyHeader, HTTPBearer
from signette.testclient.client import TestClient


class Invoice(BaseModel):
    total: float


class Receipt(BaseModel):
    ok: bool


class Gone(Problem, status=410): ...


def with_callback() -> App:
    callbacks = Router()

    @callbacks.post("{$callback_url}/invoices/{$request.body.id}")
    async def paid(body: Invoice, later: bool = False) -> Receipt | Gone:
        """Report that it was paid."""
        raise NotImplementedError

    app = App()

    @app.post("/invoices", callbacks=callbacks.routes)
    async def create(invoice: Invoice, callback_url: str | None = None) -> Invoice:
        return invoice

    return app


def test_a_callback_is_documented_in_the_operation_that_sends_it():
    document = with_callback().openapi()
    OpenAPIV31SpecValidator(document).validate()
    callback = document["paths"]["/invoices"]["post"]["callbacks"]["paid"]
    sent = callback["{$callback_url}/invoices/{$request.body.id}"]["post"]
    assert sent["description"] == "Report that it was paid."
    assert [each["name"] for each in sent["parameters"]] == ["later"]
    assert sent["requestBody"]["content"] == {"application/json": {"schema": {"$ref": "#/components/schemas/Invoice"}}}
    assert set(sent["responses"]) == {"200", "410"}  # what is declared; our own rejections are not theirs
    assert "operationId" not in sent


def test_callbacks_of_all_levels_may_have_plain_paths():
    levels = ("app", "include", "router", "route")
    routers = {level: Router() for level in levels}
    for level, each in routers.items():
        each.post("/", name=level)(nothing)  # equal paths: only the name differs
    app = App(callbacks=routers["app"].routes)
    router = Router(callbacks=routers["router"].routes)
    router.get("/x", callbacks=[*routers["route"].routes, *routers["app"].routes])(nothing)
    app.include_router(router, callbacks=routers["include"].routes)
    documented = app.openapi()["paths"]["/x"]["get"]["callbacks"]
    assert {name: list(each) for name, each in documented.items()} == {level: ["/"] for level in levels}


def test_what_is_sent_may_have_to_be_signed():
    signed = Depends(APIKeyHeader(name="X-Signature", scheme_name="Signature"))
    callbacks = Router()
    callbacks.post("{$url}", name="told", dependencies=[Depends(HTTPBearer())])(nothing)
    app = App()
    app.webhooks.post("new", dependencies=[signed])(nothing)
    app.get("/", callbacks=callbacks.routes)(nothing)
    document = app.openapi()
    OpenAPIV31SpecValidator(document).validate()
    assert document["webhooks"]["new"]["post"]["security"] == [{"Signature": []}]
    sent = document["paths"]["/"]["get"]["callbacks"]["told"]["{$url}"]["post"]
    assert sent["security"] == [{"HTTPBearer": []}]
    assert set(document["components"]["securitySchemes"]) == {"Signature", "HTTPBearer"}


async def nothing() -> None: ...


def test_a_callback_serves_no_request():
    callbacks = Router()

    @callbacks.post("{$url}")
    async def documented(body: Invoice) -> None: ...

    app = App()
    app.include_router(callbacks)
    with TestClient(app) as client:
        assert client.post("/", json={"total": 1}).status_code == 404
        assert client.post("/{$url}", json={"total": 1}).status_code == 404
    assert app.openapi()["paths"] == {}


@pytest.mark.parametrize(
    ("version", "validator"), [("3.1.0", OpenAPIV31SpecValidator), ("3.2.0", OpenAPIV32SpecValidator)]
)
def test_webhooks_are_next_to_the_paths(version, validator):
    app = App(openapi_version=version)

    @app.webhooks.post("new-invoice", tags=["money"])
    async def new_invoice(body: Invoice) -> None:
        """When an invoice was made."""

    @app.post("/new")
    async def new_invoice_by_hand(body: Invoice) -> None: ...

    document = app.openapi()
    validator(document).validate()
    hook = document["webhooks"]["new-invoice"]["post"]
    assert hook["operationId"] == "new_invoice"
    assert hook["tags"] == ["money"]
    assert list(hook["responses"]) == ["204"]
    assert list(document["paths"]) == ["/new"]


def test_ids_of_webhooks_and_operations_do_not_collide():
    app = App()

    @app.webhooks.post("paid")
    async def paid(body: Invoice) -> None: ...

    app.add_api_route("/paid", paid, ["GET"])
    document = app.openapi()
    ids = {document["webhooks"]["paid"]["post"]["operationId"], document["paths"]["/paid"]["get"]["operationId"]}
    assert ids == {"paid_post", "paid_get"}


def test_a_webhook_that_is_added_later_is_documented_too():
    app = App()
    assert "webhooks" not in app.openapi()
    app.webhooks.add_api_route("later", lambda: None)
    assert list(app.openapi()["webhooks"]) == ["later"]


def test_an_error_in_a_webhook_is_reported_when_it_is_registered():
    app = App()
    with pytest.raises(SignatureError):

        @app.webhooks.post("odd")
        async def odd(*values: int) -> None: ...


def test_webhooks_and_callbacks_survive_pickling():
    app = with_callback()
    app.webhooks.add_api_route("later", lambda: None)
    assert cloudpickle.loads(cloudpickle.dumps(app)).openapi() == app.openapi()
