import logging
from typing import Annotated

import anyio
import pytest
from anyio.lowlevel import checkpoint

from signette import App, Cookie, Depends, Header, HTTPException, Request, Response
from signette.policies import Cache, Cached, CacheState
from signette.responses import StreamingResponse
from signette.security import HTTPBearer
from signette.state import MemoryStore
from tests.asgi import call, exchange, fetch, scope_of
from tests.declarative.policies.stores import ALL, Clock, FailingStore, app_with

pytestmark = [pytest.mark.anyio, pytest.mark.either_loop]


class Site:
    """An application with a list of items, which counts its calls."""

    def __init__(self, policy=None, store=None, clock=None):
        self.calls = []
        self.clock = clock or Clock()
        self.policy = policy or Cached(60)
        self.policy.clock = self.clock
        self.store = store if store is not None else MemoryStore(clock=self.clock)
        self.app = app_with("cache", self.store)
        self.app.get("/items/{shop}", policies=[self.policy])(self.items)

    async def items(self, shop: int, response: Response, page: int = 1) -> dict[str, int]:
        self.calls.append((shop, page))
        await self.during(response)
        return {"call": len(self.calls), "shop": shop, "page": page}

    async def during(self, response):
        """What happens while a list is made."""

    async def get(self, target="/items/1", method="GET", **headers):
        fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
        return await fetch(self.app, f"{method} {target}", headers=fields)


# -- hits and misses ---------------------------------------------------------------------------------------------------


async def test_a_response_is_sent_again_without_a_call():
    site = Site()
    first = await site.get()
    site.clock.now += 5
    second = await site.get()
    assert len(site.calls) == 1
    assert second.body == first.body
    assert second.fields == [*first.fields, ("age", "5")]
    assert first["cache-control"] == "public, max-age=60"
    assert first["etag"].startswith('"')
    assert first["age"] is None


async def test_a_response_is_made_again_when_its_time_has_ended():
    site = Site()
    await site.get()
    site.clock.now += 60
    assert (await site.get()).json["call"] == 2


@pytest.mark.parametrize("other", ["/items/2", "/items/1?page=2", "/items/1?page=1"])
async def test_each_url_has_its_own_response(other):
    site = Site()
    await site.get()
    assert (await site.get(other)).json["call"] == 2
    assert (await site.get(other)).json["call"] == 2


async def test_an_escaped_slash_is_part_of_a_path_parameter():
    app = App()

    @app.get("/{folder}/{name}", policies=[Cached(60)])
    async def read(folder: str, name: str) -> list[str]:
        return [folder, name]

    assert (await fetch(app, "GET /a%2Fb/c")).json == ["a/b", "c"]
    assert (await fetch(app, "GET /a/b%2Fc")).json == ["a", "b/c"]


async def test_a_response_is_stored_for_less_than_a_second():
    site = Site(Cached(0.5))
    assert (await site.get())["cache-control"] == "public, max-age=0"
    site.clock.now += 0.4
    assert (await site.get()).json["call"] == 1
    site.clock.now += 0.1
    assert (await site.get()).json["call"] == 2


async def test_each_host_has_its_own_response():
    site = Site()
    await site.get(host="one.example")
    assert (await site.get(host="evil.example")).json["call"] == 2
    assert (await site.get(host="one.example")).json["call"] == 1


