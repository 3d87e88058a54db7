"""Both sides read one clock: the `expires` of a cookie would differ where a second ends between them."""

from collections.abc import Iterator

import pytest

from tests.clock import stopped


@pytest.fixture(autouse=True, scope="module")
def one_clock() -> Iterator[float]:
    """Stops the time of day for both, and returns it."""
    with stopped() as moment:
        yield moment
