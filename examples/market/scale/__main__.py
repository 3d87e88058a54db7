"""`python -m examples.market.scale`: the market on several processes, with faults, and an account at the end."""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
import httpx2

from examples.market.scale.account import Row, is_complete, rows_of
from examples.market.scale.load import Client, Log
from examples.market.scale.processes import Processes

_PATIENCE = 60.0  # seconds until the last job and notice must have arrived
_WATCHERS = 2


def main() -> int:
    """Run the load and print the account. The exit status is 1 if something was lost or duplicated."""
    parser = argparse.ArgumentParser(prog="python -m examples.market.scale", description=__doc__)
    parser.add_argument("--offers", type=int, default=200, help="offers to make and sell (%(default)s)")
    parser.add_argument("--members", type=int, default=8, help="members who offer and buy at once (%(default)s)")
    parser.add_argument("--workers", type=int, default=3, help="web workers behind one port (%(default)s)")
    args = parser.parse_args()
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="signette-scale-") as folder:
        processes = Processes(Path(folder), args.workers)
        try:
            processes.start()
            rows, log, watchers = anyio.run(drive, processes, args.offers, args.members)
        finally:
            processes.stop()
        print_account(rows, log, watchers)
    return int(any(row.lost or row.duplicated for row in rows))


async def drive(processes: Processes, offers: int, members: int) -> tuple[list[Row], Log, list[Log]]:
    """Make and sell the offers while processes are killed; then wait for what is still on its way."""
    log, watchers = Log(), [Log() for _ in range(_WATCHERS)]
    numbers = iter(range(offers))
    async with connected(processes.url) as http, anyio.create_task_group() as background:
        for number, each in enumerate(watchers):
            watcher = Client(http, each)
            await watcher.sign_up(f"watcher-{number}")
            started = anyio.Event()
            background.start_soon(watcher.watch, started)
            await started.wait()
        async with anyio.create_task_group() as tasks:
            for number in range(members):
                tasks.start_soon(trade, processes.url, log, number, numbers)
            await faults(processes, log, offers)
        rows = rows_of(log, processes.database, watchers)
        with anyio.move_on_after(_PATIENCE):
            while not is_complete(rows):
                await anyio.sleep(0.2)
                rows = rows_of(log, processes.database, watchers)
        background.cancel_scope.cancel()
    return rows, log, watchers


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A client with its own cookies."""
    limits = httpx2.Limits(max_connections=100, max_keepalive_connections=20)
    timeout = httpx2.Timeout(10, read=20)
    async with httpx2.AsyncClient(base_url=url, limits=limits, timeout=timeout) as http:
        yield http


async def trade(url: str, log: Log, number: int, numbers: Iterator[int]) -> None:
    """Two members: one offers, the other reads the list, bookmarks and buys."""
    async with connected(url) as one, connected(url) as other:
        seller, buyer = Client(one, log), Client(other, log)
        await seller.sign_up(f"seller-{number}")
        await buyer.sign_up(f"buyer-{number}")
        for each in numbers:
            offer = await seller.offer(f"Thing {each}")
            await buyer.read_list()
            await buyer.bookmark(offer)
            await buyer.buy(offer)
        await buyer.read_bookmarks()


async def faults(processes: Processes, log: Log, offers: int) -> None:
    """Kill a web worker, then the job worker, then restart Redis, each after a quarter of the sales."""
    steps: Sequence[tuple[str, Callable[[], object]]] = [
        ("kill -9 of a web worker", processes.kill_web_worker),
        ("kill -9 of the job worker", processes.kill_job_worker),
        ("restart of Redis", processes.stop_redis),
    ]
    again: dict[str, Callable[[], None]] = {
        "kill -9 of the job worker": processes.start_job_worker,
        "restart of Redis": processes.start_redis,
    }
    begin = time.monotonic()
    for step, (name, do) in enumerate(steps, 1):
        while len(log.sales) < offers * step // 4:
            await anyio.sleep(0.02)
        print(f"{time.monotonic() - begin:6.1f} s  {name}, after {len(log.sales)} sales", file=sys.stderr)
        await anyio.to_thread.run_sync(do)
        if name in again:
            await anyio.to_thread.run_sync(partial(again[name]))


def print_account(rows: Sequence[Row], log: Log, watchers: Sequence[Log]) -> None:
    """Print what was sent, confirmed, lost and duplicated, and why requests were sent again."""
    print(f"{'':22}{'sent':>8}{'confirmed':>12}{'lost':>8}{'duplicated':>12}")
    for row in rows:
        print(f"{row.what:22}{row.sent:8}{row.confirmed:12}{row.lost:8}{row.duplicated:12}")
    repeated = sum((each.repeated for each in watchers), log.repeated)
    reasons = ", ".join(f"{reason} {count}" for reason, count in repeated.most_common())
    print(f"requests sent again: {repeated.total()}" + (f" ({reasons})" if reasons else ""))


if __name__ == "__main__":
    sys.exit(main())