async def test_a_head_request_uses_the_response_of_a_get():
    site = Site()
    missed = await site.get(method="HEAD")
    assert (missed.status, missed.body, missed["cache-control"]) == (200, b"", "public, max-age=60")
    full = await site.get()
    head = await site.get(method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.fields == [*full.fields, ("age", "0")]
    assert len(site.calls) == 2


@pytest.mark.parametrize(
    ("if_none_match", "status"), [("{etag}", 304), ('"x", W/{etag}', 304), ("*", 304), ('"x"', 200), ("", 200)]
)
async def test_a_client_that_has_the_response_gets_a_304(if_none_match, status):
    site = Site()
    etag = (await Site().get())["etag"]
    for expected_calls in (1, 1):
        response = await site.get(if_none_match=if_none_match.format(etag=etag))
        assert response.status == status
        assert response["etag"] == etag
        assert response["cache-control"] == "public, max-age=60"
        if status == 304:
            assert response.body == b""
            assert response["content-type"] is None
        assert len(site.calls) == expected_calls


async def test_the_own_validators_of_a_response_are_kept():
    site = Site()

    async def during(response):
        response.headers["etag"] = '"mine"'
        response.headers["cache-control"] = "public, max-age=10"

    site.during = during
    assert (await site.get())["etag"] == '"mine"'
    assert (await site.get(if_none_match='"mine"')).status == 304
    assert (await site.get())["cache-control"] == "public, max-age=10"
    site.clock.now += 10
    assert (await site.get()).json["call"] == 2


# -- what is stored ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("set-cookie", "a=1"),
        ("cache-control", "private"),
        ("cache-control", "no-store"),
        ("cache-control", "no-cache"),
        ("cache-control", 'private="x", max-age=60'),
        ("cache-control", "max-age=0"),
        ("cache-control", "max-age=x"),
        ("vary", "*"),
        ("vary", "Accept-Language"),
    ],
)
async def test_a_response_for_one_client_is_not_stored(name, value):
    site = Site()

    async def during(response):
        response.headers[name] = value

    site.during = during
    first = await site.get()
    assert first.all(name) == [value]
    assert first["etag"] is None
    assert (await site.get()).json["call"] == 2


async def test_errors_are_not_stored():
    site = Site()

    async def during(response):
        raise HTTPException(404)

    site.during = during
    for _ in range(2):
        response = await site.get()
        assert (response.status, response["cache-control"]) == (404, None)
    assert len(site.calls) == 2


async def test_other_statuses_can_be_declared():
    site = Site(Cached(60, statuses=(200, 404)))

    async def during(response):
        raise HTTPException(404)

    site.during = during
    first, second = await site.get(), await site.get()
    assert (second.status, second.body, second["age"]) == (404, first.body, "0")


async def test_a_response_without_a_body_has_no_entity_tag():
    app = App()

    @app.get("/", policies=[Cached(60, statuses=[204])])
    async def read() -> None: ...

    for age in (None, "0"):
        response = await fetch(app, "GET /", headers={"if-none-match": "*"})
        assert (response.status, response["age"], response["etag"]) == (204, age, None)


async def test_an_invalid_request_is_not_stored():
    site = Site()
    for _ in range(2):
        assert (await site.get("/items/x")).status == 422
    assert not site.calls


async def test_a_large_response_is_sent_and_not_stored():
    app, calls = App(), []

    @app.get("/", policies=[Cached(60, max_bytes=10)])
    async def read() -> Response:
        calls.append(1)
        return StreamingResponse(iter([b"12345678", b"90123"]))

    for _ in range(2):
        assert (await fetch(app, "GET /")).body == b"1234567890123"
    assert len(calls) == 2


async def test_an_endpoint_can_skip_the_cache():
    app, calls = App(), []

    @app.get("/", policies=[Cached(60)])
    async def read(state: CacheState) -> int:
        calls.append(1)
        state.skip()
        return len(calls)

    for number in (1, 2):
        response = await fetch(app, "GET /")
        assert (response.json, response["cache-control"]) == (number, None)


# -- what clients ask for ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("directive", ["no-cache", "max-age=0", "No-Cache, max-age=5"])
async def test_a_client_can_ask_for_a_new_response(directive):
    site = Site()
    await site.get()
    assert (await site.get(cache_control=directive)).json["call"] == 2
    assert (await site.get()).json["call"] == 2


async def test_a_client_can_ask_not_to_store_its_response():
    site = Site()
    assert (await site.get(cache_control="no-store")).json["call"] == 1
    assert (await site.get()).json["call"] == 2
    assert (await site.get(cache_control="no-store")).json["call"] == 3
    assert (await site.get()).json["call"] == 2


