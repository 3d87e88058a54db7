"""Ids of requests: which one counts, where it is seen, and what the access log has."""

import logging
import re
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette import App, HTTPException, Mount, Response, WebSocket
from signette.applications import Application
from signette.concurrency import run_in_threadpool
from signette.logging import current_request_ids
from signette.middleware.registry import Middleware
from signette.middleware.request_id import RequestIDMiddleware
from signette.requests import Request
from signette.responses.plain import PlainTextResponse
from signette.routing.route import Route
from signette.types import Receive, Scope, Send
from tests.asgi import DENIAL, call, connect

NEW = re.compile("[0-9a-f]{32}")
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


async def show(request: Request) -> dict[str, str]:
    ids = current_request_ids()
    assert ids is not None
    in_thread = await run_in_threadpool(current_request_ids)
    assert in_thread is ids
    return {"id": ids.request_id, "trace": ids.trace_id, "traceparent": ids.traceparent}


def shop(**options: Any) -> App:
    app = App(middleware=[Middleware(RequestIDMiddleware, **options)], health=True)
    app.get("/items/{item_id}")(_read)
    app.get("/show")(show)
    app.get("/fails")(_fail)
    app.websocket("/feed")(_feed)
    app.routes.append(Mount("/inner", Application(routes=[Route("/a/{b}", _plain)])))
    return app


async def _read(item_id: int) -> int:
    return item_id


async def _plain(_: Request) -> PlainTextResponse:
    return PlainTextResponse("plain", headers={"x-request-id": "its own"})


async def _fail() -> None:
    raise RuntimeError("broken")


async def _feed(websocket: WebSocket, room: int = 1) -> None:
    await websocket.accept(headers=[(b"x-a", b"b")])
    await websocket.close(4000)


@pytest.mark.parametrize(
    ("headers", "options", "expected"),
    [
        ({}, {}, NEW),
        ({"x-request-id": "a.B-1:/@+=_"}, {}, "a.B-1:/@+=_"),
        ({"x-request-id": "a" * 128}, {}, "a" * 128),
        ({"x-request-id": "a" * 129}, {}, NEW),
        ({"x-request-id": ""}, {}, NEW),
        ({"x-request-id": 'a"b'}, {}, NEW),
        ({"x-request-id": "a b"}, {}, NEW),
        ({"x-request-id": "é"}, {}, NEW),
        ({"x-request-id": "abc"}, {"accept": False}, NEW),
        ({"x-request-id": "abc", "traceparent": f"00-{TRACE}-{SPAN}-01"}, {}, "abc"),
        ({"traceparent": f"00-{TRACE}-{SPAN}-01"}, {}, TRACE),
        ({"traceparent": f"00-{TRACE}-{SPAN}-01"}, {"accept": False}, TRACE),
        ({"x-correlation-id": "abc"}, {"header": "X-Correlation-ID"}, "abc"),
    ],
)
async def test_the_id_of_a_request(headers: dict[str, str], options: Any, expected: str | re.Pattern[str]) -> None:
    response = await call(shop(**options), "/show", headers=headers)
    sent = response[options.get("header", "x-request-id").lower()]
    assert sent == response.json["id"]
    assert expected == sent if isinstance(expected, str) else expected.fullmatch(sent or "")


@pytest.mark.parametrize(
    ("value", "is_valid"),
    [
        (f"00-{TRACE}-{SPAN}-01", True),
        (f"00-{TRACE}-{SPAN}-00", True),
        (f"cc-{TRACE}-{SPAN}-01", True),
        (f"cc-{TRACE}-{SPAN}-01-more", True),
        (f"00-{TRACE}-{SPAN}-01-more", False),
        (f"ff-{TRACE}-{SPAN}-01", False),
        (f"00-{'0' * 32}-{SPAN}-01", False),
        (f"00-{TRACE}-{'0' * 16}-01", False),
        (f"00-{TRACE.upper()}-{SPAN}-01", False),
        (f"00-{TRACE}-{SPAN}", False),
        (f"00-{TRACE}-{SPAN}-1", False),
        ("", False),
    ],
)
async def test_a_trace_is_continued_if_it_is_valid(value: str, is_valid: bool) -> None:
    found = (await call(shop(), "/show", headers={"traceparent": value})).json
    assert (found["trace"] == TRACE) is is_valid
    version, trace, span, flags = found["traceparent"].split("-")
    assert (version, trace) == ("00", found["trace"])
    assert len(span) == 16
    assert span != SPAN
    assert flags == (value[-2:] if is_valid and not value.endswith("more") else "01" if is_valid else "00")


