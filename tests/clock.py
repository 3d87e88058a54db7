"""A clock that stands still, for responses of two applications that are compared: a second may end between them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from signette._http import cookies

MOMENT = 1_900_000_000.0


@contextmanager
def stopped() -> Iterator[float]:
    """Stops the time of day in the standard library and in our cookies, and gives it."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (time, cookies):
            patch.setattr(module, "time", lambda: MOMENT)
        yield MOMENT
