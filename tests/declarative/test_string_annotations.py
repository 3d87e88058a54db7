"""Annotations that are texts (PEP 563), names that only checkers know, and names that come later."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from signette.app import App
from signette.declarative.errors.base import SignatureError, UnresolvedForwardRef
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Query
from tests.asgi import JSON, fetch

if TYPE_CHECKING:
    from decimal import Decimal as Money


class Item(BaseModel):
    name: str
    inner: Later | None = None


def traced(function: Any) -> Any:
    """A decorator of another module's kind: what it wraps keeps its own names."""

    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        return await function(*args, **kwargs)

    return wrapper


async def limited(limit: Annotated[int, Query(le=5)] = 3) -> int:
    return limit


@traced
async def replace(item: Item, limit: Annotated[int, Depends(limited)], *, q: str | None = None) -> dict[str, Any]:
    return {"item": item, "limit": limit, "q": q}


app = App()
app.post("/")(replace)


@app.post("/later")
async def later(item: Later) -> Later:
    return item


class Later(BaseModel):
    size: int


async def test_texts_are_read_where_the_function_was_written() -> None:
    response = await fetch(app, "POST /?q=a", b'{"name": "n", "inner": {"size": 1}}', JSON)
    assert response.json == {"item": {"name": "n", "inner": {"size": 1}}, "limit": 3, "q": "a"}
    assert (await fetch(app, "POST /?limit=6", b"{}", JSON)).errors == [
        ("query", "limit", "less_than_equal"),
        ("body", "/name", "missing"),
    ]


async def test_a_name_that_comes_later_is_there_when_the_application_starts() -> None:
    assert (await fetch(app, "POST /later", b'{"size": 1}', JSON)).json == {"size": 1}


async def pays(amount: Money) -> None: ...


async def paid() -> Money: ...


@pytest.mark.parametrize("endpoint", [pays, paid])
async def test_a_type_checking_only_name_is_rejected_at_the_start_with_a_hint(endpoint: Any) -> None:
    started = App()
    started.get("/")(endpoint)
    with pytest.raises(UnresolvedForwardRef, match="import `Money` outside `if TYPE_CHECKING:`"):
        await fetch(started, "GET /")


async def test_an_error_is_reported_at_once_though_another_name_is_unresolved() -> None:
    async def endpoint(q: Annotated[int, Query(3)]) -> None: ...

    with pytest.raises(SignatureError, match="is inside `Annotated"):
        App().get("/")(endpoint)


async def wallet(q: int) -> Money:
    return q  # type: ignore[return-value]  # a value of any type


async def test_a_dependencys_result_may_be_named_for_checkers_only() -> None:
    started = App()

    async def endpoint(amount: Annotated[int, Depends(wallet)]) -> int:
        return amount

    started.get("/")(endpoint)
    assert (await fetch(started, "GET /?q=2")).json == 2
