"""The rows of `benchmarks.bodies`: the calls for each message of a body, and those that its size must not add."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import signette
from benchmarks import bodies
from benchmarks.toolkit import ask, listener
from benchmarks.toolkit_apps import Files, Kit
from benchmarks.toolkit_rows import Message, post
from benchmarks.workloads import FORM
from tests.benchmarks.counting import Watch, table_of_calls

PACKAGE = Path(signette.__file__).parent
FEW, MANY = 10, 100
# Application, media type, the beginning of the body, and the calls for each message.
EACH: dict[str, tuple[Callable[[Kit, Files], Any], tuple[bytes, bytes], bytes, int]] = {
    "body": (bodies.body_in, bodies.BYTES, b"", 0),
    "stream": (bodies.stream_in, bodies.BYTES, b"", 1),
    "form": (bodies.form, FORM, b"text=", 1),
    "body within a limit": (bodies.limited(bodies.body_in), bodies.BYTES, b"", 1),
    "stream within a limit": (bodies.limited(bodies.stream_in), bodies.BYTES, b"", 2),
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def send(message: Message) -> None:
    """The server's part, which is not counted."""


async def calls_of(app: Any, row: bodies.Pieces) -> list[Any]:
    """The functions of the package that are called for one request."""
    for _ in range(2):
        assert (await ask(app, row)).status == 200
    request = app(row.scope(), listener(row.messages()), send)
    with Watch() as everything:
        await request
    return [code for code in everything if Path(code.co_filename).is_relative_to(PACKAGE)]


@pytest.mark.parametrize("name", EACH)
async def test_a_message_of_a_body_makes_no_more_calls_than_it_did(name: str, tmp_path: Path) -> None:
    build, field, start, each = EACH[name]
    app = build(Kit("signette"), Files(tmp_path))

    def row(count: int, size: int) -> bodies.Pieces:
        body = start + b"x" * (count * size - len(start))
        return bodies.Pieces(name, build, post(name, field, body), piece=size)

    few, many = await calls_of(app, row(FEW, 1024)), await calls_of(app, row(MANY, 1024))
    assert len(many) - len(few) == each * (MANY - FEW), table_of_calls(many)
    larger = await calls_of(app, row(FEW, 4096))
    assert len(larger) <= len(few) + 2, table_of_calls(larger)  # a long field is parsed by another function
