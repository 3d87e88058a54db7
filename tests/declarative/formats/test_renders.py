"""`renders=`: the header `Accept` chooses the format of a result."""

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Annotated, Any, ClassVar

import cloudpickle
import ormsgpack
import pytest
from pydantic import BaseModel, Field

from signette import (
    App,
    BackgroundTasks,
    Created,
    Depends,
    HTTPException,
    JSONResponse,
    NoContent,
    Page,
    Problem,
    Response,
    Router,
    Tagged,
    WebSocket,
    explain,
)
from signette.compat import FastAPIErrors
from signette.declarative.errors.base import SignatureError
from signette.exceptions import ResponseValidationError
from signette.formats import CSV, JSON, Content, DoesNotFit, Format, ItemEncoder, JSONLines, MessagePack
from signette.policies import Cached, Deadline, Idempotent
from signette.security import APIKeyHeader
from tests.asgi import Exchange, call, fetch

pytestmark = pytest.mark.either_loop

ALL = [JSON, JSONLines, CSV, MessagePack]
STREAMED = [JSON, JSONLines, CSV]
NAMES = {"json": "application/json", "lines": "application/jsonl", "csv": "text/csv", "pack": "application/msgpack"}


class Row(BaseModel):
    id: int
    name: str | None = None


class Gone(Problem, status=410):
    """It was here once."""


ROWS = [Row(id=1, name="a"), Row(id=2)]


async def get(app: Any, accept: str | None, target: str = "/", method: str = "GET", **options: Any) -> Exchange:
    headers = {} if accept is None else {"accept": accept}
    return await fetch(app, f"{method} {target}", headers={**headers, **options.pop("headers", {})}, **options)


def app_with(endpoint: Any, renders: Any = ALL, path: str = "/", **options: Any) -> App:
    app = App(openapi_url=None)
    app.get(path, renders=renders, **options)(endpoint)
    return app


async def many() -> list[Row]:
    return ROWS


def many_sync() -> list[Row]:
    return ROWS


async def one() -> Row:
    return ROWS[0]


async def perhaps() -> Row | None:
    return None


async def none() -> list[Row]:
    return []


async def outcome() -> Created[Row] | Gone:
    return Created(ROWS[1])


async def outcome_of_many() -> Created[list[Row]] | NoContent:
    return Created(ROWS)


async def either() -> Row | list[Row]:
    return ROWS


async def several() -> tuple[Row, ...]:
    return tuple(ROWS)


async def from_dicts() -> list[Row]:
    return [{"id": 1, "name": "a", "secret": "x"}, {"id": 2}]  # type: ignore[list-item]


async def stream() -> AsyncIterator[Row]:
    for row in ROWS:
        yield row


def stream_sync() -> Iterator[Row]:
    yield from ROWS


async def listed() -> Iterable[Row]:
    return ROWS


async def no_rows() -> AsyncIterator[Row]:
    for row in ROWS[2:]:
        yield row


BOTH = {
    "json": b'[{"id":1,"name":"a"},{"id":2,"name":null}]',
    "lines": b'{"id":1,"name":"a"}\n{"id":2,"name":null}\n',
    "csv": b"id,name\r\n1,a\r\n2,\r\n",
    "pack": [{"id": 1, "name": "a"}, {"id": 2, "name": None}],
}
FIRST = {
    "json": b'{"id":1,"name":"a"}',
    "lines": b'{"id":1,"name":"a"}\n',
    "csv": b"id,name\r\n1,a\r\n",
    "pack": {"id": 1, "name": "a"},
}
SECOND = {
    "json": b'{"id":2,"name":null}',
    "lines": b'{"id":2,"name":null}\n',
    "csv": b"id,name\r\n2,\r\n",
    "pack": {"id": 2, "name": None},
}
NO_ROWS = {"json": b"[]", "lines": b"", "csv": b"id,name\r\n", "pack": []}
CASES = [
    (many, 200, BOTH),
    (many_sync, 200, BOTH),
    (several, 200, BOTH),
    (listed, 200, BOTH),
    (from_dicts, 200, BOTH),
    (one, 200, FIRST),
    (none, 200, NO_ROWS),
    (perhaps, 200, {"json": b"null", "lines": b"null\n", "csv": b"id,name\r\n", "pack": None}),
    (outcome, 201, SECOND),
    (outcome_of_many, 201, BOTH),
    (either, 200, BOTH),
    (stream, 200, BOTH),
    (stream_sync, 200, BOTH),
    (no_rows, 200, NO_ROWS),
]
IDS = [case[0].__name__ for case in CASES]


