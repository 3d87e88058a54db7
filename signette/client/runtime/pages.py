"""Lists in pages: `await client.list_orders()` is the first page, `async for` over the same call has all items.

The next page is the request again, with a `cursor` or an `offset`, which the member `next` of the body has, or else the
`Link` header (RFC 8288).
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

from signette.client.runtime.errors import ClientError
from signette.client.runtime.transport import Pairs

PagedT = TypeVar("PagedT")

# RFC 8288 §3: `<target>; name=value; name="value"`, separated by commas.
_LINK = re.compile(r"\s*<([^>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:\"(?:[^\"\\]|\\.)*\"|[^\s;,\"]*))?)*)\s*(?:,|$)")
_LINK_PARAMETER = re.compile(r";\s*([^\s=;,]+)(?:\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;,\"]*)))?")


def parse_links(header: str) -> dict[str, str]:
    """The targets of a `Link` header by relation type; of several with one type, the first."""
    found: dict[str, str] = {}
    position = 0
    while match := _LINK.match(header, position):
        parameters = {name.lower(): quoted or bare for name, quoted, bare in _LINK_PARAMETER.findall(match[2])}
        for relation in parameters.get("rel", "").lower().split():
            found.setdefault(relation, match[1])
        if match.end() == len(header):
            break
        position = match.end()
    return found


def next_parameter(parameter: str, following: Any, headers: Pairs) -> str | None:
    """The value of the parameter for the next page, of the body's `next` or of the `Link` header. None at the end."""
    if following is not None:
        return str(following)
    target = parse_links(", ".join(value for name, value in headers if name == "link")).get("next")
    values = parse_qs(urlsplit(target).query).get(parameter) if target else None
    return values[0] if values else None


@dataclass(frozen=True)
class PageOf(Generic[PagedT]):
    """A page of a list.

    Attributes:
        items: The items of this page.
        next: The value of `cursor` or `offset` for the next page; None on the last one.
        total: The number of items on all pages, if the server sends it.
        headers: The headers of the response.
    """

    items: Sequence[PagedT]
    next: str | None = None
    total: int | None = None
    headers: Pairs = field(default_factory=list, repr=False, compare=False)

    def __iter__(self) -> Iterator[PagedT]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


class RepeatedPage(ClientError, RuntimeError):
    """The server has sent the same `next` twice: an iteration over its pages would not end."""


def _following(page: PageOf[Any], before: str | None) -> str | None:
    if page.next is not None and page.next == before:
        raise RepeatedPage(f"the page after {before!r} names itself as the next one")
    return page.next


class AsyncPages(Generic[PagedT]):
    """A list in pages, which is awaitable and iterable.

    * `page = await client.list_orders()` is one page, with `items`, `next` and `total`.
    * `async for order in client.list_orders()` has the items of all pages, and requests a page when it is needed.
    * `async for page in client.list_orders().pages()` has the pages.

    `fetch` requests a page by the value of its parameter, None for the page that the arguments of the call name.
    """

    def __init__(self, fetch: Callable[[str | None], Awaitable[PageOf[PagedT]]]) -> None:
        self._fetch = fetch

    def __await__(self) -> Generator[Any, Any, PageOf[PagedT]]:
        return self._fetch(None).__await__()

    def pages(self) -> "AsyncPageIterator[PagedT]":
        """Iterate over the pages."""
        return AsyncPageIterator(self._fetch)

    def __aiter__(self) -> "AsyncPagedItems[PagedT]":
        return AsyncPagedItems(self.pages())


class AsyncPageIterator(Generic[PagedT]):
    """Requests one page after the other."""

    def __init__(self, fetch: Callable[[str | None], Awaitable[PageOf[PagedT]]]) -> None:
        self._fetch = fetch
        self._parameter: str | None = None
        self._is_over = False

    def __aiter__(self) -> AsyncIterator[PageOf[PagedT]]:
        return self

    async def __anext__(self) -> PageOf[PagedT]:
        if self._is_over:
            raise StopAsyncIteration
        page = await self._fetch(self._parameter)
        self._parameter = _following(page, self._parameter)
        self._is_over = self._parameter is None
        return page


class AsyncPagedItems(Generic[PagedT]):
    """The items of all pages."""

    def __init__(self, pages: AsyncPageIterator[PagedT]) -> None:
        self._pages = pages
        self._items: Iterator[PagedT] = iter(())

    def __aiter__(self) -> AsyncIterator[PagedT]:
        return self

    async def __anext__(self) -> PagedT:
        while True:
            for item in self._items:
                return item
            self._items = iter((await anext(self._pages)).items)


class BlockingPages(Generic[PagedT]):
    """The same, for a client without `async`: the first page, and all items by `for order in client.list_orders()`.

    The first page is requested when an attribute or the first item is read.
    """

    def __init__(self, fetch: Callable[[str | None], PageOf[PagedT]]) -> None:
        self._fetch = fetch
        self._first: PageOf[PagedT] | None = None

    @property
    def first(self) -> PageOf[PagedT]:
        """The first page."""
        if self._first is None:
            self._first = self._fetch(None)
        return self._first

    @property
    def items(self) -> Sequence[PagedT]:
        """The items of the first page."""
        return self.first.items

    @property
    def next(self) -> str | None:
        """The value of `cursor` or `offset` for the next page; None if there is no other."""
        return self.first.next

    @property
    def total(self) -> int | None:
        """The number of items on all pages, if the server sends it."""
        return self.first.total

    def pages(self) -> Iterator[PageOf[PagedT]]:
        """Iterate over the pages."""
        page = self.first
        following = _following(page, None)
        yield page
        while following is not None:
            page = self._fetch(following)
            following = _following(page, following)
            yield page

    def __iter__(self) -> Iterator[PagedT]:
        for page in self.pages():
            yield from page.items
