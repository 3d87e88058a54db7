"""The guard of the speed of clients: how many Python calls a call in process costs besides those of the application."""

from typing import Any

import pytest

from benchmarks.clients import CALLS, app
from signette.client.asgi import ASGITransport
from signette.client.runtime.encoding import RequestEncoder
from tests.benchmarks.counting import Watch, table_of_calls

# Encoding and decoding are most of them: "item" has two arguments, "create" a model.
MOST = {"item": 71, "create": 63, "many": 38}


async def calls_of(work: Any) -> tuple[int, str]:
    await work()  # what is made at the first call
    with Watch() as calls:
        await work()
    return len(calls), table_of_calls(calls)


@pytest.mark.parametrize("name", sorted(CALLS))
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_call_in_process_makes_few_python_calls(name: str, anyio_backend: str) -> None:
    client = app.client()
    transport = ASGITransport(app)
    sent = RequestEncoder(getattr(client, name).operation).encode(CALLS[name])

    async def call() -> None:
        await client.call(name, **CALLS[name])

    async def bare() -> None:
        messages = [{"type": "http.request", "body": sent.body or b"", "more_body": False}]

        async def receive() -> Any:
            return messages.pop()

        async def send(message: Any) -> None:
            pass

        await app(transport.scope_of(sent), receive, send)

    count, table = await calls_of(call)
    of_app, _ = await calls_of(bare)
    assert count - of_app <= MOST[name], f"{count - of_app} calls\n{table}"
