"""Guards: they run before the body is read, and before the endpoint's own values are looked at."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import pytest

from signette.app import App, Router
from signette.declarative.signature.marker_functions import Depends, Security
from signette.declarative.signature.markers import Body, Header
from signette.exceptions import HTTPException
from signette.requests import Request
from signette.websockets import WebSocket
from tests.asgi import JSON, fetch
from tests.declarative.building import app_of
from tests.declarative.test_websocket_endpoints import talk


async def user(authorization: Annotated[str | None, Header()] = None) -> str:
    if authorization is None:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    return authorization


@pytest.mark.parametrize("how", ["parameter", "route", "router", "app", "nested"])
async def test_a_guard_rejects_before_a_byte_of_the_body_is_received(how: str) -> None:
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
    rejected = await fetch(app, "POST /1", b"{", JSON)
    assert (rejected.status, rejected["www-authenticate"], rejected.receives) == (401, "Bearer", 0)
    allowed = await fetch(app, "POST /1", b"{}", JSON | {"authorization": "me"})
    assert (allowed.json, allowed.receives) == (1, 1)


async def test_a_guard_rejects_before_the_endpoints_own_values_are_validated() -> None:
    async def endpoint(n: int, who: Annotated[str, Security(user)]) -> None: ...

    app = app_of(endpoint)
    assert (await fetch(app, "GET /?n=x")).status == 401
    assert (await fetch(app, "GET /?n=x", headers={"authorization": "me"})).status == 422


async def test_a_guard_that_needs_the_body_waits_for_it() -> None:
    async def signed(item: Annotated[dict[str, int], Body()], who: Annotated[str, Security(user)]) -> str:
        return f"{who} {item}"

    async def endpoint(by: Annotated[str, Security(signed)]) -> str:
        return by

    app = app_of(endpoint, method="POST")
    assert (await fetch(app, "POST /", b'{"a":1}', JSON)).receives == 0
    assert (await fetch(app, "POST /", b'{"a":1}', JSON | {"authorization": "me"})).body == b"me {'a': 1}"


async def test_what_a_guard_shares_with_a_plain_dependency_is_read_for_the_guard() -> None:
    token = Annotated[str, Header()]

    async def plain(token: token) -> str:
        return token

    async def guard(token: token) -> str:
        return token

    async def endpoint(a: Annotated[str, Depends(plain)], b: Annotated[str, Security(guard)]) -> list[str]:
        return [a, b]

    assert (await fetch(app_of(endpoint), "GET /", headers={"token": "t"})).json == ["t", "t"]


# -- entries of `dependencies=` ----------------------------------------------------------------------------------------

KEY = {"x-key": "secret"}


def with_key(x_key: Annotated[str | None, Header()] = None) -> None:
    if x_key != "secret":
        raise HTTPException(401)


async def with_key_of_request(request: Request) -> None:
    with_key(request.headers.get("x-key"))


async def with_key_around(x_key: Annotated[str | None, Header()] = None) -> AsyncIterator[None]:
    with_key(x_key)
    yield


async def with_key_inside(_: Annotated[None, Depends(with_key_around)]) -> None: ...


ENTRIES = [with_key, with_key_of_request, with_key_around, with_key_inside]


def app_with_entry(how: str, entry: Callable[..., Any], endpoint: Callable[..., Any], path: str = "/{n}") -> App:
    """The endpoint handles POST, and `entry` is in `dependencies=` of one of the layers around it."""
    declared: dict[str, Any] = {"dependencies": [Depends(entry)]}
    app, router = App(**declared if how == "app" else {}), Router(**declared if how == "router" else {})
    router.post(path, **declared if how == "route" else {})(endpoint)
    app.include_router(router, **declared if how == "include" else {})
    return app


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("how", ["route", "router", "include", "app"])
async def test_an_entry_rejects_before_other_errors_are_found(how: str, entry: Callable[..., Any]) -> None:
    async def endpoint(n: int, q: int, item: dict[str, int], agent: Annotated[int, Header()]) -> int:
        return n

    app = app_with_entry(how, entry, endpoint)
    for path, body, headers, status in (
        ("/1?q=1", b"{}", JSON | {"agent": "1"}, 200),
        ("/x?q=1", b"{}", JSON | {"agent": "1"}, 422),
        ("/1?q=x", b"[]", JSON, 422),
        ("/1", b"{", JSON, 400),
        ("/1?q=1", b"{}", {"content-type": "text/plain"}, 415),
        ("/1?q=1", b"{}", JSON | {"content-length": "999999999"}, 413),
    ):
        rejected = await fetch(app, f"POST {path}", body, headers)
        assert (rejected.status, rejected.receives) == (401, 0)
        assert (await fetch(app, f"POST {path}", body, headers | KEY)).status == status


@pytest.mark.parametrize("is_nested", [False, True])
async def test_an_entry_that_reads_the_body_waits_for_it(is_nested: bool) -> None:
    calls: list[Any] = []

    async def of_body(item: Annotated[dict[str, int], Body()]) -> None:
        calls.append(item)
        raise HTTPException(401)

    async def nested(_: Annotated[None, Depends(of_body)]) -> None: ...

    async def endpoint(n: int) -> int:
        return n

    app = app_with_entry("app", nested if is_nested else of_body, endpoint)
    assert (await fetch(app, "POST /x", b"{}", JSON)).status == 422
    assert calls == []
    assert (await fetch(app, "POST /1", b"{}", JSON)).status == 401


async def test_an_entry_may_read_the_body_by_hand_and_the_endpoint_still_gets_it() -> None:
    async def signed(request: Request) -> None:
        if await request.body() == b"{}":
            raise HTTPException(401)

    async def endpoint(item: dict[str, int]) -> dict[str, int]:
        return item

    app = app_with_entry("app", signed, endpoint, "/")
    assert (await fetch(app, "POST /", b"{}", JSON)).status == 401
    assert (await fetch(app, "POST /", b'{"a":1}', JSON)).json == {"a": 1}
    assert (await fetch(app, "POST /", b'{"a":"x"}', JSON)).status == 422


async def test_guards_go_one_after_the_other_in_their_order() -> None:
    seen: list[str] = []

    def noting(name: str) -> Callable[..., None]:
        def note(x: Annotated[int, Header(alias=name)] = 0) -> None:
            seen.append(name)
            if x == 401:
                raise HTTPException(401)

        return note

    app = App(dependencies=[Depends(noting("a"))])
    router = Router(dependencies=[Security(noting("b"))])

    @router.get("/{n}", dependencies=[Depends(noting("c"))])
    async def endpoint(n: int, d: Annotated[None, Depends(noting("d"))]) -> int:
        return n

    app.include_router(router)
    for headers, status, calls in (
        ({}, 200, "abcd"),
        ({"a": "401", "b": "x"}, 401, "a"),
        ({"a": "x"}, 422, "b"),
        ({"a": "x", "b": "401"}, 401, "b"),
        ({"a": "x", "c": "401"}, 422, "b"),
        ({"b": "401", "c": "x"}, 401, "ab"),
        ({"b": "x", "c": "401"}, 422, "a"),
        ({"c": "401", "d": "x"}, 401, "abc"),
        ({"c": "x"}, 422, "ab"),
        ({"d": "x"}, 422, "abc"),
    ):
        assert (await fetch(app, "GET /1", headers=headers)).status == status
        assert "".join(seen) == calls
        seen.clear()


async def test_what_is_invalid_in_entries_is_reported_with_all_else() -> None:
    async def key(x_key: Annotated[int, Header()]) -> int:
        if x_key == 401:
            raise HTTPException(401)
        return x_key

    async def twice(key: Annotated[int, Depends(key)], x_twice: Annotated[int, Header()]) -> None: ...

    async def endpoint(n: int, item: dict[str, int]) -> int:
        return n

    app = App(dependencies=[Depends(twice), Depends(key)])
    app.post("/{n}")(endpoint)

    async def reported(path: str, body: bytes, **headers: str) -> list[str]:
        response = await fetch(
            app, f"POST {path}", body, JSON | {name.replace("_", "-"): text for name, text in headers.items()}
        )
        return [entry.get("name", entry["in"]) for entry in response.json["errors"]]

    assert await reported("/x", b"[]") == ["x-key", "x-twice", "n", "body"]
    assert await reported("/1", b"{}", x_key="1") == ["x-twice"]
    assert await reported("/x", b"{}", x_twice="1") == ["x-key", "n"]
    rejected = await fetch(app, "POST /x", b"[]", JSON | {"x-key": "401"})
    assert (rejected.status, rejected.receives) == (401, 0)


async def test_an_error_in_a_security_guard_costs_no_upload() -> None:
    async def key(x_key: Annotated[int, Header()]) -> None: ...

    async def entry(x_entry: Annotated[int, Header()]) -> None: ...

    app = App(dependencies=[Depends(entry), Security(key)])

    @app.post("/{n}")
    async def endpoint(n: int, item: dict[str, int]) -> int:
        return n

    rejected = await fetch(app, "POST /x", b"[]", JSON)
    assert (rejected.status, rejected.receives) == (422, 0)
    assert [entry["name"] for entry in rejected.json["errors"]] == ["x-entry", "x-key"]
    rejected = await fetch(app, "POST /x", b"[]", JSON | {"x-key": "1"})
    assert (rejected.receives, [entry["name"] for entry in rejected.json["errors"]]) == (0, ["x-entry"])


async def test_a_parameter_keeps_its_order_whichever_entries_it_shares() -> None:
    seen: list[str] = []

    async def opened(_: Annotated[None, Depends(with_key)]) -> AsyncIterator[str]:
        seen.append("opened")
        yield "transaction"

    async def endpoint(n: int, transaction: Annotated[str, Depends(opened)]) -> str:
        return transaction

    app = app_with_entry("app", with_key, endpoint)
    assert (await fetch(app, "POST /x")).status == 401
    assert (await fetch(app, "POST /x", headers=KEY)).status == 422
    assert seen == []
    assert (await fetch(app, "POST /1", headers=KEY)).body == b"transaction"


async def test_an_entry_that_holds_a_slot_takes_it_after_the_upload() -> None:
    turns: list[str] = []

    async def turn() -> AsyncIterator[None]:
        turns.append("taken")
        yield

    async def endpoint(item: dict[str, int]) -> None: ...

    app = App(dependencies=[Depends(turn, max_concurrency=1)])
    app.post("/")(endpoint)
    assert (await fetch(app, "POST /", b"[]", JSON)).status == 422
    assert turns == []
    assert (await fetch(app, "POST /", b"{}", JSON)).status == 204
    assert turns == ["taken"]


async def test_an_entry_closes_a_socket_before_other_values_are_validated() -> None:
    app = App(dependencies=[Depends(with_key)])

    @app.websocket("/{n}")
    async def chat(socket: WebSocket, n: int) -> None:
        await socket.accept()
        await socket.close()

    denial = {"websocket.http.response": {}}
    assert (await talk(app, "/x", {}, denial))[0]["status"] == 401
    assert (await talk(app, "/x", KEY, denial))[0]["status"] == 422
    assert [each["type"] for each in await talk(app, "/1", KEY)] == ["websocket.accept", "websocket.close"]


def test_the_plan_says_which_calls_are_guards() -> None:
    async def of_body(item: Annotated[dict[str, int], Body()]) -> None: ...

    app = App(dependencies=[Depends(with_key), Security(of_body)])
    app.post("/")(with_key)
    calls = [line.split() for line in app.explain("POST /").splitlines() if line.startswith("  call")]
    assert ["guard:" in call for call in calls] == [True, False, False]


@pytest.mark.parametrize("is_first", [True, False])
async def test_what_needs_a_guard_is_one_wherever_the_guard_is_declared(is_first: bool) -> None:
    async def active(who: Annotated[str, Depends(user)]) -> str:
        raise HTTPException(403)

    async def after(
        item: dict[str, int], by: Annotated[str, Depends(active)], who: Annotated[str, Security(user)]
    ) -> None: ...

    async def before(
        item: dict[str, int], who: Annotated[str, Security(user)], by: Annotated[str, Depends(active)]
    ) -> None: ...

    rejected = await fetch(
        app_of(before if is_first else after, method="POST"), "POST /", b"{", JSON | {"authorization": "me"}
    )
    assert (rejected.status, rejected.receives) == (403, 0)
