"""No input gives a 500: each malformed request has its status, and a problem body as `schemas/` has it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from examples.airports import app
from examples.airports.catalogue import Catalogue
from examples.airports.models import AirportSearch
from examples.airports.store import Store
from signette.testclient import TestClient
from tests.asgi import Exchange, body_of, exchange, scope_of
from tests.examples.airports.corpus import ODD, WRONG, Case
from tests.volume import examples

pytestmark = pytest.mark.either_loop

SCHEMA = Path(__file__).parents[3] / "schemas" / "problem.schema.json"
PROBLEM = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


@pytest.fixture
def store(filled: Path) -> Iterator[Store]:
    """The ten airports. None of the requests may change them."""
    store = Store(filled)
    yield store
    with store.connection() as connection:
        assert Catalogue(connection).search(AirportSearch())[0] == 10
    store.close()


async def send(case: Case, store: Store) -> Exchange:
    """Send the request. Raises what the application raises."""
    path, _, query = case.target.partition("?")
    fields = {b"host": b"localhost"}
    if case.body:
        fields[b"content-length"] = b"%d" % len(case.body)
    own = {name for name, _ in case.headers}
    headers = [*case.headers, *(pair for pair in fields.items() if pair[0] not in own)]
    result = {"raw_path": path.encode(), "query_string": query.encode(), "state": {"store": store}}
    # In two pieces, as bodies come in pieces of any size.
    half = len(case.body) // 2
    chunks = body_of(case.body[:half], case.body[half:])
    return (await exchange(app, scope_of(unquote(path), case.method, headers=headers, **result), *chunks)).or_raise()


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.name)
async def test_each_malformed_request_gets_its_status_and_a_problem(case: Case, store: Store) -> None:
    response = await send(case, store)
    assert response.status == case.status, response.body
    assert response["content-type"] == "application/problem+json"
    PROBLEM.validate(response.json)
    assert response.json["status"] == response.status
    if response.status == 405:
        assert "allow" in response.headers


@pytest.mark.parametrize("case", ODD, ids=lambda case: case.name)
async def test_odd_but_valid_requests_get_a_response(case: Case, store: Store) -> None:
    response = await send(case, store)
    assert response.status == case.status, response.body


@pytest.mark.parametrize("case", [case for case in WRONG if case.status not in {404, 405}], ids=lambda case: case.name)
def test_each_response_is_in_the_document(case: Case) -> None:
    operation = operation_of(case)
    general = (
        {400, 414, 431} if case.method == "GET" else {431}
    )  # limits of the application, regardless of the operation
    assert str(case.status) in operation["responses"] or case.status in general


def operation_of(case: Case) -> Any:
    path, method = case.target.partition("?")[0], case.method.lower()
    for template, operations in app.openapi()["paths"].items():
        pattern = re.sub(r"{\w+}", "[^/]+", re.escape(template).replace(r"\{", "{").replace(r"\}", "}"))
        if method in operations and re.fullmatch(pattern, path):
            return operations[method]
    raise AssertionError(f"{case.method} {path} is in no document")


TEXT = st.text(max_size=30)
NAMES = (
    st.sampled_from(["country", "name", "page", "sort", "south", "west", "north", "east", "latitude", "limit"]) | TEXT
)


@settings(max_examples=examples(150))
@given(
    path=st.sampled_from(["/airports", "/nearest", "/export/airports.jsonl", "/countries", "/reviews/x"])
    | TEXT.map(lambda text: f"/airports/{quote(text, safe='')}"),
    params=st.lists(st.tuples(NAMES, TEXT | st.floats().map(str) | st.integers().map(str)), max_size=6),
    cookie=TEXT,
)
def test_no_query_path_or_cookie_makes_it_crash(
    crash_client: TestClient, path: str, params: list[tuple[str, str]], cookie: str
) -> None:
    response = crash_client.get(path, params=params, headers={"Cookie": b"units=" + cookie.encode()})
    assert response.status_code < 500
    if response.status_code >= 400:
        PROBLEM.validate(response.json())


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
MEMBERS = ("icao", "iata", "name", "city", "country", "latitude", "longitude", "elevation", "timezone")


@settings(max_examples=examples(150))
@given(
    body=st.dictionaries(st.sampled_from(MEMBERS), JSON_VALUES).map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=50)
    | JSON_VALUES.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")),
)
def test_no_body_makes_it_crash(crash_client: TestClient, body: bytes) -> None:
    headers = {"X-API-Key": "demo", "Content-Type": "application/json"}
    response = crash_client.post("/airports", content=body, headers=headers)
    assert response.status_code in {400, 422}
    PROBLEM.validate(response.json())


@settings(max_examples=examples(100))
@given(content=st.binary(max_size=80) | TEXT.map(lambda text: b"icao,name,elevation_m\nEDDF," + text.encode()))
def test_no_file_of_corrections_makes_it_crash(crash_client: TestClient, content: bytes) -> None:
    response = crash_client.post(
        "/corrections", files={"file": content}, data={"dry_run": "true"}, headers={"X-API-Key": "demo"}
    )
    assert response.status_code in {200, 422}
    if response.status_code == 422:
        PROBLEM.validate(response.json())


@pytest.fixture(scope="module")
def crash_client(filled: Path) -> Iterator[TestClient]:
    """A client that gets a 500, as over a socket, and lasts for all examples of a property."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRPORTS_DB", str(filled))
        patch.delenv("AIRPORTS_KEY", raising=False)
        with TestClient(app, raise_server_exceptions=False) as client:
            yield client
