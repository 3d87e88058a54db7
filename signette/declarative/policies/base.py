"""The base class of policies.

A policy is an object that is declared on an operation, a router or an application: `policies=[RateLimit("10/minute")]`.
It acts in one place or in both:

* `around`: outermost, before anything is read. It sees `receive` and `send` of the whole exchange, also the responses
  to exceptions.
* `guard`: a typed callable, which may have dependencies. It runs after all security guards, before the body is read,
  and may end the request with a response.

This is a whole policy:

    class ServerTiming(Policy):
        async def around(self, exchange, receive, send, call_next):
            start = perf_counter()

            async def timed(message):
                if message["type"] == "http.response.start":
                    exchange.add_header("Server-Timing", f"app;dur={1000 * (perf_counter() - start):.1f}")
                await send(message)

            await call_next(receive, timed)
"""

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import field
from typing import Any, ClassVar, Literal

from signette._dataclasses import dataclass
from signette._overrides import overrides
from signette.declarative.policies.exchange import CallNext, Exchange, PolicyValue
from signette.declarative.signature.model import SourceLocation
from signette.problems import Problem
from signette.state.backend import Backend
from signette.types import Receive, Send

OnFailure = Literal["open", "closed"]
Around = Callable[[Exchange, Receive, Send, CallNext], Awaitable[None]]
_COLLECTED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
ON_FAILURE = ("open", "closed")


@dataclass(frozen=True, slots=True)
class CannotApply:
    """Why a policy cannot apply to an operation, and what to do about it."""

    problem: str
    hint: str = "remove the policy"
    only_if_shared: bool = False
    """It is a reason for a policy of a router or an application only."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What a policy may ask of the operation that it is declared for."""

    methods: tuple[str, ...]
    """Without HEAD if there is GET. Empty for a mount, which may take any."""
    path: str
    where: SourceLocation
    is_socket: bool
    is_forwarded: bool
    """It is a plain route, a mount or a host: nothing is known of its responses."""
    streams: bool
    """The result is sent while it is made: JSON Lines, server-sent events or chunks."""
    returns_response: bool
    """The endpoint returns `Response` objects."""
    annotation: Any
    """The declared type of the result; `MISSING` without one."""
    status: int
    is_secured: bool
    """It has security schemes."""
    plan: Any
    """The plan without policies, for all other facts."""
    version: str = ""
    """The version of the API that it belongs to; empty for none."""

    @property
    def name(self) -> str:
        """A name that is the same in all processes: `GET /items/{item_id} shop.items.read`."""
        verb = "/".join(self.methods) or ("WEBSOCKET" if self.is_socket else "ANY")
        return f"{verb} {self.path or '/'} {self.where.name}"


@dataclass(frozen=True, slots=True)
class Documentation:
    """What a policy adds to the OpenAPI document of an operation, and to the responses of its plan."""

    problems: tuple[type[Problem], ...] = ()
    """The problems that it sends, each with its status and schema."""
    headers: Mapping[int | str, Mapping[str, str]] = field(default_factory=dict)
    """Descriptions of header fields by status: a number, a range such as "2XX", or "*" for each response."""
    responses: Mapping[int, str] = field(default_factory=dict)
    """Descriptions of further responses without a body, by status."""
    deprecated: bool = False
    """Whether the operation is deprecated."""


@dataclass(frozen=True, slots=True)
class PolicyContext:
    """What `open` gets: an application, and the place where the policy is declared."""

    app: Any
    """The application; None for a route that is called without one."""
    backend: Backend
    """The state of the application: `app.backend`, or one in memory for a route without an application."""
    name: str
    """The place: that of an operation (`Operation.name`), "application", or "router /prefix". A policy that counts does
    so once for each place. The name is the same in all processes."""


