"""Sessions: a cookie that one side made is read by the other, and both keep the same values."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.differential import layers
from tests.differential.comparing import asks
from tests.differential.exchanges import Ask, Outcome, send_request
from tests.differential.names import SIGNETTE, STARLETTE, Names

KEYS = st.sampled_from(["a", "b", "user"])
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(st.characters(codec="utf-8"), max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(KEYS, inner, max_size=2)),
    max_leaves=4,
)
# What each request does to its session.
ORDERS = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {},
        optional={
            "set": st.dictionaries(KEYS, VALUES, max_size=2),
            "pop": st.lists(KEYS, max_size=2),
            "clear": st.just(True),
            "default": st.lists(KEYS, max_size=2),
        },
    ),
)
OPTIONS: list[dict[str, Any]] = [
    {},
    {"max_age": None},
    {"same_site": "strict", "https_only": True, "session_cookie": "s", "path": "/", "domain": "x.example"},
]


async def send(app: Any, orders: Any, cookie: str | None) -> Outcome:
    headers = () if cookie is None else ((b"cookie", cookie.encode("ascii")),)
    return await send_request(app, Ask("POST", headers=headers, pieces=(json.dumps(orders).encode(),)))


def split(response: Outcome) -> tuple[str | None, list[str]]:
    """The cookie as a client sends it back (None: none was set), and its attributes."""
    text = response.header("set-cookie")
    if text is None:
        return None, []
    pair, *attributes = text.split("; ")
    return pair, sorted(attribute.lower() for attribute in attributes)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@asks(30)
@given(turns=st.lists(ORDERS, min_size=1, max_size=4))
async def test_two_clients_of_both_see_the_same(options: dict[str, Any], turns: list[Any]) -> None:
    apps = [layers.sessions(names, **options) for names in (STARLETTE, SIGNETTE)]
    cookies: list[str | None] = [None, None]
    for orders in turns:
        responses = [await send(app, orders, cookie) for app, cookie in zip(apps, cookies, strict=True)]
        theirs, ours = responses
        assert (theirs.status, theirs.body, theirs.raised) == (ours.status, ours.body, ours.raised)
        assert theirs.header("vary") == ours.header("vary")
        (their_cookie, their_attributes), (our_cookie, our_attributes) = split(theirs), split(ours)
        assert their_attributes == our_attributes
        assert (their_cookie is None) == (our_cookie is None)
        if our_cookie is not None:
            cookies = [their_cookie, our_cookie]


@pytest.mark.parametrize(("maker", "reader"), [(STARLETTE, SIGNETTE), (SIGNETTE, STARLETTE)], ids=str)
@asks(30)
@given(values=st.dictionaries(KEYS, VALUES, min_size=1, max_size=3))
async def test_a_cookie_of_one_is_read_by_the_other(maker: Names, reader: Names, values: dict[str, Any]) -> None:
    cookie, _ = split(await send(layers.sessions(maker), {"set": values}, None))
    assert cookie is not None
    read = await send(layers.sessions(reader), {}, cookie)
    assert json.loads(read.body)["session"] == values


@pytest.mark.parametrize(("maker", "reader"), [(STARLETTE, SIGNETTE), (SIGNETTE, STARLETTE)], ids=str)
async def test_a_cookie_of_another_key_is_an_empty_session(maker: Names, reader: Names) -> None:
    cookie, _ = split(await send(layers.sessions(maker, secret_key="another"), {"set": {"a": 1}}, None))
    read = await send(layers.sessions(reader), {}, cookie)
    assert json.loads(read.body)["session"] == {}
