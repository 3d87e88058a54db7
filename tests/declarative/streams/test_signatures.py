"""Which parameters can be streams, and what `explain` and the plan say of them."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, Json
from typing_extensions import TypedDict

from signette import (
    App,
    Body,
    Depends,
    Form,
    Header,
    Items,
    Patch,
    Process,
    Query,
    Request,
    Stream,
    UploadFile,
    WebSocket,
    explain,
)
from signette.declarative.checks.streams import csv_misfit
from signette.declarative.errors.base import SignatureError
from signette.declarative.inspection.plan_json import describe_plan


class Reading(BaseModel):
    """An item."""

    station: str
    value: float = 0


async def optional(rows: Stream[Reading] | None) -> None: ...
async def with_default(rows: Stream[Reading] = None) -> None: ...  # type: ignore[assignment]
async def listed(rows: list[Stream[Reading]]) -> None: ...
async def in_query(rows: Annotated[Stream[Reading], Query()]) -> None: ...
async def in_path(item: Stream[Reading]) -> None: ...
async def field(rows: Annotated[Stream[Reading], Field(min_length=1)]) -> None: ...
async def named(rows: Annotated[Stream[Reading], Field(alias="r")]) -> None: ...
async def beside_json(rows: Stream[Reading], other: Reading) -> None: ...
async def beside_body(rows: Stream[Reading], other: Annotated[bytes, Body()]) -> None: ...
async def beside_form(rows: Stream[Reading], other: Annotated[str, Form()]) -> None: ...
async def beside_file(rows: Stream[Reading], other: UploadFile) -> None: ...
async def of_files(rows: Stream[UploadFile]) -> None: ...
async def of_streams(rows: Stream[Stream[Reading]]) -> None: ...
async def of_misplaced_marker(rows: Stream[Annotated[Reading, Query()]]) -> None: ...
async def of_constraint(rows: Stream[Annotated[int, Field(max_length=3)]]) -> None: ...
async def of_class(rows: Stream[Request]) -> None: ...
async def items_on_dependency(rows: Annotated[Any, Depends(optional), Items()]) -> None: ...
async def items_in_header(rows: Annotated[str, Header(), Items()]) -> None: ...
async def items_inside(rows: Stream[Annotated[Reading, Items()]]) -> None: ...
async def items_returned() -> Annotated[int, Items()]: ...  # type: ignore[empty-body]


REJECTED: list[tuple[Any, str]] = [
    (optional, "it is inside another type"),
    (with_default, "it has a default"),
    (listed, "it is inside another type"),
    (in_query, "it is marked `Query()`"),
    (in_path, "it is read from the path"),
    (field, "has no effect"),
    (named, "it is marked `Field()`"),
    (beside_json, "conflicting request bodies"),
    (beside_body, "conflicting request bodies"),
    (beside_form, "conflicting request bodies"),
    (beside_file, "conflicting request bodies"),
    (of_files, "an uploaded file"),
    (of_streams, "cannot be read from a request"),
    (of_misplaced_marker, "inside its type"),
    (of_constraint, "max_length"),
    (of_class, "cannot be read from a request"),
    (items_on_dependency, "is not a stream"),
    (items_in_header, "is not a stream"),
    (items_inside, "is not a stream"),
    (items_returned, "Items"),
]


@pytest.mark.parametrize(("endpoint", "problem"), REJECTED, ids=[each[0].__name__ for each in REJECTED])
def test_a_stream_that_cannot_be_read_is_rejected(endpoint: Any, problem: str) -> None:
    app = App()
    with pytest.raises(SignatureError) as raised:
        app.post("/{item}" if endpoint is in_path else "/")(endpoint)
    assert problem in raised.value.problem, raised.value


@pytest.mark.parametrize("methods", [["GET"], ["HEAD"], ["DELETE"], ["OPTIONS"], ["POST", "GET"]])
def test_requests_without_a_body_have_no_stream(methods: list[str]) -> None:
    async def read(rows: Stream[Reading]) -> None: ...

    with pytest.raises(SignatureError, match="have none"):
        App().api_route("/", methods=methods)(read)


def test_a_websocket_has_no_stream() -> None:
    async def read(websocket: WebSocket, rows: Stream[Reading]) -> None: ...

    with pytest.raises(SignatureError, match="WebSocket"):
        App().websocket("/")(read)


def read_in_process(rows: Stream[Reading]) -> None: ...


def test_a_stream_cannot_be_sent_to_a_worker_process() -> None:
    with pytest.raises(SignatureError, match="`rows` is a stream, which cannot be sent to a worker process"):
        App().post("/", executor=Process(limit=1))(read_in_process)


def test_a_dependency_and_the_endpoint_cannot_both_have_a_stream() -> None:
    async def dependency(rows: Stream[Reading]) -> None: ...

    async def endpoint(rows: Stream[Reading], other: Annotated[None, Depends(dependency)]) -> None: ...

    with pytest.raises(SignatureError, match="can be read once"):
        App().post("/")(endpoint)


OPTIONS: list[dict[str, Any]] = [
    {"on_error": "stop"},
    {"max_items": 0},
    {"max_items": True},
    {"max_items": "10"},
    {"max_item_bytes": None},
    {"max_bytes": -1},
    {"on_error": "collect", "max_errors": 0},
    {"media_types": "text/csv"},
    {"media_types": []},
]


@pytest.mark.parametrize("options", OPTIONS, ids=repr)
def test_options_that_are_not_valid_are_rejected(options: dict[str, Any]) -> None:
    async def read(rows: Annotated[Stream[Reading], Items(**options)]) -> None: ...

    with pytest.raises(SignatureError, match="must be"):
        App().post("/")(read)


class Typed(TypedDict):
    """A row."""

    n: int
    at: float | None


class Other(BaseModel):
    """Another row."""

    data: Json[dict[str, int]]
    extra: Any


class Nested(BaseModel):
    """Not a row."""

    reading: Reading


FITS: list[tuple[Any, str | None]] = [
    (Reading, None), (Typed, None), (Other, None), (Reading | Other, None), (Annotated[Reading, Field()], None),
    (Nested, "`reading` is not a single value"), (Patch[Reading], "it is not a model"), (int, "it is not a model"),
    (list[Reading], "it is not a model"), (Reading | int, "it is not a model"), (Any, "it is not a model"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "why"), FITS, ids=lambda each: str(each)[:40])
def test_rows_of_csv_are_models_of_single_values(item: Any, why: str | None) -> None:
    assert csv_misfit(item) == why


def test_explain_and_the_plan_have_the_options() -> None:
    app = App()

    @app.post("/")
    async def read(
        rows: Annotated[Stream[Nested], Items(on_error="collect", max_errors=5, max_items=10, max_bytes=1000)],
    ) -> None: ...

    line = next(line for line in explain(app, "POST /").splitlines() if "Stream" in line)
    assert "body: Stream[Nested]" in line
    assert "accepts application/jsonl, application/json, application/json-seq;" in line
    assert "on error: collect; at most 5 errors, 10 items, 1000 bytes, 1048576 bytes for an item" in line
    (route,) = [each for each in app.routes if getattr(each, "path", "") == "/"]
    (described,) = [step["stream"] for step in describe_plan(route.plan)["steps"] if step.get("stream")]
    assert described == {
        "type": "Nested",
        "media_types": ["application/jsonl", "application/json", "application/json-seq"],
        "on_error": "collect",
        "max_errors": 5,
        "max_items": 10,
        "max_item_bytes": 1024 * 1024,
        "max_bytes": 1000,
    }
