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


def signing_key() -> str:
    """The key that signs tokens and sessions: `MARKET_KEY`, or one that is valid until the process ends."""
    return os.environ.get("MARKET_KEY") or secrets.token_hex()


def state_url() -> str:
    """Where sessions, limits, keys, cached lists, notices and jobs are: `MARKET_STATE`, or the memory."""
    return os.environ.get("MARKET_STATE", "memory://")


@contextmanager
def read_settings() -> Iterator[Settings]:
    """Read when the application starts. Without `MARKET_FOLDER` and `MARKET_KEY` all data is temporary."""
    key = signing_key()
    named = os.environ.get("MARKET_FOLDER")
    if named:
        folder = Path(named)
        folder.mkdir(parents=True, exist_ok=True)
        yield Settings(folder, key)
    else:
        with tempfile.TemporaryDirectory(prefix="signette-market-") as made:
            yield Settings(Path(made), key)
