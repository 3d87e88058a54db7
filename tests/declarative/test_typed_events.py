"""`Events[...]`: events named after their types, problems in streams, ids, and what the OpenAPI document says."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from typing_extensions import TypedDict

from signette.app import App
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.outcomes import Raises
from signette.events import EventName, Events, EventStream, LastEventID, ServerSentEvent
from signette.exceptions import ResponseValidationError
from signette.problems import Problem
from signette.responses.events import EventSourceResponse
from signette.responses.plain import Response
from tests.asgi import fetch
from tests.declarative.building import app_of


class OrderPaid(BaseModel):
    order: int


@dataclass
class OrderShipped:
    order: int


class Large(OrderPaid):
    """Has a field that `OrderPaid` does not declare."""

    secret: str = "secret"


class SoldOut(Problem, status=409):
    "Nothing is left."

    sku: str


Order = Annotated[OrderPaid, EventName("order.paid")] | OrderShipped


async def body_of(endpoint: Any, **options: Any) -> str:
    response = await fetch(app_of(endpoint, **options), "GET /")
    assert (response.status, response["content-type"]) == (200, "text/event-stream; charset=utf-8")
    return response.text


async def test_an_event_is_named_after_its_class_and_has_the_declared_fields() -> None:
    async def endpoint() -> Events[OrderPaid | OrderShipped]:
        yield Large(order=1)
        yield OrderShipped(order=2)

    assert await body_of(endpoint) == (
        'event: OrderPaid\ndata: {"order":1}\n\nevent: OrderShipped\ndata: {"order":2}\n\n'
    )


async def test_a_name_can_be_declared() -> None:
    async def endpoint() -> Events[Order]:
        yield OrderPaid(order=1)

    assert await body_of(endpoint) == 'event: order.paid\ndata: {"order":1}\n\n'


class Row(TypedDict):
    order: int


@pytest.mark.parametrize(
    ("item", "value", "sent"),
    [
        (int, 3, "data: 3\n\n"),
        (str, "a\nb", "data: a\ndata: b\n\n"),
        (list[int], [1], "data: [1]\n\n"),
        (Row, {"order": 1}, 'event: Row\ndata: {"order":1}\n\n'),
        (OrderPaid, {"order": 1}, 'event: OrderPaid\ndata: {"order":1}\n\n'),
        (OrderPaid | int, {"order": 1}, 'event: OrderPaid\ndata: {"order":1}\n\n'),
        (OrderPaid | int, 3, "data: 3\n\n"),
        (OrderPaid | None, None, "data: null\n\n"),
    ],
    ids=str,
)
async def test_plain_values_have_no_name(item: Any, value: Any, sent: str) -> None:
    async def endpoint() -> AsyncIterator[Any]:
        yield value

    assert await body_of(endpoint, response_model=Events[item]) == sent


async def test_a_server_sent_event_adds_an_id_and_keeps_the_name_of_its_data() -> None:
    async def endpoint() -> Events[OrderPaid | OrderShipped]:
        yield ServerSentEvent(OrderPaid(order=1), id=7)
        yield ServerSentEvent(OrderPaid(order=2), event="own")
        yield ServerSentEvent(comment="note")

    assert await body_of(endpoint) == (
        'event: OrderPaid\nid: 7\ndata: {"order":1}\n\nevent: own\ndata: {"order":2}\n\n: note\n\n'
    )


async def test_a_sync_generator_streams_typed_events() -> None:
    def endpoint() -> Iterator[OrderPaid]:
        yield OrderPaid(order=1)

    model = Annotated[Iterator[OrderPaid], EventStream()]
    assert await body_of(endpoint, response_model=model) == 'event: OrderPaid\ndata: {"order":1}\n\n'


async def test_an_invalid_event_aborts_the_stream() -> None:
    async def endpoint() -> Events[OrderPaid | OrderShipped]:
        yield OrderPaid(order=1)
        yield "no order"  # type: ignore[misc]  # the error under test

    with pytest.raises(ResponseValidationError):
        await body_of(endpoint)


# -- problems ----------------------------------------------------------------------------------------------------------

PROBLEM = (
    "event: problem\n"
    'data: {"type":"urn:problem-type:sold-out","title":"Sold out","status":409,"detail":"Nothing is left.",'
    '"sku":"A"}\n\n'
)


async def test_a_declared_problem_that_is_raised_ends_the_stream() -> None:
    async def endpoint() -> Events[OrderPaid | SoldOut]:
        yield OrderPaid(order=1)
        raise SoldOut(sku="A")

    assert await body_of(endpoint) == f'event: OrderPaid\ndata: {{"order":1}}\n\n{PROBLEM}'


async def test_a_declared_problem_of_a_dependency_that_is_raised_ends_the_stream() -> None:
    def dependency() -> Annotated[int, Raises(SoldOut)]:
        return 1

    def endpoint(value: Annotated[int, Depends(dependency)]) -> Iterator[int]:
        yield value
        raise SoldOut(sku="A")

    model = Annotated[Iterator[int], EventStream()]
    assert await body_of(endpoint, response_model=model) == f"data: 1\n\n{PROBLEM}"


async def test_a_declared_problem_that_is_yielded_is_an_event_like_others() -> None:
    async def endpoint() -> Events[OrderPaid | SoldOut]:
        yield SoldOut(sku="A")  # type: ignore[misc]
        yield OrderPaid(order=1)

    assert await body_of(endpoint) == f'{PROBLEM}event: OrderPaid\ndata: {{"order":1}}\n\n'


async def test_a_problem_before_the_first_event_is_a_response() -> None:
    async def endpoint() -> Events[OrderPaid | SoldOut]:
        raise SoldOut(sku="A")
        yield OrderPaid(order=1)

    response = await fetch(app_of(endpoint), "GET /")
    assert (response.status, response.json["sku"]) == (409, "A")


async def test_a_problem_that_is_not_declared_aborts_the_stream() -> None:
    async def endpoint() -> Events[OrderPaid]:
        yield OrderPaid(order=1)
        raise SoldOut(sku="A")

    heard: list[str] = []
    with pytest.raises(RuntimeError, match="already started"):
        await fetch(app_of(endpoint), "GET /", log=heard)
    assert heard == []


# -- options, and ids --------------------------------------------------------------------------------------------------


async def test_the_first_event_has_the_delay_of_reconnections() -> None:
    async def endpoint() -> Annotated[Events[OrderPaid], EventStream(retry=3000)]:
        yield OrderPaid(order=1)
        yield OrderPaid(order=2)

    assert await body_of(endpoint) == (
        'event: OrderPaid\nretry: 3000\ndata: {"order":1}\n\nevent: OrderPaid\ndata: {"order":2}\n\n'
    )


@pytest.mark.parametrize("seconds", [5, None])
async def test_the_interval_of_pings_is_declared(seconds: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[EventSourceResponse] = []

    async def noted(self: EventSourceResponse, *_: Any) -> None:
        found.append(self)
        await Response("noted")(*_)

    monkeypatch.setattr(EventSourceResponse, "__call__", noted)

    async def endpoint() -> Annotated[Events[OrderPaid], EventStream(ping_seconds=seconds)]:
        yield OrderPaid(order=1)

    await fetch(app_of(endpoint), "GET /")
    assert [each.ping_seconds for each in found] == [seconds]


@pytest.mark.parametrize("options", [{"ping_seconds": 0}, {"retry": -1}, {"retry": 1.5}])
def test_invalid_options_are_rejected(options: Any) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        EventStream(**options)


@pytest.mark.parametrize("name", ["", "a\nb"])
def test_an_invalid_name_is_rejected(name: str) -> None:
    with pytest.raises(ValueError, match="event name"):
        EventName(name)


async def test_the_last_event_id_is_a_typed_parameter() -> None:
    async def endpoint(after: LastEventID[int] = None) -> Events[int]:
        for number in range((after or 0) + 1, 4):
            yield ServerSentEvent(number, id=number)

    app = app_of(endpoint)
    response = await fetch(app, "GET /", headers={"Last-Event-ID": "2"})
    assert response.text == "id: 3\ndata: 3\n\n"
    assert (await fetch(app, "GET /")).text.count("data") == 3
    response = await fetch(app, "GET /", headers={"Last-Event-ID": "x"})
    assert (response.status, response.errors) == (422, [("header", "Last-Event-ID", "int_parsing")])


# -- the OpenAPI document ----------------------------------------------------------------------------------------------


def event_schema(document: dict[str, Any]) -> Any:
    content = document["paths"]["/"]["get"]["responses"]["200"]["content"]["text/event-stream"]
    return content["itemSchema"] if "itemSchema" in content else content["schema"]["items"]


@pytest.mark.parametrize("version", ["3.1.0", "3.2.0"])
def test_the_document_has_the_schema_of_each_event(version: str) -> None:
    async def endpoint() -> Events[Order | str | SoldOut]:
        yield "text"

    app = App(openapi_version=version)
    app.get("/")(endpoint)
    document = app.openapi()
    found = [
        (each["properties"].get("event", {}).get("const"), each["properties"]["data"].get("contentSchema"))
        for each in event_schema(document)["oneOf"]
    ]
    assert found == [
        ("order.paid", {"$ref": "#/components/schemas/OrderPaid"}),
        ("OrderShipped", {"$ref": "#/components/schemas/OrderShipped"}),
        (None, None),
        ("problem", None),
    ]
    assert "409" in document["paths"]["/"]["get"]["responses"]


def test_the_document_of_one_type_of_events_has_its_schema() -> None:
    async def endpoint() -> Events[OrderPaid]:
        yield OrderPaid(order=1)

    assert event_schema(app_of(endpoint).openapi())["properties"]["event"] == {"const": "OrderPaid"}
