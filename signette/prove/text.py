"""The report as text, for a terminal and for pytest."""

from collections.abc import Iterator

from signette.prove.law import Exchange
from signette.prove.report import Finding, OperationReport, Report

# How much of a body is shown.
SHOWN = 300


def text_of(report: Report, *, with_bodies: bool = True) -> str:
    """The report: a line for each operation, then the violations, then the summary.

    Bodies of responses have what the server makes up: without them the texts of two runs are equal.
    """
    lines = [*_operations(report)]
    for operation in report.operations:
        for finding in operation.findings:
            lines += ["", *_finding(operation, finding, with_bodies=with_bodies)]
    return "\n".join([*lines, "", summary_of(report)])


def summary_of(report: Report) -> str:
    """The last line."""
    never = sum(len(operation.never_reached) for operation in report.operations)
    requests = sum(operation.requests for operation in report.operations)
    result = violations(len(report.findings))
    return (
        f"{result}: {_counted(len(report.operations), 'operation')}, {_counted(requests, 'generated request')},"
        f" {_counted(len(report.laws), 'law')}, {_counted(never, 'declared response')} never reached,"
        f" seed {report.seed}"
    )


def violations(count: int) -> str:
    """`1 violation`, `2 violations`."""
    return _counted(count, "violation") if count else "no law is violated"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _operations(report: Report) -> Iterator[str]:
    width = max(len(operation.key) for operation in report.operations)
    for operation in report.operations:
        mark = "FAIL" if operation.findings else "ok"
        parts = [f"{mark:4}  {operation.key.ljust(width)}  reached {' '.join(operation.reached) or 'nothing'}"]
        if operation.never_reached:
            parts.append(f"never reached {' '.join(operation.never_reached)}")
        if operation.undeclared:
            parts.append(f"undeclared {' '.join(map(str, operation.undeclared))}")
        if operation.note:
            parts.append(f"no requests could be generated: {operation.note}")
        yield "; ".join(parts)


def _finding(operation: OperationReport, finding: Finding, *, with_bodies: bool) -> Iterator[str]:
    yield f"{operation.key} violates {finding.law}"
    yield f"  problem: {finding.message}"
    if not finding.is_reproduced:
        yield "  note: the requests did not show it again after a new start of the application"
    yield "  requests:"
    for request, status, command in zip(finding.requests, finding.statuses, finding.curl, strict=True):
        yield f"    {Exchange(request, status)}"
        yield from (f"      {line}" for line in command.split("\n"))
    if with_bodies and finding.exchanges and (body := _body(finding.exchanges[-1])):
        yield f"  response: {body}"
    yield "  test:"
    yield from (f"    {line}".rstrip() for line in finding.test.rstrip().split("\n"))


def _body(exchange: Exchange) -> str:
    text = exchange.body[: SHOWN + 1].decode("utf-8", "backslashreplace").replace("\n", "\\n")
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
