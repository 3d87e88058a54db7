"""Applications are made before an event loop runs, as servers make them, and both sides read one clock.

`StaticFiles` looks at its directory when it is made. An `expires` or a signature that tells the time would differ where
a second ends between the two sides.
"""

import time
from collections.abc import Iterator

import pytest

from signette._http import cookies
from tests.differential.comparing import MAKERS, pair

MOMENT = 1_900_000_000.0


@pytest.fixture(autouse=True, scope="session")
def applications_are_made() -> None:
    for application in MAKERS:
        pair(application)


@pytest.fixture(autouse=True, scope="module")
def one_clock(applications_are_made: None) -> Iterator[float]:
    """Stops the time of day for both toolkits, and returns it."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (time, cookies):
            patch.setattr(module, "time", lambda: MOMENT)
        yield MOMENT
