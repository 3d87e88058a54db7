"""Settings from environment variables, with defaults."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """`folder` is for the database and the pictures; `key` signs tokens."""

    folder: Path
    key: str = field(repr=False)


def state_url() -> str:
    """Where limits, keys, cached responses, notices and jobs are: `MARKET_STATE`, or the memory of this process."""
    return os.environ.get("MARKET_STATE", "memory://")


@contextmanager
def read_settings() -> Iterator[Settings]:
    """Read when the application starts. Without `MARKET_FOLDER` and `MARKET_KEY` all data is temporary."""
    key = os.environ.get("MARKET_KEY") or secrets.token_hex()
    named = os.environ.get("MARKET_FOLDER")
    if named:
        folder = Path(named)
        folder.mkdir(parents=True, exist_ok=True)
        yield Settings(folder, key)
    else:
        with tempfile.TemporaryDirectory(prefix="signette-market-") as made:
            yield Settings(Path(made), key)
