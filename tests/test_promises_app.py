"""What a client does wrong is a 4xx with a problem body that repeats nothing; never a 5xx, never an exception."""

import json
import logging
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.asgi import Exchange, body_of, exchange
from tests.promises import bodies, heads
from tests.promises.application import app
from tests.promises.cases import JSON, MULTIPART, SECRET, URLENCODED, Case, fetch
from tests.volume import examples

pytestmark = pytest.mark.thorough

WRONG = [*heads.WRONG, *bodies.WRONG]
CARRIED = [*heads.CARRIED, *bodies.CARRIED]
ODD = [*heads.odd(), *bodies.odd()]


def chunks(cases: list[Case], size: int = 50) -> list[Any]:
    """Many cases a test: a fixture for each would cost more than they do."""
    return [pytest.param(cases[start : start + size], id=cases[start].name) for start in range(0, len(cases), size)]


def check(case: Case, found: Exchange) -> None:
    """Check the rules for all responses."""
    assert found.status < 500, case.name
    kind = found.headers.get("content-type", "")
    if found.status >= 400:
        assert kind == "application/problem+json", case.name
        assert case.method == "HEAD" or int(found.headers["content-length"]) == len(found.body) <= 64 * 1024
        if case.method != "HEAD":
            problem = json.loads(found.body)
            assert list(problem)[:4] == ["type", "title", "status", "detail"], case.name
            assert problem["status"] == found.status
            assert len(problem.get("errors", ())) <= 100
            for error in problem.get("errors", ()):
                assert {"in", "code", "message"} <= set(error), case.name
            assert SECRET not in problem["detail"]
            assert SECRET not in json.dumps([error["message"] for error in problem.get("errors", ())]), case.name
    elif kind == "application/json" and case.method != "HEAD":
        json.loads(found.body, parse_constant=pytest.fail)
    for name, value in found.messages[0]["headers"]:
        assert not set(name + value) & set(b"\r\n\0"), case.name
    location = found.headers.get("location")
    if location is not None and case.path != "/redirect":
        assert not location.startswith(("//", "/\\")), case.name


