"""The generated binder does what an interpreter of its plan does, for signatures that no one thought of."""

import json
import linecache
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Generic, Self, TypeVar

import anyio
import ormsgpack
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from signette.background import BackgroundTasks
from signette.declarative.binding.app_scope import SingletonStore
from signette.declarative.binding.binder import BindContext, bind
from signette.declarative.errors.base import SignatureError
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.declarative.plan.steps import Plan
from signette.declarative.signature.marker_functions import Depends
from signette.exceptions import HTTPException, RequestValidationError
from signette.formats import JSON, JSONLines, MessagePack, NotAcceptable
from signette.limits import Limits
from signette.requests import HTTPConnection
from signette.responses.plain import Response
from tests.declarative.oracle import Rejection, interpret, receiving
from tests.declarative.signatures import NAMESPACE, Sent, Written, requests, signatures
from tests.volume import examples

UNEQUAL = (Response, HTTPConnection, BackgroundTasks)  # each time another one: their classes are compared


class Recorded(str):
    """What a dependency gives: its own arguments, so that those who ask for it show what they got."""

    __slots__ = ()


def functions_of(written: Written, events: list[Any]) -> dict[str, Any]:
    """The functions, each of which notes in `events` how it was called."""

    def note(what: str, name: str, arguments: Any) -> Any:
        if what == "enter":
            arguments = {key: spelled(value) for key, value in arguments.items()}
        events.append((what, name, arguments))
        return arguments

    namespace = {**NAMESPACE, "note": note, "Recorded": lambda result: Recorded(result)}
    exec(written.text, namespace)
    return namespace


def spelled(value: Any) -> str:
    return type(value).__name__ if isinstance(value, UNEQUAL) else repr(value)


def planned(written: Written, events: list[Any], **options: Any) -> Plan | None:
    """The plan, or none where the signature is one that is rejected."""
    path = "/{" + written.path[0] + "}" if written.path else "/"
    try:
        found = functions_of(written, events)
        entries = tuple(found["entries"])
        return plan_endpoint(Endpoint(found["endpoint"], path, ("POST",), entries, options=options))
    except SignatureError:
        return None


def scope_of(sent: Sent) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": sent.query,
        "headers": sent.headers,
        "path_params": {},
    }


def nameless(entry: Any) -> Any:
    """An entry without the words about the nearest name, which the interpreter does not look for."""
    return {**entry, "message": ""} if entry["code"] == "extra_forbidden" else entry


class Keeping:
    """What represents the application: it keeps what is made for it as long as the request lasts."""

    def _singletons(self) -> SingletonStore:
        return self._made

    async def __aenter__(self) -> Self:
        self._made = SingletonStore(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._made.close()


async def by_binder(plan: Plan, sent: Sent, events: list[Any]) -> Any:
    """What the binder came to, and all that was called on the way."""
    events.clear()
    body = b""

    async def send(message: Any) -> None:
        nonlocal body
        if message["type"] == "http.response.start":
            events.append(("sent", message["status"], dict(message["headers"])[b"content-type"]))
        body += message.get("body", b"")

    binder = bind(plan, BindContext(Limits()))
    try:
        async with Keeping() as app:
            await binder({**scope_of(sent), "app": app}, receiving(sent.body), send, sent.values)
    except RequestValidationError as exc:
        return 422, [nameless(each) for each in exc.errors()], list(events)
    except HTTPException as exc:
        return exc.status_code, [], list(events)
    except NotAcceptable as exc:
        return exc.status, [], list(events)
    return body, list(events)


async def by_oracle(plan: Plan, sent: Sent, events: list[Any]) -> Any:
    """The same by the interpreter."""
    events.clear()

    def handled(status: int, media_type: str | None) -> None:
        events.append(("sent", status, (media_type or "application/json").encode()))

    try:
        reached = await interpret(plan, scope_of(sent), sent.body, sent.values, handled)
    except Rejection as refusal:
        return refusal.status, [nameless(each) for each in refusal.entries], list(events)
    text = plan.reply.kind.renders(plan.reply)(reached.result)  # type: ignore[misc]  # it is JSON
    if plan.reply.envelope is not None and reached.media_type != "application/jsonl":
        text = b'{"data":' + text + b"}"
    return RENDERED[reached.media_type](text), list(events)


RENDERED: dict[str | None, Callable[[bytes], bytes]] = {
    None: lambda text: text,
    "application/json": lambda text: text,
    "application/jsonl": lambda text: text + b"\n",
    "application/vnd.msgpack": lambda text: ormsgpack.packb(json.loads(text)),
}
T = TypeVar("T")


class Envelope(BaseModel, Generic[T]):
    """An envelope without more."""

    data: T


FORMATS = [JSON, JSONLines, MessagePack]
ACCEPTED = ["", "*/*", "application/*;q=0.1", "application/jsonl", "application/json;q=0.2, */*;q=0.3", "text/csv",
            "application/vnd.msgpack;q=0.5, application/json;q=0.4", "application/*;q=0, */*"]  # fmt: skip


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_binder_and_interpreter_call_the_same_with_the_same(backend: str, data: st.DataObject) -> None:
    events: list[Any] = []
    written = data.draw(signatures())
    unknown = data.draw(st.sampled_from(["ignore", "ignore", "log", "forbid"]))
    renders = data.draw(st.sampled_from([None, None, FORMATS]))
    envelope = data.draw(st.sampled_from([None, None, Envelope]))
    plan = planned(written, events, unknown_query_params=unknown, renders=renders, envelope=envelope)
    assume(plan is not None)

    async def compare(sent: Sent) -> None:
        assert await by_binder(plan, sent, events) == await by_oracle(plan, sent, events)

    for _ in range(3):
        sent = data.draw(requests(written))
        if renders and (accept := data.draw(st.sampled_from(ACCEPTED))):
            sent = replace(sent, headers=[*sent.headers, (b"accept", accept.encode())])
        anyio.run(compare, sent, backend=backend)


def test_a_binder_is_removed_from_linecache_with_its_function() -> None:
    async def endpoint() -> None: ...

    def living() -> list[str]:
        return [name for name in linecache.cache if name.startswith("<signette GET /only-here")]

    binder: Callable[..., Any] | None = bind(
        plan_endpoint(Endpoint(endpoint, "/only-here", ("GET",))), BindContext(Limits())
    )
    assert living() == ["<signette GET /only-here>"]
    del binder
    assert living() == []


def test_a_class_may_be_called_anything() -> None:
    odd = type("A\nraise KeyError #", (), {"__init__": lambda self: None})

    async def endpoint(a: Annotated[Any, Depends(odd)]) -> None: ...

    bind(plan_endpoint(Endpoint(endpoint, "/", ("GET",))), BindContext(Limits()))
