"""The club responds alike on signette and on Starlette."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.examples.ported.side_by_side import both_forms, told

ADA = {"name": "ada", "password": "engine"}
FORM = "application/x-www-form-urlencoded"
BO = {"name": "bo", "password": "a secret"}

# What one client does, one request after the other: the expected status, the request.
VISITS: dict[str, list[tuple[int, str, str, dict[str, Any]]]] = {
    "somebody looks around": [
        (200, "GET", "/", {}),
        (200, "HEAD", "/", {}),
        (200, "GET", "/sign-in", {}),
        (303, "GET", "/members/ada", {}),
        (403, "GET", "/admin", {}),
        (404, "DELETE", "/admin?name=ada", {}),
        (404, "GET", "/nowhere", {}),
        (404, "GET", "/nowhere", {"headers": {"X-Request-Mark": "m1"}}),
        (405, "DELETE", "/join", {}),
        (405, "PUT", "/sign-in", {}),
    ],
    "style": [
        (200, "GET", "/static/style.css", {}),
        (200, "HEAD", "/static/style.css", {}),
        (304, "GET", "/static/style.css", {"headers": {"if-none-match": "*"}}),
        (206, "GET", "/static/style.css", {"headers": {"range": "bytes=0-3"}}),
        (404, "GET", "/static/..%2Fapplication.py", {}),
        (404, "GET", "/static/none.css", {}),
        (405, "POST", "/static/style.css", {}),
    ],
    "ada signs in": [
        (401, "POST", "/sign-in", {"data": ADA | {"password": "wrong"}}),
        (401, "POST", "/sign-in", {"data": {"name": "nobody", "password": "engine"}}),
        (400, "POST", "/sign-in", {"data": {"name": "ada"}}),
        (303, "POST", "/sign-in", {"data": ADA}),
        (200, "GET", "/", {}),
        (200, "GET", "/", {}),
        (200, "GET", "/members/ada", {}),
        (404, "GET", "/members/nobody", {}),
        (200, "GET", "/admin", {}),
        (303, "POST", "/sign-out", {}),
        (200, "GET", "/", {}),
        (403, "GET", "/admin", {}),
    ],
    "ada was on her way": [
        (303, "GET", "/members/ada?tab=1", {}),
        (303, "POST", "/sign-in?next=http%3A%2F%2Ftestserver%2Fmembers%2Fada%3Ftab%3D1", {"data": ADA}),
        (303, "POST", "/sign-in?next=https%3A%2F%2Fevil.example%2F", {"data": ADA}),
    ],
    "bo joins, and has to go": [
        (303, "POST", "/join", {"data": BO}),
        (200, "GET", "/members/bo", {}),
        (403, "GET", "/admin", {}),
        (303, "POST", "/join", {"data": BO}),
        (200, "GET", "/", {}),
        (303, "POST", "/sign-in", {"data": ADA}),
        (204, "DELETE", "/admin?name=bo", {}),
        (401, "POST", "/sign-in", {"data": BO}),
    ],
    "odd forms": [
        (400, "POST", "/join", {}),
        (400, "POST", "/join", {"json": BO}),
        (400, "POST", "/join", {"files": {"name": ("a", b"x")}}),
        (303, "POST", "/join", {"files": {name: (None, value) for name, value in BO.items()}}),
        (303, "POST", "/join", {"content": b"&=&name=%ff&password=%", "headers": {"content-type": FORM}}),
    ],
    "odd cookies": [
        (200, "GET", "/", {"headers": {"cookie": "session=e30=.x.y"}}),
        (200, "GET", "/", {"headers": {"cookie": b";;=; session; x=\xe9"}}),
    ],
}


@pytest.fixture
def clients() -> Iterator[list[Any]]:
    with both_forms("examples.ported.club") as clients:
        yield clients


@pytest.mark.parametrize("visit", VISITS)
def test_a_visit_gets_the_same_response(visit: str, clients: list[Any]) -> None:
    for status, method, target, sent in VISITS[visit]:
        ours, theirs = [told(client.request(method, target, **sent)) for client in clients]
        assert ours == theirs, (method, target)
        assert ours[0] == status, (method, target)


def test_words_for_the_next_page_are_shown_once(clients: list[Any]) -> None:
    for client in clients:
        client.post("/sign-in", data=ADA)
        assert ["Welcome back, ada." in client.get("/").text for _ in range(2)] == [True, False]


def test_a_page_is_compressed_alike(clients: list[Any]) -> None:
    for client in clients:
        client.post("/sign-in", data=ADA)
    ours, theirs = [client.get("/", headers={"accept-encoding": "gzip"}) for client in clients]
    assert ours.text == theirs.text
    for response in (ours, theirs):
        assert response.headers["content-encoding"] == "gzip"
        assert set(response.headers["vary"].split(", ")) == {"Cookie", "Accept-Encoding"}


def test_a_page_for_what_is_broken() -> None:
    with both_forms("examples.ported.club", raise_server_exceptions=False) as clients:
        responses = [client.get("/broken", headers={"x-request-mark": "m7"}) for client in clients]
    assert [response.status_code for response in responses] == [500, 500]
    assert responses[0].text == responses[1].text == "<h1>Sorry</h1><p>Please report the number m7.</p>"
    # Handlers of 500 stand inside of the layers: these may say something of the response, too.
    assert responses[0].headers.get("x-request-mark") == "m7"
    assert "x-request-mark" not in responses[1].headers