async def test_a_client_can_ask_for_a_stored_response_only():
    """RFC 9111 §5.2.1.7."""
    site = Site()
    for directive in ("only-if-cached", "only-if-cached, no-store", "Only-If-Cached, max-age=5"):
        assert (await site.get(cache_control=directive)).status == 504
    assert (await site.get()).json["call"] == 1
    assert (await site.get(cache_control="only-if-cached")).json["call"] == 1
    for directive in ("only-if-cached, no-cache", "only-if-cached, no-store", "only-if-cached, max-age=0"):
        assert (await site.get(cache_control=directive)).status == 504
    assert (await site.get()).json["call"] == 1


async def test_a_client_can_ask_for_a_younger_response():
    site = Site()
    await site.get()
    site.clock.now += 10
    assert (await site.get(cache_control="max-age=10")).json["call"] == 1
    assert (await site.get(cache_control="max-age=9")).json["call"] == 2
    assert (await site.get()).json["call"] == 2


@pytest.mark.parametrize("name", ["range", "if_match", "if_unmodified_since"])
async def test_a_request_that_the_endpoint_has_to_decide_is_not_cached(name):
    site = Site()
    await site.get()
    assert (await site.get(**{name: "x"})).json["call"] == 2
    assert (await site.get()).json["call"] == 1


@pytest.mark.parametrize("name", ["cache-control", "if-none-match", "if-modified-since", "host", "x-any", "cookie"])
@pytest.mark.parametrize("value", [b"", b"\xff\x00", b"max-age=", b'"', b'W/"', b"," * 50, b"max-age=" + b"9" * 400])
async def test_no_header_of_a_client_breaks_the_cache(name, value):
    site = Site(Cached(60, vary=["X-Any"], private=False))
    for _ in range(2):
        response = await fetch(site.app, "GET /items/1?a=%ff&=&&", headers=[(name.encode(), value)])
        assert response.status in (200, 304)


# -- users and variations ----------------------------------------------------------------------------------------------


async def user_id(x_user: Annotated[str, Header()]) -> str:
    return x_user


async def test_users_have_their_own_responses():
    app, calls = App(), []

    @app.get("/", policies=[Cached(60, by=user_id)])
    async def read(user: Annotated[str, Depends(user_id)]) -> str:
        calls.append(user)
        return user

    for user in ("ada", "bob", "ada"):
        response = await fetch(app, "GET /", headers={"x-user": user})
        assert response.text == user
        assert response["cache-control"] == "private, max-age=60"
    assert calls == ["ada", "bob"]


async def test_by_alone_separates_users():
    async def user(request: Request) -> str | None:
        return request.headers.get("x-proxy-user")  # the signature does not show this header

    app = App()

    @app.get("/", policies=[Cached(60, by=user)])
    async def read(name: Annotated[str | None, Depends(user)]) -> str:
        return str(name)

    for headers, name in (({"x-proxy-user": "ada"}, "ada"), ({"x-proxy-user": "bob"}, "bob"), ({}, "None")):
        for age in (None, "0"):
            response = await fetch(app, "GET /", headers=headers)
            assert (response.text, response["age"]) == (name, age)


async def test_a_client_that_security_rejects_does_not_get_a_stored_response():
    app, bearer = App(), HTTPBearer()

    @app.get("/", policies=[Cached(60, private=False)], dependencies=[Depends(bearer)])
    async def read() -> str:
        return "secret"

    headers = {"authorization": "Bearer ada"}
    for age in (None, "0"):
        assert (await fetch(app, "GET /", headers=headers))["age"] == age
    assert (await fetch(app, "GET /")).status == 401


async def test_a_client_that_a_dependency_rejects_does_not_get_a_stored_response():
    async def member(request: Request) -> str:
        if request.headers.get("authorization") != "Bearer ada":
            raise HTTPException(401)
        return "ada"

    app = App()

    @app.get("/", policies=[Cached(60, private=False)])
    async def read(name: Annotated[str, Depends(member)]) -> str:
        return "secret"

    headers = {"authorization": "Bearer ada"}
    for age in (None, "0"):
        response = await fetch(app, "GET /", headers=headers)
        assert response["age"] == age
        assert response["cache-control"] == "private, max-age=60"  # proxies cannot ask the dependency
    assert (await fetch(app, "GET /")).status == 401


