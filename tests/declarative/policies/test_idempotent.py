import logging
from typing import Annotated

import anyio
import pytest
from anyio.lowlevel import checkpoint
from pydantic import BaseModel

from signette import App, BackgroundTasks, Depends, Header, HTTPException, Problem, Request, Response
from signette.declarative.policies.idempotency_record import Lease
from signette.policies import IdempotencyKey, Idempotent
from signette.responses import StreamingResponse
from signette.security import HTTPBearer
from signette.state import MemoryStore
from tests.asgi import JSON, body_of, call, exchange, fetch, scope_of
from tests.declarative.policies.stores import ALL, Clock, FailingStore, app_with

pytestmark = [pytest.mark.anyio, pytest.mark.either_loop]


class Order(BaseModel):
    sku: str
    pieces: int = 1


class SoldOut(Problem, status=409):
    """The article is sold out."""


class Shop:
    """An application with an endpoint for orders, which counts its calls."""

    def __init__(self, policy=None, store=None):
        self.orders = []
        self.store = store if store is not None else MemoryStore()
        self.app = app_with("idempotency", self.store)
        self.app.post("/orders/{shop}", policies=[policy or Idempotent()], status_code=201)(self.order)

    async def order(self, shop: int, order: Order, response: Response, urgent: bool = False) -> dict[str, int]:
        self.orders.append(order)
        await self.during()
        response.headers["x-number"] = str(len(self.orders))
        response.set_cookie("last", str(len(self.orders)))
        return {"number": len(self.orders), "pieces": order.pieces}

    async def during(self):
        """What happens while an order is made."""

    async def send(self, body=b'{"sku":"a"}', key="k", target="/orders/1", **headers):
        fields = [*JSON.items(), *headers.items(), *([("idempotency-key", key)] if key else [])]
        return await fetch(self.app, f"POST {target}", body, fields)


# -- repetitions -------------------------------------------------------------------------------------------------------


async def test_a_repetition_gets_the_response_of_the_first_request():
    shop = Shop()
    first, second = await shop.send(), await shop.send()
    assert len(shop.orders) == 1
    assert (second.status, second.body) == (first.status, first.body) == (201, b'{"number":1,"pieces":1}')
    assert second.fields == [*first.fields, ("idempotent-replayed", "true")]
    assert first["idempotent-replayed"] is None


async def test_requests_without_a_key_and_with_other_keys_run():
    shop = Shop()
    for key in (None, None, "a", "b"):
        assert (await shop.send(key=key)).status == 201
    assert len(shop.orders) == 4


async def test_a_key_with_quotes_is_the_same_key():
    shop = Shop()
    await shop.send(key="abc")
    assert (await shop.send(key='"abc"'))["idempotent-replayed"] == "true"


@pytest.mark.parametrize(
    "other",
    [
        {"body": b'{"sku":"b"}'},
        {"body": b'{"sku":"a" }'},
        {"body": b'{"sku":"a"'},
        {"body": b""},
        {"target": "/orders/2"},
        {"target": "/orders/1?urgent=true"},
    ],
)
async def test_another_request_with_the_key_is_rejected(other):
    shop = Shop()
    await shop.send()
    response = await shop.send(**other)
    assert response.status == 422
    assert response.json["type"] == "urn:problem-type:idempotency-key-reused"
    assert len(shop.orders) == 1


async def test_an_escaped_slash_is_part_of_a_path_parameter():
    app = App()

    @app.post("/{folder}/{name}", policies=[Idempotent()])
    async def run(folder: str, name: str) -> list[str]:
        return [folder, name]

    headers = {"idempotency-key": "k"}
    assert (await fetch(app, "POST /a%2Fb/c", headers=headers)).json == ["a/b", "c"]
    assert (await fetch(app, "POST /a/b%2Fc", headers=headers)).status == 422