@pytest.mark.parametrize(("endpoint", "status", "expected"), CASES, ids=IDS)
async def test_each_format_renders_each_kind_of_result(endpoint: Any, status: int, expected: dict[str, Any]) -> None:
    formats = STREAMED if endpoint in (stream, stream_sync, no_rows) else ALL
    app = app_with(endpoint, formats)
    for name in list(expected)[: len(formats)]:
        response = await get(app, NAMES[name])
        assert response.status == status
        body = ormsgpack.unpackb(response.body) if name == "pack" else response.body
        assert body == expected[name]
        assert response["vary"] == "Accept"
        if formats is ALL:
            assert response["content-length"] == str(len(response.body))


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/*", "text/csv; charset=utf-8"),
        ("application/jsonl;q=0.9, text/csv", "text/csv; charset=utf-8"),
        ("application/x-ndjson", "application/jsonl"),
        ("application/msgpack", "application/vnd.msgpack"),
        ("application/json;q=0, */*;q=0.5", "application/jsonl"),
        ("image/png", None),
        ("json", None),
    ],
)
async def test_the_header_chooses(accept: str | None, expected: str | None) -> None:
    response = await get(app_with(many), accept)
    assert response["content-type"] == (expected or "application/problem+json")
    assert response.status == (200 if expected else 406)


async def test_several_fields_are_one_header() -> None:
    response = await fetch(app_with(many), "GET /", headers=[("accept", "image/png"), ("accept", "text/csv")])
    assert response["content-type"] == "text/csv; charset=utf-8"


async def test_a_406_lists_what_is_available_and_has_no_effect() -> None:
    called: list[str] = []

    async def opened() -> AsyncIterator[None]:
        called.append("opened")
        yield

    async def endpoint(_: Annotated[None, Depends(opened)], limit: int) -> Row:
        called.append("endpoint")
        return ROWS[0]

    response = await get(app_with(endpoint, [JSON, CSV]), "image/png", "/?limit=many")
    assert response.status == 406
    assert response["vary"] == "Accept"
    assert response.json == {
        "type": "urn:problem-type:not-acceptable",
        "title": "Not acceptable",
        "status": 406,
        "detail": "The response is not available in a media type that the request accepts.",
        "available": ["application/json", "text/csv; charset=utf-8"],
    }
    assert called == []


async def test_a_client_without_access_gets_a_401_and_no_406() -> None:
    key = APIKeyHeader(name="X-Key")
    app = App(openapi_url=None, dependencies=[Depends(key)])
    app.get("/", renders=[JSON])(one)
    denied = await get(app, "image/png")
    assert (denied.status, denied["vary"]) == (401, "Accept")
    assert (await get(app, "image/png", headers={"x-key": "a"})).status == 406


async def test_the_body_is_not_read_for_a_406() -> None:
    app = App(openapi_url=None)

    @app.post("/", renders=[CSV])
    async def endpoint(row: Row) -> Row:
        return row

    response = await fetch(app, "POST /", b"no JSON", {"accept": "application/json"})
    assert response.status == 406


