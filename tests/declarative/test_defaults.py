"""Defaults: what one request puts into them is not found by the next, and what cannot change costs nothing."""

import dataclasses
import enum
import re
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path as FilePath
from types import SimpleNamespace
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import pytest
from pydantic import BaseModel

from signette.app import App
from signette.declarative.errors.base import SignatureError
from signette.declarative.plan.steps import Read
from signette.declarative.signature.defaults import InvalidDefault, copier_of, is_immutable
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Body, Cookie, Form, Header, Query
from tests.asgi import JSON, fetch

pytestmark = pytest.mark.either_loop


class Bag(BaseModel):
    items: list[str] = []


@dataclasses.dataclass
class Case:
    items: list[str] = dataclasses.field(default_factory=list)


class Custom:
    def __init__(self) -> None:
        self.items: list[str] = []


class Row(NamedTuple):
    items: list[str]


class Color(enum.Enum):
    RED = "red"


class Nothing:
    """A sentinel without a place for attributes."""

    __slots__ = ()


# A default and how it is changed.
CHANGEABLE: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "list": (list, lambda value: value.append("x")),
    "full list": (lambda: [["a"]], lambda value: value[0].append("x")),
    "dict": (dict, lambda value: value.update(x="x")),
    "set": (set, lambda value: value.add("x")),
    "bytearray": (bytearray, lambda value: value.append(1)),
    "deque": (deque, lambda value: value.append("x")),
    "defaultdict": (lambda: defaultdict(list), lambda value: value["x"].append("x")),
    "list in a tuple": (lambda: ([], 1), lambda value: value[0].append("x")),
    "model in a tuple": (lambda: (Bag(),), lambda value: value[0].items.append("x")),
    "named tuple": (lambda: Row([]), lambda value: value.items.append("x")),
    "model": (Bag, lambda value: value.items.append("x")),
    "dataclass": (Case, lambda value: value.items.append("x")),
    "object": (Custom, lambda value: value.items.append("x")),
    "namespace": (lambda: SimpleNamespace(items=[]), lambda value: value.items.append("x")),
}
MARKERS = {"query": Query, "header": Header, "cookie": Cookie, "form": Form, "body": Body}


def app_and_seen(marker: Any, default: Any, change: Callable[[Any], Any]) -> tuple[App, list[str]]:
    app, seen = App(), []

    async def endpoint(value: Any) -> None:
        seen.append(shown(value))
        change(value)

    endpoint.__annotations__["value"] = Annotated[Any, marker]
    endpoint.__defaults__ = (default,)
    app.post("/")(endpoint)
    return app, seen


def shown(value: Any) -> str:
    return repr(vars(value) if isinstance(value, Custom) else value)


@pytest.mark.parametrize("place", MARKERS)
@pytest.mark.parametrize("kind", CHANGEABLE)
async def test_each_request_has_its_own_default(kind: str, place: str) -> None:
    make, change = CHANGEABLE[kind]
    app, seen = app_and_seen(MARKERS[place](), make(), change)
    for _ in range(3):
        assert (await fetch(app, "POST /")).status == 204
    assert seen == [shown(make())] * 3


@pytest.mark.parametrize("kind", CHANGEABLE)
async def test_so_has_each_request_with_embedded_bodies(kind: str) -> None:
    make, change = CHANGEABLE[kind]
    app, seen = app_and_seen(Body(embed=True), make(), change)
    for _ in range(3):
        assert (await fetch(app, "POST /")).status == 204
    assert seen == [shown(make())] * 3


async def test_so_has_each_request_in_a_dependency() -> None:
    app = App()

    async def collect(seen: Annotated[Any, Query()] = deque()) -> int:  # noqa: B006 - the case
        seen.append("x")
        return len(seen)

    @app.get("/")
    async def endpoint(count: Annotated[int, Depends(collect)]) -> int:
        return count

    assert [(await fetch(app, "GET /")).json for _ in range(3)] == [1, 1, 1]


IMMUTABLE = [
    "a", b"a", 1, 1.5, 1j, True, None, Decimal(1), UUID(int=1), date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC),
    time(1), timedelta(1), UTC, FilePath("a"), Color.RED, frozenset({1, "a"}), (1, ("a", None)), int, len, shown,
    re.compile("a"), object(), Nothing(), range(3), ..., Row("a"),  # type: ignore[arg-type]  # a text is what it takes here
]  # fmt: skip


