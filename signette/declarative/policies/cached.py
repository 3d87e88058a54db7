"""`Cached`: responses to GET and HEAD are stored, and sent again without a call of the endpoint.

Theory of operation. `guard` runs after security. It makes the key of the request (`cache_key`) and looks for an entry:
a fresh one ends the request, and so does a stale one during `stale_while_revalidate`. Without an entry, one request
calls the endpoint and the others wait for its response (`cache_flight`). `around` keeps that response, adds validators,
stores it, and ends the flight. A stale entry is replaced after its response was sent, by a second run of the request.
"""

import inspect
import string
from collections.abc import Callable, Container, Iterable, Sequence
from functools import partial
from time import time
from typing import Annotated, Any, ClassVar

from signette._http.tokens import TOKEN
from signette._per_loop import PerLoop
from signette.declarative.policies.arguments import check_max_bytes, check_seconds, check_statuses, list_statuses
from signette.declarative.policies.base import (
    Around,
    CannotApply,
    Documentation,
    OnFailure,
    Operation,
    Policy,
    PolicyContext,
    check_on_failure,
)
from signette.declarative.policies.cache_flight import Flights
from signette.declarative.policies.cache_key import Variation, variation_of
from signette.declarative.policies.cache_visit import CacheState, CacheVisit, OpenCache
from signette.declarative.policies.caller import check_by, checked_by
from signette.declarative.policies.credentials import credentials_of
from signette.declarative.policies.exchange import CallNext, Exchange, PolicyValue
from signette.declarative.signature.depends import Depends
from signette.declarative.signature.markers import Path
from signette.responses.plain import Response
from signette.types import Receive, Send

_METHODS = frozenset({"GET", "HEAD"})
# The prefix of path parameters among those of the guard.
_PATH = "path_"


