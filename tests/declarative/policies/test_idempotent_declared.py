"""`Idempotent` where it is declared: errors at start-up, the OpenAPI document, and `explain`."""

import pickle
from collections.abc import AsyncIterator
from enum import Enum
from math import inf, nan
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel

from signette import App, Cookie, Depends, Header, HTTPConnection, Request, Router
from signette.errors import SignatureError
from signette.policies import IdempotencyKey, Idempotent
from signette.security import HTTPBearer


class User(BaseModel):
    id: int


def user() -> User:
    return User(id=1)


async def user_id() -> int:
    return 1


async def nothing() -> int:
    return 1


async def with_cookie(session: Annotated[str, Cookie()]) -> int:
    return 1


async def with_token(x_api_key: Annotated[str, Header()]) -> int:
    return 1


async def with_request(request: Request) -> int:
    return 1


async def with_bearer(token: Annotated[Any, Depends(HTTPBearer())]) -> int:
    return 1


async def rows() -> AsyncIterator[int]:
    yield 1


def _connection(connection: HTTPConnection) -> int:
    return 1


async def with_dependency(who: Annotated[int, Depends(_connection)]) -> int:
    return 1


@pytest.mark.parametrize(
    ("method", "endpoint", "policy", "problem"),
    [
        ("GET", nothing, Idempotent(), "a GET request has no effects that a repetition could have again"),
        ("OPTIONS", nothing, Idempotent(), "a OPTIONS request has no effects"),
        ("POST", rows, Idempotent(), "the operation streams its response"),
        ("POST", with_cookie, Idempotent(), "the operation reads the cookie `session`"),
        ("POST", with_token, Idempotent(), "the operation reads the header `x-api-key`"),
        ("POST", with_request, Idempotent(), "the operation reads `request`, the whole request"),
        ("POST", with_dependency, Idempotent(), "the operation reads `connection`, the whole request"),
        ("POST", with_bearer, Idempotent(), "the operation reads a security scheme"),
        ("POST", nothing, Idempotent(statuses=[201]), "it repeats no response with the status 200 of the operation"),
        ("POST", nothing, Idempotent(by=user), "`by=user` returns `User`, which is no key"),
    ],
)
def test_a_policy_that_cannot_apply_is_an_error(method, endpoint, policy, problem):
    with pytest.raises(SignatureError) as raised:
        App().add_api_route("/", endpoint, methods=[method], policies=[policy])
    assert problem in raised.value.problem
    assert raised.value.hint


@pytest.mark.parametrize("endpoint", [with_cookie, with_token, with_request, with_bearer])
@pytest.mark.parametrize("by", [user_id, None])
def test_an_operation_with_credentials_states_whose_its_keys_are(endpoint, by):
    App().add_api_route("/", endpoint, methods=["POST"], policies=[Idempotent(by=by)])


class Plan(Enum):
    FREE = "free"


def returning(annotation: Any) -> Any:
    def by():
        return None

    by.__annotations__["return"] = annotation
    return by


@pytest.mark.parametrize(
    "annotation",
    [
        str,
        int,
        bytes,
        UUID,
        Plan,
        str | None,
        Annotated[str, "id"],
        tuple[str, int],
        tuple[int, ...],
        Literal["a"],
        Any,
    ],
    ids=str,
)
def test_a_key_of_a_user(annotation):
    App().add_api_route("/", nothing, methods=["POST"], policies=[Idempotent(by=returning(annotation))])


@pytest.mark.parametrize("annotation", [User, float, list[str], User | None, dict[str, str]], ids=str)
def test_not_a_key_of_a_user(annotation):
    with pytest.raises(SignatureError, match="which is no key"):
        App().add_api_route("/", nothing, methods=["POST"], policies=[Idempotent(by=returning(annotation))])


@pytest.mark.parametrize(
    "arguments",
    [
        {"ttl": 0},
        {"ttl": -1},
        {"ttl": inf},
        {"lease": nan},
        {"statuses": 200},
        {"max_bytes": 1.5},
        {"lease": 0},
        {"max_bytes": -1},
        {"on_failure": "ignore"},
        {"by": "user"},
    ],
    ids=str,
)
def test_an_argument_out_of_range_is_an_error(arguments):
    with pytest.raises((ValueError, TypeError), match=next(iter(arguments))):
        Idempotent(**arguments)


def test_an_endpoint_without_the_policy_cannot_take_the_key():
    async def run(key: IdempotencyKey) -> int:
        return 1

    with pytest.raises(SignatureError, match="IdempotencyKey"):
        App().add_api_route("/", run, methods=["POST"])


def test_a_policy_of_a_router_is_applied_where_it_can_be():
    app = App()
    router = Router(policies=[Idempotent()])
    router.get("/a")(nothing)
    router.post("/b")(nothing)
    router.post("/c")(with_cookie)
    app.include_router(router)
    applies = {
        route.path: [each.applies for each in route.plan.policies] for route in app.routes if hasattr(route, "plan")
    }
    assert applies == {"/a": [False], "/b": [True], "/c": [False]}


def test_the_document_has_the_header_and_the_problems():
    app = App()
    app.post("/optional", policies=[Idempotent()])(nothing)
    app.post("/required", policies=[Idempotent(required=True)])(nothing)
    paths = app.openapi()["paths"]
    for path, is_required in (("/optional", False), ("/required", True)):
        operation = paths[path]["post"]
        (header,) = operation["parameters"]
        assert (header["name"], header["in"], header["required"]) == ("Idempotency-Key", "header", is_required)
        assert "Idempotent-Replayed" in operation["responses"]["200"]["headers"]
        assert "Retry-After" in operation["responses"]["409"]["headers"]
        assert {"400", "409", "422", "503"} <= operation["responses"].keys()
    schemas = app.openapi()["components"]["schemas"]
    assert schemas["IdempotencyKeyMalformed"]["properties"]["max_length"]["type"] == "integer"


def test_an_endpoint_that_reads_the_header_itself_has_one_parameter():
    async def run(idempotency_key: Annotated[str, Header()]) -> str:
        return idempotency_key

    app = App()
    app.post("/", policies=[Idempotent()])(run)
    names = [each["name"].lower() for each in app.openapi()["paths"]["/"]["post"]["parameters"]]
    assert names == ["idempotency-key"]


def test_explain_shows_the_policy():
    app = App()
    app.post("/", policies=[Idempotent(ttl=60, by=user_id)])(nothing)
    route = next(route for route in app.routes if route.path == "/")
    assert "policy   Idempotent(ttl=60, by=user_id)" in route.explain()


def test_a_policy_can_be_pickled():
    policy = pickle.loads(pickle.dumps(Idempotent(ttl=60, by=user_id, statuses=range(200, 300))))
    assert (policy.ttl, policy.by, policy.statuses) == (60, user_id, range(200, 300))
    assert repr(policy) == "Idempotent(ttl=60, by=user_id, statuses=range(200, 300))"
