"""Who may do what in the market."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from itsdangerous import URLSafeTimedSerializer

from examples.market import app
from examples.market.dependencies import current_member
from examples.market.models import Member
from signette.testclient import TestClient

DEE = {"name": "dee", "password": "a good one"}


def test_a_name_is_given_once(client: TestClient) -> None:
    assert client.post("/members", json=DEE).status_code == 201
    taken = client.post("/members", json=DEE)
    assert (taken.status_code, taken.json()["type"]) == (409, "urn:problem-type:name-taken")


@pytest.mark.parametrize("change", [{"name": "A"}, {"name": "ada lovelace"}, {"password": "w0w"}, {"name": None}])
def test_an_invalid_sign_up_is_not_echoed(client: TestClient, change: dict[str, Any]) -> None:
    response = client.post("/members", json=DEE | change)
    assert response.status_code == 422
    assert "w0w" not in response.text


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong"), ("nobody", "the password of ada"), ("ada", "\x00")])
def test_a_wrong_login_reveals_no_more(client: TestClient, name: str, password: str) -> None:
    response = client.post("/token", data={"username": name, "password": password})
    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")


def test_signing_up_logs_in_with_all_scopes(client: TestClient) -> None:
    client.post("/members", json=DEE)
    response = client.post("/token", data={"username": "dee", "password": DEE["password"], "scope": "sell rule"})
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    token = response.json()
    assert (token["scope"], token["token_type"]) == ("sell", "bearer")
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    assert client.get("/me", headers=headers).json() == {"name": "dee"}


@pytest.mark.parametrize("key", ["another key", "a key for tests"])
def test_an_invalid_token_is_rejected(client: TestClient, key: str) -> None:
    claims: object = {"name": "ada", "scopes": []} if key == "another key" else ["no claims"]
    token = URLSafeTimedSerializer(key, salt="market token").dumps(claims)
    response = client.get("/me", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_a_buyer_cannot_sell(client: TestClient, only_buys: dict[str, str]) -> None:
    response = client.post("/offers", json={"title": "Tea pot", "price": 3}, headers=only_buys)
    assert (response.status_code, response.json()["needed"]) == (403, ["sell"])


def test_a_rejection_costs_no_upload(client: TestClient) -> None:
    requested: list[bytes] = []

    def body() -> Iterator[bytes]:
        requested.append(b"a picture")
        yield requested[0]

    headers = {"content-type": "multipart/form-data; boundary=b"}
    assert client.post("/offers/1/pictures", content=body(), headers=headers).status_code == 401
    assert requested == []


def test_a_login_may_be_overridden(client: TestClient) -> None:
    with app.override(current_member, lambda: Member(name="eve")):
        assert client.get("/me").json() == {"name": "eve"}
    assert client.get("/me").status_code == 401


def test_a_member_is_known_after_the_market_was_closed(client: TestClient, ada: dict[str, str], folder: Path) -> None:
    assert (folder / "market.sqlite3").is_file()
    with TestClient(app) as later:
        assert later.get("/me", headers=ada).json() == {"name": "ada"}
