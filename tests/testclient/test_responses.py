"""Responses: statuses, headers, bodies, and errors of applications."""

import gzip
import warnings
from typing import Any

import anyio.lowlevel
import anyio.to_thread
import pytest

from signette.exceptions import SignetteDeprecationWarning
from signette.testclient import AsyncTestClient, TestClient
from signette.testclient._httpx import httpx
from signette.types import ASGIApp, Message, Receive, Scope, Send
from tests.testclient.apps import DONE, START, body, sends, without_lifespan


def get(app: ASGIApp, method: str = "GET", **client: Any) -> httpx.Response:
    return TestClient(app, **client).request(method, "/")


@pytest.mark.parametrize(("status", "phrase"), [(200, "OK"), (204, "No Content"), (418, "I'm a teapot"), (299, "")])
def test_a_status_has_its_phrase(status: int, phrase: str) -> None:
    response = get(sends({**START, "status": status}, body(b"", more=False)))
    assert (response.status_code, response.reason_phrase, response.content) == (status, phrase, b"")


def test_repeated_headers_are_kept_in_their_order() -> None:
    response = get(sends({**START, "headers": [(b"x-a", b"1"), (b"X-A", b"2")]}, DONE))
    assert response.headers.get_list("x-a") == ["1", "2"]


@pytest.mark.parametrize("missing", ["headers", "body"])
def test_optional_keys_of_messages_may_be_missing(missing: str) -> None:
    messages = [{key: value for key, value in one.items() if key != missing} for one in (START, DONE)]
    assert get(sends(*messages)).status_code == 200


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_body_may_be_any_bytes(kind: Any) -> None:
    assert get(sends(START, {"type": "http.response.body", "body": kind(b"abc")})).content == b"abc"


def test_chunks_are_put_together_and_decoded() -> None:
    packed = gzip.compress(b"hello")
    start = {**START, "headers": [(b"content-encoding", b"gzip")]}
    app = sends(start, body(packed[:5], more=True), body(b"", more=True), body(packed[5:], more=False))
    assert get(app).text == "hello"


def test_head_has_headers_and_no_body(backend: Any) -> None:
    start = {**START, "headers": [(b"content-length", b"6")]}
    response = get(sends(start, body(b"abc", more=True), body(b"def", more=False)), "HEAD", backend=backend)
    assert (response.headers["content-length"], response.content) == ("6", b"")


