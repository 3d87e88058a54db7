"""`Idempotent`: a request that a client repeats with the same `Idempotency-Key` runs once.

Theory of operation. `guard` runs after security, and claims the key in the store (`idempotency_record`). If the key is
new, the request goes on, and `around` hashes its body as it arrives, renews the lease, and stores the response before
the client gets it. Otherwise `guard` compares the request with the first one, reading its body for that, and ends it
with the stored response or a problem. So a response is stored before it is sent, and the connection may break anywhere:

    the request is repeated             the repetition gets
    before the first one has completed  409
    after it has completed              the stored response, or 422 if the request is another one
    after it has failed (5xx)           another run; so too after a crash, when the lease has expired
"""

import inspect
from collections.abc import Callable, Container
from typing import Annotated, Any, ClassVar

from signette._http.idempotency_key import parse_idempotency_key
from signette.concurrency import run_alongside
from signette.declarative.policies.arguments import check_max_bytes, check_seconds, check_statuses, list_statuses
from signette.declarative.policies.base import (
    CannotApply,
    Documentation,
    OnFailure,
    Operation,
    Policy,
    PolicyContext,
    check_on_failure,
)
from signette.declarative.policies.body_digest import HashedReceive
from signette.declarative.policies.caller import check_by, checked_by
from signette.declarative.policies.credentials import credentials_of
from signette.declarative.policies.exchange import CallNext, Exchange, PolicyValue
from signette.declarative.policies.idempotency_problems import (
    IdempotencyKeyInUse,
    IdempotencyKeyMalformed,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    IdempotentResponseNotStored,
)
from signette.declarative.policies.idempotent_run import REPLAYED_HEADER, IdempotentRun
from signette.declarative.policies.response_recorder import ResponseRecorder, hide_file_reads
from signette.declarative.signature.depends import Depends
from signette.declarative.signature.markers import MISSING, Header, Missing
from signette.responses.plain import Response
from signette.state.store import Store
from signette.types import Receive, Send

KEY_HEADER = "Idempotency-Key"
_FIELD = KEY_HEADER.lower().encode()
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})
# Statuses that say that the request was not processed: the client repeats it with the same key, after a correction.
_NOT_PROCESSED = frozenset({400, 401, 403, 408, 411, 412, 413, 414, 415, 421, 422, 425, 426, 428, 429, 431})
_DESCRIPTION = (
    "A value that the client makes for each new request, and sends again when it repeats the request: the request runs"
    " once. Recommended is a UUID."
)


class IdempotencyKey(PolicyValue):
    """The key of a request, as a parameter of the endpoint: `key: IdempotencyKey`."""

    __slots__ = ("value",)
    is_same_for_all: ClassVar[bool] = True  # of all requests with the same stored response

    def __init__(self, value: str | None) -> None:
        self.value = value
        """The key without quotes. None if the request has none."""

    def __repr__(self) -> str:
        return f"IdempotencyKey({self.value!r})"


class KeyHeader(Header):
    """The header of the key. It is optional for the binder, and the guard responds to a missing one with a 400."""

    def __init__(self, *, is_required: bool, **options: Any) -> None:
        super().__init__(**options)
        self.required_in_document = is_required


