"""Schemes of one's own on `SecurityBase`, and the modules of schemes under the names of FastAPI's documentation."""

from importlib import import_module
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

import signette.security
from signette import App, Depends, HTTPException, Request, Security
from signette.security import APIKeyHeader, HTTPBearer
from signette.security.base import SecurityBase
from signette.security.utils import get_authorization_scheme_param
from signette.testclient import TestClient


class Model(BaseModel):
    type_: str = Field("http", alias="type")
    scheme: str = "custom"
    description: str | None = None


class Signed(SecurityBase):
    model = Model()

    async def __call__(self, request: Request) -> str:
        if (signature := request.headers.get("signature")) is None:
            raise HTTPException(401)
        return signature


class Named(SecurityBase):
    def __init__(self) -> None:
        self.model = {"type": "apiKey", "in": "header", "name": "X-Sign"}
        self.scheme_name = "Sign"

    def __call__(self, request: Request) -> str | None:
        return request.headers.get("x-sign")


def test_a_scheme_of_ones_own_takes_no_arguments_and_is_in_the_document() -> None:
    app = App()

    @app.get("/signed")
    async def signed(by: Annotated[str, Depends(Signed())]) -> dict[str, str]:
        return {"by": by}

    @app.get("/named")
    async def named(by: Annotated[str | None, Security(Named())]) -> dict[str, str | None]:
        return {"by": by}

    client = TestClient(app)
    assert client.get("/signed").status_code == 401
    assert client.get("/signed", headers={"signature": "me"}).json() == {"by": "me"}
    assert client.get("/named", headers={"x-sign": "me"}).json() == {"by": "me"}
    document = app.openapi()
    assert document["components"]["securitySchemes"] == {
        "Signed": {"type": "http", "scheme": "custom"},
        "Sign": {"type": "apiKey", "in": "header", "name": "X-Sign"},
    }
    assert document["paths"]["/signed"]["get"]["security"] == [{"Signed": []}]


def test_every_scheme_is_one_of_the_base() -> None:
    for scheme in (APIKeyHeader(name="X"), HTTPBearer()):
        assert isinstance(scheme, SecurityBase)
        assert scheme.model == scheme.security_scheme
        assert scheme.model["type"] in ("apiKey", "http")


@pytest.mark.parametrize("module", ["api_key", "base", "http", "oauth2", "open_id_connect_url", "utils"])
def test_a_module_of_schemes_has_the_names_of_fastapis(module: str) -> None:
    here, there = (import_module(f"{package}.security.{module}") for package in ("signette", "fastapi"))
    assert [name for name in here.__all__ if not hasattr(there, name)] == []
    assert [name for name in here.__all__ if getattr(signette.security, name, None) is not getattr(here, name)] in (
        [],
        ["get_authorization_scheme_param"],
    )


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer a", "bearer a b", "Basic  x", " x"])
def test_a_header_is_divided_into_scheme_and_parameter(header: Any) -> None:
    there = import_module("fastapi.security.utils").get_authorization_scheme_param
    assert get_authorization_scheme_param(header) == tuple(each.strip() for each in there(header))
