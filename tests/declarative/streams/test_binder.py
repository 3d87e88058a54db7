"""The binder of a stream and the interpreter of plans agree."""

import csv
import io
import json
from typing import Annotated, Any

import anyio
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from signette import Items, Stream
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from tests.declarative.signatures import Sent
from tests.declarative.test_binder_agrees import by_binder, by_oracle
from tests.volume import examples


class Reading(BaseModel):
    """An item."""

    station: str = Field(min_length=1)
    value: int = 0


OBJECTS = st.fixed_dictionaries({}, optional={"station": st.sampled_from(["a", "", "ü"]), "value": st.integers(0, 9)})
LISTS = st.lists(OBJECTS | st.sampled_from([1, {"value": "x"}]), max_size=5)
MEDIA_TYPES = ["application/jsonl", "application/json", "application/json-seq", "text/csv"]


def written(media_type: str, items: list[Any]) -> bytes:
    """The items as a body."""
    if media_type == "application/json":
        return json.dumps(items).encode()
    if media_type == "text/csv":
        file = io.StringIO(newline="")
        writer = csv.DictWriter(file, ["station", "value"])
        writer.writeheader()
        writer.writerows(each for each in items if isinstance(each, dict))
        return file.getvalue().encode()
    before = "\x1e" if media_type == "application/json-seq" else ""
    return "".join(f"{before}{json.dumps(each)}\n" for each in items).encode()


BODIES = st.sampled_from(MEDIA_TYPES).flatmap(lambda each: LISTS.map(lambda items: (each, written(each, items))))
OTHERS = st.tuples(
    st.sampled_from([None, "text/plain", "application/json"]), st.sampled_from([b"", b"[1", b"{}", b"[]"])
)
OPTIONS = st.builds(Items, on_error=st.sampled_from(["fail", "skip"])) | st.builds(
    Items, on_error=st.just("collect"), max_errors=st.none() | st.integers(1, 3)
)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@settings(max_examples=examples(50), deadline=None)
@given(sent=BODIES | OTHERS, items=OPTIONS, in_thread=st.booleans())
@example(sent=("application/jsonl", b"NaN"), items=Items(), in_thread=False)
@example(
    sent=("application/jsonl", b'{"station": "a", "value": -Infinity}'), items=Items(on_error="skip"), in_thread=True
)
@example(sent=("application/json", b'[{"station": "a"}, NaN]'), items=Items(on_error="collect"), in_thread=False)
@example(sent=("application/json", b'[{"station": NaN}]'), items=Items(on_error="skip"), in_thread=True)
@example(sent=("application/json-seq", b'\x1e{"station": "a", "value": 1e400}\n'), items=Items(), in_thread=False)
def test_binder_and_interpreter_agree(backend: str, sent: Any, items: Items, in_thread: bool) -> None:
    events: list[Any] = []

    async def read(rows: Annotated[Stream[Reading], items]) -> dict[str, Any]:
        values = [row.model_dump() async for row in rows]
        return {"values": values, "accepted": rows.accepted, "skipped": rows.skipped}

    def read_in_thread(rows: Annotated[Stream[Reading], items]) -> dict[str, Any]:
        values = [row.model_dump() for row in rows]
        return {"values": values, "accepted": rows.accepted, "skipped": rows.skipped}

    media_type, body = sent
    plan = plan_endpoint(Endpoint(read_in_thread if in_thread else read, "/", ("POST",), ()))
    headers = [(b"content-type", media_type.encode())] if media_type is not None else []
    request = Sent(values=[], query=b"", headers=headers, body=body)

    async def both() -> None:
        assert await by_binder(plan, request, events) == await by_oracle(plan, request, events)

    anyio.run(both, backend=backend)