@pytest.mark.parametrize("cases", chunks(WRONG))
async def test_an_invalid_request_gets_its_status_and_a_problem(
    cases: list[Case], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        for case in cases:
            found = await fetch(app, case)
            assert found.status == case.status, (case.name, found.body[:500])
            check(case, found)
            # All values of the request are invalid, so that no name is repeated either.
            assert SECRET.encode() not in found.body, case.name
            assert found.status != 405 or "allow" in found.headers
            assert found.status != 401 or "www-authenticate" in found.headers
    assert caplog.records == []


@pytest.mark.parametrize("cases", chunks(CARRIED))
async def test_an_unusual_valid_request_gets_its_response(cases: list[Case]) -> None:
    for case in cases:
        found = await fetch(app, case)
        assert found.status == case.status, (case.name, found.body[:500])
        check(case, found)


@pytest.mark.parametrize("cases", chunks(ODD, 100))
async def test_unusual_values_are_rejected_or_accepted(cases: list[Case], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        for case in cases:
            check(case, await fetch(app, case))
    assert caplog.records == []


# Text before `/end`, which is redirected to `/end/`. All paths begin with a slash.
PATHS = {
    **dict.fromkeys(("//host", "///host", "/\\host", "/\\/host", "/\t/host", "/%2f/host", "/\0/host"), 307),
    **dict.fromkeys(("//\ud800@host", "//é?#", "//host:80", "/ /host", "/\r\n/host", "/\n//host"), 307),
    "\\\\host": 404,
}


@pytest.mark.parametrize("path", PATHS)
async def test_no_redirect_leaves_the_host(path: str) -> None:
    for host in (b"testserver", b"evil", b"a\\b", b"\xff", b""):
        case = Case(path, PATHS[path], "GET", f"{path}/end", b"a=%ff\xff", [(b"host", host)])
        found = await fetch(app, case)
        assert found.status == case.status
        check(case, found)
        assert "evil" not in found.headers.get("location", "")


SCOPES: list[dict[str, Any]] = [
    {},
    {"query_string": b""},
    {"headers": [], "root_path": "/app", "path": "/app{path}"},
    {"headers": [], "root_path": "/app/"},
    {"headers": [], "client": None, "server": None, "scheme": ""},
    {"headers": [], "server": ("/run/socket", None), "http_version": "3", "extensions": {}, "state": {}},
    {"headers": [(b"host", b"")], "server": ("::1", 8000), "scheme": "https"},
]


@pytest.mark.parametrize("scope", SCOPES, ids=str)
async def test_a_scope_needs_no_more_than_type_method_and_path(scope: dict[str, Any]) -> None:
    for path in (
        "/scalars",
        "/int/1",
        "/seen",
        "/cookies",
        "/headers",
        "/open",
        "/list",
        "/nothing",
        "/stream/text",
        "/plain",
    ):
        http_scope = {
            "type": "http",
            "method": "GET",
            **scope,
            "path": scope.get("path", "{path}").replace("{path}", path),
        }
        found = (await exchange(app, http_scope, *body_of())).or_raise()
        assert found.status == {"/list": 422, "/nothing": 404}.get(path, 200)
        check(Case(path, 0, "GET", path), found)


async def test_a_body_is_read_from_messages_with_only_a_type() -> None:
    for path in ("/json/dict", "/raw", "/form", "/json/request"):
        messages = [{"type": "http.request", "more_body": True}, {"type": "http.request"}]
        found = await exchange(app, {"type": "http", "method": "POST", "path": path, "headers": []}, *messages)
        assert found.status < 500
        assert (found.error, found.receives) == (None, 2)


# -- at random ---------------------------------------------------------------------------------------------------------

PATH = st.sampled_from(sorted({route.path for route in app.routes})) | st.text().map(lambda text: f"/text/{text}")
HEADER_NAMES = st.sampled_from(
    [
        b"content-type",
        b"content-length",
        b"cookie",
        b"host",
        b"authorization",
        b"accept",
        b"x-number",
        b"x-list",
        b"x-key",
        b"range",
    ]
)
TYPES = st.sampled_from([JSON[1], URLENCODED[1], MULTIPART[1]])
HEADERS = st.lists(
    st.tuples(HEADER_NAMES, TYPES | st.binary(max_size=20))
    | st.tuples(st.binary(max_size=5).map(bytes.lower), st.binary()),
    max_size=6,
)
METHODS = st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT"]) | st.text(max_size=5)
PARTS = st.sampled_from(
    [
        b"--x",
        b"--x--",
        b"\r\n",
        b"\r\n\r\n",
        b'Content-Disposition: form-data; name="file"',
        b'; filename="f"',
        b"Content-Type: ",
        b"a=1&",
    ]
)
BODIES = st.lists(st.lists(PARTS | st.binary(max_size=20), max_size=8).map(b"".join), min_size=1, max_size=3)


@settings(max_examples=examples(300))
@given(method=METHODS, path=PATH, query=st.binary(max_size=40), headers=HEADERS, body=BODIES)
async def test_random_requests_get_a_response(
    method: str, path: str, query: bytes, headers: Any, body: list[bytes]
) -> None:
    case = Case("random", 0, method, path, query, headers, body)
    check(case, await fetch(app, case))


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text(max_size=10)
    | st.sampled_from(["cat", "dog", "inf"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "a", "b", "kind", "x", "y", "parts", "sku", "price"]) | st.text(max_size=4), inner
        )
    ),
    max_leaves=10,
)


@settings(max_examples=examples(300))
@given(path=st.sampled_from(bodies.JSON_PATHS), value=JSON_VALUES, seed=st.integers(0, 10_000))
async def test_random_json_gets_a_response(path: str, value: Any, seed: int) -> None:
    text = json.dumps(value, ensure_ascii=seed % 2 == 0).encode("utf-8", "surrogatepass")
    if seed % 3 == 0 and text:  # a byte that is another
        spoilt = bytearray(text)
        spoilt[seed % len(spoilt)] = random.Random(seed).randrange(256)
        text = bytes(spoilt)
    case = Case(repr(text), 0, "POST", path, headers=[JSON], body=text)
    found = await fetch(app, case)
    check(case, found)
    assert found.status in {200, 400, 422}
