"""The rows of `benchmarks.bodies`: both packages give the same response, and a piece costs as many calls as another."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks import bodies
from benchmarks.toolkit import ask
from benchmarks.toolkit_apps import Files

ROWS = [(peer, kit, row) for peer, kit, rows in bodies.GROUPS for row in rows]


@pytest.mark.parametrize(("peer", "kit", "row"), ROWS, ids=lambda value: getattr(value, "name", ""))
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_body_gets_the_response_of_the_peer(peer: str, kit: Any, row: Any, tmp_path: Path) -> None:
    files = Files(tmp_path)
    own, theirs = [await ask(row.build(kit(package), files), row) for package in ("signette", peer)]
    assert (own.status, own.body) == (theirs.status, theirs.body)
    assert own.status == 200
