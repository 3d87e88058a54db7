"""All rows that functions prove, in the order of the page."""

# isort: off
from tests.examples.topics import beyond_results  # noqa: F401 - adds its rows
from tests.examples.topics import beyond_endings  # noqa: F401 - adds its rows
from tests.examples.topics import beyond_requests  # noqa: F401 - adds its rows
from tests.examples.topics.beyond import ROWS as ROWS  # noqa: PLC0414 - re-exported
