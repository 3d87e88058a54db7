"""The plain and the typed application give the same responses: status, headers and body.

Two tables (tables.py): requests with the same response of both, byte for byte, and requests with different
responses, each with both statuses. The second one is in words in examples/tour/README.md.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from examples.tour import plain, typed
from signette.routing import Mount
from signette.testclient import TestClient
from tests.clock import stopped
from tests.examples.tour.tables import ALIKE, DIFFERENT


@pytest.fixture(autouse=True, scope="module")
def one_clock() -> Iterator[None]:
    """A cookie's `expires` would differ where a second ends between the two responses."""
    with stopped():
        yield


def told(response: Any) -> tuple[int, list[tuple[str, str]], bytes]:
    """All that a client sees of a response, but for the second in which a session was signed."""
    headers = [
        (name, re.sub(r"^session=[\w.=-]+;", "session=signed;", value))
        for name, value in response.headers.multi_items()
    ]
    return response.status_code, sorted(headers), response.content


@pytest.mark.parametrize("name", ALIKE)
def test_both_respond_alike(name: str, plain_client: TestClient, typed_client: TestClient) -> None:
    method, target, sent = ALIKE[name]
    plain, typed = [told(client.request(method, target, **sent)) for client in (plain_client, typed_client)]
    assert plain == typed
    assert plain[0] < 400


@pytest.mark.parametrize("name", DIFFERENT)
def test_they_differ_as_the_readme_says(name: str, plain_client: TestClient, typed_client: TestClient) -> None:
    method, target, sent, *statuses = DIFFERENT[name]
    plain = plain_client.request(method, target, **sent)
    typed = typed_client.request(method, target, **sent)
    assert [plain.status_code, typed.status_code] == statuses
    assert (plain.status_code, plain.content) != (typed.status_code, typed.content)
    assert plain.headers.get("allow") == typed.headers.get("allow")
    assert "problem" not in plain.headers["content-type"]
    if typed.is_error:
        problem = typed.json()
        assert typed.headers["content-type"] == "application/problem+json"
        assert problem["status"] == typed.status_code
        assert set(problem) >= {"type", "title", "status", "detail"}
        assert ("errors" in problem) == (typed.status_code == 422)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_events_differ_in_two_headers_alone(count: int, plain_client: TestClient, typed_client: TestClient) -> None:
    target = f"/events?pause=0&count={count}"
    plain, typed = plain_client.get(target), typed_client.get(target)
    assert plain.status_code == typed.status_code == 200
    assert plain.text == typed.text == "".join(f"data: Event {number}\n\n" for number in range(count))
    assert set(plain.headers.items()) - set(typed.headers.items()) == {("connection", "keep-alive")}
    assert set(typed.headers.items()) - set(plain.headers.items()) == {("x-accel-buffering", "no")}


def test_uploads_differ_in_the_names_they_are_stored_under(plain_client: TestClient, typed_client: TestClient) -> None:
    files = {"document": ("report.txt", b"a" * 100_000, "text/plain"), "picture": ("é.png", b"", "image/png")}
    responses = [client.post("/upload", files=files) for client in (plain_client, typed_client)]
    stored = "0" * 32
    plain, typed = [re.sub("[0-9a-f]{32}", stored, one.text) for one in responses]
    assert plain == typed
    assert responses[0].json()["uploaded_files"] != responses[1].json()["uploaded_files"]


# Each is asked for in test_recipes.py: it has the time, has the date of a new file, or fails.
TESTED_ELSEWHERE = {"/elapsed", "/once", "/trouble/forbidden", "/trouble/unavailable", "/trouble/broken"}


def test_both_have_the_same_paths_and_each_is_compared() -> None:
    assert paths_of(plain.app) == paths_of(typed.app)
    compared = {path_of(target) for _, target, *_ in (*ALIKE.values(), *DIFFERENT.values())}
    patterns = {re.sub(r"\{\w+(:int)?\}", r"[^/]+", path) for path in paths_of(plain.app) - TESTED_ELSEWHERE}
    patterns = {re.sub(r"\{\w+:path\}", ".*", pattern) for pattern in patterns}
    assert [path for path in patterns if not any(re.fullmatch(path, target) for target in compared)] == []


def path_of(target: str) -> str:
    return re.sub(r"^https?://[^/]+", "", target).partition("?")[0]


def paths_of(app: Any, prefix: str = "") -> set[str]:
    """The paths of an application and of what is mounted in it; of a mounted one without routes its own."""
    paths = set()
    for route in app.routes:
        if isinstance(route, Mount):
            paths |= paths_of(route, prefix + route.path) if route.routes else {prefix + route.path + "{rest:path}"}
        else:
            paths.add(prefix + route.path)
    return paths - {"/docs", "/docs/oauth2-redirect", "/openapi.json"}
