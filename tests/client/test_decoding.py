"""Responses become values of the declared types, problems their classes, and all else an `UnexpectedResponse`."""

import json
from datetime import date
from typing import Annotated, Any, Generic, TypeVar

import pytest
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, SecretStr, computed_field

from signette import App, Created, HTMLResponse, JSONResponse, NoContent, Page, Problem, Raises, Response
from signette.client import NotModified, OperationSpec, UnexpectedResponse, operations_of
from signette.client.runtime.decoding import ResponseDecoder
from signette.formats import CSV, JSON, MessagePack
from tests.asgi import call

pytestmark = pytest.mark.anyio
MISSING: Any = object()


class OutOfStock(Problem, status=409):
    """There are fewer items left than were ordered."""

    sku: str
    until: date | None = None


class Closed(Problem, status=409):
    """The shop is closed."""


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")
    sku: str = Field(serialization_alias="SKU", validation_alias="code")
    secret: SecretStr | None = None
    hidden: str = Field("", exclude=True)
    price: Annotated[int, PlainSerializer(lambda value: f"{value} EUR")] = 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def size(self) -> int:
        return len(self.sku)


T = TypeVar("T")


class Envelope(BaseModel, Generic[T]):
    data: T
    count: int = 1


async def exchanged(annotation: Any, result: Any, **options: Any) -> tuple[OperationSpec, int, Any, bytes]:
    """An operation with a return annotation, and its response with a result."""

    async def endpoint() -> Any:
        if isinstance(result, Exception) and not isinstance(result, Returned):
            raise result
        return result.problem if isinstance(result, Returned) else result

    endpoint.__annotations__.clear()
    if annotation is not MISSING:
        endpoint.__annotations__["return"] = annotation
    app = App(openapi_url=None)
    app.add_api_route("/", endpoint, ["GET"], **options)
    (operation,) = operations_of(app)
    exchange = await call(app, headers={"accept": operation.accept} if operation.accept else {})
    headers = [(name.lower(), value) for name, value in exchange.fields]
    return operation, exchange.status, headers, exchange.body


async def decoded(annotation: Any, result: Any, **options: Any) -> Any:
    operation, status, headers, body = await exchanged(annotation, result, **options)
    return ResponseDecoder(operation).decode(status, headers, body)