async def test_each_response_varies() -> None:
    app = App(openapi_url=None)

    @app.get("/{number}", renders=[JSON, CSV])
    async def endpoint(number: int, response: Response) -> Row | Gone | NoContent:
        response.headers["vary"] = "Origin"
        if number == 1:
            raise HTTPException(418)
        if number == 2:
            raise Gone
        return [NoContent(), Gone(), ROWS[0]][number % 3]

    found = {target: await get(app, None, f"/{target}") for target in ("1", "2", "3", "4", "5", "x")}
    assert {target: each.status for target, each in found.items()} == {
        "1": 418, "2": 410, "3": 204, "4": 410, "5": 200, "x": 422,
    }  # fmt: skip
    assert {target: each.all("vary") for target, each in found.items()} == {
        "1": ["Accept"], "2": ["Accept"], "3": ["Origin, Accept"], "4": ["Accept"], "5": ["Origin, Accept"],
        "x": ["Accept"],
    }  # fmt: skip


async def test_a_problem_is_a_problem_in_each_format() -> None:
    async def endpoint() -> Row | Gone:
        return Gone()

    response = await get(app_with(endpoint), "text/csv")
    assert (response.status, response["content-type"]) == (410, "application/problem+json")


async def test_a_returned_response_is_sent_as_it_is() -> None:
    async def endpoint() -> Row:
        return Response("<p>", media_type="text/html")  # type: ignore[return-value]

    response = await get(app_with(endpoint), "text/csv")
    assert (response["content-type"], response.body) == ("text/html; charset=utf-8", b"<p>")


@pytest.mark.parametrize("accept", ["application/json", "text/csv", "application/msgpack"])
async def test_a_head_request_gets_the_header_fields_of_a_get(accept: str) -> None:
    app = app_with(many)
    head, whole = await get(app, accept, method="HEAD"), await get(app, accept)
    assert head.fields == whole.fields
    assert head.body == b""


async def test_a_head_request_of_a_stream_ends_at_once() -> None:
    response = await get(app_with(stream, STREAMED), "text/csv", method="HEAD")
    assert (response.status, response.body) == (200, b"")


class Order(BaseModel):
    id: int = Field(alias="orderId")
    secret: str = "s"
    note: str | None = None


async def orders() -> list[Order]:
    return [Order(orderId=1)]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, b"orderId,secret,note\r\n1,s,\r\n"),
        ({"response_model_exclude": {"secret"}}, b"orderId,note\r\n1,\r\n"),
        ({"response_model_include": {"note", "id"}}, b"orderId,note\r\n1,\r\n"),
        ({"response_model_by_alias": False}, b"id,secret,note\r\n1,s,\r\n"),
        ({"response_model_exclude_unset": True}, b"orderId,secret,note\r\n1,,\r\n"),
        ({"response_model_exclude_none": True}, b"orderId,secret,note\r\n1,s,\r\n"),
        ({"response_model": list[Row]}, b"id,name\r\n1,\r\n"),
        ({"status_code": 203}, b"orderId,secret,note\r\n1,s,\r\n"),
    ],
)
async def test_options_of_the_response_hold_for_each_format(options: dict[str, Any], expected: bytes) -> None:
    app = app_with(orders, [CSV, JSON, JSONLines], **options)
    response = await get(app, "text/csv")
    assert (response.status, response.body) == (options.get("status_code", 200), expected)
    plain = App(openapi_url=None)
    plain.get("/", **options)(orders)
    assert (await get(app, "application/json")).body == (await get(plain, None)).body
    lines = (await get(app, "application/jsonl")).body.splitlines()
    assert [json.loads(line) for line in lines] == (await get(plain, None)).json


async def test_results_are_validated_before_the_response_starts() -> None:
    async def endpoint() -> list[Row]:
        return [*ROWS * 5000, {"id": "x"}]  # type: ignore[list-item]

    async def no_list() -> list[Row]:
        return 1  # type: ignore[return-value]

    for each in (endpoint, no_list):
        for accept in NAMES.values():
            response = await call(app_with(each), headers={"accept": accept})
            assert response.status == 500
            assert isinstance(response.error, ResponseValidationError)


