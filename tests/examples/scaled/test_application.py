"""The example: what its processes share, on the memory of one."""

from collections import Counter

import anyio

from examples.scaled.application import app, increment
from signette.state.memory import MemoryStore
from signette.testclient import TestClient
from tests.asgi import fetch


async def test_a_visit_is_counted_once_whatever_others_do() -> None:
    store, counts = MemoryStore(), Counter[int]()

    async def visit() -> None:
        counts[await increment(store, "count")] += 1

    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(visit)
    assert counts == Counter(range(1, 21))


async def test_visits_name_the_process() -> None:
    first, second = [(await fetch(app, "POST /visits")).json for _ in range(2)]
    assert second["count"] == first["count"] + 1
    assert second["process"] == first["process"]


def test_a_note_reaches_all_clients() -> None:
    with (
        TestClient(app) as client,
        client.websocket_connect("/notes/feed") as one,
        client.websocket_connect("/notes/feed") as other,
    ):
        response = client.post("/notes", json={"text": "hello"})
        assert (response.status_code, response.json()) == (202, {"text": "hello"})
        assert one.receive_json() == other.receive_json() == {"text": "hello"}


def test_it_has_health_checks_and_request_ids() -> None:
    with TestClient(app) as client:
        ready = client.get("/readyz", headers={"X-Request-ID": "abc"})
    assert (ready.status_code, ready.headers["x-request-id"]) == (200, "abc")
