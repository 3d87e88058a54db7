"""Applications with `Cached` and `Idempotent`, next to models of what clients may get."""

from typing import Annotated

import anyio
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from signette import Depends, Header, HTTPException, Request
from signette.policies import Cache, Cached, Idempotent
from signette.state import MemoryStore
from tests.asgi import fetch
from tests.declarative.policies.stores import Clock, app_with

MAX_AGE, STALE, TTL = 60, 30, 100
USERS, SHOPS = st.sampled_from(["ada", "bob"]), st.integers(1, 2)


async def user_id(request: Request) -> str:
    return request.headers["x-user"]


class CachedShop(RuleBasedStateMachine):
    """A client gets a response to its own request, which was current not long ago and since the last invalidation."""

    def __init__(self):
        super().__init__()
        self.clock = Clock()
        policy = Cached(MAX_AGE, by=user_id, tags=["shop:{shop}"], stale_while_revalidate=STALE)
        policy.clock = self.clock
        self.app = app_with("cache", MemoryStore(clock=self.clock))
        self.app.get("/{shop}", policies=[policy])(self.read)
        self.versions = {1: [(0.0, 0)], 2: [(0.0, 0)]}
        self.least = {1: 0, 2: 0}
        self.fails = False

    async def read(
        self, shop: int, user: Annotated[str, Depends(user_id)], lang: Annotated[str, Header()] = "en", page: int = 1
    ) -> list[str | int]:
        if self.fails:
            raise HTTPException(503)
        return [shop, user, lang, page, self.versions[shop][-1][1]]

    def is_current(self, shop, version, seconds):
        """Whether a version was the current one at some time in the last seconds."""
        ends = [at for at, number in self.versions[shop] if number == version + 1]
        return not ends or ends[0] > self.clock.now - seconds

    @rule(
        shop=SHOPS,
        user=USERS,
        lang=st.sampled_from(["en", "de"]),
        page=st.integers(1, 2),
        asked=st.sampled_from(["", "no-cache", "max-age=5", "no-store"]),
    )
    def get(self, shop, user, lang, page, asked):
        headers = {"x-user": user, "lang": lang, "cache-control": asked}
        response = anyio.run(fetch, self.app, f"GET /{shop}?page={page}", b"", headers)
        if response.status == 503:
            assert self.fails
            return
        *own, version = response.json
        assert own == [shop, user, lang, page]
        assert version >= self.least[shop]
        limit = {"": MAX_AGE + STALE, "max-age=5": 5}.get(asked, 0)
        assert self.is_current(shop, version, limit + 0.1)
        assert (response["age"] is None) >= (asked in ("no-cache", "no-store"))

    @rule(shop=SHOPS, invalidates=st.booleans())
    def change(self, shop, invalidates):
        version = self.versions[shop][-1][1] + 1
        self.versions[shop].append((self.clock.now, version))
        if invalidates:
            self.least[shop] = version
            anyio.run(Cache(self.app.backend).invalidate, f"shop:{shop}")

    @rule(seconds=st.sampled_from([1, 10, MAX_AGE, MAX_AGE + STALE]))
    def time_passes(self, seconds):
        self.clock.now += seconds

    @rule()
    def break_or_repair(self):
        self.fails = not self.fails


class IdempotentShop(RuleBasedStateMachine):
    """An order is made once for each user and key, and its response is repeated to the same request only."""

    def __init__(self):
        super().__init__()
        self.clock = Clock()
        self.app = app_with("idempotency", MemoryStore(clock=self.clock))
        self.app.post("/{shop}", policies=[Idempotent(ttl=TTL, by=user_id)], status_code=201)(self.order)
        self.calls = 0
        self.fails = False
        self.completed = {}

    async def order(self, shop: int, user: Annotated[str, Depends(user_id)], sku: list[str]) -> list[str | int]:
        self.calls += 1
        if self.fails:
            raise HTTPException(503)
        return [self.calls, shop, user, *sku]

    @rule(
        shop=SHOPS,
        user=USERS,
        key=st.sampled_from(["", "k", '"k"', "l"]),
        body=st.sampled_from([b'["a"]', b'["b"]', b"[1]"]),
    )
    def post(self, shop, user, key, body):
        headers = {"x-user": user, "content-type": "application/json", **({"idempotency-key": key} if key else {})}
        calls = self.calls
        response = anyio.run(fetch, self.app, f"POST /{shop}", body, headers)
        name = (user, key.strip('"'))
        request, known, until = self.completed.get(name, (None, None, 0))
        if key and self.clock.now < until:
            assert self.calls == calls
            if request == (shop, body):
                assert (response.status, response.body, response["idempotent-replayed"]) == (201, known, "true")
            else:
                assert response.status == 422
                assert response.json["type"] == "urn:problem-type:idempotency-key-reused"
            return
        assert response["idempotent-replayed"] is None
        is_valid = body != b"[1]"
        assert self.calls == calls + is_valid
        assert response.status == (422 if not is_valid else 503 if self.fails else 201)
        if key and response.status == 201:
            self.completed[name] = (shop, body), response.body, self.clock.now + TTL

    @rule(seconds=st.sampled_from([1, TTL - 1, TTL]))
    def time_passes(self, seconds):
        self.clock.now += seconds

    @rule()
    def break_or_repair(self):
        self.fails = not self.fails


for machine in (CachedShop, IdempotentShop):
    machine.TestCase.settings = settings(max_examples=20, stateful_step_count=15, deadline=None)
TestCachedShop, TestIdempotentShop = CachedShop.TestCase, IdempotentShop.TestCase
