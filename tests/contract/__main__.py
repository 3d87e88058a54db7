"""Holds an example to its OpenAPI document over a socket, by schemathesis' own checks: `make contract`.

A second opinion: `signette prove` holds all examples to their documents, and to more (tests/prove/test_examples.py).

No 500, no status, header, media type or body that the document does not report, no wrong `Allow`, no operation that
forgets to ask for credentials. One check is off for all: `negative_data_rejection`, as pydantic's lax mode takes `"5"`
for 5 (docs/decisions/0014-lax-by-default.md), and an empty field of a form counts as one that was not sent.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import NamedTuple

HOST = "127.0.0.1"
OFF_FOR_ALL = ("negative_data_rejection",)


class Example(NamedTuple):
    """An application, and how a client gets the header that gives it all rights."""

    target: str
    log_in: Callable[[str], str] | None = None
    off: tuple[str, ...] = ()
    """Checks that are off, each with its reason beside it."""


EXAMPLES = (
    # Rules that no schema can express: a box has four sides, no one comes from the future, a body has its path's code.
    Example("examples.airports:app", lambda _: "X-API-Key: demo", off=("positive_data_acceptance",)),
)


def main() -> int:
    for example in EXAMPLES:
        with served(example.target) as url:
            status = hold(example, url)
        if status:
            return status
    sys.stdout.write(f"{', '.join(example.target for example in EXAMPLES)}: as their documents say\n")
    return 0


def hold(example: Example, url: str) -> int:
    """Let schemathesis ask all it can think of. Its seed is fixed: a finding is found again."""
    said = ["--header", example.log_in(url)] if example.log_in is not None else []
    off = ("--exclude-checks", ",".join((*OFF_FOR_ALL, *example.off)))
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json",
        "--checks", "all", *off, *said,
        "--max-examples", "25", "--seed", "2026", "--suppress-health-check", "all",
        "--max-redirects", "0", "--no-color",
    ]  # fmt: skip
    hooks = {"SCHEMATHESIS_HOOKS": "tests.contract.formats"}
    return subprocess.run(command, check=False, env={**os.environ, **hooks}).returncode


@contextmanager
def served(target: str) -> Iterator[str]:
    """Where the application is served, as long as the block lasts."""
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    url = f"http://{HOST}:{port}"
    command = [sys.executable, "-m", "uvicorn", target, "--host", HOST, "--port", str(port), "--log-level", "warning"]
    # What is asked here changes data: never those of the demo, which lie in the user's cache.
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(command, env={**os.environ, "AIRPORTS_DB": f"{folder}/airports.sqlite3"})
        try:
            wait_for(f"{url}/openapi.json", server)
            yield url
        finally:
            server.terminate()
            server.wait()


def wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    """Until it responds. Raises SystemExit where the server ends, or says nothing for half a minute."""
    for _ in range(300):
        try:
            urllib.request.urlopen(url)
        except (OSError, HTTPException):
            time.sleep(0.1)
            if server.poll() is None:
                continue
            raise SystemExit("the server ended before it answered") from None
        else:
            return
    raise SystemExit(f"nothing answers at {url}")


if __name__ == "__main__":
    raise SystemExit(main())
