"""What a run has found: plain data, equal for two runs with one seed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from signette.prove.law import Exchange, Request


@dataclass(frozen=True)
class Finding:
    """A law that does not hold for an operation, and the smallest requests that show it."""

    law: str
    operation: str
    message: str
    requests: tuple[Request, ...]
    """Requests to an application that has started, in their order. The last ones show the violation. What the server
    made up has a name: `/items/{response_1.id}`."""
    statuses: tuple[int | None, ...]
    """The statuses of their responses."""
    is_reproduced: bool
    """The requests showed the violation again, after a new start."""
    curl: tuple[str, ...]
    """A command for each request."""
    test: str
    """The source of a test for pytest."""
    exchanges: tuple[Exchange, ...] = field(compare=False)
    """The requests and responses as they were in this run."""

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON."""
        return {
            "law": self.law,
            "message": self.message,
            "reproduced": self.is_reproduced,
            "requests": [_described(*pair) for pair in zip(self.requests, self.statuses, strict=True)],
            "curl": list(self.curl),
            "test": self.test,
        }


@dataclass(frozen=True)
class OperationReport:
    """What is known of an operation after the run."""

    name: str
    method: str
    path: str
    requests: int
    """How many generated requests were sent."""
    laws: tuple[str, ...]
    """The laws that were checked."""
    reached: tuple[str, ...]
    """The declared responses that were reached: `200`, `4XX`, `default`."""
    never_reached: tuple[str, ...]
    undeclared: tuple[int, ...]
    """Statuses that were sent and are not declared."""
    findings: tuple[Finding, ...]
    note: str = ""
    """Why requests could not be generated."""

    @property
    def key(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"

    def as_dict(self) -> dict[str, Any]:
        """The report of the operation as JSON."""
        return {
            "operation": self.name,
            "method": self.method,
            "path": self.path,
            "requests": self.requests,
            "laws": list(self.laws),
            "responses": {
                "reached": list(self.reached),
                "never_reached": list(self.never_reached),
                "undeclared": list(self.undeclared),
            },
            "violations": [finding.as_dict() for finding in self.findings],
            **({"note": self.note} if self.note else {}),
        }


@dataclass(frozen=True)
class Report:
    """What a run has found, by operation in the order of the OpenAPI document."""

    title: str
    seed: int
    max_examples: int
    operations: tuple[OperationReport, ...]
    laws: Mapping[str, str]
    """The names and summaries of the laws of the run."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All violated laws."""
        return tuple(finding for operation in self.operations for finding in operation.findings)

    @property
    def is_clean(self) -> bool:
        """Whether no law is violated."""
        return not self.findings

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "title": self.title,
            "seed": self.seed,
            "max_examples": self.max_examples,
            "laws": dict(self.laws),
            "operations": [operation.as_dict() for operation in self.operations],
        }


def _described(request: Request, status: int | None) -> dict[str, Any]:
    return {
        "method": request.method,
        "target": request.target,
        "headers": [list(pair) for pair in request.headers],
        "body": request.body.decode("utf-8", "backslashreplace"),
        "status": status,
    }
