"""Requests to paste: commands of curl are run against a server, and the source of requests in tests is evaluated."""

import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from typing import Any, Self

import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st

from signette import App, JSONResponse
from signette import Request as Received
from signette.prove import Exchange, Request
from signette.prove.paste import PytestSource, curl, curl_commands
from signette.prove.references import Reference, References, references_in
from signette.prove.translation import Translation

app = App(openapi_url=None)


@app.api_route("/{path:path}", methods=["GET", "POST", "PUT", "DELETE"])
async def echo(request: Received) -> JSONResponse:
    headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in request.headers.raw]
    body = (await request.body()).decode("latin-1")
    target = request.scope["raw_path"].decode() + (f"?{request.url.query}" if request.url.query else "")
    return JSONResponse(
        {"method": request.method, "target": target, "headers": headers, "body": body, "id": "made-up-1"}
    )


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


REQUESTS = [
    Request("GET", "/a%20b/c?x=1&y=%5B%5D&z=%22'$HOME`"),
    Request("GET", "/a/../b/./c"),
    Request("POST", "/", (("Content-Type", "application/json"),), b'{"a": "it\'s \\"x\\" $HOME", "b": "\xc3\xa4\\n"}'),
    Request("POST", "/", (("Content-Type", "application/octet-stream"),), bytes(range(256))),
    Request("PUT", "/", (), b"@file"),
    Request("PUT", "/", (("X-Empty", ""), ("X-Quote", "it's $HOME; \"x\"")), b"1\t2\n3"),
    Request("DELETE", "/items/5"),
    Request("POST", "/", (("Content-Type", "text/plain"),), b"in chunks", chunked=True),
]  # fmt: skip


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("request_", REQUESTS, ids=[f"{each.method} {each.target}"[:20] for each in REQUESTS])
def test_a_command_sends_the_request(request_: Request, url: str) -> None:
    received = json.loads(run(curl(request_, References(), url)))
    assert received["method"] == request_.method
    assert received["target"] == request_.target
    assert received["body"] == request_.body.decode("latin-1")
    for name, value in request_.headers:
        assert [name.lower(), value] in received["headers"]
    names = [name for name, _ in received["headers"]]
    assert ("content-type" in names) == (request_.header("content-type") is not None)
    assert ("transfer-encoding" in names) == request_.chunked


def run(command: str) -> str:
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    return done.stdout.rpartition("\n")[2]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_commands_take_ids_from_earlier_responses(url: str) -> None:
    first = Exchange(Request("POST", "/items"), 200, body=b'{"id": "old"}')
    body = b'{"item_id": "old"}'
    second = Exchange(Request("POST", "/items/old/x?y=old", (("Content-Type", "application/json"),), body), 500)
    references = References({"old": Reference(1, ("id",))})
    received = json.loads(run("\n".join(curl_commands([first, second], references, url))))
    assert received["target"] == "/items/made-up-1/x?y=made-up-1"
    assert received["body"] == '{"item_id": "made-up-1"}'


@pytest.mark.parametrize("request_", REQUESTS, ids=[f"{each.method} {each.target}"[:20] for each in REQUESTS])
def test_the_source_of_a_test_has_the_request(request_: Request) -> None:
    assert requests_of(PytestSource("main:app"), [Exchange(request_, 500)]) == [request_]


texts = st.text(st.characters(codec="utf-8"), max_size=8)


@given(texts, st.binary(max_size=8), st.booleans())
@settings(max_examples=60)
def test_the_source_of_each_request_is_the_request(text: str, body: bytes, chunked: bool) -> None:
    request = Request("PUT", f"/{text}", (("X-A", text), ("X-B", "1")), body, chunked)
    assert requests_of(PytestSource("main:app"), [Exchange(request, 500)]) == [request]


@given(texts, st.sampled_from(["old", "old-1234", "x{}'\"\\"]))
@settings(max_examples=60)
def test_a_reference_is_evaluated_in_a_test(text: str, value: str) -> None:
    text = text.replace("/", "").replace("=", "").replace("&", "").replace("?", "")
    references = References({value: Reference(1, ("items", 0, "id"))})
    exchange = Exchange(Request("GET", f"/{text}/{value}/{text}"), 500)
    first = Exchange(Request("GET", "/items"), 200, body=json.dumps({"items": [{"id": "new"}]}).encode())
    sent = requests_of(PytestSource("main:app", references), [first, exchange])
    expected = "new" if text != value else text
    assert sent[1].target in {f"/{text}/{expected}/{text}", "/new/new/new"}


def requests_of(writer: PytestSource, exchanges: list[Exchange]) -> list[Request]:
    """The requests that a test sends and checks."""
    source = writer.test("a-law", "read_item", exchanges, len(exchanges) - 1)
    sent: list[Request] = []

    class Replay:
        def __init__(self, app: Any, operation: str) -> None:
            assert operation == "read_item"

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None: ...

        def send(self, request: Request) -> Exchange:
            sent.append(request)
            return exchanges[len(sent) - 1]

        def check(self, law: str, request: Request, intent: str = "other") -> None:
            assert law == "a-law"
            sent.append(request)

    body = source.partition("def ")
    names: dict[str, Any] = {"Replay": Replay, "Request": Request, "app": None}
    exec("".join(body[1:]), names)
    names["test_read_item_a_law"]()
    return sent


def test_credentials_are_variables() -> None:
    request = Request("GET", "/", (("authorization", "Bearer abc"), ("X-A", "1")))
    references = References(credentials=["Authorization"])
    assert curl(request, references).startswith(
        "curl -si --globoff --path-as-is -H \"authorization: $AUTHORIZATION\" -H 'X-A: 1'"
    )
    assert references.symbolic(request).headers == (("authorization", "$AUTHORIZATION"), ("X-A", "1"))


def test_values_that_differ_after_another_start_are_references() -> None:
    old = Exchange(
        Request("POST", "/items"), 201, (("Location", "/items/abc"), ("ETag", '"v1"')), b'{"id": "abc", "n": 1}'
    )
    new = Exchange(
        Request("POST", "/items"), 201, (("Location", "/items/def"), ("ETag", '"v2"')), b'{"id": "def", "n": 1}'
    )
    translation = Translation()
    translation.learn(old, new)
    request = Request("PUT", "/items/abc?n=1", (("If-Match", '"v1"'),), b'{"of": "abc"}')
    translated = translation.applied(request)
    assert (translated.target, translated.body) == ("/items/def?n=1", b'{"of": "abc"}')  # too short for a body
    references = references_in([new], set(translation.values.values()), [])
    assert references.symbolic(translated).target == "/items/{response_1.id}?n=1"
    assert "/items/def" not in references.values
    assert references.values['"v2"'].python == 'response_1.header("etag")'


def test_long_ids_are_replaced_in_bodies_and_headers_too() -> None:
    old, new = "0123456789", "9876543210"
    translation = Translation()
    translation.learn(
        Exchange(Request("GET", "/"), 200, (("ETag", old),), json.dumps([old]).encode()),
        Exchange(Request("GET", "/"), 200, (("ETag", new),), json.dumps([new]).encode()),
    )
    request = Request("PUT", "/", (("If-Match", old),), json.dumps({"of": [old, 1]}).encode())
    assert translation.applied(request) == Request("PUT", "/", (("If-Match", new),), b'{"of": ["9876543210", 1]}')


def test_responses_with_different_statuses_are_not_compared() -> None:
    translation = Translation()
    translation.learn(Exchange(Request("GET", "/"), 200, body=b'"a"'), Exchange(Request("GET", "/"), 404, body=b'"b"'))
    assert translation.values == {}
