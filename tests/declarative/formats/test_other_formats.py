"""MessagePack has the values of JSON; JSON Lines has a line for each."""

import builtins
import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import ormsgpack
import pytest
from pydantic import BaseModel

from signette import App
from signette.declarative.formats.base import Content
from signette.formats import JSON, JSONLines, MessagePack
from tests.asgi import call, fetch

pytestmark = pytest.mark.either_loop
ANY = Content(Any, dict)


class Mixed(BaseModel):
    day: dt.date = dt.date(2026, 1, 2)
    key: UUID = UUID(int=1)
    data: bytes = b"abc"
    number: float = float("nan")
    names: set[str] = {"a"}
    nested: dict[int, list[int]] = {1: [2]}


async def test_messagepack_has_the_values_of_json() -> None:
    app = App(openapi_url=None)

    @app.get("/", renders=[JSON, MessagePack])
    async def mixed() -> list[Mixed]:
        return [Mixed()]

    expected = (await fetch(app, "GET /")).json
    response = await fetch(app, "GET /", headers={"accept": "application/vnd.msgpack"})
    assert response["content-type"] == "application/vnd.msgpack"
    assert ormsgpack.unpackb(response.body) == expected
    assert expected[0]["day"] == "2026-01-02"
    assert expected[0]["number"] is None


async def test_an_integer_that_messagepack_does_not_have_is_a_500() -> None:
    app = App(openapi_url=None)

    @app.get("/", renders=[MessagePack])
    async def large() -> int:
        return 2**70

    assert (await call(app)).status == 500


def test_messagepack_without_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    found: Callable[..., Any] = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "ormsgpack":
            raise ImportError(name)
        return found(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=re.escape("pip install 'signette[msgpack]'")):
        App(renders=[MessagePack])
    with pytest.raises(ImportError, match=re.escape("pip install 'signette[msgpack]'")):
        App().get("/", renders=[MessagePack])(lambda: None)


@pytest.mark.parametrize(
    ("value", "lines"), [([1, "a\nb"], b'1\n"a\\nb"\n'), ([], b""), ({"a": None}, b'{"a":null}\n'), (None, b"null\n")]
)
def test_json_lines_has_a_line_for_each_item(value: Any, lines: bytes) -> None:
    encode = JSONLines().encoder(ANY)
    assert callable(encode)
    assert encode(value) == lines
