"""Values without an annotation become JSON as in FastAPI: as results, as items of generators, by `jsonable_encoder`."""

import math
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import fastapi
import fastapi.encoders
import fastapi.responses
import fastapi.testclient
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AnyUrl, BaseModel, Field, SecretStr

import signette
import signette.encoders
import signette.responses
import signette.testclient
from tests.examples.topics.test_topics import made


class Colour(str, Enum):  # noqa: UP042 - as it is written where Python 3.10 is supported, too
    RED = "red"


class Number(IntEnum):
    ONE = 1


class Plain(Enum):
    DAY = "day"


class Model(BaseModel):
    price: Decimal = Decimal("1.50")
    span: timedelta = timedelta(minutes=5)
    note: str | None = Field(None, serialization_alias="remark")


@dataclass
class Data:
    price: Decimal = Decimal("1.50")
    _hidden: int = 1
    model: Model = field(default_factory=Model)


class Pair(NamedTuple):
    left: int
    right: Decimal


class Row:
    def __init__(self) -> None:
        self.price, self.models = Decimal("1.50"), [Model()]


LEAVES = st.sampled_from(
    [
        None, True, 3, 1.5, "text", b"bytes", Decimal("1.50"), Decimal(2), Decimal("1E+3"),
        Decimal("1.2E+3"), Decimal("-0"), Decimal("0E-3"), Decimal("1E-7"),
        Decimal("-0.5"),
        timedelta(minutes=5, microseconds=3), timedelta(days=-1), datetime(2024, 1, 1, tzinfo=UTC),
        datetime(2024, 1, 1, 1, 2, 3, 400),  # noqa: DTZ001 - without a time zone
        datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=-3))),
        date(2024, 2, 29), time(1, 2, 3, tzinfo=UTC), Colour.RED, Number.ONE, Plain.DAY, UUID(int=1), Path("/etc/x"),
        ip_address("1.2.3.4"), SecretStr("secret"), AnyUrl("http://a.test/b"), Model(), Data(), Row(),
        Pair(1, Decimal("2.5")), 2**70, frozenset({Decimal("1.5")}),
    ]
)  # fmt: skip
KEYS = st.sampled_from(
    [
        "a",
        "b",
        1,
        1.5,
        True,
        None,
        Colour.RED,
        Number.ONE,
        Decimal("1.50"),
        date(2024, 2, 29),
        timedelta(1),
        UUID(int=1),
    ]
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.lists(inner, max_size=2).map(deque)
        | st.dictionaries(KEYS, inner, max_size=3)
        | st.dictionaries(st.sampled_from("abc"), inner, max_size=3).map(OrderedDict)
    ),
    max_leaves=6,
)
SIDES = ((fastapi, fastapi.FastAPI), (signette, signette.App))


def applications() -> list[Any]:
    return [of.testclient.TestClient(kind(), raise_server_exceptions=False) for of, kind in SIDES]  # type: ignore[attr-defined]


def test_results_are_alike() -> None:
    current: list[Any] = [None]
    clients = applications()
    for client, (of, _) in zip(clients, SIDES, strict=True):

        @client.app.get("/")
        @client.app.get("/class", response_class=of.responses.JSONResponse)
        @client.app.get("/no-model", response_model=None)
        async def endpoint():  # type: ignore[no-untyped-def]
            return current[0]

        @client.app.get("/items")
        async def items():  # type: ignore[no-untyped-def]
            yield current[0]

    @made(300)
    @given(value=VALUES, path=st.sampled_from(["/", "/class", "/no-model", "/items"]))
    def compare(value: Any, path: str) -> None:
        current[0] = value
        theirs, ours = [client.get(path) for client in clients]
        found = [(each.status_code, each.headers["content-type"], each.json()) for each in (theirs, ours)]
        assert found[0] == found[1]

    compare()


OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "include": st.sampled_from([{"a"}, {"price"}, {"a", "b"}]),
        "exclude": st.sampled_from([{"a"}, {"price"}]),
        "by_alias": st.booleans(),
        "exclude_unset": st.booleans(),
        "exclude_defaults": st.booleans(),
        "exclude_none": st.booleans(),
        "sqlalchemy_safe": st.booleans(),
        "custom_encoder": st.sampled_from([{Decimal: str}, {date: lambda day: day.year}, {int: str}, {Model: repr}]),
    },
)


@made(400)
@given(value=VALUES, options=OPTIONS)
def test_the_encoders_are_alike(value: Any, options: dict[str, Any]) -> None:
    theirs = fastapi.encoders.jsonable_encoder(value, **options)
    ours = signette.encoders.jsonable_encoder(value, **options)
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("word", ["PlainTextResponse", "HTMLResponse", "Response"])
@pytest.mark.parametrize("value", ["text", b"bytes", Colour.RED, Path("/etc/x"), None], ids=repr)
def test_contents_of_a_response_class_are_alike(word: str, value: Any) -> None:
    found = []
    for client, (of, _) in zip(applications(), SIDES, strict=True):

        @client.app.get("/", response_class=getattr(of.responses, word))
        async def endpoint():  # type: ignore[no-untyped-def]
            return value

        response = client.get("/")
        found.append((response.status_code, response.headers.get("content-type"), response.content))
    assert found[0] == found[1]


@pytest.mark.parametrize("key", [math.nan, math.inf])
def test_a_key_that_is_no_number_of_json_is_a_500_on_both(key: float) -> None:
    statuses = []
    for client in applications():

        @client.app.get("/")
        async def endpoint():  # type: ignore[no-untyped-def]
            return {key: 1}

        statuses.append(client.get("/").status_code)
    assert statuses == [500, 500]


class Proxy:
    """An object in place of another one, as lazy objects and the UUIDs of asyncpg do."""

    def __init__(self, target: Any) -> None:
        vars(self)["target"] = target

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self.target)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.target, name)

    def __iter__(self) -> Any:
        return iter(self.target)

    def __getitem__(self, key: Any) -> Any:
        return self.target[key]

    def __str__(self) -> str:
        return str(self.target)

    def __float__(self) -> float:
        return float(self.target)


TARGETS = [
    {"a": Decimal("1.5")}, [Decimal("1.5")], {1}, Decimal("1.50"), Model(), UUID(int=1), date(2024, 2, 29),
    timedelta(days=1),
]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: type(target).__name__)
@pytest.mark.parametrize("around", [lambda value: value, lambda value: {1: [value]}], ids=["alone", "inside"])
def test_a_proxy_is_sent_as_its_target(target: Any, around: Any) -> None:
    found = []
    for client in applications():

        @client.app.get("/")
        async def endpoint():  # type: ignore[no-untyped-def]
            return around(Proxy(target))

        found.append(client.get("/").json())
    assert found[0] == found[1]
