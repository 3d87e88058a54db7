"""The binder reads files with rules and sinks as the interpreter of plans does, for any form."""

from typing import Annotated, Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signette import File, Form, To, Upload, UploadFile
from signette.declarative.binding.binder import BindContext, bind
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.declarative.plan.steps import Plan
from signette.exceptions import HTTPException, RequestValidationError
from signette.limits import Limits
from tests.asgi import scope_of
from tests.declarative.oracle import Rejection, interpret, receiving
from tests.declarative.uploads.parts import END, HEADERS, part
from tests.volume import examples

NAMES = ["a", "b", "c"]
TYPES = [None, "image/png", "image/gif", "text/plain", "application/octet-stream"]


async def count(part: Any) -> None:
    """A sink."""
    async for _ in part:
        pass


RULES = st.builds(
    File,
    max_bytes=st.none() | st.integers(1, 20),
    media_types=st.none() | st.lists(st.sampled_from(["image/*", "image/png", "text/plain"]), min_size=1),
)
ONE = st.sampled_from([UploadFile, UploadFile | None, list[UploadFile], bytes, list[bytes]])
STORED = st.sampled_from([Upload, Upload | None, list[Upload], Upload | str])
FILES = st.builds(lambda cls, rule: Annotated[cls, rule], ONE, RULES) | st.builds(
    lambda cls, rule: Annotated[cls, rule, To(count)], STORED, RULES
)
VALUES = FILES | st.just(Annotated[str, Form()])
PARTS = st.builds(
    part,
    st.sampled_from([*NAMES, "d"]),
    st.text("ab\n", max_size=30).map(str.encode),
    st.sampled_from(TYPES),
    st.sampled_from([None, "", "f"]),
)


def shown(value: Any) -> Any:
    if isinstance(value, list):
        return list(map(shown, value))
    if isinstance(value, UploadFile):
        return ["file", value.filename, value.size, value.content_type]
    if isinstance(value, Upload):
        return ["upload", value.name, value.filename, value.size, value.content_type, value.digest]
    return repr(value)


def planned(annotations: list[Any], seen: list[Any]) -> Plan:
    async def endpoint(a: Any, b: Any = None, c: Any = None) -> None:
        seen.append([shown(each) for each in (a, b, c)])

    endpoint.__annotations__ |= dict(zip(NAMES, annotations, strict=True))
    return plan_endpoint(Endpoint(endpoint, "/", ("POST",), ()))


async def by_binder(plan: Plan, body: bytes) -> Any:
    async def send(message: Any) -> None: ...

    try:
        await bind(plan, BindContext(Limits()))(scope_of(headers=HEADERS, method="POST"), receiving(body), send, ())
    except RequestValidationError as exc:
        return 422, exc.errors()
    except HTTPException as exc:
        return exc.status_code, []
    return 204, []


async def by_oracle(plan: Plan, body: bytes) -> Any:
    try:
        await interpret(plan, scope_of(headers=HEADERS, method="POST"), body, (), lambda *_: None)
    except Rejection as rejection:
        return rejection.status, rejection.entries
    return 204, []


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow])
@given(annotations=st.tuples(VALUES, VALUES, VALUES).map(list), parts=st.lists(PARTS, max_size=4))
def test_binder_and_interpreter_read_the_same_files(backend: str, annotations: list[Any], parts: list[bytes]) -> None:
    seen: list[Any] = []
    plan, body = planned(annotations, seen), b"".join(parts) + END
    found = anyio.run(by_binder, plan, body, backend=backend)
    expected = anyio.run(by_oracle, plan, body, backend=backend)
    assert found == expected
    assert seen[:1] == seen[1:]