class Policy:
    """Base class of policies. Define `around`, `guard`, or both; what is not defined is not called.

    Attributes are plain values, so that an application can be pickled; what a policy needs at requests is made by
    `open`. Policies are compared by identity.
    """

    order: ClassVar[int] = 50
    """The place of `around`, lower is further out, and of `guard`, lower runs first. signette's own: `Deprecated` 5,
    `Deadline` 10, `CancelOnDisconnect` 15, `Concurrency` 20, `RateLimit` 30, `Idempotent` 60, `ETag` 65, `Cached` 70.
    A policy that rejects clients needs one below 60, as a stored response ends the request."""
    applies_to_websockets: ClassVar[bool] = False
    """Whether it can apply to a WebSocket. There `around` runs before the handshake, and `send` gets its messages."""
    provides: ClassVar[type[PolicyValue] | None] = None
    """The class of the value that it sets, which handlers may take as a parameter."""
    reads_body: ClassVar[bool] = False
    """Whether it calls `exchange.body()`."""
    purpose: ClassVar[str | None] = None
    """The purpose of its state: `context.backend.store(purpose)`."""
    on_failure: OnFailure | None = None
    """What to do without the state engine: "open" (as if there was no policy) or "closed" (503). None: it has none."""
    _option: str = ""
    """The option that is short for it, as in `etag=True`; empty for a policy of `policies=`."""

    def check(self, operation: Operation) -> CannotApply | None:  # noqa: ARG002 - for subclasses, as below
        """Why the policy cannot apply to an operation; None: it can.

        For a policy of the operation itself this is a `SignatureError`. A policy of a router or an application is not
        applied there, and `explain` shows why.
        """
        return None

    def document(self, operation: Operation) -> Documentation:  # noqa: ARG002
        """What it adds to the OpenAPI document. Header parameters are those of `guard`."""
        return Documentation()

    def open(self, context: PolicyContext) -> Any:  # noqa: ARG002
        """Make what it needs at requests: `exchange.opened(self)`. Called once per application and place."""
        return None

    def shared_name(self, context_name: str) -> str | None:  # noqa: ARG002
        """The name under which it keeps state. Two policies with one name in an application are an error."""
        return None

    def guard(self) -> Callable[..., Any] | None:
        """The callable for the guard phase, planned like an entry of `dependencies=`; None: the policy has no guard.

        It may take an `Exchange`, parameters and dependencies. If it returns a `Response`, that ends the request; None
        lets it go on. It may raise a `Problem`, too.
        """
        return None

    async def around(self, exchange: Exchange, receive: Receive, send: Send, call_next: CallNext) -> None:
        """Run the rest of the request: `await call_next(receive, send)`.

        Exceptions that have a handler are responses here already. What this method raises is handled as if the
        endpoint had raised it, if no response has started.
        """
        raise NotImplementedError

    def around_for(self, operation: Operation) -> Around | None:  # noqa: ARG002
        """The `around` of one operation; None: there the policy has none. Called once, before the first request."""
        return self.around if overrides(self, Policy, "around") else None

    def facts(self) -> dict[str, Any]:
        """What clients can notice of the policy, for its contract: its arguments without `on_failure`, by name.

        Leave out what no client notices, such as the name of a counter.
        """
        return {
            parameter.name: value
            for parameter, value in self._arguments()
            if value is not parameter.empty and parameter.name != "on_failure" and parameter.kind not in _COLLECTED
        }

    def _arguments(self) -> Iterator[tuple[inspect.Parameter, Any]]:
        for name, parameter in inspect.signature(type(self)).parameters.items():
            yield parameter, getattr(self, name, parameter.default)

    def __repr__(self) -> str:
        """The call that makes the policy, without defaults: `explain` shows it."""
        parts = []
        for parameter, value in self._arguments():
            if value is parameter.empty or value == parameter.default:
                continue
            # An object that has no repr of its class is shown by that: it would have an address.
            shown = repr(value) if overrides(value, object, "__repr__") else type(value).__name__
            text = getattr(value, "__name__", None) or shown
            parts.append(text if parameter.kind is not parameter.KEYWORD_ONLY else f"{parameter.name}={text}")
        return f"{type(self).__name__}({', '.join(parts)})"


def check_on_failure(on_failure: Any) -> OnFailure:
    """The argument `on_failure`. Raises ValueError for any other value."""
    if on_failure not in ON_FAILURE:
        raise ValueError(f"invalid `on_failure={on_failure!r}`: use 'open' or 'closed'")
    checked: OnFailure = on_failure
    return checked


class Off:
    """Remove the policies of a class that a router or an application declares: `policies=[Off(RateLimit)]`.

    `Off(Policy)` removes all.
    """

    def __init__(self, policy: type[Policy]) -> None:
        if not (isinstance(policy, type) and issubclass(policy, Policy)):
            raise TypeError(f"`Off` takes the class of a policy, such as `Off(RateLimit)`, not {policy!r}")
        self.policy = policy

    def __repr__(self) -> str:
        return f"Off({self.policy.__name__})"
