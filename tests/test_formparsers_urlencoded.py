"""Urlencoded forms: the same pairs and the same errors for any chunks of the body."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.formparsers import FormParser, MultiPartException


async def stream_of(chunks: Iterable[bytes]) -> AsyncGenerator[bytes, None]:
    for chunk in chunks:
        yield chunk


async def parse(*chunks: bytes, **limits: Any) -> list[tuple[str, Any]]:
    async with aclosing(stream_of(chunks)) as stream:
        return (await FormParser({}, stream, **limits).parse()).multi_items()


def cut(body: bytes, cuts: list[int]) -> list[bytes]:
    return [body[start:end] for start, end in pairwise([0, *sorted(cuts), len(body)])]


async def test_pairs_are_in_the_order_sent_with_empty_values() -> None:
    body = b"a=1&b&&c=&=d&e=%E2%82%AC+%20&a=2&f=x;g=y"
    expected = [
        ("a", "1"),
        ("b", ""),
        ("c", ""),
        ("", "d"),
        ("e", "\N{EURO SIGN}  "),
        ("a", "2"),
        ("f", "x;g=y"),
    ]
    assert await parse(body) == expected
    assert await parse(*[body[at : at + 1] for at in range(len(body))]) == expected
    assert await parse() == await parse(b"") == await parse(b"&&") == []


TEXT = st.text(st.characters(codec="utf-8"), max_size=10)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=6), st.lists(st.integers(0, 200), max_size=5))
async def test_every_form_is_parsed_back(pairs: list[tuple[str, str]], cuts: list[int]) -> None:
    assert await parse(*cut(urlencode(pairs).encode(), cuts)) == pairs


def rejected_by_definition(body: bytes, max_fields: int, max_part_size: int) -> bool:
    fields = [field for field in body.split(b"&") if field]
    sizes = [len(name) + len(value) for name, _, value in (field.partition(b"=") for field in fields)]
    return len(fields) > max_fields or max(sizes, default=0) > max_part_size


@given(
    st.lists(st.sampled_from([b"&", b"=", b"a", b"bc"]), max_size=12).map(b"".join),
    st.lists(st.integers(0, 24), max_size=5),
    st.integers(0, 4),
    st.integers(0, 4),
)
async def test_chunk_limits_do_not_affect_the_form_limits(
    body: bytes, cuts: list[int], max_fields: int, max_part_size: int
) -> None:
    limits = {"max_fields": max_fields, "max_part_size": max_part_size}
    if rejected_by_definition(body, max_fields, max_part_size):
        with pytest.raises(MultiPartException):
            await parse(*cut(body, cuts), **limits)
    else:
        assert await parse(*cut(body, cuts), **limits) == await parse(body)


async def error_of(body: bytes, **limits: Any) -> MultiPartException:
    """The error of the form, which must be raised before the chunk after `body` is read."""

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body
        raise AssertionError("read after the limit was exceeded")

    async with aclosing(stream()) as chunks:
        with pytest.raises(MultiPartException) as caught:
            await FormParser({}, chunks, **limits).parse()
    return caught.value


async def test_too_many_fields_are_rejected_while_they_arrive() -> None:
    error = await error_of(b"a&b&c", max_fields=2)
    assert error.message == "Too many fields. Maximum number of fields is 2."
    assert (error.status_code, error.limit, error.limit_value) == (400, "form_fields", 2)
    assert (await error_of(b"a=1&" * 1000 + b"b")).limit_value == 1000
    assert len(await parse(b"a=1&" * 1000)) == 1000


async def test_a_field_that_is_too_large_is_rejected_while_it_arrives() -> None:
    assert (await error_of(b"a=" + b"x" * 10, max_part_size=9)).limit == "form_part_bytes"
    error = await error_of(b"a=" + b"x" * 1024 * 1024)
    assert error.message == "Field exceeded maximum size of 1024KB."
    assert error.status_code == 413


async def test_too_much_text_in_total_is_rejected_while_it_arrives() -> None:
    error = await error_of(b"a=1&b=2", max_text_size=6)
    assert (error.status_code, error.limit, error.limit_value) == (413, "form_text_bytes", 6)
    assert await parse(b"a=1&b=2", max_text_size=7) == [("a", "1"), ("b", "2")]
