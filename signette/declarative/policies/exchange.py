"""What the parts of policies share during one request, and the values that handlers take as parameters."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

from signette._tracking import ResponseTracker
from signette.body import read_limited
from signette.declarative.policies.outage import Outage, ServiceUnavailable
from signette.types import Message, Receive, Scope, Send

CallNext = Callable[[Receive, Send], Awaitable[None]]


class PolicyValue:
    """Base class of values that policies offer to handlers: `limit: RateLimitState`, found by the type.

    The operation must have the policy that `provides` the class, unless the parameter is optional.
    """

    __slots__ = ()

    is_same_for_all: ClassVar[bool] = False
    """Whether it does not depend on the client, so that one cached response with it may be sent to all of them."""


class ReplayedBody:
    """A `receive` whose body can be read ahead. What calls it afterwards gets the same body, in one message.

    A dependency may have read the body, or its beginning, before.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._body: bytes | None = None
        self._passed: list[bytes] = []
        self._ended = False
        self._rest: bytes | None = None
        self.when_read: Callable[[], None] | None = None
        """Called when the body has been read ahead."""

    async def read(self, scope: Scope, limit_bytes: int | None) -> bytes:
        """The whole body; LimitExceeded (413) if it is too large."""
        if self._body is None:
            if not self._ended:
                self._rest = await read_limited(self._receive, scope["headers"], limit_bytes)
            self._body = b"".join([*self._passed, self._rest or b""])
            if self.when_read is not None:
                self.when_read()
        return self._body

    async def __call__(self) -> Message:
        if self._rest is not None:
            rest, self._rest = self._rest, None
            return {"type": "http.request", "body": rest, "more_body": False}
        message = await self._receive()
        if message["type"] == "http.request" and self._body is None:
            self._passed.append(bytes(message.get("body", b"")))
            self._ended = not message.get("more_body", False)
        return message


class Exchange:
    """One request, as the policies of its operation see it. Guards take it as a parameter: `exchange: Exchange`."""

    __slots__ = (
        "_body",
        "_limit_bytes",
        "_opened",
        "_outages",
        "_respond",
        "_values",
        "headers",
        "memo",
        "plan",
        "scope",
    )

    def __init__(
        self,
        scope: Scope,
        plan: Any,
        opened: Mapping[Any, Any],
        outages: Mapping[Any, Outage],
        respond: Any,
        body: ReplayedBody | None = None,
        limit_bytes: int | None = None,
    ) -> None:
        self.scope = scope
        self.plan = plan
        """The plan of the operation."""
        self.memo: dict[Any, Any] = {}
        """What the guard of a policy leaves to its `around`. The key is the policy itself."""
        self.headers: list[tuple[bytes, bytes]] = []
        """Header fields that are added to the response; see `add_header`."""
        self._opened = opened
        self._outages = outages
        self._respond = respond
        self._values: dict[str, Any] = {}
        self._body = body
        self._limit_bytes = limit_bytes

    def opened(self, policy: Any) -> Any:
        """What `open` of the policy returned for this application."""
        return self._opened[policy]

    def add_header(self, name: str, value: str) -> None:
        """Add a header field to the response, whichever it will be. Policies that record responses do not see it."""
        self.headers.append((name.lower().encode("latin-1"), value.encode("latin-1")))

    def set(self, value: PolicyValue) -> None:
        """Set the value of parameters of its class."""
        self._values[type(value).__name__] = value

    def get(self, cls: type[PolicyValue]) -> Any:
        """The value of a class; None if it is not set."""
        return self._values.get(cls.__name__)

    def required(self, name: str) -> Any:
        """The value for a parameter that is not optional; binders call it with the name of the class.

        Raises LookupError if the policy has not set it: a guard may not use a value of a policy that runs later.
        """
        try:
            return self._values[name]
        except KeyError:
            raise LookupError(f"no policy has set a `{name}` yet; make the parameter optional") from None

    def optional(self, name: str) -> Any:
        """The value for a parameter that is optional."""
        return self._values.get(name)

    async def body(self) -> bytes:
        """The whole body of the request, which the operation can read again. For policies with `reads_body = True`.

        Raises:
            LimitExceeded: the body is longer than the operation allows (413).
            ClientDisconnect: the client disconnected before the end.
        """
        if self._body is None:
            raise RuntimeError("`exchange.body()` needs `reads_body = True` in the class of the policy")
        return await self._body.read(self.scope, self._limit_bytes)

    def watch_body(self, when_read: Callable[[], None]) -> bool:
        """Whether a policy may read the body. If it does, the function is called afterwards."""
        if self._body is None:
            return False
        self._body.when_read = when_read
        return True

    async def respond(self, exc: Exception, receive: Receive, send: Send) -> None:
        """Send the response to an exception by its handler. Raises the exception if it has no handler."""
        remaining = await self._respond(exc, self.scope, receive, ResponseTracker(send))
        if remaining is not None:
            raise remaining

    def failed(self, policy: Any, exc: Exception) -> None:
        """Note that the state engine cannot be used. Returns if the policy is `on_failure="open"`.

        Only the first failure of an outage is logged. Raises ServiceUnavailable if it is "closed".
        """
        self._outages[policy].began(exc)
        if policy.on_failure != "open":
            raise ServiceUnavailable from exc

    def recovered(self, policy: Any) -> None:
        """Note that the state engine of the policy was used without an error."""
        outage = self._outages[policy]
        if outage.is_on:
            outage.ended()
