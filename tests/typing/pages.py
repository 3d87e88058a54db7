"""Read by the checkers only: pages keep the types of keys and items."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, assert_type
from uuid import UUID

from signette import App, Page

app = App(cursor_keys=["a secret of all processes"], page_limit=Page.Limit(50, maximum=500))


class User:
    id: int
    name: str
    created: datetime


@app.get("/users")
async def users(page: Page.Cursor[int]) -> Page[User]:
    assert_type(page.after, int | None)
    assert_type(page.limit, int)
    assert_type(page.fetch, int)
    rows: list[User] = []
    found = page.of(rows, key=lambda user: user.id)
    assert_type(found, Page[User])
    assert_type(found.items, Sequence[User])
    assert_type(found.next, str | None)
    assert_type(found.total, int | None)
    assert_type(found.map(lambda user: user.name), Page[str])
    page.of(rows, next=3)
    page.of(rows, next=None, total=7)
    page.of(rows, key=lambda user: user.name)  # type: ignore[arg-type, return-value]  # pyright: ignore[reportArgumentType]
    page.of(rows, next="x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    page.of(rows)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    return found


@app.get("/posts")
def posts(page: Annotated[Page.Cursor[tuple[datetime, UUID]], Page.Limit(5)]) -> Page[str]:
    assert_type(page.after, tuple[datetime, UUID] | None)
    return page.of(["a"], next=None)


@app.get("/numbers")
def numbers(page: Page.Offset) -> Page[int]:
    assert_type(page.offset, int)
    return page.of([1, 2], total=2)


def in_a_test() -> None:
    page = numbers(Page.Offset(limit=2))
    assert_type(page, Page[int])
    assert_type(Page.Cursor(limit=2, after=3), Page.Cursor[int])


def caught(problem: Page.InvalidCursor) -> str:
    return problem.reason