@pytest.mark.parametrize("body", [b"", b"one", [b"one", b"two"]], ids=["empty", "whole", "parts"])
@pytest.mark.parametrize("parts", [1, 9])
async def test_a_dependency_may_have_read_the_body_of_a_repetition(body, parts):
    app, calls = App(), []

    async def signed(request: Request) -> None:
        chunks = request.stream()
        for _ in range(parts):
            await anext(chunks, None)

    @app.post("/", policies=[Idempotent(by=None)], dependencies=[Depends(signed)])
    async def run() -> str:
        calls.append(1)
        return "done"

    headers = {"idempotency-key": "k"}
    for replayed in (None, "true"):
        with anyio.fail_after(5):
            response = await call(app, "/", "POST", headers=headers, body=body)
        assert (response.status, response["idempotent-replayed"]) == (200, replayed)
    if parts == 9:
        assert (await call(app, "/", "POST", headers=headers, body=b"another")).status == 422
    assert calls == [1]


async def test_a_request_to_another_host_is_another_request():
    shop = Shop()
    assert (await shop.send(host="ada.example")).status == 201
    assert (await shop.send(host="bob.example")).status == 422
    assert (await shop.send(host="Ada.example"))["idempotent-replayed"] == "true"


async def test_a_body_is_compared_as_it_arrives():
    shop = Shop()
    await shop.send(b'{"sku":"abc"}')
    scope = scope_of("/orders/1", "POST", headers={**JSON, "idempotency-key": "k"})
    assert (await exchange(shop.app, scope, *body_of(b'{"sku"', b"", b':"abc"}'))).status == 201
    scope = scope_of("/orders/1", "POST", headers={**JSON, "idempotency-key": "k"})
    other = await exchange(shop.app, scope, *body_of(b'{"sku":"abc"}', *[b" " * 1000] * 50))
    assert other.status == 422
    assert other.receives < 5


async def test_operations_and_methods_have_keys_of_their_own():
    app = App()
    calls = []

    @app.post("/a", policies=[policy := Idempotent()])
    @app.put("/a", policies=[policy])
    @app.post("/b", policies=[policy])
    async def run() -> None:
        calls.append(1)

    for request in ("POST /a", "PUT /a", "POST /b", "POST /a"):
        await fetch(app, request, headers={"idempotency-key": "k"})
    assert len(calls) == 3


async def test_a_request_that_is_still_running_is_a_conflict():
    shop = Shop()
    responses = []

    async def during():
        responses.extend([await shop.send(), await shop.send(b"{}"), await shop.send(target="/orders/2")])

    shop.during = during
    assert (await shop.send()).status == 201
    assert [response.status for response in responses] == [409, 409, 422]
    assert responses[0]["retry-after"] == "1"
    assert responses[0].json["type"] == "urn:problem-type:idempotency-key-in-use"
    assert len(shop.orders) == 1


async def test_two_hundred_parallel_requests_run_the_endpoint_once():
    shop = Shop()
    shop.during = checkpoint
    statuses = []

    async def send():
        statuses.append((await shop.send()).status)

    async with anyio.create_task_group() as group:
        for _ in range(200):
            group.start_soon(send)
    assert len(shop.orders) == 1
    assert sorted(set(statuses)) == [201, 409]
    assert (await shop.send()).json["number"] == 1


async def test_background_tasks_run_once():
    app, ran = App(), []

    @app.post("/", policies=[Idempotent()])
    async def run(tasks: BackgroundTasks) -> str:
        tasks.add_task(ran.append, 1)
        return "ok"

    for _ in range(2):
        assert (await fetch(app, "POST /", headers={"idempotency-key": "k"})).text == "ok"
    assert ran == [1]


# -- keys --------------------------------------------------------------------------------------------------------------

MALFORMED = ["", '""', "a b", "a,b", '"a', "\xe4", "a" * 256]


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("key", MALFORMED)
async def test_a_malformed_key_is_rejected(key, required):
    shop = Shop(Idempotent(required=required))
    response = await shop.send(key=None, **{"idempotency-key": key})
    assert response.status == 400
    assert response.json["type"] == "urn:problem-type:idempotency-key-malformed"
    assert response.json["max_length"] == 255
    assert not shop.orders


