"""`Cached` where it is declared: errors at start-up, the OpenAPI document, and `explain`."""

import pickle
from collections.abc import AsyncIterator
from math import inf, nan
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from signette import App, Body, Cookie, Created, Depends, Header, Request, Router, Tagged
from signette.errors import SignatureError
from signette.policies import Cached, CacheState, Deadline, DeadlineState, Exchange, Policy, PolicyValue
from signette.routing import Mount
from signette.security import APIKeyQuery
from signette.state import Store


class User(BaseModel):
    id: int


def user() -> User:
    return User(id=1)


async def user_id() -> int:
    return 1


async def nothing() -> int:
    return 1


async def created() -> Tagged[Created[User]]:
    return Tagged(Created(User(id=1)), etag=1)


async def with_cookie(theme: Annotated[str, Cookie()]) -> int:
    return 1


async def with_authorization(authorization: Annotated[str, Header()]) -> int:
    return 1


class Headers(BaseModel):
    cookie: str = ""


async def with_headers(headers: Annotated[Headers, Header()]) -> int:
    return 1


class AllHeaders(BaseModel, extra="allow"):
    page: str = ""


async def with_all_headers(headers: Annotated[AllHeaders, Header()]) -> int:
    return 1


async def with_request(request: Request) -> int:
    return 1


async def with_key(key: Annotated[str, Depends(APIKeyQuery(name="key"))]) -> int:
    return 1


async def with_body(item: Annotated[int, Body()]) -> int:
    return 1


async def empty() -> None:
    return None


async def rows() -> AsyncIterator[int]:
    yield 1


class TenantName(PolicyValue):
    """The customer that a request belongs to."""


class Tenant(Policy):
    provides = TenantName


async def with_tenant(tenant: TenantName) -> int:
    return 1


async def with_exchange(exchange: Exchange) -> int:
    return 1


CREDENTIALS = [with_cookie, with_authorization, with_headers, with_all_headers, with_request, with_key]


@pytest.mark.parametrize(
    ("methods", "endpoint", "policy", "problem"),
    [
        (["POST"], nothing, Cached(60), "caches responses to GET and HEAD, not to POST requests"),
        (["GET", "POST"], nothing, Cached(60), "not to GET, POST requests"),
        (["HEAD"], nothing, Cached(60), "not to HEAD requests alone"),
        (["GET"], rows, Cached(60), "the operation streams its response"),
        (["GET"], with_body, Cached(60), "the operation reads a request body"),
        (["GET"], with_cookie, Cached(60), "the operation reads the cookie `theme`"),
        (["GET"], with_authorization, Cached(60), "the operation reads the header `authorization`"),
        (["GET"], with_headers, Cached(60), "the operation reads the header `cookie`"),
        (["GET"], with_all_headers, Cached(60), "the operation reads all headers in the model `headers`"),
        (["GET"], with_request, Cached(60), "the operation reads `request`, the whole request"),
        (["GET"], with_key, Cached(60), "the operation reads a security scheme"),
        (["GET"], empty, Cached(60), "it stores no response with the status 204 of the operation"),
        (["GET"], created, Cached(60), "it stores no response with the status 201 of the operation"),
        (["GET"], nothing, Cached(60, statuses=[404]), "it stores no response with the status 200 of the operation"),
        (["GET"], nothing, Cached(60, by=user), "`by=user` returns `User`, which is no key"),
        (["GET"], nothing, Cached(60, tags=["item:{item_id}"]), "`{item_id}`, which is not a path parameter of `/`"),
    ],
)
def test_a_policy_that_cannot_apply_is_an_error(methods, endpoint, policy, problem):
    with pytest.raises(SignatureError) as raised:
        App().add_api_route("/", endpoint, methods=methods, policies=[policy])
    assert problem in raised.value.problem
    assert raised.value.hint


@pytest.mark.parametrize("endpoint", [with_tenant, with_exchange])
def test_the_value_of_a_policy_may_be_of_one_user(endpoint):
    with pytest.raises(SignatureError) as raised:
        App().get("/", policies=[Tenant(), Cached(60)])(endpoint)
    assert "of a policy, which may be of one user" in raised.value.problem
    App().get("/", policies=[Tenant(), Cached(60, by=user_id)])(endpoint)


