"""`Page.Cursor[Key]` and `Page.Offset`, and the result `Page[Item]`."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import parse_qs, quote, urlsplit
from uuid import UUID

import anyio
import cloudpickle
import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, create_model

from signette import App, Depends, Host, Mount, Page, Problem, Request, Response, Router, TypedRoute
from signette.cbv import cbv
from signette.compat import FastAPIErrors
from signette.declarative.adapters.page_keys import PageKeys
from signette.declarative.errors.base import SignatureError
from signette.declarative.inspection.plan_json import describe_plan
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.declarative.sources.cursor_tokens import Bearing, digest_of, open_token, sign
from signette.exceptions import ResponseValidationError
from signette.formats import CSV, JSON, JSONLines
from signette.policies import Cached
from signette.resources import Resource, get
from tests.asgi import Exchange, fetch
from tests.declarative.oracle import interpret
from tests.volume import examples

Content = TypeVar("Content")

SECRET = "a secret that all processes share"
OLD = "an older secret of all processes"


class User(BaseModel):
    id: int
    name: str = ""


USERS = [User(id=number, name=f"user {number}") for number in range(1, 8)]


def cursor_app(users: list[User] = USERS, *, keys: Any = (SECRET,), fetches: bool = True, **options: Any) -> App:
    """An application with a list by key. `fetches`: one row more than the limit is fetched."""
    app = App(cursor_keys=keys, **options)

    @app.get("/users")
    async def listed(page: Page.Cursor[int], team: str | None = None) -> Page[User]:
        rows = [user for user in users if page.after is None or user.id > page.after]
        return page.of(rows[: page.fetch if fetches else page.limit], key=lambda user: user.id)

    return app


def offset_app(count: int = 7, *, total: bool = True, limit: Page.Limit | None = None) -> App:
    app = App(page_limit=limit)

    @app.get("/users")
    def listed(page: Page.Offset) -> Page[int]:
        return page.of(range(count)[page.offset :][: page.fetch], total=count if total else None)

    return app


def links(response: Exchange) -> dict[str, str]:
    """The URLs of the header `Link`, as another library reads it."""
    found = httpx2.Response(200, headers=response.headers).links
    return {relation: link["url"] for relation, link in found.items()}


def target(url: str) -> str:
    """A URL of the test server as a request line."""
    parts = urlsplit(url)
    assert parts.scheme == "http"
    return f"GET {parts.path}{f'?{parts.query}' if parts.query else ''}"


def body(response: Exchange) -> Any:
    assert response.status == 200, response.json
    return response.json


async def pages(
    app: App, request: str, *, by_header: bool = False, between: Callable[[], None] = lambda: None
) -> list[Any]:
    """The items of each page, up to the last one."""
    found = []
    start = request
    while True:
        response = await fetch(app, request)
        page = body(response)
        found.append(page["items"])
        assert len(found) < 200
        url = links(response).get("next")
        assert (url is None) == (page["next"] is None)
        if url is None:
            return found
        query = parse_qs(urlsplit(url).query)
        assert query["cursor" if "cursor" in query else "offset"] == [page["next"]]
        request = target(url) if by_header else f"{start}{'&' if '?' in start else '?'}cursor={page['next']}"
        between()


def ids(found: list[Any]) -> list[int]:
    return [user["id"] for page in found for user in page]


# -- pages by cursor ---------------------------------------------------------------------------------------------------


async def test_following_next_lists_each_item_once_and_in_order() -> None:
    found = await pages(cursor_app(), "GET /users?limit=3")
    assert [len(page) for page in found] == [3, 3, 1]
    assert ids(found) == [user.id for user in USERS]


async def test_the_body_has_items_next_and_total() -> None:
    response = await fetch(cursor_app(), "GET /users")
    assert response.json == {"items": [user.model_dump() for user in USERS], "next": None, "total": None}
    assert links(response) == {"first": "http://testserver/users"}


@pytest.mark.parametrize(("fetches", "lengths"), [(True, [7]), (False, [7, 0])])
async def test_a_full_last_page_is_known_where_one_row_more_is_fetched(fetches: bool, lengths: list[int]) -> None:
    found = await pages(cursor_app(fetches=fetches), "GET /users?limit=7")
    assert [len(page) for page in found] == lengths


CHANGING: list[User] = []
CHANGED = {fetches: cursor_app(CHANGING, fetches=fetches) for fetches in (True, False)}


@settings(max_examples=examples(25), deadline=None)
@given(data=st.data(), numbers=st.sets(st.integers(0, 40)), limit=st.integers(1, 9), fetches=st.booleans())
def test_items_that_stay_are_listed_once_while_others_come_and_go(
    data: st.DataObject, numbers: set[int], limit: int, fetches: bool
) -> None:
    users = CHANGING
    users[:] = [User(id=number) for number in sorted(numbers)]
    stay = set(numbers)
    seen: set[int] = set(numbers)

    def change() -> None:
        number = data.draw(st.integers(0, 40))
        if number in {user.id for user in users}:
            users[:] = [user for user in users if user.id != number]
            stay.discard(number)
        else:
            users.append(User(id=number))
            users.sort(key=lambda user: user.id)
            seen.add(number)

    async def walk() -> list[int]:
        return ids(await pages(CHANGED[fetches], f"GET /users?limit={limit}", between=change))

    found = anyio.run(walk)
    assert found == sorted(set(found))
    assert stay <= set(found) <= seen


@settings(max_examples=examples(20), deadline=None)
@given(
    count=st.integers(0, 20),
    limit=st.integers(2, 12),
    filters=st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), max_size=3),
)
def test_the_links_equal_the_body_and_keep_other_parameters(
    count: int, limit: int, filters: list[tuple[str, str]]
) -> None:
    own = {"limit", "cursor"}
    query = "&".join(
        f"{quote(name, safe='', errors='replace')}={quote(value, safe='', errors='replace')}"
        for name, value in filters
        if name not in own
    )
    CHANGING[:] = [User(id=number) for number in range(count)]
    found = anyio.run(lambda: pages(CHANGED[True], f"GET /users?{query}&limit={limit}", by_header=True))
    assert ids(found) == list(range(count))


KEYS: list[tuple[Any, Any]] = [
    (int, -3),
    (str, "é \n\x00"),
    (datetime, datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)),
    (tuple[datetime, UUID], (datetime(2026, 1, 2, tzinfo=UTC), UUID(int=7))),
    (tuple[int | None, str], (None, "a")),
    (Decimal, Decimal("1.10")),
    (User, User(id=3, name="a")),
    (Literal["a", "b"], "b"),
    (timedelta, timedelta(microseconds=1)),
]


@pytest.mark.parametrize(("key", "value"), KEYS)
async def test_keys_of_any_type_come_back_as_they_were(key: Any, value: Any) -> None:
    app = App(cursor_keys=[SECRET])
    seen = []

    @app.get("/")
    async def listed(page: Page.Cursor[key]) -> Page[int]:
        seen.append(page.after)
        return page.of([1], next=None if seen[1:] else value)

    assert await pages(app, "GET /") == [[1], [1]]
    assert seen == [None, value]


@settings(max_examples=examples(50))
@given(
    key=st.tuples(
        st.datetimes(timezones=st.just(UTC)),
        st.uuids(),
        st.text(),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
    )
)
def test_keys_are_read_as_they_were_written(key: Any) -> None:
    keys = PageKeys(tuple[datetime, UUID, str, float | None])
    assert keys.read(keys.write(key)) == key


@pytest.mark.parametrize(
    ("key", "value"),
    [(int, "x"), (float, float("nan")), (float | None, float("inf")), (tuple[int, int], (1,)), (str, "\ud800")],
)
def test_a_key_that_cannot_be_read_back_is_an_error_of_the_server(key: Any, value: Any) -> None:
    with pytest.raises(TypeError, match="key of a cursor"):
        PageKeys(key).write(value)


# -- cursors that are not those of the list ----------------------------------------------------------------------------


async def refusal(app: Any, request: str) -> tuple[int, str]:
    response = await fetch(app, request)
    assert response["content-type"] == "application/problem+json"
    return response.status, response.json.get("reason")


async def cursor_of(app: Any, request: str) -> str:
    found: str = body(await fetch(app, request))["next"]
    return found


BEARING = Bearing(digest_of(["a"]), digest_of([]))
SECRETS = [b"s" * 16]
ALPHABET = "abcXYZ019-_=.+/ "


@settings(max_examples=examples(200))
@given(data=st.data(), key=st.binary(min_size=1, max_size=12))
def test_an_altered_token_is_not_opened(data: st.DataObject, key: bytes) -> None:
    token = sign(BEARING, key, SECRETS)
    assert open_token(token, SECRETS) == (BEARING, key)
    place, text = data.draw(st.integers(0, len(token))), data.draw(st.text(ALPHABET, min_size=1, max_size=3))
    altered = data.draw(
        st.sampled_from(
            [token[:place] + text + token[place + 1 :], token[:place] + text + token[place:], token[:place]]
        )
    )
    assert altered == token or open_token(altered, SECRETS) is None


@settings(max_examples=examples(200))
@given(token=st.text(max_size=80))
def test_other_texts_are_not_opened(token: str) -> None:
    assert open_token(token, SECRETS) is None


async def test_an_altered_cursor_is_rejected() -> None:
    app = cursor_app()
    cursor = await cursor_of(app, "GET /users?limit=1")
    for altered in (cursor[:-1], f"{cursor}A", f"{cursor}%20", f"B{cursor[1:]}", cursor.swapcase(), "%E2%82%AC"):
        assert await refusal(app, f"GET /users?cursor={altered}") == (400, "malformed")


def test_the_last_bits_of_a_cursor_cannot_be_changed() -> None:
    """Several texts decode to the same bytes, of which one is the cursor."""
    for key in (b"1", b"12", b"123"):
        token = sign(BEARING, key, SECRETS)
        others = [token[:-1] + last for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"]
        assert [other for other in others if open_token(other, SECRETS) is not None] == [token]


def test_texts_with_other_borders_have_another_digest() -> None:
    assert len({digest_of(parts) for parts in (["ab", ""], ["a", "b"], ["", "ab"], ["ab"], ["1:a", "b"])}) == 5


def two_lists() -> App:
    app = cursor_app()

    @app.get("/teams/{team}/users")
    async def members(team: int, page: Page.Cursor[int]) -> Page[User]:
        return page.of(USERS[: page.fetch], key=lambda user: user.id)

    return app


@pytest.mark.parametrize(
    ("request_of_cursor", "request_with_it", "reason"),
    [
        ("/users?limit=2", "/users?limit=3", None),
        ("/users?limit=2&team=a", "/users?team=a", None),
        ("/users?limit=2&team=a&sort=b", "/users?sort=b&team=a", None),
        ("/users?limit=2&team=a", "/users?team=b", "other parameters"),
        ("/users?limit=2&team=a", "/users?", "other parameters"),
        ("/users?limit=2", "/users?sort=name", "other parameters"),
        ("/users?limit=2&team=a&team=b", "/users?team=b&team=a", "other parameters"),
        ("/users?limit=2", "/teams/1/users?", "other list"),
        ("/teams/1/users?limit=2", "/teams/2/users?", "other list"),
        ("/teams/1/users?limit=2", "/teams/1/users?", None),
    ],
)
async def test_a_cursor_belongs_to_a_list_and_its_parameters(
    request_of_cursor: str, request_with_it: str, reason: str | None
) -> None:
    app = two_lists()
    cursor = await cursor_of(app, f"GET {request_of_cursor}")
    separator = "" if request_with_it.endswith("?") else "&"
    request = f"GET {request_with_it}{separator}cursor={cursor}"
    if reason is None:
        assert body(await fetch(app, request))["items"]
    else:
        assert await refusal(app, request) == (400, reason)


async def test_a_cursor_of_a_key_of_another_type_is_rejected() -> None:
    def app_of(key: Any) -> App:
        app = App(cursor_keys=[SECRET])

        @app.get("/")
        async def listed(page: Page.Cursor[key]) -> Page[int]:
            return page.of([1], next=5)

        return app

    cursor = await cursor_of(app_of(int), "GET /")
    assert await refusal(app_of(datetime), f"GET /?cursor={cursor}") == (400, "other list")


async def test_a_cursor_whose_key_has_lost_a_field_is_rejected() -> None:
    """The next version of the application has a model of the same name with other fields."""

    def app_of(**fields: Any) -> App:
        key = create_model("Key", **fields)
        app = App(cursor_keys=[SECRET])

        @app.get("/")
        async def listed(page: Page.Cursor[key]) -> Page[int]:  # type: ignore[valid-type]  # a type at runtime
            return page.of([1], next=key(**dict.fromkeys(fields, 5)))

        return app

    cursor = await cursor_of(app_of(number=(int, ...)), "GET /")
    assert await refusal(app_of(id=(int, ...)), f"GET /?cursor={cursor}") == (400, "malformed")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("cursor=", 400),
        ("cursor=%00", 400),
        ("cursor=%ff", 400),
        ("cursor=" + "A" * 5000, 400),
        ("limit=0", 422),
        ("limit=-1", 422),
        ("limit=101", 422),
        ("limit=", 422),
        ("limit=1.5", 422),
        ("limit=99999999999999999999", 422),
        ("limit=x&cursor=y", 422),
    ],
)
async def test_invalid_parameters_are_rejected(query: str, status: int) -> None:
    assert (await fetch(cursor_app(), f"GET /users?{query}")).status == status


@pytest.mark.parametrize(
    ("query", "status"),
    [("offset=-1", 422), ("offset=10001", 422), ("offset=x", 422), ("offset=", 422), ("offset=10000", 200)],
)
async def test_invalid_offsets_are_rejected(query: str, status: int) -> None:
    assert (await fetch(offset_app(), f"GET /users?{query}")).status == status


# -- the keys of the application ---------------------------------------------------------------------------------------


async def test_cursors_of_an_older_key_are_valid_and_new_ones_have_the_first() -> None:
    old = await cursor_of(cursor_app(keys=[OLD]), "GET /users?limit=2")
    both = cursor_app(keys=[SECRET.encode(), OLD])
    assert ids([body(await fetch(both, f"GET /users?limit=2&cursor={old}"))["items"]]) == [3, 4]
    new = await cursor_of(both, "GET /users?limit=2")
    only_new = cursor_app(keys=(SECRET,))
    assert body(await fetch(only_new, f"GET /users?cursor={new}"))["items"]
    assert await refusal(only_new, f"GET /users?cursor={old}") == (400, "malformed")


@pytest.mark.parametrize(
    ("keys", "error", "text"),
    [
        ("a long text instead of a list", TypeError, "must be a list"),
        ([17], TypeError, "must be a `str` or `bytes`"),
        (["short"], ValueError, "at least 16 bytes"),
        ([SECRET, ""], ValueError, "at least 16 bytes"),
    ],
)
def test_invalid_keys_are_rejected(keys: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        App(cursor_keys=keys)


def test_an_application_without_keys_does_not_start() -> None:
    with pytest.raises(SignatureError, match="no key that signs the cursors"):
        cursor_app(keys=[]).build_middleware_stack()


@pytest.mark.parametrize("between", [lambda app: app, lambda app: Router(routes=[Mount("/inner", app)])])
def test_neither_does_one_that_has_mounted_such_an_application(between: Callable[[Any], Any]) -> None:
    outer = App(cursor_keys=[SECRET], routes=[Mount("/outer", between(cursor_app(keys=[])))])
    with pytest.raises(SignatureError, match="no key that signs the cursors"):
        outer.build_middleware_stack()


def test_pages_by_offset_need_no_keys() -> None:
    offset_app().build_middleware_stack()


async def test_in_debug_mode_there_is_a_key_that_outlives_the_process(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "signette.pages"):
        cursor = await cursor_of(cursor_app(keys=[], debug=True), "GET /users?limit=2")
    assert ["key for development" in record.getMessage() for record in caplog.records] == [True]
    assert body(await fetch(cursor_app(keys=[], debug=True), f"GET /users?cursor={cursor}"))["items"]


async def test_a_router_without_an_application_reports_that_there_are_no_keys() -> None:
    router = Router(routes=cursor_app().routes)
    with pytest.raises(SignatureError, match="no key that signs the cursors"):
        await fetch(router, "GET /users?limit=2")


# -- pages by offset ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "items", "relations"),
    [
        ("limit=3", [0, 1, 2], {"next": "limit=3&offset=3", "first": "limit=3", "last": "limit=3&offset=6"}),
        (
            "limit=3&offset=3",
            [3, 4, 5],
            {"next": "limit=3&offset=6", "prev": "limit=3", "first": "limit=3", "last": "limit=3&offset=6"},
        ),
        ("limit=3&offset=6", [6], {"prev": "limit=3&offset=3", "first": "limit=3", "last": "limit=3&offset=6"}),
        ("offset=2", [2, 3, 4, 5, 6], {"prev": "", "first": "", "last": ""}),
        ("limit=7", [0, 1, 2, 3, 4, 5, 6], {"first": "limit=7", "last": "limit=7"}),
        ("offset=70", [], {"prev": "offset=50", "first": "", "last": ""}),
    ],
)
async def test_pages_by_offset_have_links_to_all_pages(query: str, items: list[int], relations: dict[str, str]) -> None:
    response = await fetch(offset_app(), f"GET /users?{query}")
    page = body(response)
    assert (page["items"], page["total"]) == (items, 7)
    assert {relation: urlsplit(url).query for relation, url in links(response).items()} == relations


@settings(max_examples=examples(15), deadline=None)
@given(count=st.integers(0, 20), limit=st.integers(2, 12), total=st.booleans())
def test_following_next_by_offset_lists_each_item(count: int, limit: int, total: bool) -> None:
    app = offset_app(count, total=total)
    found = anyio.run(lambda: pages(app, f"GET /users?limit={limit}", by_header=True))
    assert [item for page in found for item in page] == list(range(count))
    assert len(found) == max(1, -(-count // limit))


async def test_a_page_behind_the_largest_offset_has_no_link() -> None:
    limit = Page.Limit(2, maximum=5, max_offset=3)
    response = await fetch(offset_app(100, limit=limit), "GET /users?offset=2")
    assert body(response)["next"] is None
    assert links(response).keys() == {"prev", "first"}


async def test_an_empty_list_has_one_page() -> None:
    response = await fetch(offset_app(0), "GET /users")
    assert body(response) == {"items": [], "next": None, "total": 0}
    assert links(response) == {"first": "http://testserver/users", "last": "http://testserver/users"}


# -- limits ------------------------------------------------------------------------------------------------------------


async def test_a_limit_of_the_parameter_is_used_before_those_of_routers_and_applications() -> None:
    app = App(page_limit=Page.Limit(2, maximum=3))
    router = Router(prefix="/router", page_limit=Page.Limit(3, maximum=4))

    async def by_default(page: Page.Offset) -> Page[int]:
        return page.of(range(100)[: page.fetch])

    async def by_parameter(page: Annotated[Page.Offset, Page.Limit(5, maximum=6)]) -> Page[int]:
        return page.of(range(100)[: page.fetch])

    app.get("/default")(by_default)
    router.get("/default")(by_default)
    router.get("/own")(by_parameter)
    app.include_router(router)
    plain = Router()
    plain.get("/default")(by_default)
    app.include_router(plain, prefix="/included", page_limit=Page.Limit(4, maximum=5))
    for path, limit in (("/default", 2), ("/router/default", 3), ("/included/default", 4), ("/router/own", 5)):
        assert len(body(await fetch(app, f"GET {path}"))["items"]) == limit
        assert (await fetch(app, f"GET {path}?limit={limit + 1}")).status == 200
        assert (await fetch(app, f"GET {path}?limit={limit + 2}")).status == 422


@pytest.mark.parametrize(
    "arguments", [{"default": 0}, {"default": 5, "maximum": 4}, {"max_offset": -1}, {"default": True}]
)
def test_an_invalid_limit_is_rejected(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be a positive number|larger than"):
        Page.Limit(**arguments)


def test_a_router_rejects_another_type_of_limit() -> None:
    with pytest.raises(SignatureError, match=r"page_limit.*Page\.Limit"):
        Router(page_limit=50)  # type: ignore[arg-type]  # asking is the test


# -- what handlers return ----------------------------------------------------------------------------------------------


def test_a_page_parameter_made_by_hand_makes_pages_without_cursors() -> None:
    page = Page.Cursor[int](limit=2).of(USERS[:3], key=lambda user: user.id)
    assert (page.items, page.next, page.next_key, page.total) == (USERS[:2], None, 2, None)
    other = Page.Offset(limit=2, offset=4).of(USERS[4:], total=7)
    assert (other.items, other.next_key) == (USERS[4:6], 6)


async def test_the_items_of_a_page_can_be_converted() -> None:
    app = App(cursor_keys=[SECRET])

    @app.get("/names")
    async def names(page: Page.Cursor[int]) -> Page[str]:
        rows = [user for user in USERS if page.after is None or user.id > page.after]
        found = page.of(rows[: page.fetch], key=lambda user: user.id, total=7)
        return found.map(lambda user: user.name)

    assert await pages(app, "GET /names?limit=4", by_header=True) == [
        [f"user {number}" for number in numbers] for numbers in (range(1, 5), range(5, 8))
    ]
    assert body(await fetch(app, "GET /names"))["total"] == 7


@pytest.mark.parametrize("given", [{}, {"key": lambda user: user.id, "next": 3}, {"after": 3}])
def test_a_page_by_cursor_needs_a_key_function_or_the_next_key(given: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="either `key=`"):
        Page.Cursor(limit=2).of(USERS[:2], **given)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Page.Cursor[int](limit=2).of(USERS[:4], key=lambda user: user.id),
        lambda: Page.Cursor[int](limit=2).of(USERS[:3], next=3),
        lambda: Page.Offset(limit=2).of(USERS[:4]),
    ],
)
def test_more_rows_than_were_asked_for_are_an_error(make: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match="limit the query"):
        make()


async def test_the_key_decides_the_type_and_another_one_is_an_error_of_the_server() -> None:
    app = App(cursor_keys=[SECRET])

    @app.get("/")
    async def listed(page: Page.Cursor[int]) -> Page[User]:
        return page.of(USERS[: page.fetch], key=lambda user: user.name)  # type: ignore[arg-type,return-value]  # asking is the test

    with pytest.raises(TypeError, match="key of a cursor"):
        await fetch(app, "GET /?limit=2")


class Gone(Problem, status=410):
    """The list is gone."""


async def test_a_page_parameter_works_in_dependencies_problems_and_responses() -> None:
    app = App(cursor_keys=[SECRET])

    async def rows(page: Page.Cursor[int]) -> list[User]:
        return [user for user in USERS if page.after is None or user.id > page.after][: page.fetch]

    @app.get("/shared")
    def shared(found: Annotated[list[User], Depends(rows)], page: Page.Cursor[int]) -> Page[User] | Gone:
        return page.of(found, key=lambda user: user.id)

    @app.get("/problem")
    async def problem(page: Page.Cursor[int]) -> Page[User] | Gone:
        return Gone()

    @app.get("/response")
    async def response(page: Page.Cursor[int]) -> Response:
        return Response(f"{page.limit}")

    assert ids(await pages(app, "GET /shared?limit=3", by_header=True)) == [1, 2, 3, 4, 5, 6, 7]
    assert (await fetch(app, "GET /problem")).status == 410
    assert (await fetch(app, "GET /response?limit=4")).body == b"4"


class Name(BaseModel):
    model_config = {"from_attributes": True}
    name: str


async def test_items_are_filtered_by_the_declared_type() -> None:
    app = App(validate_responses="strict")

    @app.get("/names", response_model=Page[Name])
    async def names(page: Page.Offset) -> Page[User]:
        return page.of(USERS[:1])

    @app.get("/users")
    async def users(page: Page.Offset) -> Page[User]:
        rows: Any = [{"id": 1, "name": "a", "password": "b"}, USERS[0]]
        return page.of(rows)

    @app.get("/invalid")
    async def invalid(page: Page.Offset) -> Page[User]:
        rows: Any = [{"id": "x"}]
        return page.of(rows)

    assert body(await fetch(app, "GET /names"))["items"] == [{"name": "user 1"}]
    assert body(await fetch(app, "GET /users"))["items"] == [{"id": 1, "name": "a"}, USERS[0].model_dump()]
    with pytest.raises(ResponseValidationError):
        await fetch(app, "GET /invalid")


async def test_an_injected_response_adds_its_fields() -> None:
    app = App()

    @app.get("/")
    async def listed(page: Page.Offset, response: Response) -> Page[int]:
        response.headers["link"] = '</help>; rel="help"'
        response.status_code = 206
        return page.of([1])

    answer = await fetch(app, "GET /")
    assert answer.status == 206
    assert len(answer.all("link")) == 2


async def test_head_has_the_fields_of_get_and_no_body() -> None:
    app = cursor_app()
    got, head = await fetch(app, "GET /users?limit=2"), await fetch(app, "HEAD /users?limit=2")
    assert head.fields == got.fields
    assert (head.body, head["content-length"]) == (b"", str(len(got.body)))


class Handled(TypedRoute):
    def get_route_handler(self) -> Any:
        original = super().get_route_handler()

        async def handle(request: Request) -> Response:
            response = await original(request)
            response.headers["x-handled"] = "yes"
            return response

        return handle


async def test_a_route_with_its_own_handler_has_pages() -> None:
    app = App(route_class=Handled)

    @app.get("/users")
    async def listed(page: Page.Offset) -> Page[User]:
        return page.of(USERS[page.offset :][: page.fetch])

    response = await fetch(app, "GET /users?limit=2")
    assert (len(body(response)["items"]), response["x-handled"]) == (2, "yes")
    assert (await fetch(app, "GET /users?offset=-1")).status == 422


async def test_class_based_views_and_resources_have_pages() -> None:
    app, router = App(), Router()

    @cbv(router)
    class Users:
        page: Page.Offset

        @router.get("/users")
        def listed(self) -> Page[User]:
            return self.page.of(USERS[self.page.offset :][: self.page.fetch])

    class Admins(Resource, prefix="/admins"):
        @get("")
        async def listed(self, page: Page.Offset) -> Page[User]:
            return page.of(USERS[page.offset :][: page.fetch])

    app.include_router(router)
    app.include(Admins)
    for path in ("/users", "/admins"):
        assert len(body(await fetch(app, f"GET {path}?limit=2"))["items"]) == 2


async def test_a_dependency_that_makes_the_page_can_be_overridden() -> None:
    app = App(cursor_keys=[SECRET])

    async def my_page(page: Page.Cursor[int]) -> Page.Cursor[int]:
        return page

    @app.get("/")
    async def listed(page: Annotated[Page.Cursor[int], Depends(my_page)]) -> Page[User]:
        return page.of(USERS[: page.limit], key=lambda user: user.id)

    assert body(await fetch(app, "GET /?limit=2"))["next"]
    with app.override(my_page, lambda: Page.Cursor[int](limit=3)):
        assert len(body(await fetch(app, "GET /"))["items"]) == 3


async def test_unknown_query_parameters_can_be_forbidden() -> None:
    app = cursor_app(unknown_query_params="forbid")
    assert (await fetch(app, "GET /users?limit=2&team=a")).status == 200
    assert (await fetch(app, "GET /users?limit=2&x=a")).status == 422


async def test_errors_have_the_format_of_the_application() -> None:
    app = cursor_app(errors=FastAPIErrors())
    response = await fetch(app, "GET /users?cursor=x")
    assert (response.status, response["content-type"]) == (400, "application/json")


async def test_a_cached_list_is_cached_for_each_cursor() -> None:
    app = App(cursor_keys=[SECRET])
    calls = []

    @app.get("/", policies=[Cached(60)])
    async def listed(page: Page.Cursor[int]) -> Page[User]:
        calls.append(page.after)
        rows = [user for user in USERS if page.after is None or user.id > page.after]
        return page.of(rows[: page.fetch], key=lambda user: user.id)

    for _ in range(2):
        assert ids(await pages(app, "GET /?limit=4", by_header=True)) == [1, 2, 3, 4, 5, 6, 7]
    assert calls == [None, 4]


class Data(BaseModel, Generic[Content]):
    data: Content


async def test_a_page_has_other_formats_and_an_envelope() -> None:
    app = cursor_app(renders=[JSON, JSONLines, CSV], envelope=Data)
    for media_type, expected in (
        ("text/csv", b"id,name\r\n1,user 1\r\n"),
        ("application/jsonl", b'{"id":1,"name":"user 1"}\n'),
    ):
        response = await fetch(app, "GET /users?limit=1", headers={"accept": media_type})
        assert (response.status, response.body) == (200, expected)
        following = await fetch(app, target(links(response)["next"]))
        assert body(following)["data"]["items"] == [{"id": 2, "name": "user 2"}]


# -- URLs --------------------------------------------------------------------------------------------------------------


async def test_links_are_below_mounts_and_the_root_path_and_have_the_host_of_the_request() -> None:
    outer = App(routes=[Mount("/tenants/{tenant}", cursor_app())])
    response = await fetch(
        outer, "GET /api/tenants/a/users?limit=2", headers={"host": "example.org"}, root_path="/api", scheme="https"
    )
    url = links(response)["next"]
    assert url.startswith("https://example.org/api/tenants/a/users?limit=2&cursor=")
    cursor = parse_qs(urlsplit(url).query)["cursor"][0]
    # Behind another prefix the list is the same, and below another mount it is another one.
    assert body(await fetch(outer, f"GET /tenants/a/users?cursor={cursor}"))["items"]
    assert await refusal(outer, f"GET /tenants/b/users?cursor={cursor}") == (400, "other list")


@pytest.mark.parametrize("convertor", ["", ":int", ":uuid"])
async def test_a_cursor_belongs_to_the_parameters_of_a_host(convertor: str) -> None:
    hosts = [f"{UUID(int=number)}.org" if convertor == ":uuid" else f"{number}.org" for number in (1, 2)]
    app = App(cursor_keys=[SECRET], routes=[Host(f"{{tenant{convertor}}}.org", Router(routes=cursor_app().routes))])

    async def send(request: str, host: str) -> Exchange:
        return await fetch(app, request, headers={"host": host})

    cursor = body(await send("GET /users?limit=2", hosts[0]))["next"]
    assert body(await send(f"GET /users?cursor={cursor}", hosts[0]))["items"]
    assert (await send(f"GET /users?cursor={cursor}", hosts[1])).json["reason"] == "other list"


async def test_nothing_in_a_url_ends_the_link_early() -> None:
    app = App(cursor_keys=[SECRET])

    @app.get("/{name}/é")
    async def listed(name: str, page: Page.Cursor[int], q: str) -> Page[str]:
        return page.of([name, q], next=2 if page.after is None else None)

    name, q = '<">, ', 'a>; rel="next", <http://evil>\r\nx: y'
    response = await fetch(app, f"GET /{quote(name)}/{quote('é')}?q={quote(q)}&q={quote(q)}&%ff=%ff")
    assert links(response).keys() == {"first", "next"}
    assert response["link"] is not None
    assert response["link"].isascii()
    assert body(await fetch(app, target(links(response)["next"])))["items"] == [name, q]


# -- plans -------------------------------------------------------------------------------------------------------------


def test_the_plan_says_how_the_operation_pages() -> None:
    by_key, by_offset = ({route.path: route for route in app.routes}["/users"] for app in (cursor_app(), offset_app()))
    assert describe_plan(by_key.plan)["response"]["paging"] == {
        "parameter": "cursor",
        "key": "int",
        "items": "items",
        "next": "next",
        "default_limit": 20,
        "max_limit": 100,
        "max_offset": None,
    }
    assert describe_plan(by_offset.plan)["response"]["paging"]["max_offset"] == 10_000
    assert "  pages    by cursor of int, 20 items, at most 100; `next` in the body" in by_key.explain()
    assert "  pages    by offset up to 10000, 20 items, at most 100; `next` in the body" in by_offset.explain()


async def test_an_application_with_pages_can_be_pickled() -> None:
    app = cloudpickle.loads(cloudpickle.dumps(cursor_app()))
    cursor = await cursor_of(cursor_app(), "GET /users?limit=2")
    assert ids(await pages(app, "GET /users?limit=3", by_header=True)) == [1, 2, 3, 4, 5, 6, 7]
    assert ids([body(await fetch(app, f"GET /users?limit=2&cursor={cursor}"))["items"]]) == [3, 4]


def test_a_plan_with_pages_can_be_pickled() -> None:
    route = next(route for route in cursor_app().routes if route.path == "/users")
    again = cloudpickle.loads(cloudpickle.dumps(route.plan))
    assert describe_plan(again) == describe_plan(route.plan)


AGREEING = cursor_app()


@settings(max_examples=examples(30), deadline=None)
@given(
    limit=st.sampled_from([None, "2", "0", "x", "100", "101"]),
    cursor=st.sampled_from([None, "", "x", "valid"]),
    team=st.sampled_from([None, "a"]),
)
def test_the_interpreter_agrees_with_the_binder(limit: str | None, cursor: str | None, team: str | None) -> None:
    app = AGREEING
    route = next(route for route in app.routes if route.path == "/users")
    sent = {"limit": limit, "cursor": cursor, "team": team}
    if cursor == "valid":
        base = "GET /users?limit=2" + (f"&team={team}" if team else "")
        sent["cursor"] = anyio.run(cursor_of, app, base)
    query = "&".join(f"{name}={value}" for name, value in sent.items() if value is not None)

    async def interpreted() -> Any:
        scope = {
            "type": "http", "method": "GET", "path": "/users", "query_string": query.encode(), "headers": [],
            "app": app,
        }  # fmt: skip
        try:
            return 200, (await interpret(route.plan, scope, b"", [], lambda *sent: None)).result.items
        except Page.InvalidCursor as problem:
            return 400, problem.reason
        except Exception as rejection:  # noqa: BLE001 - its status is compared
            return getattr(rejection, "status", rejection), None

    async def bound() -> Any:
        response = await fetch(app, f"GET /users?{query}")
        if response.status == 200:
            return 200, [User.model_validate(each) for each in response.json["items"]]
        return response.status, response.json.get("reason")

    assert anyio.run(interpreted) == anyio.run(bound)


# -- variants of start-up errors ---------------------------------------------------------------------------------------


def planned(function: Any, **options: Any) -> Any:
    return plan_endpoint(Endpoint(function, "/users", ("GET",), **options))


async def no_key(page: Page.Cursor) -> Page[int]: ...  # type: ignore[type-arg]
async def none_key(page: Page.Cursor[int | None]) -> Page[int]: ...
async def as_body(page: Page[int]) -> Page[int]: ...
async def with_default(page: Page.Offset = Page.Offset()) -> Page[int]: ...
async def with_field(page: Annotated[Page.Offset, Page.Limit(1), Page.Limit(2)]) -> Page[int]: ...
async def in_list(page: list[Page.Cursor[int]]) -> Page[int]: ...
async def no_annotation(page: Page.Offset): ...  # type: ignore[no-untyped-def]
async def in_union(page: Page.Offset) -> Page[int] | None: ...
async def of_two(page: Page.Offset) -> Page[int] | Page[str]: ...
async def limit_of_result(page: Page.Offset) -> Annotated[Page[int], Page.Limit(3)]: ...


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (no_key, "the type of its key is missing"),
        (none_key, "its key may be `None`"),
        (as_body, "`Page` is a result"),
        (with_default, "it has a default"),
        (with_field, "only one `Page.Limit"),
        (in_list, "it is inside another type"),
        (no_annotation, "its result has no annotation"),
        (in_union, "inside another type, or next to other results"),
        (of_two, "inside another type, or next to other results"),
        (limit_of_result, "applies to parameters only"),
    ],
)
def test_what_has_no_effect_is_rejected(function: Any, text: str) -> None:
    with pytest.raises(SignatureError, match=text.replace("(", r"\(")):
        planned(function)


def test_a_dependency_of_the_application_and_a_call_outside_of_requests_have_no_page() -> None:
    async def made_once(page: Page.Offset) -> int: ...

    async def endpoint(value: Annotated[int, Depends(made_once, scope="app")]) -> int: ...

    with pytest.raises(SignatureError, match="outside of a request"):
        planned(endpoint)
    with pytest.raises(SignatureError, match="outside of a request"):
        planned(made_once, outside=frozenset())


def test_a_request_may_be_taken_next_to_a_page() -> None:
    async def endpoint(request: Request, page: Page.Offset) -> Page[int]: ...

    assert planned(endpoint).reply.paging is not None