@pytest.mark.parametrize("accept", NAMES.values())
async def test_response_validation_is_that_of_json(accept: str) -> None:
    async def endpoint() -> list[Row]:
        return [Row.model_construct(id="x")]

    response = await call(app_with(endpoint, validate_responses="strict"), headers={"accept": accept})
    assert response.status == 500
    assert (await call(app_with(endpoint), headers={"accept": accept})).status == 200


async def test_a_validator_of_the_items_runs_once() -> None:
    from pydantic import AfterValidator

    async def endpoint() -> list[Annotated[dict[str, int], AfterValidator(lambda each: {**each, "n": each["n"] + 1})]]:
        return [{"n": 1}]

    response = await get(app_with(endpoint, [JSONLines]), None)
    assert response.body == b'{"n":2}\n'


async def test_an_error_of_the_first_item_is_a_500_and_a_later_one_ends_the_response() -> None:
    async def first() -> AsyncIterator[Row]:
        yield "x"  # type: ignore[misc]

    async def second() -> AsyncIterator[Row]:
        yield ROWS[0]
        yield "x"  # type: ignore[misc]

    assert (await call(app_with(first, STREAMED), headers={"accept": "text/csv"})).status == 500
    broken = await call(app_with(second, STREAMED), headers={"accept": "text/csv"})
    assert (broken.status, broken.body, broken.is_complete) == (200, b"id,name\r\n1,a\r\n", False)


async def test_items_of_an_iterator_are_sent_one_by_one() -> None:
    response = await get(app_with(stream, STREAMED), "application/json")
    bodies = [each["body"] for each in response.messages if each["type"] == "http.response.body"]
    assert bodies == [b'[{"id":1,"name":"a"}', b',{"id":2,"name":null}', b"]", b""]


async def test_an_iterator_is_closed_when_the_response_ends() -> None:
    closed = []

    async def endpoint() -> AsyncIterator[Row]:
        try:
            yield ROWS[0]
            yield "x"  # type: ignore[misc]
        finally:
            closed.append(True)

    await call(app_with(endpoint, STREAMED), headers={"accept": "text/csv"})
    assert closed == [True]


class Counted(Format):
    """A format that notes when items are rendered."""

    media_type: ClassVar[str] = "text/x-count"
    rendered: ClassVar[list[Any]] = []

    def encoder(self, content: Content) -> Any:
        return DoesNotFit("it renders items only")

    def item_encoder(self, content: Content) -> ItemEncoder | DoesNotFit:
        def encode(value: Any) -> bytes:
            self.rendered.append(value)
            return b"x" * 1024

        return ItemEncoder(encode, b"<", b",", b">")


async def test_a_long_list_is_rendered_while_it_is_sent() -> None:
    async def endpoint() -> list[int]:
        return list(range(300))

    Counted.rendered.clear()
    progress: list[tuple[int, int]] = []
    app = app_with(endpoint, [Counted])

    async def send(message: Any) -> None:
        progress.append((len(message.get("body", b"")), len(Counted.rendered)))

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    from tests.asgi import scope_of

    await app(scope_of(headers={"accept": "*/*"}), receive, send)
    assert progress[1][1] < 150  # at the first part, most items are not rendered yet
    assert sum(size for size, _ in progress) == 300 * 1024 + 299 + 2
    assert progress[-1][1] == 300


async def test_background_tasks_and_the_injected_response() -> None:
    ran: list[str] = []

    async def endpoint(response: Response, tasks: BackgroundTasks) -> list[Row]:
        response.status_code = 202
        response.headers["x-own"] = "a"
        response.set_cookie("c", "d")
        tasks.add_task(ran.append, "task")
        return ROWS

    response = await get(app_with(endpoint), "text/csv")
    assert (response.status, response["x-own"], response.body) == (202, "a", BOTH["csv"])
    assert response["content-type"] == "text/csv; charset=utf-8"
    assert response["set-cookie"] == "c=d; Path=/; SameSite=lax"
    assert ran == ["task"]


