"""A time of day that tests set."""

import time

import pytest


class Clock:
    """Replaces `time.time`. It starts at the beginning of a minute."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_900_000_020.0 // 60 * 60
        monkeypatch.setattr(time, "time", lambda: self.now)

    def advance(self, seconds: float) -> None:
        self.now += seconds