@pytest.mark.parametrize("value", IMMUTABLE, ids=lambda value: type(value).__name__)
def test_what_cannot_change_is_shared_by_all_requests(value: Any) -> None:
    assert is_immutable(value)
    assert copier_of(value) is None


@pytest.mark.parametrize("value", IMMUTABLE[:6], ids=lambda value: type(value).__name__)
def test_a_default_that_cannot_change_is_a_constant_of_the_plan(value: Any) -> None:
    app, _ = app_and_seen(Query(), value, lambda _: None)
    (read,) = (step for step in app.routes[-1].plan.steps if isinstance(step, Read))
    assert (read.default, read.default_factory) == (value, None)


class Shared:
    """It says itself that there is one of it."""

    def __deepcopy__(self, _: Any) -> "Shared":
        return self


class Text(str):  # noqa: SLOT000 - the case
    """It has a place for attributes."""


def test_what_a_class_never_copies_is_shared() -> None:
    assert copier_of(Shared()) is None


def test_a_subclass_of_an_immutable_type_may_change() -> None:
    assert not is_immutable(Text("a"))
    assert not is_immutable((Text("a"),))


async def test_a_factory_that_makes_what_its_type_rejects_is_named_by_the_error() -> None:
    app = App()
    made: list[int] = []

    def next_number() -> int:
        made.append(len(made) - 1)
        return made[-1]

    @app.get("/")
    async def endpoint(
        n: Annotated[int, Query(default_factory=next_number, validate_default=True, ge=0)],
    ) -> int:
        return n

    assert made == []  # declaring a route calls no factory
    with pytest.raises(InvalidDefault, match=r"`n` of .*endpoint .*`default_factory=.*next_number`"):
        await fetch(app, "GET /")
    assert (await fetch(app, "GET /")).json == 0


# -- fields of models: pydantic itself copies what cannot be hashed ----------------------------------------------------


class Holder(BaseModel, arbitrary_types_allowed=True):
    name: str = "a"
    shared: Any = Custom()
    rows: tuple[Any, ...] = (Custom(),)


@dataclasses.dataclass
class HolderClass:
    name: str = "a"
    shared: Any = Custom()  # noqa: RUF009 - the case


class Around(BaseModel):
    inner: Holder = Holder()
    many: list[Holder] = []


@pytest.mark.parametrize(
    ("annotation", "sent", "take"),
    [
        (Holder, b"{}", lambda value: value.shared),
        (Holder, b"{}", lambda value: value.rows[0]),
        (HolderClass, b"{}", lambda value: value.shared),
        (Around, b"{}", lambda value: value.inner.shared),
        (Around, b'{"many": [{}]}', lambda value: value.many[0].shared),
        (Annotated[Holder, Body(embed=True)], b'{"value": {}}', lambda value: value.shared),
        (Annotated[Holder, Query()], b"", lambda value: value.shared),
        (Annotated[Holder, Header()], b"", lambda value: value.rows[0]),
        (Annotated[HolderClass, Cookie()], b"", lambda value: value.shared),
        (Annotated[Holder, Form()], b"", lambda value: value.shared),
        (Annotated[HolderClass, Query()], b"", lambda value: value.shared),
        (Annotated[Holder, Depends()], b"", lambda value: value.shared),
        (Annotated[HolderClass, Depends()], b"", lambda value: value.shared),
    ],
)
async def test_each_request_has_its_own_default_of_a_field(annotation: Any, sent: bytes, take: Any) -> None:
    app, seen = App(), []

    async def endpoint(value: Any) -> None:
        seen.append(len(take(value).items))
        take(value).items.append("x")

    endpoint.__annotations__["value"] = annotation
    app.post("/")(endpoint)
    for _ in range(3):
        assert (await fetch(app, "POST /", sent, JSON if sent else {})).status == 204
    assert seen == [0, 0, 0]


def test_a_field_whose_default_can_be_neither_shared_nor_copied_is_rejected() -> None:
    class Locked(BaseModel):
        lock: Any = threading.Lock()

    app = App()

    async def endpoint(value: Locked) -> None: ...

    endpoint.__annotations__["value"] = Locked
    with pytest.raises(SignatureError, match="cannot be copied"):
        app.post("/")(endpoint)
