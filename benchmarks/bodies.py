"""Bodies next to Starlette and FastAPI, without a server: `python -m benchmarks.bodies`.

Forms, streams and uploads come in one message or in pieces of 64 KiB, as servers pass them on. Compression has a second
table: the longest time for which one response keeps the event loop from other work.
"""

import argparse
import asyncio
import gc
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any
from urllib.parse import quote_plus

import orjson

from benchmarks.report import number, print_facts, print_table, show_progress, summary, write_figures
from benchmarks.stacks import TypedKit
from benchmarks.toolkit import Results, listener, measure, print_spread, rows_of
from benchmarks.toolkit_apps import Files, Kit, one_route
from benchmarks.toolkit_rows import Message, Row, get, post
from benchmarks.workloads import FORM

KIB, MIB = 1024, 1024 * 1024
PIECE = 64 * KIB
BYTES = (b"content-type", b"application/octet-stream")
BOUNDARY = b"boundary"
MULTIPART = (b"content-type", b"multipart/form-data; boundary=" + BOUNDARY)
SIDES = ("signette", "starlette", "fastapi")


@dataclass(frozen=True)
class Pieces(Row):
    """A row whose request comes in pieces of this size; 0: in one."""

    piece: int = 0

    def messages(self) -> list[Message]:
        body = self.request.body
        if not self.piece:
            return super().messages()
        parts = [body[start : start + self.piece] for start in range(0, len(body), self.piece)]
        return [{"type": "http.request", "body": part, "more_body": True} for part in parts[:-1]] + [
            {"type": "http.request", "body": parts[-1], "more_body": False}
        ]


# -- applications, written once


def form(kit: Kit, files: Files) -> Any:
    async def endpoint(request: Any) -> Any:
        async with request.form() as fields:
            return kit.PlainTextResponse(str(sum(len(value) for _, value in fields.multi_items())))

    return one_route(kit, endpoint, ["POST"])


def typed_form(kit: TypedKit, files: Files) -> Any:
    app = kit.App(**kit.options)

    @app.post("/")
    async def endpoint(text: Annotated[str, kit.Form()]) -> dict[str, int]:
        return {"length": len(text)}

    return app


def upload(kit: Kit, files: Files) -> Any:
    async def endpoint(request: Any) -> Any:
        async with request.form() as fields:
            sizes = [getattr(value, "size", None) or len(value) for _, value in fields.multi_items()]
            return kit.PlainTextResponse(str(sum(sizes)))

    return one_route(kit, endpoint, ["POST"])


def stream_in(kit: Kit, files: Files) -> Any:
    async def endpoint(request: Any) -> Any:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
        return kit.PlainTextResponse(str(size))

    return one_route(kit, endpoint, ["POST"])


def body_in(kit: Kit, files: Files) -> Any:
    async def endpoint(request: Any) -> Any:
        return kit.PlainTextResponse(str(len(await request.body())))

    return one_route(kit, endpoint, ["POST"])


def limited(build: Callable[[Kit, Files], Any]) -> Callable[[Kit, Files], Any]:
    """The same application with a limit for bodies, which both packages have."""

    def with_limit(kit: Kit, files: Files) -> Any:
        return kit.Application(routes=build(kit, files).routes, max_body_size=64 * MIB)

    return with_limit


def typed_bytes(kit: TypedKit, files: Files) -> Any:
    app = kit.App(**kit.options)

    @app.post("/")
    async def endpoint(request: kit.Request) -> dict[str, int]:  # type: ignore[name-defined]
        return {"length": len(await request.body())}

    return app


def typed_stream(kit: TypedKit, files: Files) -> Any:
    app = kit.App(**kit.options)

    @app.post("/")
    async def endpoint(request: kit.Request) -> dict[str, int]:  # type: ignore[name-defined]
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
        return {"length": size}

    return app


def typed_upload(kit: TypedKit, files: Files) -> Any:
    app = kit.App(**kit.options)

    @app.post("/")
    async def endpoint(file: kit.UploadFile) -> dict[str, Any]:  # type: ignore[name-defined]
        return {"size": file.size}

    return app


