"""All differences that the page lists."""

from tests.differential import program_middleware, program_responses
from tests.differential.table_files import FILES
from tests.differential.table_layers import LAYERS
from tests.differential.table_requests import REQUESTS
from tests.differential.table_values import VALUES

DIFFERENCES = [*REQUESTS, *FILES, *LAYERS, *VALUES]
PROGRAMS = [*program_responses.rows, *program_middleware.rows]
