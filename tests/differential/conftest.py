"""Applications are made before an event loop runs, as servers make them, and both sides read one clock.

`StaticFiles` looks at its directory when it is made. An `expires` or a signature that has the time would differ where
a second ends between the two sides.
"""

from collections.abc import Iterator

import pytest

from tests.clock import stopped
from tests.differential.comparing import MAKERS, pair


@pytest.fixture(autouse=True, scope="session")
def applications_are_made() -> None:
    for application in MAKERS:
        pair(application)


@pytest.fixture(autouse=True, scope="module")
def one_clock(applications_are_made: None) -> Iterator[float]:
    """Stops the time of day for both toolkits, and returns it."""
    with stopped() as moment:
        yield moment
