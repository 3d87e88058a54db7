"""Stacks of middleware, next to Starlette and FastAPI, without a server: `python -m benchmarks.stacks`.

The same middleware around the same endpoint, one, three and five times: pure ASGI and `BaseHTTPMiddleware`. Then those
that an application for browsers has (trusted hosts, CORS, gzip, sessions) around a plain and a typed endpoint.
"""

import argparse
import asyncio
import gc
import json
import tempfile
from base64 import b64encode
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

from itsdangerous import TimestampSigner

from benchmarks.report import number, print_facts, print_table, show_progress, write_figures
from benchmarks.toolkit import Results, measure, print_spread, rows_of
from benchmarks.toolkit_apps import Files, Kit, Layer, one_route
from benchmarks.toolkit_rows import Row, get
from benchmarks.workloads import Workload

COUNTS = (1, 3, 5)
SECRET = "no secret: this application is measured"
TEXT = "".join(f"<li>{number}: what a page repeats, and what it does not: {number**5}</li>\n" for number in range(60))
_SESSION = TimestampSigner(SECRET).sign(b64encode(json.dumps({"user": "ann"}).encode())).decode()
BROWSER = (
    (b"origin", b"https://shop.example"),
    (b"cookie", f"session={_SESSION}".encode()),
)
HOSTS = ["localhost", "*.shop.example"]


class FullKit(Kit):
    """The names of the toolkit, and those of the middleware that browsers need."""

    def __init__(self, package: str) -> None:
        super().__init__(package)
        middleware = f"{package}.middleware"
        self.stack = [
            self.Middleware(import_module(f"{middleware}.trustedhost").TrustedHostMiddleware, allowed_hosts=HOSTS),
            self.Middleware(import_module(f"{middleware}.cors").CORSMiddleware, allow_origins=["https://shop.example"]),
            self.Middleware(self.GZipMiddleware, minimum_size=1000, compresslevel=6),
            self.Middleware(import_module(f"{middleware}.sessions").SessionMiddleware, secret_key=SECRET),
        ]


class TypedKit(FullKit):
    """The same with an application that reads signatures."""

    def __init__(self, package: str) -> None:
        super().__init__({"fastapi": "starlette"}.get(package, package))
        self.package = package
        module = import_module(package)
        self.Query, self.Form, self.Request, self.UploadFile = (
            getattr(module, name) for name in ("Query", "Form", "Request", "UploadFile")
        )
        options = {"telemetry": dict.fromkeys(("tracing", "metrics", "logs", "operation_spans"), False)}
        self.options: dict[str, Any] = options if package == "fastapi" else {}
        self.App = module.FastAPI if package == "fastapi" else module.App


def asgi(count: int) -> Callable[[Any, Files], Any]:
    def build(kit: Kit, files: Files) -> Any:
        return one_route(kit, hello(kit), middleware=[kit.Middleware(Layer) for _ in range(count)])

    return build


def dispatching(count: int) -> Callable[[Any, Files], Any]:
    def build(kit: Kit, files: Files) -> Any:
        async def dispatch(request: Any, call_next: Any) -> Any:
            response = await call_next(request)
            response.headers["x-layer"] = "1"
            return response

        layers = [kit.Middleware(kit.BaseHTTPMiddleware, dispatch=dispatch) for _ in range(count)]
        return one_route(kit, hello(kit), middleware=layers)

    return build


def hello(kit: Kit) -> Any:
    async def endpoint(request: Any) -> Any:
        return kit.PlainTextResponse("Hello, world!")

    return endpoint


def browser(text: str) -> Callable[[Any, Files], Any]:
    """The four middleware around an endpoint that reads the session."""

    def build(kit: FullKit, files: Files) -> Any:
        async def endpoint(request: Any) -> Any:
            return kit.PlainTextResponse(request.session["user"] + text)

        return one_route(kit, endpoint, middleware=kit.stack)

    return build


def typed(count: int) -> Callable[[Any, Files], Any]:
    """So many of the four middleware around a typed endpoint."""

    def build(kit: TypedKit, files: Files) -> Any:
        app = kit.App(middleware=kit.stack[:count], **kit.options)

        @app.get("/items/{item_id}")
        async def item(
            item_id: int, q: str | None = None, limit: Annotated[int, kit.Query(ge=1, le=100)] = 20
        ) -> dict[str, Any]:
            return {"item_id": item_id, "q": q, "limit": limit, "text": "x" * 200}

        return app

    return build


_ITEM = Workload("item", "GET", "/items/42", None, query=b"q=foo&limit=20", headers=BROWSER)
_PAGE = get("page", headers=BROWSER)
PLAIN = (
    *(Row(f"pure ASGI, {count}", asgi(count), get("layers")) for count in COUNTS),
    *(Row(f"BaseHTTPMiddleware, {count}", dispatching(count), get("layers")) for count in COUNTS),
    Row("hosts, CORS, gzip, sessions: short response", browser(""), _PAGE),
    Row("hosts, CORS, gzip, sessions: page of 4 KiB", browser(TEXT), _PAGE),
)
TYPED = (
    *(Row(f"typed endpoint, {count} of the four", typed(count), _ITEM) for count in (1, 3)),
    Row("typed endpoint, hosts, CORS, gzip, sessions", typed(4), _ITEM),
)
SIDES = (("starlette", FullKit, PLAIN), ("fastapi", TypedKit, TYPED))


async def run(rows: list[Row], rounds: int, folder: Path) -> tuple[Results, list[str]]:
    """The rounds of these rows, and what is not installed."""
    results, missing = Results(), []
    files = Files(folder)
    for peer, kit, group in SIDES:
        chosen = [row for row in group if row in rows]
        try:
            kits = [kit("signette"), kit(peer)] if chosen else []
        except ModuleNotFoundError as error:
            missing.append(f"{peer}: {error}")
            continue
        gc.collect()
        gc.freeze()
        gc.disable()
        try:
            for row in chosen:
                show_progress(row.name)
                await measure(row, kits, files, rounds, results)
        finally:
            gc.enable()
            gc.unfreeze()
    show_progress("")
    return results, missing


def print_results(results: Results, rounds: int) -> None:
    table = []
    for row, times in results.times.items():
        cells = [number(min(times[side])) if side in times else "" for side in ("signette", "starlette", "fastapi")]
        table.append((row, [*cells, f"{results.ratio(row):.2f}"]))
    if table:
        columns = ["signette", "starlette", "fastapi", "ratio"]
        print_table(f"microseconds per request, the best of {rounds} rounds", columns, table)
        print_spread(results)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stacks", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="WORD", help="only rows whose name has one of these words")
    parser.add_argument("--rounds", type=int, default=100, help="rounds for each row and package (100)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers here too")
    options = parser.parse_args(arguments)
    rows = [row for row in PLAIN + TYPED if not options.only or any(word in row.name for word in options.only)]
    if not rows or options.rounds < 1:
        parser.error("--only names no row, or --rounds is less than 1")
    with tempfile.TemporaryDirectory() as folder:
        results, missing = asyncio.run(run(rows, options.rounds, Path(folder)))
    print_facts()
    print_results(results, options.rounds)
    for line in missing:
        print(f"- not measured, {line}")
    for line in results.faults:
        print(f"! {line}")
    more = {"rounds": options.rounds, "faults": results.faults}
    write_figures(options.json, "stacks", arguments, rows_of(results), **more)
    return 1 if results.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
