"""Sync calls in one thread are what they are in several: for graphs of functions that no one thought of.

Both are compared with each other, with all that they do to a context variable, and with the interpreter of plans.
"""

from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Annotated, Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signette.declarative.binding.binder import BindContext, bind
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.declarative.plan.steps import Call, Plan
from signette.declarative.signature.marker_functions import Depends
from signette.exceptions import HTTPException
from signette.limits import Limits
from tests.declarative.oracle import interpret, receiving
from tests.volume import examples

here: ContextVar[str] = ContextVar("here", default="nobody")
ACTIONS = ("nothing", "set", "reset", "raise", "refuse")
WRITTEN = {
    "sync": "def {name}({parameters}):\n    return act({name!r}, [{values}])\n",
    "async": "async def {name}({parameters}):\n    return act({name!r}, [{values}])\n",
    "generator": "def {name}({parameters}):\n    value = act({name!r}, [{values}])\n"
    "    try:\n        yield value\n    finally:\n        act({name!r} + ' closed', [])\n",
    "async generator": "async def {name}({parameters}):\n    value = act({name!r}, [{values}])\n"
    "    try:\n        yield value\n    finally:\n        act({name!r} + ' closed', [])\n",
}


@dataclass(frozen=True)
class Graph:
    """Functions that depend on each other, and what each does to a context variable."""

    text: str
    actions: dict[str, str]
    guards: tuple[str, ...]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    kinds = [*["sync"] * 4, "async", "generator", "async generator"]
    text, actions, made = "", {}, list[str]()
    for number in range(draw(st.integers(1, 5))):
        name = f"f{number}"
        needs = draw(st.lists(st.sampled_from(made), unique=True, max_size=2)) if made else []
        text += written(name, draw(st.sampled_from(kinds)), needs)
        actions[name] = draw(st.sampled_from(ACTIONS))
        made.append(name)
    needs = draw(st.lists(st.sampled_from(made), unique=True, min_size=1))
    text += written("endpoint", draw(st.sampled_from(["sync", "async"])), needs)
    actions["endpoint"] = draw(st.sampled_from(ACTIONS))
    return Graph(text, actions, tuple(draw(st.lists(st.sampled_from(made), unique=True, max_size=2))))


def written(name: str, kind: str, needs: list[str]) -> str:
    parameters = ", ".join(f"{each}: Annotated[Any, Depends({each})]" for each in needs)
    return WRITTEN[kind].format(name=name, parameters=parameters, values=", ".join(needs))


class Acting:
    """Notes each call, with the value of the context variable, and does what the graph says."""

    def __init__(self, actions: dict[str, str]) -> None:
        self.actions = actions
        self.events: list[Any] = []
        self.tokens: list[Any] = []

    def act(self, name: str, values: list[str]) -> str:
        action, note = self.actions.get(name, "nothing"), [name, values, here.get()]
        self.events.append(note)
        if action == "set":
            self.tokens.append(here.set(name))
        elif action == "reset" and self.tokens:
            try:
                here.reset(self.tokens.pop())
            except (ValueError, RuntimeError) as exc:
                note.append(type(exc).__name__)
        elif action == "raise":
            raise LookupError(name)
        elif action == "refuse":
            raise HTTPException(409, name)
        return name


async def outcome_of(plan: Plan, acting: Acting) -> Any:
    """What happens in a request: the calls, the messages or the exception, and the context after it."""
    acting.events, acting.tokens = [], []
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def request() -> Any:
        binder = bind(plan, BindContext(Limits()))
        try:
            await binder({**SCOPE, "headers": []}, receiving(b""), send, ())
        except Exception as exc:  # noqa: BLE001 - compared
            return repr(exc), here.get()
        return None, here.get()

    results: list[Any] = []

    async def keep() -> None:
        results.append(await request())

    async with anyio.create_task_group() as group:  # its own context
        group.start_soon(keep)
    return results, sent, acting.events


SCOPE = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "path_params": {}}


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@settings(max_examples=examples(60), deadline=None)
@given(graph=graphs())
def test_calls_in_one_thread_are_what_calls_in_several_are(backend: str, graph: Graph) -> None:
    acting = Acting(graph.actions)
    namespace: dict[str, Any] = {"Annotated": Annotated, "Any": Any, "Depends": Depends, "act": acting.act}
    exec(graph.text, namespace)
    guards = tuple(Depends(namespace[name]) for name in graph.guards)
    plan = plan_endpoint(Endpoint(namespace["endpoint"], "/", ("GET",), guards))
    apart = replace(
        plan, steps=tuple(replace(each, thread=0) if isinstance(each, Call) else each for each in plan.steps)
    )

    async def compare() -> None:
        together = await outcome_of(plan, acting)
        assert together == await outcome_of(apart, acting)
        names = [event[:2] for event in together[2]]
        acting.events, acting.tokens = [], []
        with suppress(LookupError, HTTPException):
            await interpret(plan, {**SCOPE, "headers": []}, b"", (), lambda *sent: None)
        assert names == [event[:2] for event in acting.events]

    anyio.run(compare, backend=backend)
