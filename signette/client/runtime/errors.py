"""What calls of a client raise."""

import json
from typing import Any

from signette.client.runtime.spec import OperationSpec
from signette.client.runtime.transport import Pairs, header_of

MOST_SHOWN = 200
"""The number of bytes of a body that a message shows."""


class ClientError(Exception):
    """Base class of the errors of calls. Declared problems are raised as their own classes."""


class ArgumentError(ClientError, TypeError, ValueError):
    """An argument cannot be sent: it is missing, unknown, of another type, or has no form in a request.

    Attributes:
        operation: The name of the operation.
        argument: The name of the argument.
        reason: What is wrong.
    """

    def __init__(self, operation: str, argument: str, reason: str) -> None:
        super().__init__(f"`{operation}`: argument `{argument}` {reason}")
        self.operation = operation
        self.argument = argument
        self.reason = reason


class Unsupported(ClientError):
    """A client cannot call the operation: its signature has something that has no form in a request."""

    def __init__(self, operation: OperationSpec) -> None:
        super().__init__(f"`{operation.name}` ({operation.method} {operation.path}): {operation.unsupported}")
        self.operation = operation.name


class NotModified(ClientError):
    """The response is a 304: what the caller has is up to date.

    Attributes:
        headers: The headers of the response.
    """

    def __init__(self, operation: str, headers: Pairs) -> None:
        super().__init__(f"`{operation}`: 304, what you have is up to date")
        self.operation = operation
        self.headers = headers


class UnexpectedResponse(ClientError):
    """The response is neither a result nor a problem that the operation declares, or has another form than declared.

    Attributes:
        operation: The name of the operation.
        status: The status code.
        headers: The headers of the response.
        body: The body.
        problem: The members of the problem (RFC 9457), if the body is one.
    """

    def __init__(self, operation: OperationSpec, status: int, headers: Pairs, body: bytes, reason: str = "") -> None:
        self.operation = operation.name
        self.status = status
        self.headers = headers
        self.body = body
        self.problem = _problem_members(headers, body)
        super().__init__("\n".join(self._lines(operation, reason)))

    @property
    def errors(self) -> list[Any]:
        """The validation errors in the problem."""
        found = (self.problem or {}).get("errors")
        return found if isinstance(found, list) else []

    def _lines(self, operation: OperationSpec, reason: str) -> list[str]:
        media_type = header_of(self.headers, "content-type") or "no media type"
        lines = [f"`{operation.name}` ({operation.method} {operation.path}): status {self.status}, {media_type}"]
        if reason:
            lines.append(f"  problem:  {reason}")
        if self.problem is not None:
            lines.append(f"  detail:   {self.problem.get('detail') or self.problem.get('title')}")
        lines += [f"  error:    {_as_line(each)}" for each in self.errors]
        if self.problem is None and self.body:
            lines.append(f"  body:     {_start_of(self.body)}")
        return [*lines, f"  expected: {_expected(operation)}"]


def _problem_members(headers: Pairs, body: bytes) -> dict[str, Any] | None:
    if "json" not in (header_of(headers, "content-type") or ""):
        return None
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) and ("title" in found or "detail" in found) else None


def _as_line(entry: Any) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    place = entry.get("pointer") or entry.get("parameter") or entry.get("name") or entry.get("in") or ""
    text = entry.get("detail") or entry.get("message") or entry.get("msg") or entry
    return f"{place}: {text}" if place else str(text)


def _start_of(body: bytes) -> str:
    text = body[:MOST_SHOWN].decode("utf-8", "replace")
    return f"{text}... ({len(body)} bytes)" if len(body) > MOST_SHOWN else text


def _expected(operation: OperationSpec) -> str:
    results = [
        f"{'any status' if each.status is None else each.status} {' or '.join(each.media_types) or each.kind}"
        for each in operation.results
    ]
    problems = [f"{each.status} {getattr(each.cls, '__name__', each.type)}" for each in operation.problems]
    return "; ".join([*results, *problems]) or "nothing"