async def test_the_headers_and_cookies_of_the_signature_are_part_of_the_key():
    app = App()

    @app.get("/", policies=[Cached(60, private=False, vary=["Accept"])])
    async def read(
        accept_language: Annotated[str, Header()] = "en", theme: Annotated[str, Cookie()] = "light"
    ) -> list[str]:
        return [accept_language, theme]

    seen = set()
    for language in ({}, {"accept-language": "de"}, {"accept-language": "", "accept": "text/plain"}):
        for cookie in ({}, {"cookie": "theme=dark; other=1"}):
            response = await fetch(app, "GET /", headers={**language, **cookie})
            assert response["age"] is None
            assert response["vary"] == "accept, accept-language, cookie"
            seen.add(response.text)
    assert len(seen) == 6
    assert (await fetch(app, "GET /", headers={"cookie": "theme=dark; other=2"}))["age"] == "0"


async def test_one_header_and_two_differ():
    app = App()

    @app.get("/", policies=[Cached(60)])
    async def read(x_part: Annotated[list[str], Header()]) -> list[str]:
        return x_part

    assert (await fetch(app, "GET /", headers=[("x-part", "a,b")])).json == ["a,b"]
    assert (await fetch(app, "GET /", headers=[("x-part", "a"), ("x-part", "b")])).json == ["a", "b"]


async def test_a_private_response_is_not_stored_here():
    app, calls = App(), []

    @app.get("/", policies=[Cached(60, private=True)])
    async def read(request: Request) -> str:
        calls.append(1)
        return request.headers.get("authorization", "")

    for number in (1, 2):
        response = await fetch(app, "GET /", headers={"authorization": "ada"})
        assert response["cache-control"] == "private, max-age=60"
        assert len(calls) == number
    assert (
        await fetch(app, "GET /", headers={"authorization": "ada", "if-none-match": response["etag"]})
    ).status == 304


# -- single flight -----------------------------------------------------------------------------------------------------


async def test_a_hundred_clients_make_one_call():
    site = Site()
    site.during = lambda response: checkpoint()
    bodies = []

    async def get():
        bodies.append((await site.get()).body)

    async with anyio.create_task_group() as group:
        for _ in range(100):
            group.start_soon(get)
    assert len(site.calls) == 1
    assert len(bodies) == 100
    assert len(set(bodies)) == 1


async def test_clients_do_not_wait_for_a_response_that_is_not_stored():
    site = Site()
    ready = anyio.Event()

    async def during(response):
        response.headers["cache-control"] = "no-store"
        if len(site.calls) == 10:
            ready.set()  # all others run at the same time
        if len(site.calls) > 1:
            await ready.wait()

    site.during = during
    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(site.get)
    assert len(site.calls) == 10


async def test_the_next_client_calls_if_the_first_one_was_cancelled():
    site = Site()
    entered, scope = anyio.Event(), anyio.CancelScope()

    async def during(response):
        if len(site.calls) == 1:
            entered.set()
            await anyio.sleep_forever()

    site.during = during
    responses = []

    async def get():
        responses.append(await site.get())

    async def first():
        with scope:
            await get()

    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            group.start_soon(first)
            await entered.wait()
            group.start_soon(get)
            group.start_soon(get)
            await anyio.wait_all_tasks_blocked()
            scope.cancel()
    assert [response.json["call"] for response in responses] == [2, 2]


@pytest.mark.parametrize(("on_failure", "status"), [("open", 200), ("closed", 503)])
async def test_an_engine_that_fails_is_asked_once_by_clients_that_wait(on_failure, status):
    class Failing(FailingStore):
        adds = 0

        async def add(self, key, value, *, ttl=None):
            self.adds += 1
            await checkpoint()
            await super().add(key, value, ttl=ttl)

    store = Failing("add")
    site = Site(Cached(60, on_failure=on_failure), store)
    statuses = []

    async def get():
        statuses.append((await site.get()).status)

    async with anyio.create_task_group() as group:
        for _ in range(10):
            group.start_soon(get)
    assert statuses == [status] * 10
    assert store.adds == 1