async def test_two_keys_are_rejected():
    shop = Shop()
    fields = [*JSON.items(), ("idempotency-key", "a"), ("idempotency-key", "a")]
    assert (await fetch(shop.app, "POST /orders/1", b"{}", fields)).status == 400


async def test_a_required_key_that_is_missing_is_rejected_before_the_body_is_read():
    shop = Shop(Idempotent(required=True))
    response = await call(shop.app, "/orders/1", "POST", headers=JSON, body=b"no json")
    assert response.status == 400
    assert response.json["type"] == "urn:problem-type:idempotency-key-missing"


async def test_an_endpoint_can_take_the_key():
    app, keys = App(), []

    @app.post("/", policies=[Idempotent()])
    async def run(key: IdempotencyKey) -> None:
        keys.append(key.value)

    await fetch(app, "POST /", headers={"idempotency-key": '"k"'})
    await fetch(app, "POST /")
    assert keys == ["k", None]


async def test_a_get_of_the_same_endpoint_is_not_idempotent():
    app, keys = App(), []

    @app.api_route("/", methods=["GET", "POST"], policies=[Idempotent(required=True)])
    async def run(key: IdempotencyKey) -> None:
        keys.append(key.value)

    for method in ("GET", "GET", "HEAD", "POST", "POST"):
        assert (await fetch(app, f"{method} /", headers={"idempotency-key": "k"})).status == 204
    assert (await fetch(app, "GET /")).status == 204
    assert keys == ["k", "k", "k", "k", None]


# -- users -------------------------------------------------------------------------------------------------------------


async def user_id(x_user: Annotated[str, Header()]) -> str:
    if x_user == "unknown":
        raise HTTPException(401)
    return x_user


async def test_users_have_keys_of_their_own():
    app, calls = App(), []

    @app.post("/", policies=[Idempotent(by=user_id)])
    async def run(user: Annotated[str, Depends(user_id)]) -> str:
        calls.append(user)
        return user

    for user in ("ada", "bob", "ada"):
        response = await fetch(app, "POST /", headers={"idempotency-key": "k", "x-user": user})
        assert response.text == user
    assert calls == ["ada", "bob"]


async def test_a_client_that_security_rejects_does_not_get_a_stored_response():
    app = App()
    bearer = HTTPBearer()

    async def user(credentials: Annotated[object, Depends(bearer)]) -> str:
        return credentials.credentials

    @app.post("/", policies=[Idempotent(by=user)])
    async def run(name: Annotated[str, Depends(user)]) -> str:
        return name

    headers = {"idempotency-key": "k", "authorization": "Bearer ada"}
    assert (await fetch(app, "POST /", headers=headers)).text == "ada"
    assert (await fetch(app, "POST /", headers={"idempotency-key": "k"})).status == 401
    assert (await fetch(app, "POST /", headers=headers))["idempotent-replayed"] == "true"


@pytest.mark.parametrize("credentials", [{}, {"authorization": "Bearer eve"}])
async def test_a_client_that_a_dependency_rejects_does_not_get_a_stored_response(credentials):
    async def member(authorization: Annotated[str, Header()]) -> str:
        if authorization != "Bearer ada":
            raise HTTPException(401)
        return "ada"

    app = App()

    @app.post("/", policies=[Idempotent(by=None)])
    async def run(name: Annotated[str, Depends(member)]) -> str:
        return name

    key = {"idempotency-key": "k"}
    assert (await fetch(app, "POST /", headers={"authorization": "Bearer ada", **key})).text == "ada"
    assert (await fetch(app, "POST /", headers={**credentials, **key})).status in (401, 422)


# -- which responses are stored ----------------------------------------------------------------------------------------


async def test_a_request_that_was_not_processed_can_be_corrected():
    shop = Shop()
    assert (await shop.send(b'{"sku":1}')).status == 422
    assert (await shop.send(b"{")).status == 400
    assert (await shop.send()).status == 201