async def test_two_traceparents_are_as_none() -> None:
    both = [("traceparent", f"00-{TRACE}-{SPAN}-01")] * 2
    assert (await call(shop(), "/show", headers=both)).json["trace"] != TRACE


SHOP = shop()


@given(st.binary(max_size=80))
async def test_any_traceparent_gives_a_valid_one(value: bytes) -> None:
    found = (await call(SHOP, "/show", headers=[(b"traceparent", value)])).json
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]", found["traceparent"])


async def test_each_response_has_one_id_also_errors() -> None:
    for path in ("/nothing", "/items/a", "/inner/a/b"):
        response = await call(shop(), path, headers={"x-request-id": "abc"})
        assert response.all("x-request-id") == ["abc"]
    failed = await call(shop(), "/fails", headers={"x-request-id": "abc"})
    assert (failed.status, failed.all("x-request-id")) == (500, ["abc"])
    assert isinstance(failed.error, RuntimeError)


@pytest.mark.parametrize("path", ["/nothing", "/items/a", "/fails", "/gone"])
async def test_a_problem_has_the_id(path: str) -> None:
    plain, app = App(), shop()
    for each in (plain, app):
        each.get("/gone")(_gone)
    plain.get("/items/{item_id}")(_read)
    plain.get("/fails")(_fail)
    problem = await call(app, path, headers={"x-request-id": "abc"})
    assert problem.json == {**(await call(plain, path)).json, "request_id": "abc"}
    assert problem["content-length"] == str(len(problem.body))
    head = await call(app, path, method="HEAD", headers={"x-request-id": "abc"})
    assert head["content-length"] == problem["content-length"]


async def _gone() -> None:
    raise HTTPException(410, headers={"x-a": "b"})


@pytest.mark.parametrize(
    "response",
    [
        Response(b'{"detail":"a"}', 404, media_type="application/json"),
        Response(b'{"detail":"a"}', 200, media_type="application/problem+json"),
        Response(b'{"request_id":"mine"}', 404, media_type="application/problem+json"),
        Response(b'{"a":1}', 404, {"content-encoding": "br"}, media_type="application/problem+json"),
        Response(b"{}", 404, media_type="application/problem+json"),
        Response(b"[]", 404, media_type="application/problem+json"),
    ],
)
async def test_other_bodies_stay(response: Response) -> None:
    expected = await call(response, "/")
    found = await call(RequestIDMiddleware(response), "/")
    assert (found.status, found.body) == (expected.status, expected.body)
    assert found["content-length"] == expected["content-length"]


async def test_a_body_in_pieces_stays() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": PROBLEM})
        await send({"type": "http.response.body", "body": b'{"a":', "more_body": True})
        await send({"type": "http.response.body", "body": b"1}"})

    assert (await call(RequestIDMiddleware(app), "/")).body == b'{"a":1}'


async def test_a_response_with_trailers_alone_stays() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": PROBLEM, "trailers": True})
        await send({"type": "http.response.trailers", "headers": []})

    found = await call(RequestIDMiddleware(app), "/")
    assert found.types == ["http.response.start", "http.response.trailers"]


PROBLEM = [(b"content-type", b"application/problem+json; charset=utf-8")]


async def test_a_body_with_parameters_of_its_media_type_and_without_length_has_the_id() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": PROBLEM})
        await send({"type": "http.response.body", "body": memoryview(b'{"a":1}')})

    found = await call(RequestIDMiddleware(app), "/", headers={"x-request-id": "abc"})
    assert (found.json, found["content-length"]) == ({"a": 1, "request_id": "abc"}, None)


async def test_the_length_of_a_response_to_head_has_the_id() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": [*PROBLEM, (b"content-length", b"7")]})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else b'{"a":1}'})

    middleware, headers = RequestIDMiddleware(app), {"x-request-id": "abc"}
    head, get = [await call(middleware, "/", method, headers=headers) for method in ("HEAD", "GET")]
    assert (head["content-length"], head.body) == (get["content-length"], b"")
    assert get["content-length"] == str(len(get.body))


async def test_problems_can_stay_without_the_id() -> None:
    assert "request_id" not in (await call(shop(in_problems=False), "/nothing")).json