@pytest.mark.parametrize("error", [HTTPException(500), RuntimeError("broken")])
async def test_all_clients_call_if_the_first_one_has_failed(error):
    site = Site()

    async def during(response):
        await checkpoint()
        raise error

    site.during = during
    statuses = []

    async def get():
        statuses.append((await call(site.app, "/items/1")).status)

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(get)
    assert statuses == [500] * 5


# -- stale responses ---------------------------------------------------------------------------------------------------


async def test_a_stale_response_is_sent_while_a_new_one_is_made():
    site = Site(Cached(60, stale_while_revalidate=30))
    assert (await site.get())["cache-control"] == "public, max-age=60, stale-while-revalidate=30"
    site.clock.now += 70
    log = []

    async def during(response):
        log.append("called")

    site.during = during
    stale = await fetch(site.app, "GET /items/1", log=log)
    assert log == ["sent", "called"]
    assert (stale.json["call"], stale["age"]) == (1, "70")
    fresh = await site.get()
    assert (fresh.json["call"], fresh["age"]) == (2, "0")


async def test_one_of_many_clients_replaces_a_stale_response():
    site = Site(Cached(60, stale_while_revalidate=30))
    await site.get()
    site.clock.now += 70
    site.during = lambda response: checkpoint()
    calls = []

    async def get():
        calls.append((await site.get()).json["call"])

    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(get)
    assert len(site.calls) == 2
    assert set(calls) <= {1, 2}


async def test_a_client_that_leaves_before_its_stale_response_has_it_replaced():
    site = Site(Cached(60, stale_while_revalidate=30))
    await site.get()
    site.clock.now += 70
    await exchange(site.app, scope_of("/items/1"), leave_at=0)
    assert (await site.get()).json["call"] == 2


async def test_a_cancelled_request_does_not_keep_others_from_replacing_its_stale_response():
    site = Site(Cached(60, stale_while_revalidate=30))
    await site.get()
    site.clock.now += 70
    assert (await exchange(site.app, scope_of("/items/1"), cancel_at=0)).was_cancelled
    assert (await site.get()).json["call"] == 1
    assert (await site.get()).json["call"] == 2


async def test_a_stale_response_is_not_sent_if_it_must_be_revalidated():
    site = Site(Cached(60, stale_while_revalidate=30))

    async def during(response):
        response.headers["cache-control"] = "max-age=60, must-revalidate"

    site.during = during
    await site.get()
    site.clock.now += 70
    assert (await site.get()).json["call"] == 2


async def test_a_response_that_is_too_old_is_not_sent():
    site = Site(Cached(60, stale_while_revalidate=30))
    await site.get()
    site.clock.now += 90
    assert (await site.get()).json["call"] == 2


@pytest.mark.parametrize("error", [HTTPException(500), RuntimeError("broken")])
async def test_a_stale_response_stays_if_no_new_one_can_be_made(error, caplog):
    site = Site(Cached(60, stale_while_revalidate=30))
    await site.get()
    site.clock.now += 70

    async def during(response):
        raise error

    site.during = during
    with caplog.at_level(logging.ERROR, "signette.policies"):
        assert (await site.get()).json["call"] == 1
        assert (await site.get()).json["call"] == 1
    assert len(site.calls) == 3
    assert ("broken" in caplog.text) == isinstance(error, RuntimeError)


# -- tags --------------------------------------------------------------------------------------------------------------


async def test_another_endpoint_invalidates_responses_by_tag():
    site = Site(Cached(60, tags=["items", "shop:{shop}"]))

    @site.app.delete("/items/{shop}")
    async def clear(shop: int, cache: Cache) -> None:
        await cache.invalidate(f"shop:{shop}")

    @site.app.delete("/items")
    async def clear_all(cache: Cache) -> None:
        await cache.invalidate("items", "unknown")

    await site.get("/items/1")
    await site.get("/items/2")
    assert (await fetch(site.app, "DELETE /items/1")).status == 204
    assert (await site.get("/items/1")).json["call"] == 3
    assert (await site.get("/items/2")).json["call"] == 2
    await fetch(site.app, "DELETE /items")
    assert (await site.get("/items/1")).json["call"] == 4
    assert (await site.get("/items/2")).json["call"] == 5


