"""Channels and typed events in the document: the schema of each event, and the header of a client that reconnects."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from signette.channels import Channel, Topic
from signette.declarative.openapi.dialect import OPENAPI_3_1, OPENAPI_3_2, Dialect
from signette.declarative.routing.routes import TypedRoute
from signette.events import Events, LastEventID
from signette.problems import Problem
from tests.declarative.openapi.conftest import Document


class Paid(BaseModel):
    order: int


class Closed(Problem, status=410):
    """The shop is closed."""


Orders = Annotated[Channel[Paid], Topic("orders/{shop}")]
Silent = Annotated[Channel[Paid], Topic("orders/{shop}", resume=False)]


async def resuming(shop: str, orders: Orders) -> Events[Paid | Closed]:
    return orders.subscribe()


async def not_resuming(shop: str, orders: Silent) -> Events[Paid]:
    return orders.subscribe()


async def publishing(shop: str, paid: Paid, orders: Orders) -> str:
    return await orders.publish(paid)


async def by_hand(shop: str, orders: Orders, after: LastEventID[int] = None) -> Events[Paid]:
    return orders.subscribe()


def headers_of(operation: dict[str, Any]) -> list[str]:
    return [each["name"] for each in operation["parameters"] if each["in"] == "header"]


def names_of(operation: dict[str, Any]) -> list[str]:
    media = operation["responses"]["200"]["content"]["text/event-stream"]
    item = media.get("itemSchema") or media["schema"]["items"]
    return [each["properties"]["event"]["const"] for each in item.get("oneOf", [item])]


@pytest.mark.parametrize("dialect", [OPENAPI_3_1, OPENAPI_3_2], ids=lambda dialect: dialect.version)
@pytest.mark.parametrize(
    ("endpoint", "headers", "names"),
    [
        (resuming, ["Last-Event-ID"], ["Paid", "missed", "problem"]),
        (not_resuming, [], ["Paid"]),
        (by_hand, ["Last-Event-ID"], ["Paid", "missed"]),
    ],
)
def test_an_event_stream_has_its_events_and_its_header(
    operation: Document, endpoint: Any, headers: list[str], names: list[str], dialect: Dialect
) -> None:
    found = operation(TypedRoute("/{shop}/orders", endpoint), dialect=dialect)
    assert (headers_of(found), names_of(found)) == (headers, names)


def test_a_channel_is_no_parameter_of_the_document(operation: Document) -> None:
    found = operation(TypedRoute("/{shop}/paid", publishing, methods=["POST"]))
    assert [each["name"] for each in found["parameters"]] == ["shop"]
