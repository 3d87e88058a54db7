"""Small policies for the tests, written as users write theirs."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar

from signette.declarative.policies.base import CannotApply, Documentation, Operation, Policy, PolicyContext
from signette.declarative.policies.exchange import CallNext, Exchange, PolicyValue
from signette.declarative.signature.marker_functions import Depends, Header
from signette.problems import Problem
from signette.responses.plain import PlainTextResponse, Response
from signette.types import Message, Receive, Send


class Closed(Problem, status=418, headers={"Retry-After": "60"}):
    """The shop is closed."""


class _Noting:
    """Appends its name and what it sees to a log, before and after the rest of the request."""

    def __init__(self, log: list[Any], name: str = "note") -> None:
        self.log = log
        self.name = name

    async def around(self, exchange: Exchange, receive: Receive, send: Send, call_next: CallNext) -> None:
        self.log.append(f"{self.name} starts")

        async def noted(message: Message) -> None:
            if "status" in message:
                self.log.append(f"{self.name} {message['status']}")
            await send(message)

        try:
            await call_next(receive, noted)
        except Exception as exc:
            self.log.append(f"{self.name} {type(exc).__name__}")
            raise


class Note(_Noting, Policy):
    """Notes what it sees, in the middle."""

    applies_to_websockets = True


class Louder(Note):
    """A subclass, which is of the same class as a policy."""


class Outer(_Noting, Policy):
    """Notes what it sees, further out."""

    order = 5


class Visits(PolicyValue):
    """How often the operations of a place were called."""

    def __init__(self, count: int) -> None:
        self.count = count


class Counted(Policy):
    """Counts requests per place, for handlers that take `Visits`."""

    provides = Visits
    applies_to_websockets = True

    def __init__(self, *, name: str | None = None) -> None:
        self.name = name

    def open(self, context: PolicyContext) -> list[str]:
        return [context.name]

    def shared_name(self, context_name: str) -> str | None:
        return self.name or context_name

    def guard(self) -> Callable[..., Any]:
        async def count(exchange: Exchange) -> None:
            opened = exchange.opened(self)
            opened.append("visit")
            exchange.set(Visits(len(opened) - 1))
            exchange.add_header("X-Visits", str(len(opened) - 1))

        return count


class Gate(Policy):
    """Ends a request with a response, or with a problem, as a header says. For GET only."""

    order: ClassVar[int] = 20

    def __init__(self, by: Callable[..., Any] | None = None) -> None:
        self.by = by

    def check(self, operation: Operation) -> CannotApply | None:
        if "GET" in operation.methods:
            return None
        return CannotApply(f"`Gate` is for GET, not for {'/'.join(operation.methods)}", "declare the route with GET")

    def document(self, operation: Operation) -> Documentation:
        return Documentation(
            problems=(Closed,),
            headers={"2XX": {"X-Gate": "Whether the gate was open."}, 418: {"Retry-After": "Seconds to wait."}},
            responses={304: "Nothing has changed."},
        )

    def guard(self) -> Callable[..., Any]:
        by = self.by or anybody

        async def gate(
            exchange: Exchange, who: Annotated[str, Depends(by)], x_gate: Annotated[str | None, Header()] = None
        ) -> Response | None:
            if x_gate == "problem":
                raise Closed
            exchange.add_header("X-Gate", who)
            return PlainTextResponse("not today", 203) if x_gate == "response" else None

        return gate


async def anybody() -> str:
    return "anybody"


class BodyLength(Policy):
    """Sends the length of the body in a header."""

    reads_body = True

    def guard(self) -> Callable[..., Any]:
        async def length(exchange: Exchange) -> None:
            exchange.add_header("X-Length", str(len(await exchange.body())))

        return length