class Idempotent(Policy):
    """Run a request once for each value of the header `Idempotency-Key`, and repeat its response for `ttl` seconds.

    `by` is a dependency that returns the id of the user; keys of different users are different keys. An operation that
    reads credentials needs it, or `by=None`: all clients share their keys. `required=True` rejects requests without a
    key.

    While a request runs, it renews a lease of `lease` seconds; after a crash the next request with the key runs when
    the lease has expired. Responses with one of `statuses` are repeated. By default these are all below 500, without
    those that say that the request was not processed, such as a validation error. A response of more than `max_bytes`
    is not stored, and repetitions get a 409.

    Raises:
        ValueError: an argument is out of range.
    """

    order: ClassVar[int] = 60
    purpose: ClassVar[str | None] = "idempotency"
    provides: ClassVar[type[PolicyValue] | None] = IdempotencyKey

    def __init__(
        self,
        *,
        ttl: float = 86_400,
        by: Callable[..., Any] | Missing | None = MISSING,
        required: bool = False,
        lease: float = 30,
        statuses: Container[int] | None = None,
        max_bytes: int = 1_048_576,
        on_failure: OnFailure = "closed",
    ) -> None:
        self.ttl = check_seconds("ttl", ttl)
        self.by = checked_by("Idempotent", by)
        self.required = required
        self.lease = check_seconds("lease", lease)
        self.statuses = None if statuses is None else check_statuses(statuses)
        self.max_bytes = check_max_bytes(max_bytes)
        self.on_failure = check_on_failure(on_failure)

    def check(self, operation: Operation) -> CannotApply | None:
        if operation.methods and _SAFE.issuperset(operation.methods):
            methods = ", ".join(operation.methods)
            return CannotApply(f"a {methods} request has no effects that a repetition could have again")
        if operation.streams:
            return CannotApply("the operation streams its response, which cannot be stored", "return the whole result")
        if not operation.is_forwarded and not operation.returns_response and not self.stores(operation.status):
            return CannotApply(
                f"it repeats no response with the status {operation.status} of the operation", "add it to `statuses=`"
            )
        if isinstance(self.by, Missing):
            reads = "requests of any kind" if operation.is_forwarded else credentials_of(operation.plan)
            if reads is not None:
                return CannotApply(
                    f"the operation reads {reads}, and without `by=` a user could get the response of another one",
                    "pass a dependency that returns the id of the user, `Idempotent(by=user_id)`, or `by=None` if all"
                    " clients share their keys",
                )
            return None
        return check_by(self.by)

    def document(self, operation: Operation) -> Documentation:  # noqa: ARG002 - the same for each operation
        replayed = "`true` if this is the response to an earlier request with the same idempotency key."
        problems = (IdempotencyKeyMalformed, IdempotencyKeyInUse, IdempotentResponseNotStored, IdempotencyKeyReused)
        return Documentation(
            problems=((IdempotencyKeyMissing, *problems) if self.required else problems),
            headers={
                "2XX": {REPLAYED_HEADER: replayed},
                409: {"Retry-After": "Seconds after which the request may be repeated."},
            },
        )

    def facts(self) -> dict[str, Any]:
        """Its arguments without the lease, which only other requests wait for after a crash."""
        statuses = None if self.statuses is None else list_statuses(self.statuses)
        facts = super().facts() | {"statuses": statuses, "by": None if isinstance(self.by, Missing) else self.by}
        del facts["lease"]
        return facts

    def open(self, context: PolicyContext) -> Store:
        store: Store = context.backend.store("idempotency")
        return store

    def guard(self) -> Callable[..., Any]:
        async def idempotency(*, exchange: Exchange, key: Any, caller: Any = None) -> Response | None:  # noqa: ARG001
            run: IdempotentRun | None = exchange.memo.get(self)
            return None if run is None else await run.begin(caller)

        setattr(idempotency, "__signature__", self._signature())  # noqa: B010 - functions have no such attribute for type checkers
        return idempotency

    def _signature(self) -> inspect.Signature:
        """The exchange; the header, for the OpenAPI document; and the caller."""
        kind = inspect.Parameter.KEYWORD_ONLY
        header = KeyHeader(alias=KEY_HEADER, description=_DESCRIPTION, is_required=self.required)
        parameters = [
            inspect.Parameter("exchange", kind, annotation=Exchange),
            inspect.Parameter("key", kind, annotation=Annotated[str | None, header], default=None),
        ]
        if self.by is not None and not isinstance(self.by, Missing):
            parameters.append(inspect.Parameter("caller", kind, annotation=Annotated[Any, Depends(self.by)]))
        return inspect.Signature(parameters)

    async def around(self, exchange: Exchange, receive: Receive, send: Send, call_next: CallNext) -> None:
        scope = exchange.scope
        fields = [value.decode("latin-1") for name, value in scope["headers"] if name == _FIELD]
        key = parse_idempotency_key(fields) if fields else None
        exchange.set(IdempotencyKey(key))
        if scope["method"] in _SAFE:
            await call_next(receive, send)
            return
        run = exchange.memo[self] = IdempotentRun(self, exchange, HashedReceive(receive), key, is_sent=bool(fields))
        if key is None:
            await call_next(receive, send)
            return
        hide_file_reads(scope)
        recorder = ResponseRecorder(
            send, self.max_bytes, completed=run.complete, passing=run.complete_unstored, wants=run.wants
        )
        try:
            await run_alongside(lambda: call_next(run.receive, recorder.send), run.keep_lease)
        finally:
            await run.release()

    def stores(self, status: int) -> bool:
        """Whether a response with this status is repeated."""
        if self.statuses is not None:
            return status in self.statuses
        return status < 500 and status not in _NOT_PROCESSED