async def with_deadline(deadline: DeadlineState, state: CacheState, store: Store) -> int:
    return 1


def test_values_that_are_the_same_for_all_are_no_credentials():
    App().get("/", policies=[Deadline(5), Cached(60)])(with_deadline)


@pytest.mark.parametrize("endpoint", CREDENTIALS)
@pytest.mark.parametrize(
    "arguments", [{"by": user_id}, {"private": True}, {"private": False}], ids=lambda each: next(iter(each))
)
def test_an_operation_with_credentials_states_whose_its_responses_are(endpoint, arguments):
    App().add_api_route("/", endpoint, methods=["GET"], policies=[Cached(60, **arguments)])


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"max_age": 0}, ValueError),
        ({"max_age": inf}, ValueError),
        ({"max_age": "60"}, ValueError),
        ({"stale_while_revalidate": nan}, ValueError),
        ({"wait": inf}, ValueError),
        ({"statuses": 200}, TypeError),
        ({"vary": ["*"]}, ValueError),
        ({"tags": [1]}, ValueError),
        ({"wait": 0}, ValueError),
        ({"max_bytes": -1}, ValueError),
        ({"stale_while_revalidate": -1}, ValueError),
        ({"private": True, "by": user_id}, ValueError),
        ({"private": True, "stale_while_revalidate": 5}, ValueError),
        ({"private": True, "tags": ["a"]}, ValueError),
        ({"private": False, "by": user_id}, ValueError),
        ({"by": "user"}, TypeError),
        ({"vary": "accept"}, TypeError),
        ({"tags": "items"}, TypeError),
        ({"vary": ["a b"]}, ValueError),
        ({"tags": ["{"]}, ValueError),
        ({"tags": ["{}"]}, ValueError),
        ({"tags": ["{a.b}"]}, ValueError),
        ({"on_failure": "ignore"}, ValueError),
    ],
    ids=lambda each: "-".join(each) if isinstance(each, dict) else "",
)
def test_an_argument_out_of_range_is_an_error(arguments, error):
    with pytest.raises(error, match=list(arguments)[-1] if "private" not in arguments else "private"):
        Cached(**{"max_age": 60, **arguments})


def test_an_endpoint_without_the_policy_cannot_take_its_state():
    async def read(state: CacheState) -> int:
        return 1

    with pytest.raises(SignatureError, match="CacheState"):
        App().get("/")(read)


def test_a_policy_of_an_application_is_applied_where_it_can_be():
    app = App(policies=[Cached(60)], routes=[Mount("/mounted", App())])
    router = Router()
    router.get("/a")(nothing)
    router.post("/b")(nothing)
    router.get("/c")(with_cookie)
    app.include_router(router)
    applies = {
        route.path: [each.applies for each in route.plan.policies] for route in app.routes if hasattr(route, "plan")
    }
    assert applies == {"/a": [True], "/b": [False], "/c": [False]}


@pytest.mark.parametrize("private", [None, True])
def test_the_document_has_the_headers_and_the_304(private):
    app = App()
    app.get("/", policies=[Cached(60, private=private)])(nothing)
    responses = app.openapi()["paths"]["/"]["get"]["responses"]
    names = {"Cache-Control", "ETag"} | (set() if private else {"Age"})
    assert responses["200"]["headers"].keys() == names
    assert "304" in responses
    assert "503" not in responses


def test_a_closed_policy_documents_its_503():
    app = App()
    app.get("/", policies=[Cached(60, on_failure="closed")])(nothing)
    assert "503" in app.openapi()["paths"]["/"]["get"]["responses"]


def test_explain_shows_the_policy():
    app = App()
    app.get("/{a}", policies=[Cached(60, by=user_id, tags=["a:{a}"])])(nothing)
    route: Any = next(route for route in app.routes if route.path == "/{a}")
    assert "policy   Cached(60, by=user_id, tags=('a:{a}',))" in route.explain()


def test_a_policy_can_be_pickled():
    policy = Cached(60, by=user_id, vary=["Accept"])
    App().get("/", policies=[policy])(nothing)
    again = pickle.loads(pickle.dumps(policy))
    assert (again.max_age, again.by, again.vary) == (60, user_id, ("Accept",))