def test_csv_needs_an_annotation() -> None:
    def rows():  # type: ignore[no-untyped-def]  # the case
        return []

    with pytest.raises(SignatureError, match="`CSV` cannot render a result without an annotation: the type"):
        App().get("/", renders=[CSV])(rows)


async def test_results_without_an_annotation() -> None:
    app = App(openapi_url=None)

    @app.get("/{kind}", renders=[JSON, JSONLines, MessagePack])
    async def endpoint(kind: str):  # type: ignore[no-untyped-def]
        async def rows() -> AsyncIterator[int]:
            yield 1
            yield 2

        return {"list": [1, 2], "created": Created({"a": 1}), "rows": rows(), "response": Response("r")}[kind]

    for kind, accept, expected in [
        ("list", "application/json", b"[1,2]"),
        ("list", "application/jsonl", b"1\n2\n"),
        ("list", "application/msgpack", ormsgpack.packb([1, 2])),
        ("created", "application/jsonl", b'{"a":1}\n'),
        ("rows", "application/jsonl", b"1\n2\n"),
        ("rows", "application/json", b"[1,2]"),
        ("response", "application/json", b"r"),
    ]:
        assert (await get(app, accept, f"/{kind}")).body == expected


async def test_a_format_of_ones_own() -> None:
    class Plain(Format):
        media_type: ClassVar[str] = "text/plain; charset=utf-8"

        def __init__(self, *, mark: str = "*") -> None:
            self.mark = mark

        def encoder(self, content: Content) -> Any:
            assert content.annotation == list[Row]
            assert content.schema()["type"] == "array"
            return lambda value: "".join(f"{self.mark} {each['name']}\n" for each in value).encode()

    app = app_with(many, [JSON, Plain(mark="-")])
    assert (await get(app, "text/plain")).text == "- a\n- None\n"
    assert (await get(app, "text/*")).text == "- a\n- None\n"


async def test_a_subclass_of_json_with_another_media_type() -> None:
    class HAL(JSON):
        media_type: ClassVar[str] = "application/hal+json"

    response = await get(app_with(many, [JSON, HAL]), "application/hal+json")
    assert (response["content-type"], response.body) == ("application/hal+json", BOTH["json"])


# -- where the option is declared --------------------------------------------------------------------------------------


class Nested(BaseModel):
    rows: list[Row]


async def nested() -> Nested:
    return Nested(rows=ROWS)


async def text() -> str:
    return "a"


async def test_the_innermost_option_counts() -> None:
    app = App(openapi_url=None, renders=[CSV])
    inner, plain = Router(renders=[JSONLines]), Router(renders=None)
    inner.get("/inner")(many)
    inner.get("/own", renders=[MessagePack])(many)
    inner.get("/none", renders=None)(many)
    plain.get("/plain")(many)
    app.get("/app")(many)
    app.include_router(inner)
    app.include_router(plain, prefix="/v1")
    outer = Router()
    outer.get("/included")(many)
    app.include_router(outer, renders=[JSON, JSONLines])
    expected = {
        "/app": "text/csv; charset=utf-8", "/inner": "application/jsonl", "/own": "application/vnd.msgpack",
        "/none": "application/json", "/v1/plain": "application/json", "/included": "application/json",
    }  # fmt: skip
    found = {path: (await get(app, "*/*", path))["content-type"] for path in expected}
    assert found == expected
    assert (await get(app, "image/png", "/none")).status == 200
    assert (await get(app, "image/png", "/included")).status == 406


