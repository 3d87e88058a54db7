"""What holds for each row of the table of returns, so that a new one is tested before somebody writes a test for it."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from signette.background import BackgroundTasks
from signette.declarative.returns.kind import ReturnKind
from signette.declarative.returns.table import RETURNS
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.outcomes import Created, NoContent
from signette.exceptions import HTTPException
from signette.problems import Problem
from signette.responses.events import ServerSentEvent
from signette.responses.plain import HTMLResponse, PlainTextResponse, Response
from tests.asgi import fetch
from tests.declarative.building import app_of

PAGE = Path(__file__).parent / "golden" / "page.txt"


class Item(BaseModel):
    name: str


class Gone(Problem, status=410):
    """It was here once."""


async def rows() -> AsyncIterator[Item]:
    yield Item(name="a")


async def events() -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(data="a")


@dataclass
class Case:
    """An annotation, a function that makes a result of it, and what is sent."""

    kind: str
    annotation: Any
    make: Callable[[], Any]
    media_type: str | None
    body: bytes
    status: int = 200
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.kind}-{getattr(self.annotation, '__name__', self.annotation)}"


CASES = [
    Case("unannotated", MISSING, lambda: {"a": 1}, "application/json", b'{"a":1}'),
    Case("unannotated", MISSING, lambda: Item(name="a"), "application/json", b'{"name":"a"}'),
    Case("unannotated", MISSING, lambda: None, "application/json", b"null"),
    Case("unannotated", MISSING, lambda: "a", "application/json", b'"a"'),
    Case("unannotated", MISSING, lambda: b"a", "application/json", b'"a"'),
    Case("unannotated", MISSING, lambda: Path("page.txt"), "application/json", b'"page.txt"'),
    Case("unannotated", MISSING, lambda: Created(1), "application/json", b"1", 201),
    Case("unannotated", MISSING, lambda: NoContent(), None, b"", 204),
    Case("unannotated", MISSING, lambda: (each for each in (1, 2)), "application/json", b"[1,2]"),
    Case("unannotated", MISSING, rows, "application/jsonl", b'{"name":"a"}\n'),
    Case("response", PlainTextResponse, lambda: PlainTextResponse("a", 202), "text/plain; charset=utf-8", b"a", 202),
    Case("empty", None, lambda: None, None, b"", 204),
    Case("outcome", Created[Item], lambda: Created(Item(name="a")), "application/json", b'{"name":"a"}', 201),
    Case("outcome", NoContent | Item, lambda: NoContent(), None, b"", 204),
    Case("outcome", NoContent | Item, lambda: Item(name="a"), "application/json", b'{"name":"a"}'),
    Case("events", AsyncIterator[ServerSentEvent], events, "text/event-stream; charset=utf-8", b"data: a\n\n"),
    Case("chunks", Iterator[bytes], lambda: iter([b"a", b"b"]), "application/octet-stream", b"ab"),
    Case("chunks", Iterator[str], lambda: iter(["a", "b"]), "text/plain; charset=utf-8", b"ab"),
    Case("lines", AsyncIterator[Item], rows, "application/jsonl", b'{"name":"a"}\n'),
    Case("file", Path, lambda: PAGE, "text/plain; charset=utf-8", b"A page.\n"),
    Case("text", str, lambda: "é\ud800", "text/plain; charset=utf-8", "é?".encode()),
    Case("bytes", bytes, lambda: b"\x00\xff", "application/octet-stream", b"\x00\xff"),
    Case("bytes", memoryview, lambda: memoryview(b"a"), "application/octet-stream", b"a"),
    Case(
        "response class", str, lambda: "<p>", "text/html; charset=utf-8", b"<p>", 200, {"response_class": HTMLResponse}
    ),
    Case("json", Item, lambda: Item(name="a"), "application/json", b'{"name":"a"}'),
    Case("json", list[Item], lambda: [Item(name="a")], "application/json", b'[{"name":"a"}]'),
    Case("json", dict[str, int], lambda: {"a": 1}, "application/json", b'{"a":1}'),
    Case("json", int | None, lambda: None, "application/json", b"null"),
]
EVERY = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
WITH_BODY = pytest.mark.parametrize("case", [case for case in CASES if case.body], ids=lambda case: case.id)


def endpoint_of(case: Case, before: Callable[..., Any] = lambda: None) -> Any:
    """`async def endpoint() -> annotation`."""

    async def endpoint() -> Any:
        before()
        return case.make()

    return annotated(endpoint, case)


def annotated(endpoint: Any, case: Case) -> Any:
    if case.annotation is MISSING:
        del endpoint.__annotations__["return"]
    else:
        endpoint.__annotations__["return"] = case.annotation
    return endpoint


@pytest.mark.parametrize("kind", RETURNS, ids=lambda kind: kind.name)
def test_each_kind_has_an_example(kind: ReturnKind) -> None:
    assert kind.name in {case.kind for case in CASES}


def test_a_kind_that_neither_renders_nor_makes_is_rejected() -> None:
    with pytest.raises(TypeError, match="the return kind `void` needs `renders` or `makes`"):
        ReturnKind("void", lambda reply: True)


@EVERY
def test_the_kind_is_chosen_by_the_annotation(case: Case) -> None:
    plan = app_of(endpoint_of(case), **case.options).routes[-1].plan
    assert plan.reply.kind.name == case.kind


@EVERY
async def test_a_result_becomes_what_its_annotation_says(case: Case) -> None:
    response = await fetch(app_of(endpoint_of(case), **case.options), "GET /")
    assert (response.status, response["content-type"], response.body) == (case.status, case.media_type, case.body)


@EVERY
async def test_the_declared_length_is_the_length_that_is_sent(case: Case) -> None:
    response = await fetch(app_of(endpoint_of(case), **case.options), "GET /")
    assert response["content-length"] in {None, str(len(case.body))}
    assert len(response.all("content-length")) <= 1


@EVERY
async def test_head_responds_with_the_same_headers_and_no_body(case: Case) -> None:
    app = app_of(endpoint_of(case), **case.options)
    head, get = await fetch(app, "HEAD /"), await fetch(app, "GET /")
    assert head.body == b""
    assert (head.status, head["content-type"]) == (get.status, get["content-type"])
    assert head["content-length"] == get["content-length"]


@EVERY
async def test_a_response_that_is_returned_is_sent_as_it_is(case: Case) -> None:
    asked_for = Case(case.kind, case.annotation, lambda: PlainTextResponse("own", 203), None, b"", options=case.options)
    response = await fetch(app_of(endpoint_of(asked_for), **case.options), "GET /")
    assert (response.status, response.body) == (203, b"own")


@EVERY
async def test_a_problem_may_be_returned_or_raised(case: Case) -> None:
    def fail() -> None:
        raise Gone

    for endpoint in (
        endpoint_of(Case(case.kind, case.annotation, Gone, None, b"")),
        endpoint_of(case, fail),
    ):
        response = await fetch(app_of(endpoint, **case.options), "GET /")
        assert (response.status, response["content-type"]) == (410, "application/problem+json")
        assert response.json["detail"] == "It was here once."


@EVERY
async def test_an_http_exception_may_be_returned_or_raised(case: Case) -> None:
    def fail() -> None:
        raise HTTPException(418)

    for endpoint in (
        endpoint_of(Case(case.kind, case.annotation, lambda: HTTPException(418), None, b"")),
        endpoint_of(case, fail),
    ):
        assert (await fetch(app_of(endpoint, **case.options), "GET /")).status == 418


@EVERY
async def test_changes_to_the_injected_response_are_sent(case: Case) -> None:
    async def endpoint(response: Response) -> Any:
        response.headers["x-note"] = "yes"
        response.set_cookie("a", "1")
        return case.make()

    reply = await fetch(app_of(annotated(endpoint, case), **case.options), "GET /")
    assert (reply.status, reply["content-type"], reply.body) == (case.status, case.media_type, case.body)
    merges = case.kind != "response"  # a response of the endpoint's own is its own
    assert (reply["x-note"], len(reply.all("set-cookie"))) == (("yes", 1) if merges else (None, 0))
    assert len(reply.all("content-length")) <= 1


@EVERY
async def test_tasks_run_after_the_response(case: Case) -> None:
    heard: list[str] = []

    async def endpoint(background: BackgroundTasks) -> Any:
        background.add_task(heard.append, "task")
        return case.make()

    response = await fetch(app_of(annotated(endpoint, case), **case.options), "GET /", log=heard)
    assert (response.status, response.body) == (case.status, case.body)
    assert heard == ["sent", "task"]


@EVERY
def test_explain_shows_what_is_sent(case: Case) -> None:
    reply = app_of(endpoint_of(case), **case.options).explain("GET /").rpartition("  response ")[2]
    assert str(case.status) in reply or case.kind in {"unannotated", "response"}
    word = {"outcome": str(case.status)}.get(case.kind, case.kind)
    assert word in reply or case.body == b""


# A `Response` that the endpoint makes has its own status.
@pytest.mark.parametrize(
    "case", [case for case in CASES if case.body and case.kind != "response"], ids=lambda case: case.id
)
@pytest.mark.parametrize("status", [204, 205, 304])
async def test_a_status_without_a_body_sends_no_body(case: Case, status: int) -> None:
    async def endpoint(response: Response) -> Any:
        response.status_code = status
        return case.make()

    reply = await fetch(app_of(annotated(endpoint, case), **case.options), "GET /")
    assert (reply.status, reply.body) == (status, b"")
    # RFC 9110 §8.6: a 204 has no length, and a 304 that of the body which it represents.
    assert status == 304 or reply["content-length"] == {204: None, 205: "0"}[status]


@pytest.mark.parametrize(("status", "length"), [(204, None), (205, "0")])
async def test_the_length_of_nothing_goes_by_the_status(status: int, length: str | None) -> None:
    async def endpoint() -> None: ...

    response = await fetch(app_of(endpoint, status_code=status), "GET /")
    assert (response.status, response.body, response["content-length"]) == (status, b"", length)