async def test_a_response_that_is_made_while_its_tag_is_invalidated_is_invalid():
    site = Site(Cached(60, tags=["items"]))

    async def during(response):
        await Cache(site.app.backend).invalidate("items")

    site.during = during
    await site.get()
    site.during = lambda response: checkpoint()
    assert (await site.get()).json["call"] == 2
    assert (await site.get()).json["call"] == 2


async def test_a_response_has_the_tag_of_the_path_it_was_asked_for():
    app = App()

    @app.get("/files/{name:path}", policies=[Cached(60, tags=["file:{name}"])])
    async def read(name: str) -> str:
        return name

    await fetch(app, "GET /files/a%20b/c")
    await Cache(app.backend).invalidate("file:a b/c")
    assert (await fetch(app, "GET /files/a%20b/c"))["age"] is None
    assert (await fetch(app, "GET /files/a%20b/c"))["age"] == "0"


async def test_the_type_of_a_path_parameter_stays_that_of_the_endpoint():
    app = App()

    @app.get("/items/{item_id}", policies=[Cached(60, tags=["item:{item_id}"])])
    async def read(item_id: int) -> int:
        return item_id

    (parameter,) = app.openapi()["paths"]["/items/{item_id}"]["get"]["parameters"]
    assert parameter["schema"]["type"] == "integer"
    assert (await fetch(app, "GET /items/x")).errors == [("path", "item_id", "int_parsing")]


async def test_an_endpoint_can_add_tags():
    app, calls = App(), []

    @app.get("/", policies=[Cached(60)])
    async def read(state: CacheState) -> int:
        calls.append(1)
        await state.tag("a", "b")
        return len(calls)

    await fetch(app, "GET /")
    await Cache(app.backend).invalidate("b")
    assert (await fetch(app, "GET /")).json == 2
    assert (await fetch(app, "GET /"))["age"] == "0"


# -- a state engine that does not work ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ALL)
async def test_without_the_engine_the_endpoint_is_called(method, caplog):
    site = Site(Cached(60, tags=["items"]), FailingStore(method))
    with caplog.at_level(logging.ERROR, "signette.policies"):
        for _ in range(3):
            response = await site.get()
            assert response.status == 200
    assert len(caplog.records) <= 1


async def test_a_response_that_cannot_be_stored_leaves_no_lock_for_others_to_wait_for():
    store = FailingStore("set")
    site = Site(Cached(60), store)
    taken = []
    add = store.add

    async def added(key, value, *, ttl=None):
        taken.append(key)
        return await add(key, value, ttl=ttl)

    store.add = added
    assert (await site.get()).status == 200
    assert len(taken) == 1
    assert await store.get(taken[0]) is None


async def test_without_the_engine_requests_are_rejected_if_the_policy_is_closed():
    site = Site(Cached(60, on_failure="closed"), FailingStore(*ALL))
    response = await site.get()
    assert response.status == 503
    assert not site.calls


async def test_an_engine_that_fails_while_the_endpoint_runs_does_not_take_its_response():
    store = FailingStore()
    site = Site(Cached(60, on_failure="closed", tags=["items"]), store)

    async def during(response):
        store.fails.update(ALL)

    site.during = during
    assert (await site.get()).status == 200


async def test_a_damaged_entry_is_replaced():
    class Damaged(MemoryStore):
        async def set(self, key, value, *, ttl=None):
            await super().set(key, b"damaged" if key.startswith("entry:") else value, ttl=ttl)

    site = Site(store=Damaged())
    await site.get()
    assert (await site.get()).json["call"] == 2


async def test_two_applications_with_one_backend_share_entries():
    store, clock = MemoryStore(), Clock()
    one, other = Site(store=store, clock=clock), Site(store=store, clock=clock)
    await one.get()
    assert (await other.get())["age"] == "0"
    assert not other.calls