async def test_an_option_of_a_router_holds_where_it_can_apply() -> None:
    app = App(openapi_url=None)
    router = Router(prefix="/v1", renders=[JSON, CSV])
    router.get("/rows")(many)
    router.get("/nested")(nested)
    router.get("/text")(text)
    app.include_router(router)
    assert (await get(app, "text/csv", "/v1/rows")).status == 200
    refused = await get(app, "text/csv", "/v1/nested")
    assert (refused.status, refused.json["available"]) == (406, ["application/json"])
    plain = await get(app, "text/csv", "/v1/text")
    assert (plain.status, plain.body, plain["vary"]) == (200, b"a", None)
    assert explain(app, "GET /v1/nested").splitlines()[-1] == (
        "  note     CSV of the router /v1   not applied: the field `rows` is not a single value"
    )
    assert explain(app, "GET /v1/text").splitlines()[-1] == (
        "  note     `renders=` of the router /v1   not applied: the endpoint returns text, which is sent as it is"
    )


class Own(JSONResponse):
    media_type = "application/hal+json"


@pytest.mark.parametrize("endpoint", [one, outcome])
async def test_formats_are_in_place_of_the_default_response_class(endpoint: Any) -> None:
    app = App(openapi_url=None, default_response_class=Own, renders=[JSON, CSV])
    app.get("/")(endpoint)
    app.get("/text")(text)
    app.get("/own", response_class=Own)(endpoint)
    app.get("/plain", response_class=JSONResponse)(endpoint)
    assert (await get(app, "application/json"))["content-type"] == "application/json"
    assert (await get(app, "text/csv"))["content-type"] == "text/csv; charset=utf-8"
    assert (await get(app, "text/csv", "/plain"))["content-type"] == "text/csv; charset=utf-8"
    for path in ("/text", "/own"):
        assert (await get(app, "text/csv", path))["content-type"] == "application/hal+json"
    assert "not applied: `response_class=` renders the result" in explain(app, "GET /own")
    with pytest.raises(SignatureError, match="`response_class=` renders the result"):
        app_with(endpoint, [CSV], response_class=Own)


@pytest.mark.parametrize("option", [{"renders": [CSV]}, {"envelope": Row}])
async def test_a_websocket_route_has_neither_formats_nor_an_envelope(option: Any) -> None:
    async def endpoint(socket: WebSocket) -> None: ...

    with pytest.raises(SignatureError, match="which a WebSocket route does not send"):
        App().websocket("/", **option)(endpoint)