def test_messages_of_extensions_that_a_client_does_not_show_are_passed_over() -> None:
    hint = {"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]}
    assert get(sends(hint, START, DONE)).text == "done"


def test_template_and_context_are_on_the_response() -> None:
    debug = {"type": "http.response.debug", "info": {"template": "T", "context": {"a": 1}, "more": 2}}
    response: Any = get(sends(debug, START, DONE))
    assert (response.template, response.context) == ("T", {"a": 1})
    assert response.extensions["http.response.debug"] == debug["info"]


def test_a_response_without_a_template_does_not_pretend_to_have_one() -> None:
    response = get(sends({"type": "http.response.debug", "info": {"more": 2}}, START, DONE))
    assert not hasattr(response, "template")
    assert response.extensions["http.response.debug"] == {"more": 2}


def trailers(name: bytes, more: bool) -> Message:
    return {"type": "http.response.trailers", "headers": [(name, b"1")], "more_trailers": more}


def test_trailers_are_in_the_extensions() -> None:
    app = sends({**START, "trailers": True}, DONE, trailers(b"x-a", more=True), trailers(b"x-b", more=False))
    response = get(app)
    assert response.text == "done"
    assert response.extensions["http.response.trailers"] == [(b"x-a", b"1"), (b"x-b", b"1")]


ANNOUNCED: Message = {**START, "trailers": True}


@pytest.mark.parametrize("messages", [[DONE], [], [body(b"x", more=True)]], ids=["complete", "no body", "cut off"])
@pytest.mark.parametrize("fails", [False, True])
async def test_announced_trailers_that_are_never_sent_are_an_empty_list(messages: list[Message], fails: bool) -> None:
    app = sends(ANNOUNCED, *messages, raises=ZeroDivisionError() if fails else None)
    alone = AsyncTestClient(app, raise_server_exceptions=False)
    async with AsyncTestClient(app, raise_server_exceptions=False) as opened:
        responses = [await client.get("/") for client in (alone, opened)]
    responses.append(await anyio.to_thread.run_sync(lambda: get(app, raise_server_exceptions=False)))
    assert [one.extensions["http.response.trailers"] for one in responses] == [[], [], []]


def test_without_announced_trailers_there_is_no_extension() -> None:
    assert "http.response.trailers" not in get(sends(START, DONE)).extensions


@pytest.mark.parametrize(
    ("messages", "complaint"),
    [
        ([], "TestClient did not receive any response."),
        ([DONE], 'Received "http.response.body" without "http.response.start".'),
        ([START, START], 'Received multiple "http.response.start" messages.'),
        ([START, DONE, DONE], 'Received "http.response.body" after response completed.'),
        ([START, DONE, trailers(b"a", more=False)], 'Received "http.response.trailers" without declaring trailers.'),
        (
            [ANNOUNCED, DONE, trailers(b"a", more=False), trailers(b"b", more=False)],
            'Received "http.response.trailers" after response completed.',
        ),
        (
            [ANNOUNCED, DONE, trailers(b"a", more=False), DONE],
            'Received "http.response.body" after response completed.',
        ),
        ([ANNOUNCED, trailers(b"a", more=False)], 'Received "http.response.trailers" before the end of the body.'),
        (
            [ANNOUNCED, body(b"x", more=True), trailers(b"a", more=False)],
            'Received "http.response.trailers" before the end of the body.',
        ),
        ([ANNOUNCED, DONE, DONE], 'Received "http.response.body" after the end of the body.'),
        (
            [ANNOUNCED, DONE, trailers(b"a", more=True), DONE],
            'Received "http.response.body" after the end of the body.',
        ),
    ],
)
def test_messages_out_of_order_fail_the_test(messages: list[Message], complaint: str, backend: Any) -> None:
    for method in ("GET", "HEAD"):
        with pytest.raises(AssertionError) as caught:
            get(sends(*messages), method, backend=backend)
        assert str(caught.value) == complaint


@pytest.mark.parametrize("start", [{**START, "headers": [("a", "b")]}, {**START, "headers": [(b"a", "b")]}])
def test_headers_that_are_text_are_rejected(start: Message) -> None:
    with pytest.raises(TypeError):
        get(sends(start, DONE))


@pytest.mark.parametrize(
    "messages", [[], [START], [START, body(b"x", more=True)], [START, DONE]], ids=["first", "started", "midway", "end"]
)
def test_exceptions_of_the_application_are_raised_in_the_test(messages: list[Message], backend: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        get(sends(*messages, raises=ZeroDivisionError()), backend=backend)


@pytest.mark.parametrize(
    ("messages", "status", "content"),
    [([], 500, b""), ([START], 200, b""), ([START, body(b"x", more=True)], 200, b"x"), ([START, DONE], 200, b"done")],
)
def test_without_raising_the_response_is_the_one_sent_or_a_500(
    messages: list[Message], status: int, content: bytes
) -> None:
    response = get(sends(*messages, raises=ZeroDivisionError()), raise_server_exceptions=False)
    assert (response.status_code, response.content) == (status, content)


def test_without_raising_a_missing_response_is_a_500() -> None:
    assert get(sends(), raise_server_exceptions=False).status_code == 500


@pytest.mark.parametrize("outcome", [SystemExit(3), pytest.fail.Exception("in the application")])
def test_an_exit_is_never_turned_into_a_500(outcome: BaseException, backend: Any) -> None:
    with pytest.raises(type(outcome)):
        get(sends(raises=outcome), raise_server_exceptions=False, backend=backend)


@without_lifespan
async def redirects(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/":
        await send(
            {
                "type": "http.response.start",
                "status": 302,
                "headers": [(b"location", b"/next?x=1"), (b"set-cookie", b"k=v; Path=/")],
            }
        )
        await send({"type": "http.response.body"})
    else:
        await send(START)
        await send(body(dict(scope["headers"]).get(b"cookie", b""), more=False))


def test_redirects_are_followed_with_the_cookies_that_they_set() -> None:
    client = TestClient(redirects)
    response = client.get("/")
    assert (str(response.url), response.text) == ("http://testserver/next?x=1", "k=v")
    assert client.cookies["k"] == "v"


@pytest.mark.parametrize("of_client", [True, False])
def test_redirects_are_returned_if_they_are_not_followed(of_client: bool) -> None:
    if of_client:
        response = TestClient(redirects, follow_redirects=False).get("/")
    else:
        response = TestClient(redirects).get("/", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (302, "/next?x=1")


def test_background_tasks_are_done_when_the_request_returns(backend: Any) -> None:
    done = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await send(DONE)
        await anyio.lowlevel.checkpoint()
        done.append(True)

    assert get(app, backend=backend).text == "done"
    assert done == [True]


@pytest.mark.parametrize("call", ["get", "request", "stream"])
def test_a_timeout_warns_at_the_line_of_the_test(call: str) -> None:
    client = TestClient(sends(START, DONE))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        match call:
            case "get":
                client.get("/", timeout=1)
            case "request":
                client.request("GET", "/", timeout=1)
            case _:
                with client.stream("GET", "/", timeout=1):
                    pass
    assert [(one.category, one.filename) for one in caught] == [(SignetteDeprecationWarning, __file__)]
    assert str(caught[0].message).startswith("You should not use the 'timeout' argument with the TestClient.")


def test_an_unknown_backend_is_rejected() -> None:
    with pytest.raises(LookupError):
        get(sends(START, DONE), backend="nonesuch")


def test_a_closed_client_rejects_requests() -> None:
    client = TestClient(sends(START, DONE))
    client.close()
    with pytest.raises(RuntimeError, match="has been closed"):
        client.get("/")


async def test_the_asynchronous_client_has_the_same_responses() -> None:
    async with AsyncTestClient(redirects) as client:
        response = await client.get("/")
    assert (str(response.url), response.text) == ("http://testserver/next?x=1", "k=v")
