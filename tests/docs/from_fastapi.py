"""The tables of the page on moving from FastAPI, made of the data that the tests prove."""

from typing import Any

from tests.examples.topics.beyond import MISSING, Missing
from tests.examples.topics.differences import DIFFERENCES
from tests.examples.topics.every_row import ROWS
from tests.examples.topics.first import FIRST
from tests.examples.topics.imports import MOVES, RENAMED, Move
from tests.first_rows import First

# The sections of the differences, with the names of their rows. All others are in the last one.
GROUPS: dict[str, tuple[str, ...]] = {
    "### Errors": (
        "problems", "detail", "error_entries", "one_exception", "handlers_of_422", "500", "layers", "broken JSON",
        "media type",
        "no JSON numbers", "what is wrong with the body", "messages", "codes", "keys", "union_members",
        "body_that_is_no_object", "names_in_locations",
    ),
    "### Requests": (
        "limits", "HEAD", "OPTIONS", "Allow", "escaped slashes", "redirects", "raw bodies",
        "body_next_to_file", "empty_files", "files_read_twice", "a field of a form twice", "nested forms",
        "strict models side by side", "open_models", "other_aliases",
    ),
    "### Results": (
        "None", "texts", "bytes", "files", "no content", "other_results", "private_attributes",
        "options_without_a_model", "excluded_of_items", "not_a_number", "streams of text", "streams", "failing_streams",
        "text of an event", "fields of an event",
    ),
    "### Dependencies and security": (
        "values before dependencies", "no call before all values", "plain_routes", "methods_of_files",
        "security_without_scopes",
        "context_variables", "overrides_in_requests", "failed_background_tasks",
        "exceptions_in_task_groups", "order_of_generators", "no token", "broken_credentials",
        "login_form",
    ),
    "### Rejected when a route is made": (
        "unused_names", "path_markers", "lists_on_get", "hidden_body", "dependency_types", "unfitting_values",
        "unused_options", "alias_paths", "empty_alias", "typos",
    ),
    "### OpenAPI document and API docs": (
        "operation_ids", "documented_errors", "models_in_the_document", "parameters_in_the_document",
        "words_in_the_document", "order_of_responses",
        "documentation page", "unused_arguments", "redoc_from_a_package",
    ),
}  # fmt: skip
LAST = "### Applications and WebSockets"


def tables() -> dict[str, list[str]]:
    """The lines of each table, by the heading of its section."""
    rows = {name_of(row): difference_line(row) for row in (*DIFFERENCES, *ROWS)}
    groups = {heading: [rows.pop(name) for name in names] for heading, names in GROUPS.items()}
    return {
        "## What you notice first": [first_line(row) for row in FIRST],
        "## Change the imports": [move_line(move) for move in MOVES],
        **groups,
        LAST: list(rows.values()),
        "## What is missing": [missing_line(missing) for missing in MISSING],
    }


def name_of(row: Any) -> str:
    """The name of a row that responses show, or of the function that proves it."""
    return str(row.prove.__name__ if hasattr(row, "prove") else row.name)


def first_line(row: First) -> str:
    return f"| {row.notice} | {row.keep} |"


def move_line(move: Move) -> str:
    names = [f"`{name}` as `{RENAMED[name]}`" if name in RENAMED else f"`{name}`" for name in move.names]
    return f"| `{move.there}` | {', '.join(names)} | `{move.here}` |"


def difference_line(row: Any) -> str:
    return f"| {row.there} | {row.here} | {row.move} |"


def missing_line(missing: Missing) -> str:
    documented = missing.said.replace("import_('", "").replace("')", "") if "import_" in missing.said else missing.said
    return f"| `{documented}` | {missing.instead} |"