def stream_out(size: int) -> Callable[[Any, Files], Any]:
    chunk = b"x" * size

    def build(kit: Kit, files: Files) -> Any:
        async def chunks() -> Any:
            for _ in range(100):
                yield chunk

        async def endpoint(request: Any) -> Any:
            return kit.StreamingResponse(chunks())

        return one_route(kit, endpoint)

    return build


def compressed(body: bytes, media_type: str) -> Callable[[Any, Files], Any]:
    def build(kit: Kit, files: Files) -> Any:
        async def endpoint(request: Any) -> Any:
            return kit.Response(body, media_type=media_type)

        # The level is named: the two have different ones by default.
        return one_route(kit, endpoint, middleware=[kit.Middleware(kit.GZipMiddleware, compresslevel=6)])

    return build


# -- requests


def multipart(*parts: tuple[bytes, bytes]) -> bytes:
    """Each part is its `Content-Disposition` after the type, and its content."""
    head = b"--%b\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n"
    return b"".join(head % (BOUNDARY, disposition, content) for disposition, content in parts) + b"--boundary--\r\n"


def text_of(size: int) -> bytes:
    lines = (f"<li>{n}: what a page repeats, and what it does not: {n**5}</li>\n" for n in range(size // 40))
    return "".join(lines).encode()[:size]


def json_of(size: int) -> bytes:
    users = (
        {"id": n, "name": f"user {n**3}", "email": f"user{n}@shop.example", "active": n % 3 == 0} for n in range(size)
    )
    items: list[bytes] = []
    length = 2
    for user in users:
        items.append(orjson.dumps(user))
        length += len(items[-1]) + 1
        if length >= size:
            break
    return b"[" + b",".join(items) + b"]"


def both(name: str, build: Callable[[Any, Files], Any], field: tuple[bytes, bytes], body: bytes) -> tuple[Row, Row]:
    """In one piece, and in pieces of 64 KiB."""
    request = post(name, field, body)
    return Pieces(f"{name}, one piece", build, request), Pieces(f"{name}, 64 KiB pieces", build, request, piece=PIECE)


_PLAIN = b"text=" + b"x" * (MIB - 5)
_WORDS = b"text=" + quote_plus("The quick brown fox, über jumps & over. " * 20_000).encode()[: MIB - 9]
_ESCAPES = b"text=" + b"%C3%A9" * ((MIB - 5) // 6)
_MANY = b"&".join(b"name%d=value%d" % (n, n) for n in range(999))
_FIELDS = multipart(*((b'name="field%d"' % n, b"value %d" % n) for n in range(100)))


def file_of(size: int) -> bytes:
    return multipart((b'name="file"; filename="data.bin"', bytes(range(256)) * (size // 256)))


PLAIN = (
    *both("form, a field of 1 MiB", form, FORM, _PLAIN),
    *both("form, 1 MiB of text", form, FORM, _WORDS),
    *both("form, 1 MiB of escapes", form, FORM, _ESCAPES),
    Pieces("form, 999 fields", form, post("form", FORM, _MANY)),
    *both("stream of 1 MiB", stream_in, BYTES, b"x" * MIB),
    *both("stream of 10 MiB", stream_in, BYTES, b"x" * 10 * MIB),
    *both("stream of 1 MiB within a limit", limited(stream_in), BYTES, b"x" * MIB),
    *both("stream of 10 MiB within a limit", limited(stream_in), BYTES, b"x" * 10 * MIB),
    *both("body of 10 MiB within a limit", limited(body_in), BYTES, b"x" * 10 * MIB),
    Pieces("stream of 100 pieces of 1 KiB", stream_in, post("in", BYTES, b"x" * 100 * KIB), piece=KIB),
    *both("body of 1 MiB", body_in, BYTES, b"x" * MIB),
    *both("body of 10 MiB", body_in, BYTES, b"x" * 10 * MIB),
    Pieces("multipart, 100 fields", upload, post("fields", MULTIPART, _FIELDS)),
    *both("upload of 1 MiB", upload, MULTIPART, file_of(MIB)),
    *both("upload of 10 MiB", upload, MULTIPART, file_of(10 * MIB)),
    Row("response of 100 pieces of 1 KiB", stream_out(KIB), get("out")),
    Row("response of 100 pieces of 64 KiB", stream_out(PIECE), get("out")),
)
COMPRESSED = tuple(
    Row(f"gzip, {size} KiB of {kind}", compressed(make(size * KIB), media_type), get("gzip"))
    for size in (32, 64, 128, 256)
    for kind, make, media_type in (("text", text_of, "text/html"), ("JSON", json_of, "application/json"))
)
TYPED = (
    *both("typed form, a field of 1 MiB", typed_form, FORM, _PLAIN),
    *both("typed application, stream of 10 MiB", typed_stream, BYTES, b"x" * 10 * MIB),
    *both("typed application, body of 10 MiB", typed_bytes, BYTES, b"x" * 10 * MIB),
    *both("typed upload of 1 MiB", typed_upload, MULTIPART, file_of(MIB)),
    *both("typed upload of 10 MiB", typed_upload, MULTIPART, file_of(10 * MIB)),
)
GROUPS = (("starlette", Kit, PLAIN + COMPRESSED), ("fastapi", TypedKit, TYPED))


async def longest_block(app: Any, row: Row) -> float:
    """The longest pause between two rounds of the event loop while one response is made, in seconds."""
    longest = 0.0
    done = False

    async def tick() -> None:
        nonlocal longest
        before = perf_counter()
        while not done:
            await asyncio.sleep(0)
            now = perf_counter()
            longest, before = max(longest, now - before), now

    async def send(message: Message) -> None:
        pass

    ticker = asyncio.create_task(tick())
    await asyncio.sleep(0)
    await app(row.scope(), listener(row.messages()), send)
    await asyncio.sleep(0)
    done = True
    await ticker
    return longest


async def blocks(kits: list[Any], rows: list[Row], rounds: int, files: Files) -> dict[str, dict[str, list[float]]]:
    found: dict[str, dict[str, list[float]]] = {}
    for row in rows:
        apps = {kit.package: row.build(kit, files) for kit in kits}
        for app in apps.values():
            await longest_block(app, row)
        found[row.name] = {
            package: [await longest_block(app, row) for _ in range(rounds)] for package, app in apps.items()
        }
    return found


async def run(rows: list[Row], rounds: int, folder: Path) -> tuple[Results, dict[str, Any], list[str]]:
    """The rounds of these rows, the blocks of the loop, and what is not installed."""
    results, missing, files = Results(), [], Files(folder)
    blocked: dict[str, Any] = {}
    for peer, kit, group in GROUPS:
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
            blocked |= await blocks(kits, [row for row in chosen if row in COMPRESSED], rounds, files)
        finally:
            gc.enable()
            gc.unfreeze()
    show_progress("")
    return results, blocked, missing


def print_results(results: Results, blocked: dict[str, Any], rounds: int) -> None:
    if results.times:
        table = []
        for row, times in results.times.items():
            cells = [number(min(times[side])) if side in times else "" for side in SIDES]
            table.append((row, [*cells, f"{results.ratio(row):.2f}"]))
        print_table(f"microseconds per request, the best of {rounds} rounds", [*SIDES, "ratio"], table)
        print_spread(results)
    if blocked:
        rows = [(row, [number(min(sides[side]) * 1e6) for side in SIDES[:2]]) for row, sides in blocked.items()]
        print_table(f"longest block of the event loop, microseconds, the best of {rounds}", SIDES[:2], rows)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bodies", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="WORD", help="only rows whose name has one of these words")
    parser.add_argument("--rounds", type=int, default=60, help="rounds for each row and package (60)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers here too")
    options = parser.parse_args(arguments)
    every = [row for _, _, group in GROUPS for row in group]
    rows = [row for row in every if not options.only or any(word in row.name for word in options.only)]
    if not rows or options.rounds < 1:
        parser.error("--only names no row, or --rounds is less than 1")
    with tempfile.TemporaryDirectory() as folder:
        results, blocked, missing = asyncio.run(run(rows, options.rounds, Path(folder)))
    print_facts()
    print_results(results, blocked, options.rounds)
    for line in missing:
        print(f"- not measured, {line}")
    for line in results.faults:
        print(f"! {line}")
    longest = {row: {side: summary(taken) for side, taken in sides.items()} for row, sides in blocked.items()}
    more = {"rounds": options.rounds, "faults": results.faults, "longest_block": longest}
    write_figures(options.json, "bodies", arguments, rows_of(results), **more)
    return 1 if results.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
