"""What handler and dependencies write into the injected `Response`: fields that stand once, and the status."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from signette import Created, Depends, JSONResponse, NoContent, Response
from signette.exceptions import ResponseValidationError
from signette.responses import EventSourceResponse, RedirectResponse
from tests.asgi import Exchange, fetch
from tests.declarative.building import app_of


class Item(BaseModel):
    x: int = 1


async def response_of(annotation: Any, result: Any, change: Any, **options: Any) -> Exchange:
    async def endpoint(response: Response) -> Any:
        change(response)
        return result

    endpoint.__annotations__["return"] = annotation
    return await fetch(app_of(endpoint, **options), "GET /")


def style_of(**fields: str) -> Any:
    def change(response: Response) -> None:
        for name, value in fields.items():
            response.headers[name.replace("_", "-")] = value

    return change


RESULTS = pytest.mark.parametrize(
    ("annotation", "result", "options"),
    [
        (Item, Item(), {}),
        (str, "a", {}),
        (bytes, b"a", {}),
        (Created[Item], Created(Item()), {}),
        (NoContent | Item, Item(), {}),
        (Item, Item(), {"response_class": type("Hal", (JSONResponse,), {"media_type": "application/hal+json"})}),
        (list[Item], [Item()], {"response_class": EventSourceResponse}),
    ],
    ids=str,
)


@RESULTS
async def test_the_type_that_was_set_is_the_only_one(annotation: Any, result: Any, options: Any) -> None:
    response = await response_of(annotation, result, style_of(content_type="application/x-own"), **options)
    assert response.all("content-type") == ["application/x-own"]


@RESULTS
@pytest.mark.parametrize("length", ["0", "3", "100000"])
async def test_the_length_is_that_of_the_body(annotation: Any, result: Any, options: Any, length: str) -> None:
    response = await response_of(
        annotation, result, style_of(content_length=length, transfer_encoding="chunked"), **options
    )
    assert response.all("content-length") in ([], [str(len(response.body))])
    assert response.all("transfer-encoding") == []


@pytest.mark.parametrize("name", ["location", "etag", "cache-control", "last-modified", "content-language"])
async def test_a_field_that_the_result_has_too_is_replaced(name: str) -> None:
    result = Created(Item(), headers={name: "theirs"})
    response = await response_of(Created[Item], result, style_of(**{name: "own"}))
    assert response.all(name) == ["own"]


async def test_the_address_of_a_redirect_can_be_set() -> None:
    response = await response_of(str, "/a", style_of(location="/b"), response_class=RedirectResponse)
    assert (response.status, response.all("location")) == (307, ["/b"])


@pytest.mark.parametrize("name", ["vary", "link", "set-cookie"])
async def test_fields_that_add_up_are_added(name: str) -> None:
    result = Created(Item(), headers={name: "theirs"})
    response = await response_of(Created[Item], result, style_of(**{name: "own"}))
    assert response.all(name) == ["theirs", "own"]


async def test_the_last_value_of_a_single_valued_field_counts() -> None:
    def change(response: Response) -> None:
        response.headers.append("location", "/a")
        response.headers.append("location", "/b")

    assert (await response_of(Item, Item(), change)).all("location") == ["/b"]


async def test_dependency_and_handler_write_one_field() -> None:
    async def first(response: Response) -> None:
        response.headers["content-type"] = "application/x-first"

    async def endpoint(response: Response, _: Annotated[None, Depends(first)]) -> dict[str, int]:
        response.headers["content-type"] = "application/x-last"
        return {}

    assert (await fetch(app_of(endpoint), "GET /")).all("content-type") == ["application/x-last"]


def status(code: int) -> Any:
    def change(response: Response) -> None:
        response.status_code = code

    return change


async def test_the_body_goes_by_the_status_that_is_sent() -> None:
    async def endpoint(response: Response, code: int):  # type: ignore[no-untyped-def]  # no annotation is the matter
        response.status_code = code
        return {"message": "no"}

    for options in ({"status_code": 204}, {"status_code": 304}, {}):
        for code, body in ((400, b'{"message":"no"}'), (204, b""), (205, b""), (304, b""), (201, b'{"message":"no"}')):
            reply = await fetch(app_of(endpoint, **options, response_model=None), f"GET /?code={code}")
            assert (reply.status, reply.body) == (code, body)
            length = {204: [], 304: reply.all("content-length")}.get(code, [str(len(body))])
            assert reply.all("content-length") == length


async def test_nothing_has_a_length_where_the_status_has_a_body() -> None:
    response = await response_of(None, None, status(202))
    assert (response.status, response.body, response.all("content-length")) == (202, b"", ["0"])


async def test_the_injected_response_may_be_returned() -> None:
    async def endpoint(response: Response) -> Response:
        response.set_cookie("a", "1")
        return response

    reply = await fetch(app_of(endpoint), "GET /")
    assert (reply.status, reply.body, reply.all("content-length")) == (200, b"", ["0"])
    assert len(reply.all("set-cookie")) == 1


# -- results that are not what is annotated ----------------------------------------------------------------------------


@pytest.mark.parametrize("result", [{"a": 1}, "a", None, Item()], ids=repr)
@pytest.mark.parametrize("annotation", [Response, JSONResponse])
async def test_a_result_that_is_no_response_is_named(annotation: Any, result: Any) -> None:
    with pytest.raises(ResponseValidationError, match=f"of type `{type(result).__name__}`. Annotate the return value"):
        await response_of(annotation, result, status(200))


@pytest.mark.parametrize("options", [{}, {"response_class": JSONResponse}, {"status_code": 202}], ids=str)
async def test_an_unannotated_result_is_an_error_whatever_else_is_declared(options: Any) -> None:
    async def endpoint() -> None:
        return {"a": 1}  # type: ignore[return-value]  # the error under test

    with pytest.raises(ResponseValidationError):
        await fetch(app_of(endpoint, **options), "GET /")
