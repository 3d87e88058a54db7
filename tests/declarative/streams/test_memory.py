"""A body of any size takes little memory, in every format and through every kind of route."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from signette import App, Items, Request, Router, Stream
from signette.middleware.base import BaseHTTPMiddleware
from signette.routing import APIRoute
from tests.asgi import scope_of
from tests.test_promises_memory import peak_of_memory

MIB = 1024 * 1024
MOST = 32 * MIB
CHUNK = 64 * 1024


class Reading(BaseModel):
    """An item of 4 KiB. Larger ones need fewer calls that the tracing makes slow."""

    station: str
    value: float
    note: str = ""


TEXT = json.dumps({"station": "a", "value": 1.5, "note": "n" * 4000}).encode()
# The media type, what a body begins with, repeats, and ends with.
BODIES = {
    "lines": ("application/jsonl", b"", TEXT + b"\n", b""),
    "array": ("application/json", b"[", TEXT + b",", TEXT + b"]"),
    "sequence": ("application/json-seq", b"", b"\x1e" + TEXT + b"\n", b""),
    "csv": ("text/csv", b"station,value,note\n", b'a,1.5,"' + b"n" * 4000 + b'"\n', b""),
}
OPTIONS = Items(max_bytes=2**40)


class Passing(BaseHTTPMiddleware):
    """Passes requests on."""

    async def dispatch(self, request: Request, call_next: Any) -> Any:
        return await call_next(request)


class Handled(APIRoute):
    """A route with its own handler."""

    def get_route_handler(self) -> Any:
        original = super().get_route_handler()

        async def handler(request: Request) -> Any:
            return await original(request)

        return handler


def application() -> App:
    app = App()

    async def by_items(rows: Annotated[Stream[Reading], OPTIONS]) -> int:
        async for _ in rows:
            pass
        return rows.accepted

    app.post("/items")(by_items)

    @app.post("/batches")
    def by_batches(rows: Annotated[Stream[Reading], OPTIONS]) -> int:
        return sum(len(batch) for batch in rows.batches(100))

    @app.post("/skipped")
    async def by_skipping(rows: Annotated[Stream[int], Items(max_bytes=2**40, on_error="skip")]) -> int:
        async for _ in rows:
            pass
        return rows.skipped

    router = Router(route_class=Handled)
    router.post("/handled")(by_items)
    app.include_router(router)
    return app


def chunks_of(name: str, mebibytes: int) -> Iterator[tuple[bytes, bool]]:
    """The chunks of a body, and whether more of them follow."""
    _, start, item, end = BODIES[name]
    buffer = bytearray(start)
    for _ in range(mebibytes * MIB // len(item)):
        buffer += item
        while len(buffer) > CHUNK:
            yield bytes(buffer[:CHUNK]), True
            del buffer[:CHUNK]
    yield bytes(buffer) + end, False


async def growth_of(app: Any, path: str, name: str, mebibytes: int, version: str = "2.4") -> tuple[int, bytes]:
    """How much the memory grew, and the end of the response."""
    chunks, received = chunks_of(name, mebibytes), [b""]

    async def receive() -> dict[str, Any]:
        body, more = next(chunks)
        return {"type": "http.request", "body": body, "more_body": more}

    async def send(message: Any) -> None:
        assert message.get("status", 200) == 200
        received[0] = message.get("body") or received[0]

    scope = scope_of(path, "POST", headers={"content-type": BODIES[name][0]}, version=version)
    with peak_of_memory() as peak:
        await app(scope, receive, send)
    return peak.size, received[0]


SIZES = [
    *(pytest.param(name, 36, "asyncio", marks=pytest.mark.thorough) for name in ("lines", "array")),
    *(pytest.param(name, 1024, "asyncio", marks=pytest.mark.slow) for name in ("lines", "array")),
    *(pytest.param(name, 128, "asyncio", marks=pytest.mark.slow) for name in ("sequence", "csv")),
]


@pytest.mark.parametrize(("name", "mebibytes", "anyio_backend"), SIZES, indirect=["anyio_backend"])
async def test_the_items_of_a_body_are_not_kept(name: str, mebibytes: int) -> None:
    size, response = await growth_of(application(), "/items", name, mebibytes)
    assert size < MOST
    assert int(response) >= mebibytes * 250


@pytest.mark.thorough
@pytest.mark.parametrize("anyio_backend", ["asyncio"], indirect=True)
@pytest.mark.parametrize("path", ["/batches", "/skipped", "/handled"])
async def test_no_kind_of_endpoint_keeps_them(path: str) -> None:
    size, _ = await growth_of(application(), path, "array", 34)
    assert size < MOST


@pytest.mark.thorough
@pytest.mark.parametrize("anyio_backend", ["asyncio"], indirect=True)
async def test_middleware_with_dispatch_keeps_none_of_them() -> None:
    size, _ = await growth_of(Passing(application()), "/items", "lines", 34)
    assert size < MOST


@pytest.mark.parametrize("anyio_backend", ["asyncio"], indirect=True)
async def test_an_item_without_an_end_is_not_kept_beyond_its_limit() -> None:
    app = App()

    @app.post("/")
    async def read(rows: Annotated[Stream[Reading], Items(max_bytes=2**40, max_item_bytes=100_000)]) -> int:
        return len([row async for row in rows])

    received, sent = [0], []

    async def receive() -> dict[str, Any]:
        received[0] += 1
        return {"type": "http.request", "body": b'[{"station":"' + b"a" * CHUNK, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope_of("/", "POST", headers={"content-type": "application/json"}), receive, send)
    assert (sent[0]["status"], received[0]) == (413, 2)
