"""Lists in pages."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signette.client.runtime.pages import (
    AsyncPages,
    BlockingPages,
    PageOf,
    RepeatedPage,
    next_parameter,
    parse_links,
)
from tests.volume import examples

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('<https://a.example/?x=1,2>; rel="next"', {"next": "https://a.example/?x=1,2"}),
        ('</a>; rel="next", </b>;rel=first ; title="a, b"', {"next": "/a", "first": "/b"}),
        ('</a>; title="x\\"; rel=\\"no"; rel="prev last"', {"prev": "/a", "last": "/a"}),
        ("</a>; REL=Next, </b>; rel=next", {"next": "/a"}),
        ("</a>", {}),
        ("", {}),
        ("no link", {}),
    ],
)
def test_links_are_found_by_their_relation_type(header: str, expected: dict[str, str]) -> None:
    assert parse_links(header) == expected


@settings(max_examples=examples(30))
@given(st.text(alphabet='<>;,="\\ relnxt', max_size=60))
def test_any_header_is_parsed(header: str) -> None:
    assert all(isinstance(target, str) for target in parse_links(header).values())


def test_the_next_page_is_named_by_the_body_or_else_by_a_link() -> None:
    link = [("x-other", "1"), ("link", '<http://a.example/list?cursor=b%2Bc&limit=2>; rel="next"')]
    assert next_parameter("cursor", "abc", link) == "abc"
    assert next_parameter("offset", 40, []) == "40"
    assert next_parameter("cursor", None, link) == "b+c"
    assert next_parameter("offset", None, link) is None
    assert next_parameter("cursor", None, []) is None


PAGES = {None: PageOf([1, 2], "a", total=3), "a": PageOf([], "b"), "b": PageOf([3])}


def fetched(seen: list[str | None]) -> Callable[[str | None], PageOf[int]]:
    def fetch(parameter: str | None) -> PageOf[int]:
        seen.append(parameter)
        return PAGES[parameter]

    return fetch


def async_pages(seen: list[str | None]) -> AsyncPages[int]:
    fetch = fetched(seen)

    async def fetch_async(parameter: str | None) -> PageOf[int]:
        return fetch(parameter)

    return AsyncPages(fetch_async)


async def test_a_call_is_a_page_and_all_items() -> None:
    seen: list[str | None] = []
    page = await async_pages(seen)
    assert (list(page), len(page), page.next, page.total) == ([1, 2], 2, "a", 3)
    assert [item async for item in async_pages(seen)] == [1, 2, 3]
    assert seen == [None, None, "a", "b"]


async def test_a_page_is_requested_when_it_is_needed() -> None:
    seen: list[str | None] = []
    items = aiter(async_pages(seen))
    assert [await anext(items), await anext(items)] == [1, 2]
    assert seen == [None]
    pages = async_pages(seen).pages()
    assert [list(page) async for page in pages] == [[1, 2], [], [3]]
    with pytest.raises(StopAsyncIteration):
        await anext(pages)


async def test_a_page_that_names_itself_as_the_next_one_does_not_loop() -> None:
    async def fetch(_: str | None) -> PageOf[int]:
        return PageOf([1], "a")

    items = aiter(AsyncPages(fetch))
    assert await anext(items) == 1
    with pytest.raises(RepeatedPage, match="'a'"):
        await anext(items)
    blocking = iter(BlockingPages(lambda _: PageOf([1], "a")))
    assert next(blocking) == 1
    with pytest.raises(RepeatedPage):
        next(blocking)


def test_pages_without_async_are_the_first_page_and_all_items() -> None:
    seen: list[str | None] = []
    pages = BlockingPages(fetched(seen))
    assert seen == []
    assert (pages.items, pages.next, pages.total) == ([1, 2], "a", 3)
    assert seen == [None]
    assert list(pages) == [1, 2, 3]
    assert [list(page) for page in pages.pages()] == [[1, 2], [], [3]]
    assert seen == [None, "a", "b", "a", "b"]
