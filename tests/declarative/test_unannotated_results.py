"""Without a return annotation a result is JSON, unless it brings its own response."""

import collections
import enum
import functools
import sqlite3
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from pydantic import BaseModel

from signette import App, Created, NoContent, Response
from signette.encoders import jsonable_encoder
from signette.exceptions import ResponseValidationError
from signette.responses import HTMLResponse, JSONResponse, PlainTextResponse
from tests.asgi import Exchange, fetch
from tests.declarative.building import app_of

pytestmark = pytest.mark.either_loop


class Item(BaseModel):
    x: int = 1


class Row:
    """An object of a mapper's kind."""

    def __init__(self) -> None:
        self.name, self.child, self._state = "ann", Item(), object()


class Slotted:
    __slots__ = ("_hidden", "name", "unset")

    def __init__(self) -> None:
        self.name, self._hidden = "ann", 1


class SlottedMore(Slotted):
    __slots__ = ("size",)

    def __init__(self) -> None:
        super().__init__()
        self.size = 3


@dataclass
class Point:
    x: int = 1


@dataclass
class Hidden:
    x: int = 1
    _y: int = 2


class Color(str, enum.Enum):  # noqa: UP042 - as it is written where Python 3.10 is supported, too
    RED = "red"


class Selected:
    """A row of SQLAlchemy, by its shape."""

    _mapping = MappingProxyType({"name": "ann"})


class Table(collections.abc.Sequence[int]):
    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: Any) -> Any:
        return [1, 2][index]


_CONNECTION = sqlite3.connect(":memory:")
_CONNECTION.row_factory = sqlite3.Row
SQLITE_ROW = _CONNECTION.execute("SELECT 'ann' AS name").fetchone()
_CONNECTION.close()

VALUES: dict[str, tuple[Any, Any]] = {
    "a text": (lambda: "a", "a"),
    "bytes": (lambda: b"a", "a"),
    "an enum of texts": (lambda: Color.RED, "red"),
    "a number": (lambda: 1.5, 1.5),
    "nothing": (lambda: None, None),
    "a path": (lambda: Path("secrets.txt"), "secrets.txt"),
    "a generator": (lambda: (each for each in range(3)), [0, 1, 2]),
    "an iterator": (lambda: iter([Item()]), [{"x": 1}]),
    "a map": (lambda: map(str, [1]), ["1"]),
    "a model": (Item, {"x": 1}),
    "a dataclass": (Point, {"x": 1}),
    "a field with an underscore": (lambda: [Hidden()], [{"x": 1, "_y": 2}]),
    "a time": (lambda: {"at": time(1, 2, 3, 10_000)}, {"at": "01:02:03.010000"}),
    "an object": (Row, {"name": "ann", "child": {"x": 1}}),
    "objects": (lambda: [Row()], [{"name": "ann", "child": {"x": 1}}]),
    "an object in a dictionary": (lambda: {"row": Row()}, {"row": {"name": "ann", "child": {"x": 1}}}),
    "slots": (Slotted, {"name": "ann"}),
    "slots of two classes": (SlottedMore, {"name": "ann", "size": 3}),
    "a mapping": (lambda: MappingProxyType({"a": 1}), {"a": 1}),
    "a user's dictionary": (lambda: collections.UserDict(a=1), {"a": 1}),
    "a chain": (lambda: collections.ChainMap({"a": 1}, {"b": 2}), {"a": 1, "b": 2}),
    "a user's list": (lambda: collections.UserList([1]), [1]),
    "a sequence": (Table, [1, 2]),
    "a row of sqlite3": (lambda: SQLITE_ROW, {"name": "ann"}),
    "a row of SQLAlchemy": (Selected, {"name": "ann"}),
    "a set": (lambda: {"at": {1}}, {"at": [1]}),
}


async def response_of(make: Any, **options: Any) -> Exchange:
    async def endpoint():  # type: ignore[no-untyped-def]  # no annotation is the matter
        return make()

    return await fetch(app_of(endpoint, **options), "GET /")


@pytest.mark.parametrize("options", [{}, {"response_class": JSONResponse}, {"response_model": None}], ids=str)
@pytest.mark.parametrize("name", VALUES)
async def test_a_result_is_json(name: str, options: dict[str, Any]) -> None:
    make, sent = VALUES[name]
    response = await response_of(make, **options)
    assert (response["content-type"], response.json) == ("application/json", sent)


@pytest.mark.parametrize("name", VALUES)
async def test_it_is_as_the_encoder_says(name: str) -> None:
    make, sent = VALUES[name]
    assert jsonable_encoder(make()) == sent


@pytest.mark.parametrize("cls", [JSONResponse, type("Hal", (JSONResponse,), {"media_type": "application/hal+json"})])
async def test_the_default_class_of_a_router_changes_the_media_type_alone(cls: type[JSONResponse]) -> None:
    async def endpoint():  # type: ignore[no-untyped-def]
        return Row()

    app = App(default_response_class=cls)
    app.get("/")(endpoint)
    response = await fetch(app, "GET /")
    assert (response["content-type"], response.json["name"]) == (cls.media_type, "ann")


async def test_returned_responses_are_not_affected() -> None:
    assert (await response_of(lambda: PlainTextResponse("a"))).body == b"a"
    assert (await response_of(lambda: Created(Row()))).status == 201
    assert (await response_of(lambda: Created(Row()), response_class=JSONResponse)).json["name"] == "ann"
    assert (await response_of(NoContent)).status == 204
    assert (await response_of(lambda: Created("a"), response_class=HTMLResponse)).status == 201


async def test_a_response_of_another_package_is_sent_as_it_is() -> None:
    class Foreign:
        status_code = 418
        raw_headers = ()

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 418, "headers": [(b"x-a", b"1")]})
            await send({"type": "http.response.body", "body": b"tea"})

    async def injected(response: Response):  # type: ignore[no-untyped-def]
        response.headers["x-b"] = "1"
        return Foreign()

    assert (await response_of(Foreign)).status == 418
    reply = await fetch(app_of(injected), "GET /")
    assert (reply.body, reply["x-a"], reply["x-b"]) == (b"tea", "1", None)


async def rows() -> AsyncIterator[Item]:
    yield Item()


async def test_an_async_iterator_is_lines_as_no_array_can_wait_for_it() -> None:
    response = await response_of(rows)
    assert (response["content-type"], response.body) == ("application/jsonl", b'{"x":1}\n')


async def test_a_generator_function_is_lines() -> None:
    def endpoint():  # type: ignore[no-untyped-def]
        yield "a"
        yield Row()

    response = await fetch(app_of(endpoint), "GET /")
    assert (response["content-type"], response.body) == ("application/jsonl", b'"a"\n{"name":"ann","child":{"x":1}}\n')


NONSENSE = [object(), threading.Lock(), print, Item, enum, functools.partial(print), Item().model_dump]


@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("around", [lambda value: value, lambda value: [value], lambda value: {"a": value}])
async def test_what_has_no_json_is_an_error_that_says_what_to_do(value: Any, around: Any) -> None:
    with pytest.raises(ResponseValidationError, match="Annotate the result with a model"):
        await response_of(lambda: around(value))


async def test_what_holds_itself_is_an_error_too() -> None:
    circle: dict[str, Any] = {}
    circle["circle"] = circle
    with pytest.raises(ResponseValidationError):
        await response_of(lambda: circle)


async def test_an_annotation_of_any_takes_no_objects_apart() -> None:
    async def endpoint() -> Any:
        return Row()

    with pytest.raises(ResponseValidationError):
        await fetch(app_of(endpoint), "GET /")
