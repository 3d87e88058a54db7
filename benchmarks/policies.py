"""The price of each policy in microseconds per request, next to slowapi and Litestar: `python -m benchmarks.policies`.

Each row is an application with one `GET /` that returns a small dictionary. The price is the difference from the same
framework without a policy. With a redis-server (`redis-server` or `valkey-server` on the path, or `--redis URL`) the
rows with state are measured on it, too.
"""

import argparse
import asyncio
import gc
import itertools
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.driver import lifespan
from benchmarks.report import number, print_facts, print_table, summary, write_figures
from benchmarks.served import free_port

LIMIT = "1000000000/hour"
REQUESTS = 40
WARM_UP = 20
YIELDS = "signette, a yield dependency"
_namespaces = itertools.count()
_keys = itertools.count()


@dataclass
class Row:
    """An application, and the headers of its requests."""

    name: str
    framework: str
    app: Any
    headers: Callable[[], list[tuple[bytes, bytes]]] = list
    base: str = ""
    """The row without the policy, if it is not the one of the framework."""


async def reply() -> dict[str, int]:
    return {"id": 1}


# -- applications ------------------------------------------------------------------------------------------------------


def signette_rows(url: str) -> Iterator[Row]:
    from signette import App, Depends  # noqa: PLC0415 - a framework that is measured
    from signette.policies import Cached, Concurrency, Deadline, Idempotent, RateLimit  # noqa: PLC0415
    from signette.state import Backend  # noqa: PLC0415

    async def user() -> str:
        return "ada"

    async def opened() -> AsyncIterator[None]:
        yield

    def app(*policies: Any, method: str = "GET", dependencies: Any = ()) -> Any:
        made = App(openapi_url=None, state=Backend(url, namespace=f"bench{next(_namespaces)}"))
        options = {"policies": list(policies)} if policies else {}
        made.api_route("/", methods=[method], dependencies=list(dependencies), **options)(reply)
        return made

    def new_key() -> list[tuple[bytes, bytes]]:
        return [(b"idempotency-key", b"%d" % next(_keys))]

    def one_key() -> list[tuple[bytes, bytes]]:
        return [(b"idempotency-key", b"one")]

    if url == "memory://":
        yield Row("signette", "signette", app())
        yield Row("  Deadline", "signette", app(Deadline(60)))
        yield Row(YIELDS, "signette", app(dependencies=[Depends(opened)]))
        yield Row("  Deadline, a yield dependency", "signette",
                  app(Deadline(60), dependencies=[Depends(opened)]), base=YIELDS)  # fmt: skip
        yield Row("  Concurrency", "signette", app(Concurrency(100)))
    yield Row("  RateLimit", "signette", app(RateLimit(LIMIT)))
    yield Row("  RateLimit, by a dependency", "signette", app(RateLimit(LIMIT, by=user)))
    yield Row("  RateLimit, two windows", "signette", app(RateLimit(f"{LIMIT}; 1000000000/day")))
    yield Row("  RateLimit, sliding window", "signette", app(RateLimit(LIMIT, strategy="sliding-window-counter")))
    yield Row("  RateLimit, 429", "signette", app(RateLimit("1/hour")))
    yield Row("  Idempotent, first request", "signette", app(Idempotent(), method="POST"), new_key)
    yield Row("  Idempotent, replay", "signette", app(Idempotent(), method="POST"), one_key)
    yield Row("  Cached, hit", "signette", app(Cached(3600)))
    yield Row("  Cached, hit with a tag", "signette", app(Cached(3600, tags=["items"])))
    yield Row("  Cached, miss", "signette", app(Cached(3600, vary=["idempotency-key"])), new_key)


def fastapi_rows(url: str) -> Iterator[Row]:
    from fastapi import FastAPI, Request  # noqa: PLC0415
    from slowapi import Limiter, _rate_limit_exceeded_handler  # noqa: PLC0415
    from slowapi.errors import RateLimitExceeded  # noqa: PLC0415
    from slowapi.util import get_remote_address  # noqa: PLC0415

    def fastapi() -> Any:
        app = FastAPI(openapi_url=None)
        telemetry = getattr(app, "telemetry", None)
        if isinstance(telemetry, dict):
            telemetry["enabled"] = False
        return app

    if url == "memory://":
        app = fastapi()
        app.get("/")(reply)
        yield Row("FastAPI", "fastapi", app)
    app = fastapi()
    limiter = Limiter(key_func=get_remote_address, storage_uri=url, headers_enabled=False)
    app.state.limiter = limiter
    app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)  # type: ignore[arg-type]

    @app.get("/")
    @limiter.limit(LIMIT)
    async def limited(request: Request) -> dict[str, int]:
        return {"id": 1}

    yield Row("  slowapi", "fastapi", app)


