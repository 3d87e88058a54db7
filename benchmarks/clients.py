"""CPU time of calls in process: `python -m benchmarks.clients`.

`call` is `await client.operation(...)`. `bare` is the application alone, called with a scope that is made already;
`coded` is the same after the request is encoded, and before the response is decoded. `ratio` is `call / coded`: what
the client adds is the scope, the messages and the search for the operation. `httpx2` is such a call by hand: an
`httpx2.AsyncClient` with its ASGI transport, and a model of the JSON.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import httpx2
from pydantic import BaseModel, TypeAdapter

from benchmarks.report import print_facts, print_table, summary, write_figures
from signette import App, Created
from signette.client.asgi import ASGITransport
from signette.client.runtime.decoding import ResponseDecoder
from signette.client.runtime.encoding import RequestEncoder

MOST = 2.0
"""The largest ratio that is not an error."""


class Line(BaseModel):
    sku: str
    count: int = 1


class Order(BaseModel):
    customer: str
    lines: list[Line]
    note: str | None = None


app = App()
ORDER = Order(customer="ada", lines=[Line(sku=f"A-{number}", count=number) for number in range(3)])
MANY = [ORDER] * 100


@app.get("/items/{item}")
async def item(item: int, q: str | None = None) -> Line:
    return Line(sku=q or "", count=item)


@app.post("/orders")
async def create(order: Order) -> Created[Order]:
    return Created(order)


@app.get("/orders")
async def many() -> list[Order]:
    return MANY


CALLS: dict[str, dict[str, Any]] = {
    "item": {"item": 3, "q": "a b"},
    "create": {"order": ORDER},
    "many": {},
}
TYPES: dict[str, Any] = {"item": TypeAdapter(Line), "create": TypeAdapter(Order), "many": TypeAdapter(list[Order])}


async def rounds_of(call: Callable[[], Awaitable[Any]], count: int, rounds: int) -> list[float]:
    """Seconds of CPU time per call, one for each round."""
    found = []
    for _ in range(rounds):
        start = process_time()
        for _ in range(count):
            await call()
        found.append((process_time() - start) / count)
    return found


async def measured(name: str, count: int, rounds: int) -> dict[str, list[float]]:
    client = app.client()
    operation = getattr(client, name).operation
    encoder, decoder = RequestEncoder(operation), ResponseDecoder(operation)
    transport = ASGITransport(app)
    arguments = CALLS[name]
    scope = transport.scope_of(encoder.encode(arguments))
    body = encoder.encode(arguments).body or b""
    received = await transport.send(encoder.encode(arguments))
    status, headers, content = received.status, received.headers, await received.aread()

    async def call() -> None:
        await client.call(name, **arguments)

    async def bare() -> None:
        messages = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            return messages.pop()

        async def send(message: Any) -> None:
            pass

        await app(dict(scope), receive, send)

    async def coded() -> None:
        encoder.encode(arguments)
        await bare()
        decoder.decode(status, headers, content)

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://testserver") as http:
        sent = encoder.encode(arguments)

        async def by_hand() -> None:
            data = ORDER.model_dump_json() if name == "create" else None
            response = await http.request(sent.method, sent.url, content=data, headers=dict(sent.headers))
            TYPES[name].validate_json(response.content)

        return {
            "call": await rounds_of(call, count, rounds),
            "bare": await rounds_of(bare, count, rounds),
            "coded": await rounds_of(coded, count, rounds),
            "httpx2": await rounds_of(by_hand, count, rounds),
        }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clients", description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="calls per round")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args(arguments)
    found = {name: asyncio.run(measured(name, options.count, options.rounds)) for name in CALLS}
    ratios = {name: median(row["call"]) / median(row["coded"]) for name, row in found.items()}
    print_facts()
    cells = []
    for name, row in found.items():
        call, bare, coded, by_hand = (f"{median(taken) * 1e6:.2f}" for taken in row.values())
        cells.append((name, [call, bare, coded, f"{ratios[name]:.2f}", by_hand]))
    print_table("microseconds of CPU time per call", ["call", "bare", "coded", "ratio", "httpx2"], cells)
    rows = {name: {side: summary(taken) for side, taken in row.items()} for name, row in found.items()}
    write_figures(options.json, "clients", arguments, rows)
    slow = {name: ratio for name, ratio in ratios.items() if ratio > MOST}
    if slow:
        sys.stderr.write(f"ratio above {MOST}: {slow}\n")
    return 1 if slow else 0


if __name__ == "__main__":
    raise SystemExit(main())
