"""`prove(app)`: a run, for pytest and for the command."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from signette.prove.credentials import Auth
from signette.prove.engine import Progress, Run, run
from signette.prove.files import write_report
from signette.prove.laws_of_run import MakeLaw, laws_of_run
from signette.prove.names import name_of_app
from signette.prove.operations import NoOperations, application_of, is_named, operations_of
from signette.prove.report import Report
from signette.prove.sandbox import Before, Reset, Surroundings
from signette.prove.text import text_of, violations

MAX_EXAMPLES = 50
SEED = 1


class InvalidSetting(ValueError):
    """A setting of a run has a value that it cannot have."""


class NotProved(AssertionError):
    """Laws are violated. `report` has all of them; the text of the error is that of the report."""

    def __init__(self, report: Report) -> None:
        super().__init__(f"{violations(len(report.findings))}\n\n{text_of(report)}")
        self.report = report


def prove(
    app: Any,
    *,
    operation: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    seed: int = SEED,
    max_examples: int = MAX_EXAMPLES,
    headers: Mapping[str, str] | None = None,
    auth: Auth | None = None,
    before: Before | None = None,
    reset: Reset | None = None,
    laws: Sequence[MakeLaw] = (),
    without: Iterable[str] = (),
    report: str | Path | Sequence[str | Path] = (),
    timeout: float = 5.0,
    host: str = "testserver",
) -> Report:
    """Send generated requests to each operation of an application, and check its laws.

    Two runs with the same `seed` have equal reports.

    Args:
        app: The application.
        operation: Only these operations, by operation id or by path: `read_item`, `read_*`, `GET /items/{item_id}`.
        exclude: Operations to leave out, named in the same way.
        seed: Determines the generated requests.
        max_examples: The number of generated requests for each operation.
        headers: Headers of all requests.
        auth: A token or an API key, a user name and a password, or a dictionary of these by security scheme.
        before: Called after each start with a function that sends requests. May return headers with credentials.
        reset: Called before each start, to empty databases.
        laws: Custom laws: classes, or functions that return a law.
        without: Names of laws to leave out.
        report: Files for the report: `.json`, `.xml` for JUnit, any other name for text.
        timeout: Seconds to wait for the start of a response.
        host: The `Host` header of the requests.

    Raises:
        NotProved: a law is violated. It is an `AssertionError`.
        NoOperations, UnknownLaw, InvalidSetting: an argument is invalid.
        StartFailed: the application does not start.
    """
    found = examined(
        app,
        operation=operation,
        exclude=exclude,
        seed=seed,
        max_examples=max_examples,
        surroundings=Surroundings(headers or {}, auth, before, reset, timeout, host),
        laws=laws_of_run(laws, without),
    )
    for file in [report] if isinstance(report, str | Path) else report:
        write_report(found, Path(file))
    if not found.is_clean:
        raise NotProved(found)
    return found


def examined(
    app: Any,
    *,
    operation: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    seed: int = SEED,
    max_examples: int = MAX_EXAMPLES,
    surroundings: Surroundings,
    laws: Sequence[MakeLaw],
    app_name: str | None = None,
    progress: Progress = lambda done, total, operation: None,  # noqa: ARG005
) -> Report:
    """The report of a run, also if laws are violated."""
    if max_examples < 1:
        raise InvalidSetting(f"max_examples must be at least 1, got {max_examples}")
    if not surroundings.timeout > 0:
        raise InvalidSetting(f"timeout must be more than 0 seconds, got {surroundings.timeout}")
    inner = application_of(app)
    every = operations_of(inner)
    chosen = operations_of(inner, [operation] if isinstance(operation, str) else operation)
    left_out = [exclude] if isinstance(exclude, str) else list(exclude)
    operations_of(inner, left_out)  # each must name an operation
    chosen = tuple(each for each in chosen if not any(is_named(each, pattern) for pattern in left_out))
    every = tuple(each for each in every if not any(is_named(each, pattern) for pattern in left_out))
    if not chosen:
        raise NoOperations("no operation is left to prove: all are excluded")
    title = str(inner.title)
    name = app_name or name_of_app(app)
    return run(Run(app, chosen, every, laws, surroundings, seed, max_examples, name, title), progress)