async def test_a_body_over_the_limit_is_not_stored():
    app = App()

    @app.post("/", policies=[Idempotent(by=None)], max_body_size=5)
    async def run(request: Request) -> str:
        return (await request.body()).decode()

    assert (await fetch(app, "POST /", b"123456", {"idempotency-key": "k"})).status == 413
    assert (await fetch(app, "POST /", b"12345", {"idempotency-key": "k"})).text == "12345"
    assert (await fetch(app, "POST /", b"123456", {"idempotency-key": "k"})).status == 422


async def test_the_error_of_an_endpoint_is_repeated():
    shop = Shop()

    async def sell_out():
        raise SoldOut

    shop.during = sell_out
    first, second = await shop.send(), await shop.send()
    assert second.status == 409
    assert second.body == first.body
    assert second["idempotent-replayed"] == "true"
    assert len(shop.orders) == 1


@pytest.mark.parametrize("error", [HTTPException(503), RuntimeError("broken")])
async def test_a_request_that_has_failed_runs_again(error):
    shop = Shop()

    async def fail():
        raise error

    shop.during = fail
    scope = scope_of("/orders/1", "POST", headers={**JSON, "idempotency-key": "k"})
    assert (await exchange(shop.app, scope, *body_of(b'{"sku":"a"}'))).status in (500, 503)
    shop.during = checkpoint
    assert (await shop.send()).json["number"] == 2


async def test_a_response_that_breaks_off_is_an_error_and_runs_again():
    app, calls = App(), []

    async def chunks():
        yield b"a"
        if len(calls) == 1:
            raise RuntimeError("broken")
        yield b"b"

    @app.post("/", policies=[Idempotent()])
    async def run() -> Response:
        calls.append(1)
        return StreamingResponse(chunks())

    scope = scope_of("/", "POST", headers={"idempotency-key": "k"})
    assert (await exchange(app, scope, *body_of(b""))).status == 500
    assert (await fetch(app, "POST /", headers={"idempotency-key": "k"})).text == "ab"
    assert (await fetch(app, "POST /", headers={"idempotency-key": "k"}))["idempotent-replayed"] == "true"


async def test_the_statuses_to_repeat_can_be_chosen():
    shop = Shop(Idempotent(statuses={201, 503}))

    async def fail():
        raise HTTPException(503)

    async def sell_out():
        raise SoldOut

    shop.during = fail
    assert (await shop.send()).status == 503
    assert (await shop.send())["idempotent-replayed"] == "true"
    shop.during = sell_out
    assert (await shop.send(key="other")).status == 409
    shop.during = checkpoint
    assert (await shop.send(key="other")).status == 201


async def test_a_response_that_is_too_large_is_sent_once():
    app, calls = App(), []

    @app.post("/", policies=[Idempotent(max_bytes=10)])
    async def run() -> Response:
        calls.append(1)
        return StreamingResponse(iter([b"12345678", b"90123"]), 201)

    headers = {"idempotency-key": "k"}
    assert (await fetch(app, "POST /", headers=headers)).body == b"1234567890123"
    again = await fetch(app, "POST /", headers=headers)
    assert again.status == 409
    assert again.json["completed_status"] == 201
    assert calls == [1]


# -- crashes and leases ------------------------------------------------------------------------------------------------


async def test_a_response_is_stored_before_the_client_gets_it():
    shop = Shop()
    headers = {**JSON, "idempotency-key": "k"}
    scope = scope_of("/orders/1", "POST", headers=headers)
    await exchange(shop.app, scope, *body_of(b'{"sku":"a"}'), leave_at=0)
    assert (await shop.send())["idempotent-replayed"] == "true"
    assert len(shop.orders) == 1


async def test_a_cancelled_request_runs_again():
    shop = Shop()

    async def wait():
        scope.cancel()
        await anyio.sleep_forever()

    shop.during = wait
    with anyio.CancelScope() as scope:
        await shop.send()
    shop.during = checkpoint
    assert (await shop.send()).json["number"] == 2