async def test_a_websocket_route_ignores_that_of_its_application() -> None:
    from tests.asgi import connect

    app = App(openapi_url=None, renders=[CSV])

    @app.websocket("/")
    async def endpoint(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("hello")
        await socket.close()

    assert "websocket.send" in (await connect(app)).types


async def test_a_sub_application_and_another_error_format() -> None:
    inner = app_with(many, [CSV])
    app = App(openapi_url=None, errors=FastAPIErrors(), renders=[CSV])
    app.get("/own")(many)
    app.mount("/inner", inner)
    assert (await get(app, "image/png", "/inner/")).json["available"] == ["text/csv; charset=utf-8"]
    own = await get(app, "image/png", "/own")
    assert (own.status, own["vary"], own["content-type"]) == (406, "Accept", "application/json")


async def test_a_pickled_plan_renders() -> None:
    app = cloudpickle.loads(cloudpickle.dumps(app_with(many, [JSON, CSV(delimiter=";")])))
    assert (await get(app, "text/csv")).body == b"id;name\r\n1;a\r\n2;\r\n"


async def test_dependency_overrides_keep_the_formats() -> None:
    async def limit() -> int:
        return 2

    async def endpoint(count: Annotated[int, Depends(limit)]) -> list[Row]:
        return ROWS[:count]

    app = app_with(endpoint, [CSV])
    with app.override(limit, lambda: 1):
        assert (await get(app, None)).body == b"id,name\r\n1,a\r\n"


@pytest.mark.parametrize("is_annotated", [True, False])
async def test_each_format_has_its_own_entity_tag(is_annotated: bool) -> None:
    async def endpoint() -> Tagged[Row]:
        return Tagged(ROWS[0], etag=3)

    if not is_annotated:
        del endpoint.__annotations__["return"]
    app = app_with(endpoint, [JSON, JSONLines, MessagePack])
    tags = {name: (await get(app, NAMES[name]))["etag"] for name in ("json", "lines", "pack")}
    assert tags == {"json": '"3"', "lines": '"3;jsonl"', "pack": '"3;vnd.msgpack"'}
    for name, known in tags.items():
        same = await get(app, NAMES["lines"], headers={"if-none-match": known or ""})
        assert (same.status, same["vary"]) == (304 if name == "lines" else 200, "Accept")
        assert same["etag"] == tags["lines"]


async def test_the_items_of_a_page_are_rendered_one_by_one() -> None:
    async def endpoint(page: Page.Offset) -> Page[Row]:
        return page.of(ROWS, total=9)

    app = app_with(endpoint, [JSON, JSONLines, CSV])
    whole = await get(app, "application/json", "/?limit=1")
    assert list(whole.json) == ["items", "next", "total"]
    for accept in ("csv", "lines"):
        response = await get(app, NAMES[accept], "/?limit=1")
        assert response.body == FIRST[accept]
        assert response["link"] == whole["link"]
        assert response["link"]


# -- policies ----------------------------------------------------------------------------------------------------------


async def test_cached_responses_are_stored_by_format() -> None:
    calls: list[int] = []

    async def endpoint() -> list[Row]:
        calls.append(1)
        return ROWS

    app = app_with(endpoint, [JSON, CSV], policies=[Cached(60)])
    first = await get(app, "text/csv")
    assert (await get(app, "application/json")).body == BOTH["json"]
    again = await get(app, "text/csv;q=0.7, image/png")  # another header that chooses the same format
    assert (again.body, again["content-type"]) == (BOTH["csv"], "text/csv; charset=utf-8")
    assert again["age"] == "0"
    assert len(calls) == 2
    assert first.all("vary") == again.all("vary") == ["accept"]
    same = await get(app, "text/csv", headers={"if-none-match": first["etag"] or ""})
    assert (same.status, same["vary"]) == (304, "accept")
    other = await get(app, "application/json", headers={"if-none-match": first["etag"] or ""})
    assert other.status == 200
    assert (await get(app, "image/png")).status == 406


async def test_an_idempotency_key_belongs_to_a_format() -> None:
    calls: list[int] = []
    app = App(openapi_url=None)

    @app.post("/", renders=[JSON, CSV], policies=[Idempotent()])
    async def endpoint() -> Created[Row]:
        calls.append(1)
        return Created(ROWS[0])

    async def post(accept: str, key: str) -> Exchange:
        return await get(app, accept, method="POST", headers={"idempotency-key": f'"{key}"'})

    assert (await post("image/png", "a")).status == 406  # the key is not used up
    first = await post("text/csv", "a")
    again = await post("text/*", "a")
    assert (first.status, again.status, again.body) == (201, 201, FIRST["csv"])
    assert again["idempotent-replayed"] == "true"
    other = await post("application/json", "a")
    assert (other.status, other["vary"]) == (422, "Accept")
    assert len(calls) == 1


async def test_a_response_of_a_policy_around_the_operation_varies() -> None:
    import anyio

    async def endpoint() -> Row:
        await anyio.sleep_forever()
        raise AssertionError

    response = await get(app_with(endpoint, [JSON], policies=[Deadline(0.001)]), None)
    assert response.status >= 500
    assert response["vary"] == "Accept"


def test_a_page_whose_items_have_no_columns_names_their_field() -> None:
    class Owner(BaseModel):
        name: str

    class Pet(BaseModel):
        name: str
        owner: Owner

    async def pets(page: Page.Offset) -> Page[Pet]:
        return page.of([])

    with pytest.raises(SignatureError, match="the field `owner` is not a single value"):
        App().get("/pets", renders=[JSON, CSV])(pets)