def litestar_rows(url: str) -> Iterator[Row]:
    from litestar import Litestar, get  # noqa: PLC0415
    from litestar.middleware.rate_limit import RateLimitConfig  # noqa: PLC0415
    from litestar.stores.memory import MemoryStore  # noqa: PLC0415

    handler = get("/")(reply)
    if url == "memory://":
        yield Row("Litestar", "litestar", Litestar([handler], openapi_config=None))
        stores: dict[str, Any] = {}
    else:
        from litestar.stores.redis import RedisStore  # noqa: PLC0415

        stores = {"rate_limit": RedisStore.with_client(url)}
    cached = get("/", cache=3600)(reply)
    stores["response_cache"] = stores.get("rate_limit") or MemoryStore()
    yield Row("  cache=, hit", "litestar", Litestar([cached], openapi_config=None, stores=stores))
    config = RateLimitConfig(rate_limit=("hour", 1_000_000_000))
    yield Row("  RateLimitConfig", "litestar",
              Litestar([handler], openapi_config=None, middleware=[config.middleware], stores=stores))  # fmt: skip


def rows_of(url: str) -> list[Row]:
    """The applications of all frameworks that are installed."""
    found: list[Row] = []
    for make in (signette_rows, fastapi_rows, litestar_rows):
        try:
            found += make(url)
        except ImportError as error:
            print(f"{make.__name__.partition('_')[0]} is left out: {error}")
    return found


# -- measuring ---------------------------------------------------------------------------------------------------------


def scope_of(row: Row) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "POST" if "Idempotent" in row.name else "GET",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"accept", b"*/*"), *row.headers()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


async def receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


class Status:
    """A `send` that keeps the status."""

    status = 0

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]


async def time_requests(row: Row, count: int) -> float:
    """Microseconds per request."""
    scopes = [scope_of(row) for _ in range(count)]
    send = Status()
    gc.collect(0)
    start = perf_counter()
    for scope in scopes:
        await row.app(scope, receive, send)
    took = 1e6 * (perf_counter() - start) / count
    wanted = 429 if "429" in row.name else 200
    if send.status != wanted:
        raise RuntimeError(f"{row.name.strip()} responds with {send.status}")
    return took


async def measure(rows: list[Row], rounds: int) -> dict[str, list[float]]:
    """The rounds of each row. Rows take turns, so that a slow moment meets all of them."""
    found: dict[str, list[float]] = {row.name: [] for row in rows}
    async with AsyncExitStack() as stack:
        for row in rows:
            await stack.enter_async_context(lifespan(row.app))
            await time_requests_of_warm_up(row)
        for _ in range(rounds):
            for row in rows:
                found[row.name].append(await time_requests(row, REQUESTS))
    return found


async def time_requests_of_warm_up(row: Row) -> None:
    """The first request alone: of a limit of one request, it is the one that passes."""
    await row.app(scope_of(row), receive, Status())
    await time_requests(row, WARM_UP)


@contextmanager
def redis_url(given: str | None) -> Iterator[str | None]:
    """The URL of a redis-server: the one that is given, or one that runs for this block."""
    command = shutil.which("redis-server") or shutil.which("valkey-server")
    if given or command is None:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="redis") as folder:
        port = free_port()
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        process = subprocess.Popen([command, *options], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            next(line for line in process.stdout if "eady to accept connections" in line)
            yield f"redis://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


def print_prices(title: str, rows: list[Row], times: dict[str, float], plain: dict[str, float]) -> None:
    cells = []
    for row in rows:
        price = times[row.name] - plain[row.base or row.framework]
        cells.append((row.name, [number(times[row.name]), number(price) if row.name.startswith(" ") else ""]))
    print_table(title, ["us", "price"], cells)


def figures_of(state: str, rows: list[Row], rounds: dict[str, list[float]]) -> dict[str, Any]:
    """Row -> framework -> the best and the median, in seconds."""
    return {
        f"{row.name.strip()}, {state}": {row.framework: summary([each / 1e6 for each in rounds[row.name]])}
        for row in rows
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--redis", help="the URL of a redis-server; without it one is started")
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    options = parser.parse_args(arguments)
    print_facts()
    rows = rows_of("memory://")
    rounds = asyncio.run(measure(rows, options.rounds))
    times = {name: min(taken) for name, taken in rounds.items()}
    written = figures_of("in memory", rows, rounds)
    plain = {}
    for row in rows:
        if not row.name.startswith(" "):
            plain.setdefault(row.framework, times[row.name])
            plain[row.name] = times[row.name]
    print_prices("Microseconds per request, state in memory", rows, times, plain)
    with redis_url(options.redis) as url:
        if url is not None:
            rows = rows_of(url)
            rounds = asyncio.run(measure(rows, options.rounds))
            times = {name: min(taken) for name, taken in rounds.items()}
            print_prices("Microseconds per request, state in Redis", rows, times, plain)
            written |= figures_of("in Redis", rows, rounds)
    write_figures(options.json, "policies", arguments, written)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
