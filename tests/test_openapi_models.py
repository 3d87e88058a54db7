"""OpenAPI objects that applications write themselves, and the program that they are most often imported for."""

import copy
import json
import pickle
from importlib import import_module
from typing import Any

import pytest
from fastapi.encoders import jsonable_encoder

from signette import App, Depends, Request
from signette.openapi import models
from signette.openapi.models import APIKey, APIKeyIn, Contact, HTTPBearer, License, OAuthFlows, Server, Tag
from signette.security.base import SecurityBase
from tests.examples.topics.test_first_lines import CLIENTS

THERE = import_module("fastapi.openapi.models")
OBJECTS: list[tuple[str, dict[str, Any]]] = [
    ("APIKey", {"in": "header", "name": "X-Key"}),
    ("APIKey", {"in": "query", "name": "key", "description": "d"}),
    ("HTTPBase", {"scheme": "basic"}),
    ("HTTPBearer", {}),
    ("HTTPBearer", {"bearerFormat": "JWT"}),
    ("OAuthFlows", {}),
    ("OAuthFlows", {"password": {"tokenUrl": "token", "scopes": {"a": "b"}}}),
    ("OAuthFlowImplicit", {"authorizationUrl": "a"}),
    ("OAuthFlowPassword", {"tokenUrl": "t", "refreshUrl": "r"}),
    ("OAuthFlowClientCredentials", {"tokenUrl": "t", "scopes": {"a": "b"}}),
    ("OAuthFlowAuthorizationCode", {"authorizationUrl": "a", "tokenUrl": "t"}),
    ("OAuth2", {"flows": {"password": {"tokenUrl": "t", "scopes": {}}}}),
    ("OpenIdConnect", {"openIdConnectUrl": "u"}),
    ("SecurityBase", {"type": "http"}),
    ("Contact", {"name": "A", "url": "https://a.example/"}),
    ("License", {"name": "MIT"}),
    ("Server", {"url": "/v1", "description": "d"}),
    ("Tag", {"name": "a"}),
    ("ExternalDocumentation", {"url": "https://a.example/"}),
]


@pytest.mark.parametrize(("name", "members"), OBJECTS)
def test_an_object_has_the_members_of_fastapis(name: str, members: dict[str, Any]) -> None:
    there, here = getattr(THERE, name)(**members), getattr(models, name)(**members)
    expected = jsonable_encoder(there, by_alias=True, exclude_none=True)
    assert json.loads(json.dumps(here)) == expected
    for field in type(there).model_fields:
        value = jsonable_encoder(getattr(there, field), by_alias=True, exclude_none=True)
        assert jsonable_encoder(getattr(here, field)) == value
    for other in (copy.copy(here), copy.deepcopy(here), pickle.loads(pickle.dumps(here))):
        assert (other, type(other)) == (here, type(here))


@pytest.mark.parametrize("name", models.__all__)
def test_every_name_is_one_of_fastapis(name: str) -> None:
    assert hasattr(THERE, name)


def test_members_with_a_name_of_python_have_an_underscore() -> None:
    key = APIKey(in_=APIKeyIn.header, name="X", type_="apiKey")
    assert key == {"type": "apiKey", "in": "header", "name": "X"}
    assert (key.in_, key.type_, key.description) == ("header", "apiKey", None)
    with pytest.raises(AttributeError, match="'APIKey' object has no attribute 'scheme'"):
        _ = key.scheme


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (APIKey, "`APIKey` requires 'in' and 'name'"),
        (License, "`License` requires 'name'"),
        (models.OAuthFlowAuthorizationCode, "`OAuthFlowAuthorizationCode` requires 'authorizationUrl' and 'tokenUrl'"),
    ],
)
def test_a_missing_member_is_an_error(make: Any, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        make()
    assert str(caught.value) == message


@pytest.mark.parametrize("of", CLIENTS, ids=lambda of: of.__name__)
def test_a_token_in_a_cookie_is_a_scheme_of_ones_own(of: Any) -> None:
    flows = OAuthFlows if of.__name__ == "signette" else THERE.OAuthFlows
    utils = import_module(f"{of.__name__}.security.utils")

    class OAuth2PasswordBearerWithCookie(of.security.OAuth2):
        def __init__(self, tokenUrl: str, scopes: dict[str, str] | None = None, auto_error: bool = True) -> None:  # noqa: N803
            super().__init__(
                flows=flows(password={"tokenUrl": tokenUrl, "scopes": scopes or {}}), auto_error=auto_error
            )

        async def __call__(self, request: of.Request) -> str | None:
            scheme, token = utils.get_authorization_scheme_param(request.cookies.get("access_token"))
            if scheme.lower() == "bearer":
                return token
            raise of.HTTPException(401, "Not authenticated", headers={"WWW-Authenticate": "Bearer"})

    app = (of.FastAPI if hasattr(of, "FastAPI") else of.App)()
    scheme = OAuth2PasswordBearerWithCookie(tokenUrl="/token")

    @app.get("/")
    async def read(token: str = of.Depends(scheme)) -> dict[str, str]:
        return {"token": token}

    client = CLIENTS[of](app)
    assert client.get("/").status_code == 401
    assert client.get("/", headers={"cookie": 'access_token="Bearer abc"'}).json() == {"token": "abc"}
    assert app.openapi()["components"]["securitySchemes"] == {
        "OAuth2PasswordBearerWithCookie": {
            "type": "oauth2",
            "flows": {"password": {"tokenUrl": "/token", "scopes": {}}},
        }
    }


def test_metadata_and_schemes_take_objects() -> None:
    class Bearer(SecurityBase):
        model = HTTPBearer(bearerFormat="JWT")

        def __call__(self, request: Request) -> str:
            return request.headers.get("authorization", "")

    app = App(contact=Contact(name="A"), servers=[Server(url="/v1")], openapi_tags=[Tag(name="t", description="d")])

    @app.get("/", dependencies=[Depends(Bearer())])
    def read() -> None: ...

    document = json.loads(CLIENTS[import_module("signette")](app).get("/openapi.json").content)
    assert (document["info"]["contact"], document["servers"]) == ({"name": "A"}, [{"url": "/v1"}])
    assert document["tags"] == [{"name": "t", "description": "d"}]
    assert document["components"]["securitySchemes"] == {
        "Bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
