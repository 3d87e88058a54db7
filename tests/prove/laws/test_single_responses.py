"""Laws of a single response, each with responses that it accepts and ones that it reports."""

from dataclasses import replace

import pytest

from signette import App
from signette.declarative.openapi.document import routes_by_operation_id
from signette.declarative.streams.formats import LINES
from signette.prove import Exchange, Law, ProvedOperation, Request
from signette.prove.declared import DeclaredBody
from signette.prove.laws.messages import Charset, ContentLength, HeaderSyntax, NoContent
from signette.prove.laws.problem import ProblemMembers
from signette.prove.laws.security import Challenge
from signette.prove.serializers import SERIALIZERS

app = App()


@app.get("/items")
async def items() -> list[int]:
    return []


def operation() -> ProvedOperation:
    document = app.openapi()
    route = routes_by_operation_id(app.routes)["items"]
    return ProvedOperation("items", "GET", "/items", document["paths"]["/items"]["get"], document, app, route)


async def messages(law: Law, exchange: Exchange) -> list[str]:
    async def send(request: Request) -> Exchange:
        raise AssertionError("a law of a single response sends nothing")

    if not law.wants(operation(), exchange):
        return []
    return [each.message for each in await law.check(operation(), exchange, send)]


def response(status: int = 200, body: bytes = b"", /, method: str = "GET", **headers: str) -> Exchange:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Exchange(Request(method, "/items"), status, pairs, body)


SYNTAX = [
    (response(ETag='W/"1"', Last_Modified="Sun, 06 Nov 1994 08:49:37 GMT", Retry_After="120", Age="0"), []),
    (response(Content_Type='text/plain; charset="utf-8"; a=b', Location="/items/5?a=b#c", Allow="GET, PUT"), []),
    (response(Content_Range="bytes 0-1/10", Retry_After="Sun, 06 Nov 1994 08:49:37 GMT", Allow=""), []),
    (response(Content_Range="bytes */10"), []),
    (response(ETag="1"), ["the header `ETag` is not an entity tag, with quotes"]),
    (response(Last_Modified="yesterday"), ["the header `Last-Modified` is not a date of HTTP"]),
    (response(Retry_After="soon"), ["the header `Retry-After` is not a number of seconds or a date of HTTP"]),
    (response(Content_Type="json"), ["the header `Content-Type` is not a media type"]),
    (response(Content_Range="0-1/10"), ["the header `Content-Range` is not a range of bytes"]),
    (response(Location="/a b"), ["the header `Location` is not a URL"]),
    (response(Age="-1"), ["the header `Age` is not a number of seconds"]),
    (response(Allow="GET PUT"), ["the header `Allow` is not a list of methods"]),
    (response(ETag='"1"', etag='"2"'), ["the response has the header `ETag` 2 times"]),
    (response(X_Name="a\r\nSet-Cookie: b"), ["a header contains a line end or a NUL"]),
]


@pytest.mark.parametrize(("exchange", "found"), SYNTAX)
async def test_header_fields_are_well_formed(exchange: Exchange, found: list[str]) -> None:
    assert await messages(HeaderSyntax(), exchange) == found


LENGTHS = [
    (response(200, b"tea", Content_Length="3"), []),
    (response(200, b"tea"), []),
    (response(200, b"", method="HEAD", Content_Length="3"), []),
    (response(304, b"", Content_Length="3"), []),
    (response(200, b"tea", Content_Length="4"), ["`Content-Length` is not the length of the body"]),
    (response(204, b"", Content_Length="0"), ["a 204 has the header `Content-Length`"]),
]


@pytest.mark.parametrize(("exchange", "found"), LENGTHS)
async def test_the_content_length_is_that_of_the_body(exchange: Exchange, found: list[str]) -> None:
    assert await messages(ContentLength(), exchange) == found


async def test_a_body_that_was_cut_off_has_no_length_yet() -> None:
    cut = Exchange(Request("GET", "/items"), 200, (("Content-Length", "9"),), b"tea", complete=False)
    assert await messages(ContentLength(), cut) == []


@pytest.mark.parametrize("status", [204, 205, 304])
async def test_some_statuses_have_no_body(status: int) -> None:
    assert await messages(NoContent(), response(status)) == []
    assert await messages(NoContent(), response(status, b"\n")) == [f"a {status} has a body"]


CHARSETS = [
    (response(200, "é".encode(), Content_Type="text/plain; charset=UTF-8"), []),
    (response(200, "é".encode("latin-1"), Content_Type='text/plain; charset="latin-1"'), []),
    (response(200, b"\xff", Content_Type="text/plain"), []),
    (response(200, b"\xff", Content_Type="image/png; charset=utf-8"), []),
    (response(200, b"\xff", Content_Type="text/plain; charset=utf-8", Content_Disposition="attachment"), []),
    (response(200, b"\xff", Content_Type="application/json", Content_Encoding="gzip"), []),
    (response(200, b"\xff", Content_Type="text/plain; charset=utf-8"), ["the body is not utf-8"]),
    (response(200, b'"\xff"', Content_Type="application/problem+json"), ["the body is not utf-8"]),
    (response(200, b"data: \xff\n\n", Content_Type="text/event-stream"), ["the body is not utf-8"]),
    (response(200, b"", Content_Type="text/html; charset=utf-9"), ["the charset in `Content-Type` is unknown"]),
]


@pytest.mark.parametrize(("exchange", "found"), CHARSETS)
async def test_text_has_the_declared_charset(exchange: Exchange, found: list[str]) -> None:
    assert await messages(Charset(), exchange) == found


PROBLEMS = [
    (b'{"type": "about:blank", "title": "Not Found", "status": 404, "detail": "", "more": 1}', []),
    (b"{}", []),
    (b"[]", ["a problem is not a JSON object"]),
    (b"<h1>", ["a problem is not JSON"]),
    (b'{"status": 400}', ["the member `status` of a problem is 400, and the status of the response is 404"]),
    (b'{"status": "404"}', ["the member `status` of a problem is not a number"]),
    (b'{"title": 1}', ["the member `title` of a problem is not a text"]),
]


@pytest.mark.parametrize(("body", "found"), PROBLEMS)
async def test_a_problem_has_members_of_their_types(body: bytes, found: list[str]) -> None:
    exchange = response(404, body, Content_Type="application/problem+json")
    assert await messages(ProblemMembers(), exchange) == found


async def test_a_401_has_a_challenge() -> None:
    assert await messages(Challenge(), response(401, WWW_Authenticate="Bearer")) == []
    assert await messages(Challenge(), response(403)) == []
    assert await messages(Challenge(), response(401)) == ["a 401 has no header `WWW-Authenticate`"]


@pytest.mark.parametrize("media_type", ["application/x-ndjson", "application/x-jsonlines", "application/json-lines"])
async def test_items_are_checked_under_each_name_of_json_lines(media_type: str) -> None:
    content = {media_type: {"itemSchema": {"type": "integer"}}}
    made = replace(operation(), definition={"responses": {"200": {"description": "", "content": content}}})
    found = Exchange(Request("GET", "/items"), 200, (("content-type", media_type),), b'1\n"two"\n')

    async def send(request: Request) -> Exchange:
        raise AssertionError("a law of a single response sends nothing")

    assert [each.law for each in await DeclaredBody().check(made, found, send)] == ["declared-body"]


@pytest.mark.parametrize("media_type", LINES.aliases)
def test_bodies_of_items_are_written_under_each_name_of_json_lines(media_type: str) -> None:
    assert SERIALIZERS[media_type](None, [1, 2]) == b"1\n2\n"
