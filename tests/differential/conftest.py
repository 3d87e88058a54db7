"""Applications are made before an event loop runs, as servers make them: `StaticFiles` looks at its directory."""

import pytest

from tests.differential.comparing import MAKERS, pair


@pytest.fixture(autouse=True, scope="session")
def applications_are_made() -> None:
    for application in MAKERS:
        pair(application)
