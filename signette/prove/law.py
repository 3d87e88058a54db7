"""Laws: what must hold for each request of an operation and its response. Subclass `Law` for a custom one."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, ClassVar, Literal, Self

from signette.declarative.plan.steps import Plan
from signette.declarative.policies.base import Policy

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A request to the application, as it is sent."""

    method: str
    target: str
    """The path and the query string, percent-encoded: `/orders/5?limit=2`."""
    headers: Headers = ()
    """Pairs of a name and a value. `Host` and `Content-Length` are added if they are missing."""
    body: bytes = b""
    chunked: bool = False
    """Send the body in several messages and without `Content-Length`."""

    def header(self, name: str) -> str | None:
        """The first value of a header; None if it is missing."""
        return _first(self.headers, name)

    def with_header(self, name: str, value: str) -> Self:
        """The same request with this value of a header alone."""
        return replace(self, headers=(*self.without_header(name).headers, (name, value)))

    def without_header(self, name: str) -> Self:
        """The same request without a header."""
        return replace(self, headers=tuple(pair for pair in self.headers if pair[0].lower() != name.lower()))

    @property
    def path(self) -> str:
        """The target without its query string."""
        return self.target.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, and what the application did with it."""

    request: Request
    status: int | None
    """None: the application sent no response in time, or raised an exception before it."""
    headers: Headers = ()
    body: bytes = b""
    complete: bool = True
    """The body has ended. A stream without an end is cut off."""
    error: BaseException | None = field(default=None, compare=False)
    """The exception that the application raised, also after it sent a 500."""
    intent: Literal["valid", "invalid", "other"] = "other"
    """`valid`: generated so that it fits the OpenAPI document; `invalid`: so that it does not, which an application may
    accept all the same (`"5"` for 5, an unknown query parameter); `other`: a request of a law, of yours, or one with a
    value of an earlier response."""

    def header(self, name: str) -> str | None:
        """The first value of a header of the response; None if it is missing."""
        return _first(self.headers, name)

    def header_values(self, name: str) -> list[str]:
        """All values of a header of the response."""
        return [value for each, value in self.headers if each.lower() == name.lower()]

    @property
    def media_type(self) -> str:
        """The media type of the response in lower case and without parameters; empty without `Content-Type`."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def is_success(self) -> bool:
        """Whether the status is a 2xx."""
        return self.status is not None and 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON. Raises ValueError if it is not JSON."""
        return json.loads(self.body)

    def __str__(self) -> str:
        status = "no response" if self.status is None else describe_status(self.status)
        return f"{self.request.method} {self.request.target} -> {status}"


Send = Callable[[Request], Awaitable[Exchange]]
"""Sends a request to the application, in process. Requests may be sent at the same time, in a task group of anyio."""


@dataclass(frozen=True)
class ProvedOperation:
    """All that a law can know of an operation."""

    name: str
    """Its operation id."""
    method: str
    path: str
    """The path template, as in the OpenAPI document: `/orders/{order_id}`."""
    definition: Mapping[str, Any]
    """Its OpenAPI operation, with the parameters of its path item."""
    document: Mapping[str, Any]
    """The whole OpenAPI document."""
    app: Any
    route: Any
    """The route in the application."""

    @property
    def plan(self) -> Plan:
        """What signette knows of the endpoint."""
        plan: Plan = self.route.plan
        return plan

    @property
    def options(self) -> Mapping[str, Any]:
        """The options of the route."""
        options: Mapping[str, Any] = self.route.options
        return options

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The policies that apply to the operation, the outermost first."""
        return tuple(each.policy for each in self.plan.policies if each.applies)

    @property
    def key(self) -> str:
        """Method and path: `GET /orders/{order_id}`."""
        return f"{self.method} {self.path}"

    @property
    def responses(self) -> Mapping[str, Any]:
        """The declared responses by status: `200`, `4XX` or `default`."""
        responses: Mapping[str, Any] = self.definition.get("responses", {})
        return responses

    def response_for(self, status: int) -> Mapping[str, Any] | None:
        """The declared response for a status, or None."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.responses:
                response: Mapping[str, Any] = self.resolve(self.responses[key])
                return response
        return None

    def resolve(self, part: Any) -> Any:
        """A part of the document in place of a reference to it (`{"$ref": "#/components/..."}`)."""
        while isinstance(part, Mapping) and "$ref" in part:
            found: Any = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            part = found
        return part


@dataclass(frozen=True, slots=True)
class Violation:
    """A law that does not hold, with the requests that show it."""

    law: str
    operation: str
    """The operation id."""
    message: str
    """What is wrong. Two violations of one law with the same message are one finding, so leave values of requests
    out."""
    exchanges: tuple[Exchange, ...]
    """The requests in their order; the last one shows the violation."""


class Law:
    """What must hold for an operation. A law is made once for a run.

        class NoServerHeader(Law):
            name = "no-server-header"
            summary = "Responses do not name the server"

            async def check(self, operation, exchange, send):
                if exchange.header("server") is None:
                    return []
                return [self.violation(operation, "the response has the header Server", exchange)]

    Requests of a law have the credentials of the request that it makes them from, and no others.
    """

    name: ClassVar[str]
    """Words with hyphens: `no-server-error`."""
    summary: ClassVar[str]
    """One sentence for the report."""
    most: ClassVar[int | None] = None
    """How many exchanges of an operation are checked at most; None: all. Set it for a law that sends requests."""

    def applies(self, operation: ProvedOperation) -> bool:  # noqa: ARG002 - for subclasses
        """Whether the law says something about the operation."""
        return True

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:  # noqa: ARG002 - for subclasses
        """Whether `check` is called with an exchange. Those that it is not called with do not count for `most`."""
        return True

    async def prepare(self, operation: ProvedOperation, send: Send) -> Iterable[Violation]:  # noqa: ARG002
        """Check the operation once, before its generated requests."""
        return ()

    async def check(
        self,
        operation: ProvedOperation,  # noqa: ARG002 - for subclasses
        exchange: Exchange,  # noqa: ARG002
        send: Send,  # noqa: ARG002
    ) -> Iterable[Violation]:
        """Check a generated request and its response. The law may send more requests."""
        return ()

    def violation(self, operation: ProvedOperation, message: str, *exchanges: Exchange) -> Violation:
        """A violation of this law."""
        return Violation(self.name, operation.name, message, exchanges)


def describe_status(status: int) -> str:
    """`404 Not Found`; the number alone if it has no name."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _first(headers: Headers, name: str) -> str | None:
    return next((value for each, value in headers if each.lower() == name.lower()), None)
