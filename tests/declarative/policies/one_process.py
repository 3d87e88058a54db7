"""One process of several: sends requests to its own application, and prints what it got, as JSON.

    python -m tests.declarative.policies.one_process URL order|list|crash COUNT

It prints "ready", and starts when a line is written to it. `crash` prints "entered" in the endpoint, and never ends.
"""

import json
import sys
from collections import Counter

import anyio

from signette import App
from signette.policies import Cached, Idempotent
from signette.state import Backend
from tests.asgi import fetch

ROUNDS = 3


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def application(backend: Backend, *, crashes: bool) -> App:
    app = App(state=backend)
    calls = backend.store("test-calls")

    async def call(name: str) -> str:
        if crashes:
            _write("entered")
            await anyio.sleep_forever()
        number = 0
        while not await calls.add(f"{name}{number}", b"called"):  # counts the calls of all processes
            number += 1
        await anyio.sleep(0.05)
        return f"{name} {number}"

    app.post("/order/{name}", policies=[Idempotent(lease=2)])(call)
    app.get("/list/{name}", policies=[Cached(600)])(call)
    return app


async def main(url: str, kind: str, count: int) -> None:
    backend = Backend(url, timeout=20)
    app = application(backend, crashes=kind == "crash")
    found: Counter[str] = Counter()

    async def send(name: str) -> None:
        request = f"GET /list/{name}" if kind == "list" else f"POST /order/{name}"
        response = await fetch(app, request, headers={"idempotency-key": name})
        found[f"{response.status} {response.text if response.status == 200 else ''}".strip()] += 1

    async with backend:
        _write("ready")
        await anyio.to_thread.run_sync(sys.stdin.readline)
        for number in range(ROUNDS if kind != "crash" else 1):
            async with anyio.create_task_group() as group:
                for _ in range(count):
                    group.start_soon(send, f"r{number}")
    _write(json.dumps(found))


if __name__ == "__main__":
    anyio.run(main, sys.argv[1], sys.argv[2], int(sys.argv[3]))