async def test_the_document_has_the_id_in_problems() -> None:
    def schemas(app: App) -> Any:
        return app.openapi()["components"]["schemas"]

    app = App()
    app.get("/items/{item_id}")(_read)
    without = schemas(app)
    app.add_middleware(RequestIDMiddleware)
    assert schemas(app)["ValidationProblem"]["properties"].keys() - without["ValidationProblem"][
        "properties"
    ].keys() == {"request_id"}
    assert "request_id" not in schemas(app)["ValidationProblem"]["required"]
    assert "request_id" not in schemas(shop(in_problems=False))["ValidationProblem"]["properties"]


async def test_the_server_that_logs_an_exception_sees_the_id() -> None:
    seen: list[Any] = []

    async def server() -> None:
        await call(shop(), "/fails", headers={"x-request-id": "abc"})
        seen.append(current_request_ids())

    async with anyio.create_task_group() as group:  # as a server, with a task for each request
        group.start_soon(server)
    assert seen[0].request_id == "abc"
    assert current_request_ids() is None


async def test_a_websocket_has_an_id_also_if_it_is_rejected() -> None:
    accepted = (await connect(shop(), "/feed", headers={"x-request-id": "abc"})).messages[0]
    assert accepted["headers"] == [(b"x-a", b"b"), (b"x-request-id", b"abc")]
    rejected = await connect(shop(), "/feed", query_string=b"room=a", extensions=DENIAL)
    assert NEW.fullmatch(rejected["x-request-id"] or "")
    assert (rejected.status, rejected.json["request_id"]) == (422, rejected["x-request-id"])
    assert rejected["content-length"] == str(len(rejected.body))


async def test_there_is_no_id_outside_of_a_request() -> None:
    await call(shop(), "/show")
    assert current_request_ids() is None


async def logged(caplog: pytest.LogCaptureFixture, app: App, path: str, **more: Any) -> list[logging.LogRecord]:
    with caplog.at_level(logging.INFO, "signette.access"):
        await call(app, path, **more)
    return [record for record in caplog.records if record.name == "signette.access"]


@pytest.mark.parametrize(
    ("path", "status", "route", "error"),
    [
        ("/items/3", 200, "/items/{item_id}", None),
        ("/items/a", 422, "/items/{item_id}", None),
        ("/nothing", 404, None, None),
        ("/inner/a/1", 200, "/inner/a/{b}", None),
        ("/fails", 500, "/fails", "RuntimeError"),
    ],
)
async def test_a_request_is_one_line(
    caplog: pytest.LogCaptureFixture, path: str, status: int, route: str | None, error: str | None
) -> None:
    (record,) = await logged(caplog, shop(), path, query_string=b"token=secret", client=("10.0.0.1", 1))
    facts: dict[str, Any] = record.__dict__
    assert (facts["method"], facts["path"], facts["status"], facts["route"]) == ("GET", path, status, route)
    assert (facts["client"], facts.get("error")) == ("10.0.0.1", error)
    assert facts["milliseconds"] >= 0
    assert "secret" not in str(facts)
    assert record.getMessage() == f"GET '{path}' {status}"


async def test_a_path_cannot_begin_a_new_line(caplog: pytest.LogCaptureFixture) -> None:
    (record,) = await logged(caplog, shop(), "/a\nINFO fake")
    assert "\n" not in record.getMessage()


async def test_probes_are_logged_only_if_they_fail(caplog: pytest.LogCaptureFixture) -> None:
    assert await logged(caplog, shop(), "/livez") == []
    (record,) = await logged(caplog, shop(), "/readyz")  # it has not started
    assert record.__dict__["status"] == 503


async def test_the_access_log_can_be_left_out(caplog: pytest.LogCaptureFixture) -> None:
    assert await logged(caplog, shop(access_log=False), "/items/3") == []


async def test_a_websocket_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "signette.access"):
        await connect(shop(), "/feed")
        await connect(shop(), "/feed", query_string=b"room=a")
    facts = [record.__dict__ for record in caplog.records]
    assert [(each["method"], each["status"], each["close_code"]) for each in facts] == [
        ("WEBSOCKET", 101, 4000),
        ("WEBSOCKET", 403, 1008),
    ]


def test_a_header_that_is_none_is_rejected() -> None:
    with pytest.raises(ValueError, match="`header` must be the name of a header"):
        RequestIDMiddleware(App(), header="X Request")
