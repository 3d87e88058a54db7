"""`app.backend = Backend(...)` between two runs of an application, as tests do: policies use the new one."""

from signette.app import App
from signette.policies import Cache, Cached, Idempotent
from signette.state import Backend, MemoryStore
from signette.testclient import TestClient


def test_policies_use_the_backend_with_which_the_application_starts() -> None:
    app, sold = App(), [0]

    @app.get("/sold", policies=[Cached(60, tags=["sold"])])
    async def read_sold() -> int:
        return sold[0]

    @app.post("/sold", policies=[Idempotent()])
    async def sell(cache: Cache) -> int:
        sold[0] += 1
        await cache.invalidate("sold")
        return sold[0]

    def sell_one() -> list[int]:
        with TestClient(app) as client:
            key = {"Idempotency-Key": "1"}
            return [client.get("/sold").json(), client.post("/sold", headers=key).json(), client.get("/sold").json()]

    kept = {purpose: MemoryStore() for purpose in ("cache", "idempotency")}
    app.backend = Backend(overrides=kept)
    assert sell_one() == [0, 1, 1]
    app.backend = Backend()
    assert sell_one() == [1, 2, 2]
    app.backend = Backend(overrides=kept)  # where the key is known
    assert sell_one()[1] == 1