class Cached(Policy):
    """Store responses for `max_age` seconds, and send them again without calling the endpoint.

    The key of a response is its URL, the headers and cookies that the signature of the operation reads, the headers of
    `vary`, and what `by` returns: a dependency with the id of the user. An operation that reads credentials needs `by`,
    or `private`: True stores nothing here and lets browsers store the response, False means that all users get the same
    response.

    A response that is older than `max_age` is sent for `stale_while_revalidate` more seconds, while a new one is made.
    `tags` are names for `Cache.invalidate`; `item:{item_id}` has the value of a path parameter. Only responses with one
    of `statuses` and of at most `max_bytes` are stored. Of many requests without a stored response, one calls the
    endpoint, and the others wait for it for at most `wait` seconds.

    Raises:
        TypeError: `vary` or `tags` is a string.
        ValueError: an argument is out of range, or conflicts with another.
    """

    order: ClassVar[int] = 70
    purpose: ClassVar[str | None] = "cache"
    provides: ClassVar[type[PolicyValue] | None] = CacheState

    def __init__(
        self,
        max_age: float,
        *,
        by: Callable[..., Any] | None = None,
        private: bool | None = None,
        vary: Iterable[str] = (),
        stale_while_revalidate: float = 0,
        tags: Iterable[str] = (),
        statuses: Container[int] = (200,),
        max_bytes: int = 1_048_576,
        wait: float = 10,
        on_failure: OnFailure = "open",
    ) -> None:
        if private and (by is not None or stale_while_revalidate or tuple(tags)):
            raise ValueError("`private=True` stores nothing: remove `by=`, `stale_while_revalidate=` and `tags=`")
        if by is not None and private is False:
            raise ValueError("`private=False` and `by=` conflict: a response is for all users, or for each its own")
        self.max_age = check_seconds("max_age", max_age)
        self.by = checked_by("Cached", by)
        self.private = private
        self.vary = _listed("vary", vary)
        self.stale_while_revalidate = check_seconds("stale_while_revalidate", stale_while_revalidate, or_zero=True)
        self.tags = _listed("tags", tags)
        self.statuses = check_statuses(statuses)
        self.max_bytes = check_max_bytes(max_bytes)
        self.wait = check_seconds("wait", wait)
        self.on_failure = check_on_failure(on_failure)
        for name in self.vary:
            if not (isinstance(name, str) and TOKEN.fullmatch(name)) or name == "*":
                raise ValueError(f"`vary=` of `Cached` has {name!r}, which is not the name of a header")
        _fields_of(self.tags)
        self.clock = time
        """Seconds since 1970."""

    def check(self, operation: Operation) -> CannotApply | None:
        if not _METHODS.issuperset(operation.methods) or "GET" not in operation.methods:
            methods = ", ".join(operation.methods) or "any"
            alone = " alone" if methods == "HEAD" else ""
            return CannotApply(f"it caches responses to GET and HEAD, not to {methods} requests{alone}")
        if operation.is_forwarded:
            return CannotApply("it is unknown what the responses of a plain route or mount depend on")
        if operation.streams:
            return CannotApply("the operation streams its response, which cannot be stored", "return the whole result")
        if any(read.source.place in ("body", "form") for read in operation.plan.reads):
            return CannotApply("the operation reads a request body, which is not part of the key of a cached response")
        if not operation.returns_response and operation.status not in self.statuses:
            status = operation.status
            return CannotApply(
                f"it stores no response with the status {status} of the operation", f"write `statuses=({status},)`"
            )
        reads = credentials_of(operation.plan)
        if reads is not None and self.by is None and self.private is None:
            return CannotApply(
                f"the operation reads {reads}, and without `by=` a user could get the response of another one",
                "pass `by=` with a dependency that returns the id of the user, `private=False` if all users get the"
                " same response, or `private=True` to cache in browsers only",
            )
        return check_by(self.by) or _check_tags(self.tags, operation.path)

    def document(self, operation: Operation) -> Documentation:  # noqa: ARG002 - the same for each operation
        described = {
            "Cache-Control": "For how long the response may be cached.",
            "ETag": "The version of the response.",
        }
        if not self.private:
            described["Age"] = "Seconds since the response was made, if it comes from the cache."
        return Documentation(
            headers={200: described}, responses={304: "Not modified: the client has the current response."}
        )

    def facts(self) -> dict[str, Any]:
        """Its arguments without those of the store: tags, sizes and waiting times."""
        internal = {"tags", "wait", "max_bytes"}
        facts = {name: value for name, value in super().facts().items() if name not in internal}
        return facts | {"statuses": list_statuses(self.statuses)}

    def open(self, context: PolicyContext) -> OpenCache:
        return OpenCache(context.backend.store("cache"), PerLoop(Flights), self.clock)

    def guard(self) -> Callable[..., Any]:
        async def cache(*, exchange: Exchange, caller: Any = None, **path: str) -> Response | None:
            visit: CacheVisit | None = exchange.memo.get(self)
            return (
                None
                if visit is None
                else await visit.begin(caller, {name.removeprefix(_PATH): value for name, value in path.items()})
            )

        kind = inspect.Parameter.KEYWORD_ONLY
        annotations: dict[str, Any] = {"exchange": Exchange}
        if self.by is not None:
            annotations["caller"] = Annotated[Any, Depends(self.by)]
        for name in _fields_of(self.tags):
            annotations[_PATH + name] = Annotated[str, Path(alias=name)]
        parameters = [inspect.Parameter(name, kind, annotation=each) for name, each in annotations.items()]
        setattr(cache, "__signature__", inspect.Signature(parameters))  # noqa: B010 - functions have no such attribute for type checkers
        return cache

    def around_for(self, operation: Operation) -> Around:
        """`around` with what the response depends on: a plan with policies has also what their guards read."""
        return partial(self._run, variation_of(operation.plan, self.vary))

    async def _run(
        self, variation: Variation, exchange: Exchange, receive: Receive, send: Send, call_next: CallNext
    ) -> None:
        visit = exchange.memo[self] = CacheVisit(self, exchange, variation)
        await visit.run(receive, send, call_next)


def _listed(name: str, values: Iterable[str]) -> tuple[str, ...]:
    if isinstance(values, str):
        raise TypeError(f"`{name}=` of `Cached` must be a list of strings, not one string: write `{name}=[{values!r}]`")
    return tuple(values)


def _fields_of(tags: Sequence[str]) -> tuple[str, ...]:
    """The path parameters in tags. Raises ValueError for a tag that is not a template with names."""
    found: dict[str, None] = {}
    for tag in tags:
        if not isinstance(tag, str):
            raise ValueError(f"`tags=` of `Cached` has {tag!r}, which is not a string")  # noqa: TRY004 - as below
        try:
            fields = [each for each in string.Formatter().parse(tag) if each[1] is not None]
        except ValueError as exc:
            raise ValueError(f"`tags=` of `Cached` has {tag!r}: {exc}") from None
        for _, name, spec, conversion in fields:
            if not name or not name.isidentifier() or spec or conversion:
                raise ValueError(f"`tags=` of `Cached` has {tag!r}; write names of path parameters: `item:{{item_id}}`")
            found[name] = None
    return tuple(found)


def _check_tags(tags: Sequence[str], path: str) -> CannotApply | None:
    for name in _fields_of(tags):
        if f"{{{name}}}" not in path and f"{{{name}:" not in path:
            return CannotApply(
                f"`tags=` uses `{{{name}}}`, which is not a path parameter of `{path}`",
                "use a path parameter of this operation, or call `await state.tag(...)` of `state: CacheState`",
            )
    return None
