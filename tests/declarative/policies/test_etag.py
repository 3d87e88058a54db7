"""`ETag()` and `etag=True`: a weak tag of the bytes of each response to GET, and a 304 for a client that has them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from signette import (
    App,
    Conditional,
    Created,
    FileResponse,
    Problem,
    Response,
    Router,
    StreamingResponse,
    Tagged,
    explain,
)
from signette.declarative.errors.base import SignatureError
from signette.middleware import Middleware
from signette.middleware.compression import CompressionMiddleware
from signette.policies import Cached, ETag, Off
from signette.requests import Request
from signette.responses.plain import PlainTextResponse
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.types import Message, Receive, Scope, Send
from tests.asgi import Exchange, fetch, scope_of
from tests.declarative.openapi.conftest import VALIDATORS


class Item(BaseModel):
    name: str


class NoItem(Problem, status=404):
    """There is no such item."""


async def sent(app: App, request: str = "GET /", **headers: str) -> Exchange:
    return await fetch(app, request, headers={name.replace("_", "-"): value for name, value in headers.items()})


def app_of(endpoint: Any, method: str = "GET", **options: Any) -> App:
    app = App()
    app.add_api_route("/", endpoint, [method], **{"etag": True, **options})
    return app


async def read(name: str = "tea") -> Item | NoItem:
    return Item(name=name) if name else NoItem()


async def test_the_tag_is_that_of_the_bytes() -> None:
    app = app_of(read)
    tea, milk, again = [(await sent(app, f"GET /?name={name}"))["etag"] for name in ("tea", "milk", "tea")]
    assert tea is not None
    assert tea.startswith('W/"')
    assert tea == again != milk
    unmodified = await sent(app, if_none_match=tea)
    assert (unmodified.status, unmodified.body, unmodified["etag"], unmodified["content-type"]) == (304, b"", tea, None)
    assert (await sent(app, if_none_match=tea.removeprefix("W/"))).status == 304
    assert (await sent(app, "GET /?name=milk", if_none_match=tea)).status == 200
    assert (await sent(app, if_none_match="*")).status == 304
    assert (await sent(app, if_none_match="tea")).status == 200


async def test_errors_and_responses_to_head_have_no_tag() -> None:
    app = app_of(read)
    missing = await sent(app, "GET /?name=", if_none_match="*")
    assert (missing.status, missing["etag"]) == (404, None)
    head = await sent(app, "HEAD /", if_none_match="*")
    assert (head.status, head["etag"], head["content-length"]) == (200, None, "14")


async def test_a_tag_of_the_response_is_kept() -> None:
    async def tagged() -> Tagged[Item]:
        return Tagged(Item(name="tea"), etag=3)

    async def checked(cond: Conditional) -> Item:
        cond.check(etag=3)
        return Item(name="tea")

    async def own(response: Response) -> Item:
        response.headers["ETag"] = '"3"'
        return Item(name="tea")

    for endpoint in (tagged, checked, own):
        app = app_of(endpoint)
        assert (await sent(app)).all("etag") == ['"3"']
        assert (await sent(app, if_none_match='"3"')).status == 304


async def test_a_last_modified_of_a_result_is_sent_beside_the_tag_of_its_bytes() -> None:
    async def dated() -> Tagged[Item]:
        return Tagged(Item(name="tea"), last_modified=datetime(2026, 1, 1, tzinfo=UTC))

    app = app_of(dated)
    response = await sent(app)
    assert response["etag"] is not None
    assert response["last-modified"] is not None
    assert (await sent(app, if_none_match=response["etag"])).status == 304
    assert (await sent(app, if_modified_since=response["last-modified"])).status == 304


async def test_with_a_cache_there_is_one_tag() -> None:
    app = app_of(read, policies=[Cached(60)])
    first, second = await sent(app), await sent(app)
    assert first.all("etag") == second.all("etag")
    assert (len(first.all("etag")), second["age"]) == (1, "0")
    assert (await sent(app, if_none_match=str(first["etag"]))).status == 304


async def test_compression_keeps_the_tag() -> None:
    app = App(middleware=[Middleware(CompressionMiddleware, minimum_size=0)])
    app.add_api_route("/", read, ["GET"], etag=True)
    plain, packed = await sent(app), await sent(app, accept_encoding="gzip")
    assert packed["content-encoding"] == "gzip"
    assert plain["etag"] == packed["etag"]
    assert (await sent(app, if_none_match=str(packed["etag"]), accept_encoding="gzip")).status == 304


async def test_responses_get_a_tag_if_they_are_complete() -> None:
    async def whole() -> Response:
        return PlainTextResponse("text")

    async def stream() -> Response:
        return StreamingResponse(iter(["a", "b"]))

    async def file() -> Response:
        return FileResponse(__file__)

    assert (await sent(app_of(whole)))["etag"] is not None
    streamed = await sent(app_of(stream))
    assert (streamed["etag"], streamed.body) == (None, b"ab")
    own = await sent(app_of(file))
    assert len(own.all("etag")) == 1
    assert not str(own["etag"]).startswith("W/")


async def test_the_start_of_a_stream_is_sent_at_once() -> None:
    sent_before: list[str] = []

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        sent_before.extend(message["type"] for message in exchange.messages)
        await send({"type": "http.response.body", "body": b"a"})

    app = App(etag=True, openapi_url=None, docs_url=None, routes=[Mount("/", stream)])
    exchange = Exchange()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        exchange.messages.append(message)

    await app(scope_of("/", "GET"), receive, send)
    assert sent_before == ["http.response.start"]
    assert exchange["etag"] is None


async def test_routers_and_applications_have_it_and_operations_remove_it() -> None:
    app = App(etag=True)
    router = Router(etag=False)
    app.add_api_route("/tagged", read, ["GET"])
    app.add_api_route("/off", read, ["GET"], etag=False)
    app.add_api_route("/off-too", read, ["GET"], policies=[Off(ETag)])
    router.add_api_route("/router", read, ["GET"])
    router.add_api_route("/again", read, ["GET"], etag=True)
    app.include_router(router)

    async def stream() -> AsyncIterator[int]:
        yield 1

    async def post() -> Item:
        return Item(name="tea")

    async def file() -> Path:
        return Path(__file__)

    app.add_api_route("/stream", stream, ["GET"])
    app.add_api_route("/file", file, ["GET"])
    app.add_api_route("/post", post, ["POST"])
    paths = ("/tagged", "/off", "/off-too", "/router", "/again", "/stream")
    assert [path for path in paths if (await sent(app, f"GET {path}"))["etag"] is not None] == ["/tagged", "/again"]
    assert (await sent(app, "POST /post"))["etag"] is None
    assert "not applied: the response is a stream" in explain(app, "GET /stream")
    assert "not applied: files have their own `ETag`" in explain(app, "GET /file")
    assert "not applied: it tags responses to GET" in explain(app, "POST /post")
    assert "policy   ETag() of the application" in explain(app, "GET /tagged")


async def test_plain_routes_of_an_application_have_it() -> None:
    async def plain(_: Request) -> PlainTextResponse:
        return PlainTextResponse("text")

    app = App(etag=True, routes=[Route("/", plain)])
    tag = (await sent(app))["etag"]
    assert tag is not None
    assert (await sent(app, if_none_match=tag)).status == 304


def test_it_cannot_apply_to_other_methods_streams_files_and_empty_responses() -> None:
    async def post() -> Item: ...  # type: ignore[empty-body]

    async def stream() -> AsyncIterator[int]:
        yield 1

    async def chunks() -> StreamingResponse: ...  # type: ignore[empty-body]

    async def file() -> FileResponse: ...  # type: ignore[empty-body]

    async def nothing() -> None: ...

    async def created() -> Created[Item]: ...  # type: ignore[empty-body]

    endpoints = [(post, "POST"), *((each, "GET") for each in (stream, chunks, file, nothing, created))]
    for endpoint, method in endpoints:
        with pytest.raises(SignatureError, match=r"`etag=True` cannot apply: .*\n  hint: (remove the option|return)"):
            app_of(endpoint, method)
        with pytest.raises(SignatureError, match=r"the policy `ETag\(\)` cannot apply"):
            app_of(endpoint, method, etag=None, policies=[ETag()])
    with pytest.raises(SignatureError, match="`etag"):
        app_of(read, etag="weak")


@pytest.mark.parametrize("dialect", VALIDATORS)
def test_the_document_has_the_field_and_the_304(dialect: Any) -> None:
    app = App(openapi_version=dialect.version, etag=True)
    app.add_api_route("/", read, ["GET"])
    document = app.openapi()
    VALIDATORS[dialect](document).validate()
    operation = document["paths"]["/"]["get"]
    assert [each["name"] for each in operation["parameters"] if each["in"] == "header"] == ["If-None-Match"]
    assert {status: list(each.get("headers", ())) for status, each in operation["responses"].items()} == {
        "200": ["ETag"], "304": ["ETag"], "404": [],
    }  # fmt: skip
