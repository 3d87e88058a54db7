"""What the tests of files share."""

from collections.abc import Iterator
from typing import Any

import pytest

from signette.responses import file_reader


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The files that were opened; none may be left open at the end."""
    files: list[Any] = []

    def watching_open(*args: Any, **options: Any) -> Any:
        files.append(open(*args, **options))  # noqa: PTH123, SIM115 - the response closes it
        return files[-1]

    monkeypatch.setattr(file_reader, "open", watching_open, raising=False)
    yield files
    assert all(each.closed for each in files)
