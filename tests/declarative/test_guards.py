"""Guards: they run before the body is read, and before the endpoint's own values are looked at."""

from typing import Annotated

import pytest

from signette.app import App, Router
from signette.declarative.depends import Depends, Security
from signette.declarative.markers import Body, Header
from signette.exceptions import HTTPException
from tests.declarative.driving import JSON, app_of, ask


async def user(authorization: Annotated[str | None, Header()] = None) -> str:
    if authorization is None:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    return authorization


@pytest.mark.parametrize("how", ["parameter", "route", "router", "app", "nested"])
async def test_a_guard_refuses_before_a_byte_of_the_body_is_asked_for(how: str) -> None:
    async def nested(user: Annotated[str, Security(user)]) -> str:
        return user

    guards = [Security(user)]
    app = App(dependencies=guards if how == "app" else [])
    router = Router(dependencies=guards if how == "router" else [])
    factory = {"parameter": Security(user), "nested": Depends(nested)}.get(how, Depends(lambda: "free"))

    @router.post("/{n}", dependencies=guards if how == "route" else [])
    async def endpoint(n: int, item: dict[str, int], who: Annotated[str, factory]) -> int:
        return n

    app.include_router(router)
    refused = await ask(app, "POST /1", b"{", JSON)
    assert (refused.status, refused["www-authenticate"], refused.receives) == (401, "Bearer", 0)
    allowed = await ask(app, "POST /1", b"{}", JSON | {"authorization": "me"})
    assert (allowed.json, allowed.receives) == (1, 1)


async def test_a_guard_refuses_before_the_endpoints_own_values_are_looked_at() -> None:
    async def endpoint(n: int, who: Annotated[str, Security(user)]) -> None: ...

    app = app_of(endpoint)
    assert (await ask(app, "GET /?n=x")).status == 401
    assert (await ask(app, "GET /?n=x", headers={"authorization": "me"})).status == 422


async def test_a_guard_that_needs_the_body_waits_for_it() -> None:
    async def signed(item: Annotated[dict[str, int], Body()], who: Annotated[str, Security(user)]) -> str:
        return f"{who} {item}"

    async def endpoint(by: Annotated[str, Security(signed)]) -> str:
        return by

    app = app_of(endpoint, method="POST")
    assert (await ask(app, "POST /", b'{"a":1}', JSON)).receives == 0
    assert (await ask(app, "POST /", b'{"a":1}', JSON | {"authorization": "me"})).body == b"me {'a': 1}"


async def test_what_a_guard_shares_with_a_plain_dependency_is_read_for_the_guard() -> None:
    token = Annotated[str, Header()]

    async def plain(token: token) -> str:
        return token

    async def guard(token: token) -> str:
        return token

    async def endpoint(a: Annotated[str, Depends(plain)], b: Annotated[str, Security(guard)]) -> list[str]:
        return [a, b]

    assert (await ask(app_of(endpoint), "GET /", headers={"token": "t"})).json == ["t", "t"]