async def test_a_request_that_is_cancelled_after_the_endpoint_is_stored():
    class Store(MemoryStore):
        async def replace(self, key, expected, value, *, ttl=None):
            scope.cancel()
            await checkpoint()
            return await super().replace(key, expected, value, ttl=ttl)

    shop = Shop(store=Store())
    with anyio.CancelScope() as scope:
        await shop.send()
    assert scope.cancelled_caught
    assert (await shop.send())["idempotent-replayed"] == "true"
    assert len(shop.orders) == 1


async def test_after_a_crash_the_next_request_runs_when_the_lease_has_expired(monkeypatch):
    monkeypatch.setattr(Lease, "release", lambda lease: checkpoint())  # a process that crashes does not
    clock = Clock()
    shop = Shop(Idempotent(lease=30), MemoryStore(clock=clock))

    async def crash():
        crashed.set()
        await anyio.sleep_forever()

    shop.during = crash
    crashed = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(shop.send)
        await crashed.wait()
        group.cancel_scope.cancel()
    shop.during = checkpoint
    assert (await shop.send()).status == 409
    clock.now += 31
    assert (await shop.send()).json["number"] == 2


async def test_a_lease_is_renewed_while_the_request_runs():
    renewals = anyio.Event()

    class Store(MemoryStore):
        async def replace(self, key, expected, value, *, ttl=None):
            if expected == value:
                assert ttl == 0.003
                renewals.set()
            return await super().replace(key, expected, value, ttl=None)

        async def add(self, key, value, *, ttl=None):
            return await super().add(key, value, ttl=None)

    shop = Shop(Idempotent(lease=0.003), Store())

    async def wait():
        await renewals.wait()

    shop.during = wait
    with anyio.fail_after(60):
        assert (await shop.send()).status == 201
    assert (await shop.send())["idempotent-replayed"] == "true"


async def test_a_request_that_has_lost_its_lease_stores_nothing(caplog):
    clock = Clock()
    shop = Shop(store=MemoryStore(clock=clock))
    others = []

    async def stall():
        shop.during = checkpoint
        clock.now += 31
        others.append(await shop.send())

    shop.during = stall
    with caplog.at_level(logging.ERROR, "signette.policies"):
        assert (await shop.send()).json["number"] == 2
    assert others[0].json["number"] == 2
    assert "lease" in caplog.text
    assert (await shop.send()).body == others[0].body


async def test_a_response_is_repeated_until_its_time_ends():
    clock = Clock()
    shop = Shop(Idempotent(ttl=100), MemoryStore(clock=clock))
    await shop.send()
    clock.now += 99
    assert (await shop.send())["idempotent-replayed"] == "true"
    clock.now += 2
    assert (await shop.send())["idempotent-replayed"] is None


# -- a state engine that does not work ---------------------------------------------------------------------------------


async def test_without_the_engine_requests_with_a_key_are_rejected():
    shop = Shop(store=FailingStore(*ALL))
    response = await shop.send()
    assert response.status == 503
    assert int(response["retry-after"]) > 0
    assert not shop.orders
    assert (await shop.send(key=None)).status == 201


async def test_without_the_engine_requests_run_if_the_policy_is_open():
    shop = Shop(Idempotent(on_failure="open"), FailingStore(*ALL))
    assert (await shop.send()).status == 201
    assert (await shop.send()).status == 201
    assert len(shop.orders) == 2


@pytest.mark.parametrize("on_failure", ["open", "closed"])
async def test_an_engine_that_fails_while_the_request_runs_does_not_take_its_response(on_failure, caplog):
    store = FailingStore()
    shop = Shop(Idempotent(on_failure=on_failure), store)

    async def fail():
        store.fails.update(ALL)

    shop.during = fail
    with caplog.at_level(logging.ERROR, "signette.policies"):
        assert (await shop.send()).status == 201
    assert len(caplog.records) == 1
    store.fails.clear()
    assert (await shop.send()).status == 409
