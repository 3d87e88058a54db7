"""CPU time and memory of request streams: `python -m benchmarks.streams`, or `--mib 1024` for a body of 1 GiB.

Nanoseconds of CPU time per item, for endpoints that iterate over the items and count them. They are called in the same
process, in chunks of 64 KiB, as uvicorn passes them on. `whole` validates a part of such a body in one piece, as a
parameter of the type `list[Reading]` does. Each figure is measured in a new process; `growth` is how much the most
memory of that process (its resident set) grew while it read the stream.
"""

import argparse
import asyncio
import csv
import io
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import process_time
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter

from benchmarks.report import number, print_facts, print_table, write_figures
from signette import App, Items, Stream

MIB = 1024 * 1024
CHUNK = 64 * 1024
WHOLE_MIB = 16


class Reading(BaseModel):
    """An item of some 75 bytes."""

    station: str
    at: float
    value: float
    unit: str = "C"


ROWS = [{"station": f"st-{n % 97}", "at": 1.7e9 + n / 2, "value": n * 7 % 400 / 10, "unit": "C"} for n in range(5000)]
TEXTS = [json.dumps(row, separators=(",", ":")).encode() for row in ROWS]
# What each format begins with, repeats, and ends with.
FORMATS: dict[str, tuple[str, bytes, bytes, bytes]] = {
    "lines": ("application/jsonl", b"", b"".join(text + b"\n" for text in TEXTS), b""),
    "array": ("application/json", b"[", b"".join(text + b"," for text in TEXTS), TEXTS[0] + b"]"),
    "sequence": ("application/json-seq", b"", b"".join(b"\x1e" + text + b"\n" for text in TEXTS), b""),
    "csv": (
        "text/csv",
        b"station,at,value,unit\n",
        b"".join(",".join(map(str, row.values())).encode() + b"\n" for row in ROWS),
        b"",
    ),
}
KINDS = {"items": "async for", "batches": "batches", "threads": "for, in a thread"}
app = App()
OPTIONS = Items(max_bytes=2**50)


@app.post("/items")
async def by_items(rows: Annotated[Stream[Reading], OPTIONS]) -> int:
    async for _ in rows:
        pass
    return rows.accepted


@app.post("/batches")
async def by_batches(rows: Annotated[Stream[Reading], OPTIONS]) -> int:
    async for _ in rows.batches(500):
        pass
    return rows.accepted


@app.post("/threads")
def in_thread(rows: Annotated[Stream[Reading], OPTIONS]) -> int:
    for _ in rows:
        pass
    return rows.accepted


def chunks_of(name: str, mib: int) -> Iterator[bytes]:
    """A body of this size, in chunks."""
    _, start, block, end = FORMATS[name]
    buffer = bytearray(start)
    for _ in range(mib * MIB // len(block)):
        buffer += block
        while len(buffer) >= CHUNK:
            yield bytes(buffer[:CHUNK])
            del buffer[:CHUNK]
    yield bytes(buffer) + end


async def read(path: str, name: str, mib: int) -> tuple[float, int]:
    """Seconds, and the items that the endpoint has counted."""
    media_type, chunks, sent = FORMATS[name][0], chunks_of(name, mib), list[Any]()
    waiting = next(chunks)

    async def receive() -> dict[str, Any]:
        nonlocal waiting
        chunk, waiting = waiting, next(chunks, b"")
        return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "scheme": "http", "headers": [(b"content-type", media_type.encode())], "http_version": "1.1", "root_path": "",
        "client": None, "server": None, "asgi": {"version": "3.0", "spec_version": "2.4"},
    }  # fmt: skip
    start = process_time()
    await app(scope, receive, send)
    seconds = process_time() - start
    assert sent[0]["status"] == 200, sent
    return seconds, int(sent[1]["body"])


def whole(name: str, mib: int) -> tuple[float, int]:
    """The same for the items in one piece: an array of JSON, or the rows of `csv.DictReader`."""
    body = b"".join(chunks_of(name, mib))
    adapter = TypeAdapter(list[Reading])
    if name == "csv":
        start = process_time()
        count = len(adapter.validate_python(list(csv.DictReader(io.StringIO(body.decode(), newline="")))))
        return process_time() - start, count
    texts = body.replace(b"\x1e", b"").split(b"\n") if name != "array" else []
    text = body if name == "array" else b"[" + b",".join(filter(None, texts)) + b"]"
    start = process_time()
    count = len(adapter.validate_json(text))
    return process_time() - start, count


def measured(name: str, kind: str, mib: int, rounds: int) -> dict[str, float]:
    """Nanoseconds per item, and the growth of memory in MiB."""
    if kind != "whole":
        asyncio.run(read(f"/{kind}", name, 1))  # the binder is generated
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = [whole(name, mib) if kind == "whole" else asyncio.run(read(f"/{kind}", name, mib)) for _ in range(rounds)]
    growth = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return {"ns": median(seconds / count * 1e9 for seconds, count in found), "growth": growth}


def in_process(name: str, kind: str, mib: int, rounds: int) -> dict[str, float]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.streams",
        "--one",
        name,
        kind,
        "--mib",
        str(mib),
        "--rounds",
        str(rounds),
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=64, help="the size of a body")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(FORMATS), choices=list(FORMATS))
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers here too")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.one:
        print(json.dumps(measured(*options.one, options.mib, options.rounds)))
        return 0
    rows, figures = [], {}
    for name in options.only:
        base = in_process(name, "whole", min(options.mib, WHOLE_MIB), options.rounds)
        kinds = {kind: in_process(name, kind, options.mib, options.rounds) for kind in options.kinds}
        cells = [f"{number(each['ns'])} ({base['ns'] / each['ns']:.2f})" for each in kinds.values()]
        growth = max(each["growth"] for each in kinds.values())
        rows.append((name, (number(base["ns"]), *cells, number(growth))))
        figures[f"an item of {name}"] = {"whole": {"best": base["ns"] / 1e9}} | {
            kind: {"best": each["ns"] / 1e9, "bytes": each["growth"] * MIB} for kind, each in kinds.items()
        }
    print_facts()
    title = (
        f"nanoseconds of CPU time per item of {options.mib} MiB (speed relative to `whole`), growth of memory in MiB"
    )
    print_table(title, ("whole", *(KINDS[kind] for kind in options.kinds), "growth"), rows)
    write_figures(options.json, "streams", arguments, figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