class Returned(Exception):
    """Wraps a problem that the endpoint returns."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


ORDER = Order(code="A-1", price=3)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("annotation", "result"),
    [
        (int, 3),
        (dict[date, list[int]], {date(2024, 1, 1): [1]}),
        (Order | None, None),
        (set[int], {1}),
        (str, "text é"),
        (bytes, b"\x00"),
        (None, None),
        (MISSING, {"a": [1, None]}),
        (float | str, "a"),
    ],
)
async def test_results_are_of_the_declared_type(annotation: Any, result: Any) -> None:
    found = await decoded(annotation, result)
    assert found == result
    assert type(found) is type(result)


async def test_a_model_is_read_by_the_names_that_are_sent() -> None:
    found = await decoded(Order, Order(code="A-1", secret=SecretStr("s"), hidden="h"))  # type: ignore[call-arg]
    assert (found.sku, found.hidden, found.size) == ("A-1", "", 3)


async def test_what_a_serializer_makes_is_kept_if_it_is_no_value_of_the_type() -> None:
    assert (await decoded(Order, ORDER)).price == "3 EUR"


@pytest.mark.parametrize(
    "options",
    [
        {"response_model_by_alias": False},
        {"response_model_exclude": {"sku"}},
        {"response_model_exclude_none": True},
        {"response_model_exclude_unset": True},
        {"envelope": Envelope},
        {"renders": [CSV, JSON]},
        {"renders": [CSV, MessagePack]},
        {"renders": [MessagePack], "envelope": Envelope},
    ],
)
async def test_options_of_the_route_change_what_is_read(options: Any) -> None:
    found = await decoded(list[Order], [ORDER], **options)
    assert [each.sku for each in found] == [None if "response_model_exclude" in options else "A-1"]


async def test_a_format_that_is_not_json_is_returned_as_bytes() -> None:
    operation, status, headers, body = await exchanged(list[Order], [ORDER], renders=[CSV])
    assert operation.accept == "text/csv"
    assert ResponseDecoder(operation).decode(status, headers, body) == body


async def test_the_status_of_an_outcome_decides_the_type() -> None:
    assert await decoded(Created[int] | NoContent | str, Created(3)) == 3
    assert await decoded(Created[int] | NoContent | str, NoContent()) is None
    assert await decoded(Created[int] | NoContent | str, "text") == "text"


async def test_responses_without_a_declared_type_are_decoded_by_their_media_type() -> None:
    assert await decoded(Response, JSONResponse({"a": 1}, 202)) == {"a": 1}
    assert await decoded(HTMLResponse, HTMLResponse("<p>")) == "<p>"
    assert await decoded(Response, Response(b"\x00")) == b"\x00"
    assert await decoded(Response, Response("ü".encode("latin-1"), media_type="text/plain; charset=latin-1")) == "ü"
    assert await decoded(Response, Response(status_code=303, headers={"location": "/x"})) is None


# -- problems ----------------------------------------------------------------------------------------------------------


async def test_a_problem_that_is_returned_is_a_value_and_another_one_is_raised() -> None:
    found = await decoded(int | OutOfStock, Returned(OutOfStock(sku="A", until=date(2024, 1, 1))))
    assert isinstance(found, OutOfStock)
    assert (found.sku, found.until) == ("A", date(2024, 1, 1))
    with pytest.raises(OutOfStock) as caught:
        await decoded(Annotated[int, Raises(Closed, OutOfStock)], OutOfStock(sku="A"))
    assert (caught.value.sku, caught.value.until) == ("A", None)


async def test_problems_of_one_status_are_distinguished_by_their_type() -> None:
    with pytest.raises(Closed):
        await decoded(Annotated[int, Raises(OutOfStock, Closed)], Closed())


async def test_a_problem_in_the_option_responses_is_raised() -> None:
    with pytest.raises(Closed):
        await decoded(int, Closed(), responses={409: {"model": Closed}})


async def test_a_response_that_is_not_declared_has_a_readable_account() -> None:
    with pytest.raises(UnexpectedResponse) as caught:
        await decoded(Created[int], OutOfStock(sku="A"))
    error = caught.value
    assert (error.operation, error.status, error.problem and error.problem["sku"]) == ("endpoint", 409, "A")
    assert str(error).splitlines() == [
        "`endpoint` (GET /): status 409, application/problem+json",
        "  detail:   There are fewer items left than were ordered.",
        "  expected: 201 application/json",
    ]


def operation_of(endpoint: Any, **options: Any) -> OperationSpec:
    app = App(openapi_url=None)
    app.add_api_route("/", endpoint, ["GET"], **options)
    (operation,) = operations_of(app)
    return operation


async def read() -> int | OutOfStock:
    return 1


JSON_TYPE = [("content-type", "application/json")]


@pytest.mark.parametrize(
    ("status", "headers", "body", "reason"),
    [
        (200, JSON_TYPE, b"{", "the body is not of the declared type: Invalid JSON"),
        (200, JSON_TYPE, b'"x"', "the body is not of the declared type: Input should be a valid integer"),
        (200, [("content-type", "text/html")], b"<p>Sign in</p>", "body:     <p>Sign in</p>"),
        (200, [], b"1", "no media type"),
        (502, [("content-type", "text/plain")], b"x" * 500, "... (500 bytes)"),
        (409, JSON_TYPE, b"[]", "expected: 200 application/json; 409 OutOfStock"),
        (409, JSON_TYPE, b"{", "status 409"),
        (409, [("content-type", "application/problem+json")],
         json.dumps({"type": OutOfStock.type, "title": "Out", "detail": "None left"}).encode(), "detail:   None left"),
        (422, [("content-type", "application/problem+json")],
         b'{"title": "T", "errors": [{"in": "query", "name": "a", "message": "M"}, 3]}', "error:    a: M"),
    ],
)  # fmt: skip
def test_malformed_and_foreign_responses_are_unexpected(status: int, headers: Any, body: bytes, reason: str) -> None:
    with pytest.raises(UnexpectedResponse) as caught:
        ResponseDecoder(operation_of(read)).decode(status, headers, body)
    assert reason in str(caught.value)
    assert caught.value.body == body


def test_a_304_is_not_modified() -> None:
    with pytest.raises(NotModified) as caught:
        ResponseDecoder(operation_of(read)).decode(304, [("etag", '"1"')], b"")
    assert caught.value.headers == [("etag", '"1"')]


def test_a_problem_without_a_type_is_that_of_the_status() -> None:
    found = ResponseDecoder(operation_of(read)).decode(409, JSON_TYPE, b'{"detail": "x", "sku": "A"}')
    assert isinstance(found, OutOfStock)


def test_a_page_has_items_and_the_next_parameter() -> None:
    async def listed(page: Page.Offset) -> Page[Order]:
        return page.of([])

    operation = operation_of(listed)
    assert operation.paging is not None
    assert (operation.paging.argument, operation.order) == ("offset", ("limit", "offset"))
    body = b'{"items": [{"SKU": "A", "price": 1}], "next": "20", "total": 30}'
    page = ResponseDecoder(operation).decode(200, JSON_TYPE, body)
    assert ([each.sku for each in page], page.next, page.total) == (["A"], "20", 30)
