"""Lists in pages: the parameters `Page.Cursor[Key]` and `Page.Offset`, and the result `Page[Item]`.

Theory of operation. A page parameter is short for a dependency (`plan/pages.py`), which reads `limit` and `cursor` or
`offset` from the query. Its method `of` makes the result: it knows how many rows were asked for, so it can see whether
there is a next page, and it has `PageLinks`, which sign cursors and write URLs. The result is an
outcome: its content is the body, its headers are the `Link` fields.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar, overload

from signette._dataclasses import dataclass
from signette.declarative.signature.outcomes import Outcome
from signette.problems import Problem

Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)
Key = TypeVar("Key")


class PageLinks(Protocol):
    """Writes the URLs of other pages of the same list."""

    def header(self, relations: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        """The header `Link` (RFC 8288): by relation type, the query parameters to set."""
        ...


class CursorLinks(PageLinks, Protocol):
    """Signs cursors, too."""

    def cursor(self, key: Any) -> str:
        """The signed cursor of the page after this key."""
        ...


@dataclass(frozen=True, slots=True)
class PageLimit:
    """How many items a page has: `Annotated[Page.Cursor[int], Page.Limit(50, maximum=500)]`.

    `default` is the limit of a request without `limit`. A request with more than `maximum` is a 422, and so is one with
    an `offset` over `max_offset`, because a store has to read all rows before the offset.

    Raises:
        ValueError: a number is not positive, or `default` is larger than `maximum`.
    """

    default: int = 20
    maximum: int = 100
    max_offset: int | None = None
    """None: 10,000 for an offset."""

    def __post_init__(self) -> None:
        for name in ("default", "maximum", "max_offset"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise ValueError(f"`{name}={value!r}` must be a positive number")
        if self.default > self.maximum:
            raise ValueError(f"`default={self.default}` is larger than `maximum={self.maximum}`")


class Page(Outcome[Item_co]):
    """A result with some items of a list: `-> Page[User]`. A page parameter makes it: `page.of(rows, key=...)`.

    The body is a JSON object with `items`, `next` and `total`, and the header `Link` has the URLs of other pages.

    Attributes:
        items: The items of this page.
        next: The value of `cursor` or `offset` for the next page; None on the last page, and outside of a request.
        next_key: The key or offset that `next` is made of.
        total: The number of items on all pages, if it is known.
    """

    __slots__ = ("items", "next", "next_key", "total")

    Limit = PageLimit

    class InvalidCursor(
        Problem,
        status=400,
        detail="The cursor cannot be used here ({reason}). Start with the first page, without `cursor`.",
    ):
        """The cursor is not a cursor of this list."""

        reason: Literal["malformed", "other list", "other parameters"]

    items: Sequence[Item_co]
    next: str | None
    next_key: Any
    total: int | None

    def __init__(
        self,
        items: Sequence[Item_co],
        *,
        next: str | None = None,  # noqa: A002 - the relation type of RFC 8288
        next_key: Any = None,
        total: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        content: Any = {"items": items, "next": next, "total": total}
        super().__init__(content, headers)
        for name, value in (("items", items), ("next", next), ("next_key", next_key), ("total", total)):
            object.__setattr__(self, name, value)

    def map(self, convert: Callable[[Item_co], Item]) -> "Page[Item]":
        """The same page with other items: `page.of(rows, key=...).map(to_user)`."""
        return Page(
            [convert(item) for item in self.items],
            next=self.next,
            next_key=self.next_key,
            total=self.total,
            headers=self.headers,
        )

    class Cursor(Generic[Key]):
        """A parameter for pages by key: `page: Page.Cursor[int]`, or `Page.Cursor[tuple[datetime, UUID]]`.

        Select the rows after `after`, in the order of the key, at most `fetch` of them, and return
        `page.of(rows, key=...)`. Clients get the key of the last item as an opaque, signed cursor.

        Attributes:
            after: The key of the last item of the page before; None for the first page.
            limit: The largest number of items on this page.
        """

        __slots__ = ("_fetches_one_more", "_links", "after", "limit")

        def __init__(self, limit: int = 20, after: Key | None = None, links: CursorLinks | None = None) -> None:
            self.limit = limit
            self.after = after
            self._links = links
            self._fetches_one_more = False

        @property
        def fetch(self) -> int:
            """The number of rows to fetch: `limit + 1`. The last one is not sent, it shows that there is a next page.

            If you fetch `limit` rows and do not use `fetch`, a full page has a `next`, which may be an empty page.
            """
            self._fetches_one_more = True
            return self.limit + 1

        @overload
        def of(
            self, items: Sequence[Item], *, key: Callable[[Item], Key], total: int | None = None
        ) -> "Page[Item]": ...
        @overload
        def of(self, items: Sequence[Item], *, next: Key | None, total: int | None = None) -> "Page[Item]": ...
        def of(self, items: Sequence[Item], **given: Any) -> "Page[Item]":
            """The page with these items.

            `key` returns the key of an item. With it, `items` are the rows that you have fetched: up to `fetch`. Or
            pass `next`, the key after which the next page begins, or None if this page is the last one.

            Raises:
                TypeError: neither `key` nor `next` is passed, or both, or the key has another type than the parameter.
                ValueError: there are more than `limit` items with `next`, or more than `fetch` with `key`.
            """
            total = given.pop("total", None)
            if len(given) != 1 or given.keys() - {"key", "next"}:
                raise TypeError("`of` takes either `key=`, a function of an item, or `next=`, a key or None")
            _check_count(items, self.limit + ("key" in given))
            if "next" in given:
                following: Any = given["next"]
            else:
                has_next, items = _cut(items, self.limit, self._fetches_one_more)
                following = given["key"](items[-1]) if has_next else None
            links = self._links
            if links is None:
                return Page(items, next_key=following, total=total)
            relations: dict[str, Mapping[str, str]] = {"first": {}}
            cursor = None
            if following is not None:
                cursor = links.cursor(following)
                relations = {"next": {"cursor": cursor}, **relations}
            return Page(items, next=cursor, next_key=following, total=total, headers=links.header(relations))

        def __repr__(self) -> str:
            return f"Page.Cursor(limit={self.limit!r}, after={self.after!r})"

    class Offset:
        """A parameter for pages by number of rows: `page: Page.Offset`.

        Skip `offset` rows, fetch at most `fetch`, and return `page.of(rows)`, with `total=` if it is known. While rows
        are inserted or deleted, items may be missing or repeated, and large offsets are slow: prefer `Page.Cursor`.

        Attributes:
            offset: The number of rows before this page.
            limit: The largest number of items on this page.
        """

        __slots__ = ("_fetches_one_more", "_links", "_max_offset", "limit", "offset")

        def __init__(
            self, limit: int = 20, offset: int = 0, links: PageLinks | None = None, max_offset: int | None = None
        ) -> None:
            self.limit = limit
            self.offset = offset
            self._links = links
            self._max_offset = max_offset
            self._fetches_one_more = False

        @property
        def fetch(self) -> int:
            """The number of rows to fetch: `limit + 1`. The last one is not sent, it shows that there is a next page.

            If you fetch `limit` rows and do not use `fetch`, a full page has a `next`, which may be an empty page,
            unless `total` shows that it is the last one.
            """
            self._fetches_one_more = True
            return self.limit + 1

        def of(self, items: Sequence[Item], *, total: int | None = None) -> "Page[Item]":
            """The page with these items: the rows that you have fetched, up to `fetch`.

            Raises:
                ValueError: there are more items than `fetch`.
            """
            _check_count(items, self.limit + 1)
            has_next, items = _cut(items, self.limit, self._fetches_one_more)
            after = self.offset + self.limit
            if total is not None:
                has_next = bool(items) and after < total
            following = after if has_next and self._can_be_sent(after) else None
            if self._links is None:
                return Page(items, next_key=following, total=total)
            headers = self._links.header(self._relations(following, total))
            return Page(
                items, next=None if following is None else str(following), next_key=following, total=total,
                headers=headers,
            )  # fmt: skip

        def _relations(self, following: int | None, total: int | None) -> dict[str, Mapping[str, str]]:
            found: dict[str, Mapping[str, str]] = {}
            if following is not None:
                found["next"] = {"offset": str(following)}
            if self.offset:
                found["prev"] = _at(max(0, self.offset - self.limit))
            found["first"] = {}
            if total is not None:
                last = (max(total, 1) - 1) // self.limit * self.limit
                if self._can_be_sent(last):
                    found["last"] = _at(last)
            return found

        def _can_be_sent(self, offset: int) -> bool:
            return self._max_offset is None or offset <= self._max_offset

        def __repr__(self) -> str:
            return f"Page.Offset(limit={self.limit!r}, offset={self.offset!r})"


PAGE_PARAMETERS: tuple[type, ...] = (Page.Cursor, Page.Offset)


def _at(offset: int) -> Mapping[str, str]:
    return {"offset": str(offset)} if offset else {}


def _check_count(items: Sequence[Any], most: int) -> None:
    if len(items) > most:
        raise ValueError(f"the page has {len(items)} items, and may have {most}: limit the query of the store")


def _cut(items: Sequence[Item], limit: int, fetches_one_more: bool) -> tuple[bool, Sequence[Item]]:
    """Whether there is a next page, and the items of this one."""
    if len(items) > limit:
        return True, items[:limit]
    return len(items) == limit and not fetches_one_more, items


@dataclass(frozen=True, slots=True)
class Paging:
    """How an operation pages, a fact of its plan: what a client needs to iterate over all items."""

    parameter: Literal["cursor", "offset"]
    """The query parameter for another page. Its value is the member `next` of the body."""
    limit: PageLimit
    key: Any = None
    """The type of a cursor's key."""

    items: ClassVar[str] = "items"
    next: ClassVar[str] = "next"

    @property
    def names(self) -> tuple[str, str]:
        """The query parameters."""
        return "limit", self.parameter

    @property
    def max_offset(self) -> int:
        """The largest offset."""
        return DEFAULT_MAX_OFFSET if self.limit.max_offset is None else self.limit.max_offset


DEFAULT_MAX_OFFSET = 10_000
