"""The form of a login: what it takes, rejects, and says of itself."""

from typing import Annotated, Any
from urllib.parse import urlencode

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from signette.app import App
from signette.declarative.signature.marker_functions import Depends
from signette.security import OAuth2PasswordRequestForm, OAuth2PasswordRequestFormStrict
from tests.asgi import MULTIPART, URLENCODED, fetch
from tests.declarative.building import form, part

LOGIN = {"username": "ann", "password": "pass word"}


def app_with_login(kind: Any) -> App:
    app = App()

    @app.post("/token")
    async def token(login: Annotated[Any, Depends(kind)]) -> dict[str, Any]:
        return {
            "grant_type": login.grant_type, "username": login.username, "password": login.password,
            "scopes": login.scopes, "client_id": login.client_id, "client_secret": login.client_secret,
        }  # fmt: skip

    return app


async def test_a_login_is_read_with_its_scopes_as_a_list() -> None:
    app = app_with_login(OAuth2PasswordRequestForm)
    nothing = {"grant_type": None, "scopes": [], "client_id": None, "client_secret": None}
    assert (await fetch(app, "POST /token", urlencode(LOGIN).encode(), URLENCODED)).json == LOGIN | nothing
    more = {"grant_type": "password", "client_id": "web", "client_secret": "s"}
    sent = urlencode(LOGIN | more | {"scope": " me  items "}).encode()
    assert (await fetch(app, "POST /token", sent, URLENCODED)).json == LOGIN | more | {"scopes": ["me", "items"]}
    parts = form(part("username", "ann"), part("password", "pass word"))
    assert (await fetch(app, "POST /token", parts, MULTIPART)).json == LOGIN | nothing


@pytest.mark.parametrize(
    ("kind", "sent", "errors"),
    [
        (OAuth2PasswordRequestForm, {}, [("username", "missing"), ("password", "missing")]),
        (OAuth2PasswordRequestForm, LOGIN | {"password": ""}, [("password", "missing")]),
        (OAuth2PasswordRequestForm, LOGIN | {"grant_type": "passwords"}, [("grant_type", "string_pattern_mismatch")]),
        (OAuth2PasswordRequestForm, LOGIN | {"grant_type": "password\n"}, [("grant_type", "string_pattern_mismatch")]),
        (OAuth2PasswordRequestFormStrict, LOGIN, [("grant_type", "missing")]),
        (OAuth2PasswordRequestFormStrict, LOGIN | {"grant_type": "code"}, [("grant_type", "string_pattern_mismatch")]),
    ],
)
async def test_an_invalid_login_is_reported_and_not_echoed(kind: Any, sent: Any, errors: Any) -> None:
    response = await fetch(app_with_login(kind), "POST /token", urlencode(sent).encode(), URLENCODED)
    assert response.status == 422
    assert [(name, code) for _, name, code in response.errors] == errors
    assert b"pass word" not in response.body


async def test_the_strict_form_takes_what_rfc_6749_says() -> None:
    sent = urlencode(LOGIN | {"grant_type": "password"}).encode()
    response = await fetch(app_with_login(OAuth2PasswordRequestFormStrict), "POST /token", sent, URLENCODED)
    assert (response.status, response.json["grant_type"]) == (200, "password")


@pytest.mark.parametrize(
    ("kind", "required"),
    [
        (OAuth2PasswordRequestForm, ["username", "password"]),
        (OAuth2PasswordRequestFormStrict, ["grant_type", "username", "password"]),
    ],
)
def test_the_document_shows_a_form_of_strings(kind: Any, required: list[str]) -> None:
    document = app_with_login(kind).openapi()
    OpenAPIV31SpecValidator(document).validate()
    body = document["paths"]["/token"]["post"]["requestBody"]
    schema = body["content"]["application/x-www-form-urlencoded"]["schema"]
    assert body["required"]
    assert schema["required"] == required
    assert list(schema["properties"]) == [
        "grant_type", "username", "password", "scope", "client_id", "client_secret",
    ]  # fmt: skip
    assert {name: each.get("format") for name, each in schema["properties"].items() if "format" in each} == {
        "password": "password",
        "client_secret": "password",
    }
    assert schema["properties"]["grant_type"]["pattern"] == "^password$"
    assert schema["properties"]["scope"]["default"] == ""
    assert {each["type"] for each in schema["properties"].values()} == {"string"}


def test_its_repr_hides_what_is_secret() -> None:
    shown = repr(OAuth2PasswordRequestForm(username="ann", password="hidden", client_secret="hidden"))
    assert "ann" in shown
    assert "hidden" not in shown
