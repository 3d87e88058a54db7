"""`Stream` parameters: endpoints of every kind, error policies, limits, and what ends a stream early."""

import gzip
import json
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import anyio
import cloudpickle
import pytest
from pydantic import BaseModel, Field

from signette import (
    App,
    Depends,
    HTTPException,
    Items,
    Limits,
    PlainTextResponse,
    Request,
    Router,
    Security,
    Stream,
    Thread,
)
from signette.compat import FastAPIErrors
from signette.exceptions import ClientDisconnect, RequestValidationError
from signette.policies import Idempotent
from signette.resources import Resource, post
from signette.routing import APIRoute
from signette.security import HTTPBearer
from tests.asgi import VERSIONS, body_of, call, exchange, fetch, scope_of

pytestmark = pytest.mark.either_loop
JSONL = {"content-type": "application/jsonl"}
ARRAY = {"content-type": "application/json"}


class Reading(BaseModel):
    """An item."""

    station: str
    value: float = Field(ge=0)


def lines(*items: Any) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in items)


def reading(value: float = 1) -> dict[str, Any]:
    return {"station": "a", "value": value}


GOOD = [reading(value) for value in range(5)]


# -- kinds of endpoints ------------------------------------------------------------------------------------------------


def app_of_kinds() -> App:
    app = App()

    @app.post("/async")
    async def read(rows: Stream[Reading]) -> list[float]:
        return [row.value async for row in rows]

    @app.post("/sync")
    def read_in_thread(rows: Stream[Reading]) -> list[float]:
        return [row.value for row in rows]

    @app.post("/batches")
    async def read_batches(rows: Stream[Reading]) -> list[list[float]]:
        return [[row.value for row in batch] async for batch in rows.batches(2)]

    @app.post("/sync-batches")
    def read_batches_in_thread(rows: Stream[Reading]) -> list[list[float]]:
        return [[row.value for row in batch] for batch in rows.batches(2)]

    @app.post("/echo")
    async def echo(rows: Stream[Reading]) -> AsyncIterator[Reading]:
        async for row in rows:
            yield row

    @app.post("/sync-echo")
    def echo_from_thread(rows: Stream[Reading]) -> Iterator[Reading]:
        yield from rows

    return app


ECHOED = b"".join(
    json.dumps({"station": "a", "value": float(n)}, separators=(",", ":")).encode() + b"\n" for n in range(5)
)
KINDS: list[tuple[str, Any]] = [
    ("/async", [0, 1, 2, 3, 4]),
    ("/sync", [0, 1, 2, 3, 4]),
    ("/batches", [[0, 1], [2, 3], [4]]),
    ("/sync-batches", [[0, 1], [2, 3], [4]]),
    ("/echo", ECHOED),
    ("/sync-echo", ECHOED),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("path", "expected"), KINDS)
async def test_endpoints_of_every_kind_read_items(path: str, expected: Any, version: str) -> None:
    body = lines(*GOOD)
    pieces = [body[at : at + 20] for at in range(0, len(body), 20)]
    scope = scope_of(path, "POST", headers=JSONL, version=version)
    response = (await exchange(app_of_kinds(), scope, *body_of(*pieces))).or_raise()
    assert response.status == 200
    assert (response.body if isinstance(expected, bytes) else response.json) == expected


@pytest.mark.parametrize("version", VERSIONS)
async def test_items_are_sent_back_before_the_next_ones_arrive(version: str) -> None:
    """On servers before ASGI 2.4, a second task waits for a disconnect, and must not take the body away."""
    sent: list[bytes] = []
    arrived = [anyio.Event() for _ in GOOD]

    async def receive() -> dict[str, Any]:
        if len(sent) < len(GOOD):
            place = len(sent)
            if place:
                await arrived[place - 1].wait()  # the item before was sent back
            sent.append(lines(GOOD[place]))
            return {"type": "http.request", "body": sent[-1], "more_body": len(sent) < len(GOOD)}
        await anyio.sleep_forever()
        raise AssertionError

    received: list[bytes] = []

    async def send(message: Any) -> None:
        if message.get("body"):
            received.append(message["body"])
            arrived[len(received) - 1].set()

    with anyio.fail_after(5):
        await app_of_kinds()(scope_of("/echo", "POST", headers=JSONL, version=version), receive, send)
    assert b"".join(received) == ECHOED


async def test_an_empty_batch_size_is_an_error() -> None:
    app = App()

    @app.post("/")
    async def read(rows: Stream[Reading]) -> None:
        rows.batches(0)

    with pytest.raises(ValueError, match="at least 1"):
        await fetch(app, "POST /", lines(), JSONL)


async def test_an_async_endpoint_cannot_block_the_event_loop() -> None:
    app = App()

    @app.post("/")
    async def read(rows: Stream[Reading]) -> list[Reading]:
        return list(rows)

    with pytest.raises(RuntimeError, match="write `async for`"):
        await fetch(app, "POST /", lines(*GOOD), JSONL)


async def test_routers_mounts_classes_and_dependencies_read_streams() -> None:
    async def values_of(rows: Stream[Reading]) -> list[float]:
        return [row.value async for row in rows]

    router = Router(prefix="/in")

    @router.post("/router")
    async def included(values: Annotated[list[float], Depends(values_of)]) -> list[float]:
        return values

    @router.api_route("/methods", methods=["POST", "PUT"])
    async def methods(rows: Stream[Reading]) -> list[float]:
        return [row.value async for row in rows]

    inner, app = App(), App()
    inner.include_router(router)
    app.include_router(router)
    app.mount("/mounted", inner)
    for path in ("/in/router", "/in/methods", "/mounted/in/router", "/mounted/in/methods"):
        assert (await fetch(app, f"POST {path}", lines(*GOOD), JSONL)).json == [0, 1, 2, 3, 4]
    with app.override(values_of, lambda: [7.0]):
        assert (await fetch(app, "POST /in/router")).json == [7]


async def test_methods_of_classes_and_dedicated_threads_read_streams() -> None:
    class Readings(Resource, prefix="/readings"):
        @post()
        async def create(self, rows: Stream[Reading]) -> list[float]:
            return [row.value async for row in rows]

    app = App()
    app.include(Readings)

    @app.post("/threads", executor=Thread(limit=1))
    def read(rows: Stream[Reading]) -> list[float]:
        return [row.value for row in rows]

    body = lines(*GOOD)
    for path in ("/readings", "/threads"):
        response = await call(app, path, "POST", headers=JSONL, body=[body[:50], body[50:]])
        assert (response.status, response.json) == (200, [0, 1, 2, 3, 4])


async def test_a_plan_with_a_stream_can_be_pickled() -> None:
    copy = cloudpickle.loads(cloudpickle.dumps(app_of_kinds()))
    assert (await fetch(copy, "POST /async", lines(*GOOD), JSONL)).json == [0, 1, 2, 3, 4]


# -- media types -------------------------------------------------------------------------------------------------------

ALL = "application/jsonl, application/json, application/json-seq, text/csv"
MEDIA: list[tuple[str | None, bytes, int]] = [
    ("application/x-ndjson", lines(GOOD[0]), 200),
    ("Application/JSONL; charset=utf-8", lines(GOOD[0]), 200),
    ("application/json-lines", lines(GOOD[0]), 200),
    ("application/json", json.dumps(GOOD[:1]).encode(), 200),
    ("application/vnd.readings+json", json.dumps(GOOD[:1]).encode(), 200),
    ("application/json-seq", b"\x1e" + lines(GOOD[0]), 200),
    ("text/csv", b"station,value\na,0\n", 200),
    ("text/csv; header=present; charset=UTF-8", b"station,value\na,0\n", 200),
    ("text/csv; header=absent", b"a,0\n", 415),
    ("text/csv; charset=latin-1", b"station,value\na,0\n", 415),
    ("text/plain", b"", 415),
    (None, lines(GOOD[0]), 415),
]


@pytest.mark.parametrize(("media_type", "body", "status"), MEDIA)
async def test_the_content_type_decides_how_items_are_read(media_type: str | None, body: bytes, status: int) -> None:
    headers = {} if media_type is None else {"content-type": media_type}
    response = await fetch(app_of_kinds(), "POST /async", body, headers)
    assert response.status == status
    if status == 200:
        assert response.json == [0]
    else:
        assert (response["accept-post"], response.receives) == (ALL, 0)


async def test_media_types_can_be_chosen() -> None:
    app = App()

    @app.post("/")
    async def read(rows: Annotated[Stream[Reading], Items(media_types=["application/x-ndjson", "text/csv"])]) -> str:
        return f"{rows.media_type} {len([row async for row in rows])}"

    for media_type in ("application/x-ndjson", "application/jsonl"):
        assert (await fetch(app, "POST /", lines(*GOOD), {"content-type": media_type})).text == f"{media_type} 5"
    response = await fetch(app, "POST /", b"[]", ARRAY)
    assert (response.status, response["accept-post"]) == (415, "application/x-ndjson, text/csv")


async def test_without_a_content_type_the_first_format_is_read_if_the_application_allows_it() -> None:
    app = App(strict_content_type=False)

    @app.post("/")
    async def read(rows: Stream[Reading]) -> str:
        return f"{rows.media_type} {len([row async for row in rows])}"

    assert (await fetch(app, "POST /", lines(*GOOD))).text == "application/jsonl 5"


async def test_rows_of_csv_have_the_aliases_of_fields_and_their_defaults() -> None:
    class Row(BaseModel):
        count: int = Field(alias="n")
        note: str = "none"
        flag: bool | None = None

    app = App()

    @app.post("/")
    async def read(rows: Stream[Row]) -> list[dict[str, Any]]:
        return [row.model_dump() async for row in rows]

    body = b'note,n,other,flag\r\n,1,x,true\r\n"a, ""b""\r\nc",2,,\r\n'
    assert (await fetch(app, "POST /", body, {"content-type": "text/csv"})).json == [
        {"count": 1, "note": "none", "flag": True},
        {"count": 2, "note": 'a, "b"\r\nc', "flag": None},
    ]


# -- error policies ----------------------------------------------------------------------------------------------------

BAD = [reading(1), {"station": 7, "value": -1}, reading(2), {"value": 1}, reading(3)]
STATION = {"in": "body", "pointer": "/1/station", "code": "string_type", "message": "Input should be a valid string"}
VALUE = {
    "in": "body",
    "pointer": "/1/value",
    "code": "greater_than_equal",
    "message": "Input should be greater than or equal to 0",
}
MISSING = {"in": "body", "pointer": "/3/station", "code": "missing", "message": "Field required"}

POLICIES: list[tuple[Items, int, list[dict[str, str]], list[float]]] = [
    (Items(), 422, [STATION, VALUE], [1]),
    (Items(on_error="skip"), 200, [STATION, VALUE, MISSING], [1, 2, 3]),
    (Items(on_error="collect"), 422, [STATION, VALUE, MISSING], [1, 2, 3]),
    (Items(on_error="collect", max_errors=2), 422, [STATION, VALUE], [1]),
    (Items(on_error="collect", max_errors=3), 422, [STATION, VALUE, MISSING], [1, 2]),
]


def app_of(items: Items, seen: list[float], max_body_size: int | None = None, **options: Any) -> App:
    """An application that notes the values as they come, also those before an error."""
    app, note = App(**options), seen.append

    @app.post("/", max_body_size=max_body_size)
    async def read(rows: Annotated[Stream[Reading], items]) -> dict[str, Any]:
        async for row in rows:
            note(row.value)
        return {"accepted": rows.accepted, "skipped": rows.skipped, "errors": rows.errors}

    return app


@pytest.mark.parametrize("headers", [JSONL, ARRAY], ids=["lines", "array"])
@pytest.mark.parametrize(("items", "status", "errors", "values"), POLICIES)
async def test_the_error_policy_decides_what_an_invalid_item_does(
    items: Items, status: int, errors: Any, values: list[float], headers: dict[str, str]
) -> None:
    seen: list[float] = []
    body = lines(*BAD) if headers is JSONL else json.dumps(BAD).encode()
    response = await fetch(app_of(items, seen), "POST /", body, headers)
    assert (response.status, response.json["errors"], seen) == (status, errors, values)
    if status == 200:
        assert (response.json["accepted"], response.json["skipped"]) == (3, 2)


async def test_the_handler_sees_only_errors_of_the_items_before() -> None:
    app, seen = App(), list[Any]()
    note = seen.append

    @app.post("/")
    async def read(rows: Annotated[Stream[Reading], Items(on_error="skip")]) -> None:
        async for row in rows:
            note((row.value, rows.accepted, rows.skipped, len(rows.errors)))

    await fetch(app, "POST /", lines(*BAD), JSONL)
    assert seen == [(1, 1, 0, 0), (2, 2, 1, 2), (3, 3, 2, 3)]


MALFORMED: list[tuple[dict[str, str], bytes, str, int, str]] = [
    (JSONL, lines(GOOD[0]) + b"{\n" + lines(GOOD[1]), "fail", 400, "item 2: Invalid JSON"),
    (JSONL, lines(GOOD[0]) + b"{\n" + lines(GOOD[1]), "skip", 200, "/1"),
    (JSONL, lines(GOOD[0]) + b"{\n" + lines(GOOD[1]), "collect", 422, "/1"),
    (ARRAY, b'[{"station":}]', "skip", 400, "item 1: Invalid JSON"),
    (ARRAY, b"[{}", "skip", 400, "at byte 3 of the body: the array is truncated"),
    (JSONL, b'{"station":"a","value":NaN}', "fail", 400, "item 1: Invalid JSON"),
    (JSONL, b'{"station":NaN,"value":1}', "fail", 400, "item 1: Invalid JSON: NaN is not a valid number"),
    (JSONL, lines(GOOD[0]) + b"-Infinity\n", "collect", 422, "json_invalid"),
    (ARRAY, b'[{"station":"a","value":1},NaN]', "skip", 400, "item 2: Invalid JSON: NaN is not a valid number"),
    (JSONL, b"[" * 300 + b"]" * 300, "fail", 400, "item 1: Invalid JSON: recursion limit exceeded"),
]


@pytest.mark.parametrize(("headers", "body", "policy", "status", "text"), MALFORMED)
async def test_a_malformed_body_is_a_400_with_its_place(
    headers: dict[str, str], body: bytes, policy: Any, status: int, text: str
) -> None:
    response = await fetch(app_of(Items(on_error=policy), []), "POST /", body, headers)
    assert response.status == status
    assert text in response.text


async def test_errors_that_are_kept_are_limited() -> None:
    response = await fetch(app_of(Items(on_error="skip"), []), "POST /", lines(*[{}] * 300), JSONL)
    assert (response.json["skipped"], len(response.json["errors"])) == (300, 100)


async def test_the_errors_of_fastapi_have_the_index_of_the_item() -> None:
    response = await fetch(app_of(Items(), [], errors=FastAPIErrors()), "POST /", lines(*BAD), JSONL)
    assert [each["loc"] for each in response.json["detail"]] == [["body", 1, "station"], ["body", 1, "value"]]


async def test_an_error_ends_the_stream() -> None:
    app, caught = App(), []

    @app.post("/")
    async def read(rows: Stream[Reading]) -> list[Reading]:
        for _ in range(2):
            try:
                async for _ in rows:
                    pass
            except RequestValidationError as exc:
                caught.append(exc)
        return [row async for row in rows]

    assert (await fetch(app, "POST /", lines(*BAD), JSONL)).status == 422
    assert len(caught) == 2


async def test_an_exception_of_a_validator_is_raised_for_its_item() -> None:
    class Broken(BaseModel):
        n: int

        def model_post_init(self, _: Any) -> None:
            if self.n == 2:
                raise LookupError(self.n)

    app, seen = App(), list[int]()
    note = seen.append

    @app.post("/")
    async def read(rows: Annotated[Stream[Broken], Items(on_error="skip")]) -> None:
        async for row in rows:
            note(row.n)

    for headers, body in ((JSONL, lines(*({"n": n} for n in range(4)))), (ARRAY, b'[{"n":0},{"n":1},{"n":2}]')):
        seen.clear()
        with pytest.raises(LookupError):
            await fetch(app, "POST /", body, headers)
        assert seen == [0, 1]


# -- limits ------------------------------------------------------------------------------------------------------------

LIMITS: list[tuple[Items, dict[str, Any], str, int]] = [
    (Items(max_items=5), {}, "", 5),
    (Items(max_items=4), {}, "body has more than 4 items", 4),
    (Items(max_item_bytes=20), {}, "item 1 exceeds 20 bytes", 0),
    (Items(max_bytes=100), {}, "body exceeds 100 bytes", 0),
    (Items(), {"max_body_size": 100}, "body exceeds 100 bytes", 0),
    (Items(max_bytes=1000), {"max_body_size": 100}, "", 5),
    (Items(), {"limits": Limits(body_bytes=100)}, "body exceeds 100 bytes", 0),
    (Items(max_bytes=1000), {"limits": Limits(body_bytes=100)}, "", 5),
    (Items(), {"limits": Limits(json_bytes=1)}, "", 5),
    (Items(max_item_bytes=100), {"limits": Limits(json_values=2)}, "item 1 has more than 2 values", 0),
    (Items(max_item_bytes=100), {"limits": Limits(json_values=3)}, "", 5),
]


@pytest.mark.parametrize("headers", [JSONL, ARRAY], ids=["lines", "array"])
@pytest.mark.parametrize(("items", "options", "detail", "count"), LIMITS)
async def test_what_exceeds_a_limit_is_a_413(
    items: Items, options: dict[str, Any], detail: str, count: int, headers: dict[str, str]
) -> None:
    seen: list[float] = []
    body = lines(*GOOD) if headers is JSONL else json.dumps(GOOD).encode()
    app = app_of(items, seen, **options)
    response = await call(app, "/", "POST", headers=headers, body=[body[:150], body[150:]])
    assert (response.status, len(seen)) == (413 if detail else 200, count)
    assert detail in response.text


async def test_an_announced_body_over_the_limit_is_not_read() -> None:
    headers = {**JSONL, "content-length": "1000"}
    response = await fetch(app_of(Items(max_bytes=999), []), "POST /", b"", headers)
    assert (response.status, response.receives) == (413, 0)


# -- before and after --------------------------------------------------------------------------------------------------


async def test_guards_and_other_errors_come_before_the_body() -> None:
    app = App()

    @app.post("/{n}", dependencies=[Security(HTTPBearer())])
    async def read(n: int, rows: Stream[Reading]) -> None: ...

    rejected = await fetch(app, "POST /1", lines(*GOOD), JSONL)
    invalid = await fetch(app, "POST /x", lines(*GOOD), {**JSONL, "authorization": "Bearer x"})
    assert (rejected.status, rejected.receives) == (401, 0)
    assert (invalid.status, invalid.receives) == (422, 0)


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_endpoint_may_respond_before_the_end(version: str) -> None:
    app = App()

    @app.post("/one")
    async def first(rows: Stream[Reading]) -> Reading | None:
        async for row in rows:
            return row
        return None

    @app.post("/none")
    async def none(rows: Stream[Reading]) -> str:
        return "none"

    pieces = [lines(each) for each in GOOD]
    for path, receives in (("/one", 1), ("/none", 0)):
        response = await call(app, path, "POST", headers=JSONL, body=pieces, version=version)
        assert (response.status, response.receives) == (200, receives)


@pytest.mark.parametrize("path", ["/async", "/sync", "/batches", "/sync-batches"])
async def test_a_client_that_leaves_ends_the_stream(path: str) -> None:
    app, closed, seen = App(), [], []

    async def held() -> AsyncIterator[None]:
        try:
            yield
        finally:
            closed.append(True)

    inner = app_of_kinds()
    for route in inner.routes:
        if getattr(route, "path", "") == path:
            app.post(path, dependencies=[Depends(held)])(route.endpoint)
    more = {"type": "http.request", "body": lines(*GOOD), "more_body": True}
    with pytest.MonkeyPatch.context() as patch:
        fill = Stream._extend
        patch.setattr(Stream, "_extend", lambda self: fill(self) and (seen.append(len(self._ready)) or True))
        response = await exchange(app, scope_of(path, "POST", headers=JSONL), more, {"type": "http.disconnect"})
    assert response.messages == []
    assert closed == [True]
    assert sum(seen) == 5


async def test_a_handler_can_catch_the_disconnect() -> None:
    app, kept = App(), list[float]()
    note = kept.append

    @app.post("/")
    async def read(rows: Stream[Reading]) -> None:
        try:
            async for row in rows:
                note(row.value)
        except ClientDisconnect:
            kept.append(-1)
            raise

    more = {"type": "http.request", "body": lines(*GOOD), "more_body": True}
    await exchange(app, scope_of("/", "POST", headers=JSONL), more, {"type": "http.disconnect"})
    assert kept == [0, 1, 2, 3, 4, -1]


async def test_a_stream_cannot_be_read_after_its_request() -> None:
    app, kept = App(), []

    @app.post("/")
    async def read(rows: Stream[Reading]) -> None:
        kept.append(rows)

    await fetch(app, "POST /", lines(*GOOD), JSONL)
    with pytest.raises(RuntimeError, match="after the end of its request"):
        await anext(kept[0])


async def test_two_tasks_cannot_read_one_stream() -> None:
    app, failures = App(), []

    @app.post("/")
    async def read(rows: Stream[Reading]) -> None:
        async def take() -> None:
            try:
                async for _ in rows:
                    pass
            except RuntimeError as exc:
                failures.append(str(exc))

        async with anyio.create_task_group() as group:
            group.start_soon(take)
            group.start_soon(take)

    await call(app, "/", "POST", headers=JSONL, body=[lines(*GOOD), lines(*GOOD)])
    assert failures == ["the stream is read by another task already"]


# -- others that want the body -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("reads", "expected"), [(True, "Stream consumed"), (False, lines(*GOOD).decode())])
async def test_an_exception_handler_has_the_body_only_if_the_stream_was_not_read(reads: bool, expected: str) -> None:
    app = App()

    @app.exception_handler(LookupError)
    async def handle(request: Request, exc: LookupError) -> PlainTextResponse:
        try:
            return PlainTextResponse(await request.body())
        except RuntimeError as failure:
            return PlainTextResponse(str(failure))

    @app.post("/")
    async def read(rows: Stream[Reading]) -> None:
        if reads:
            await anext(rows)
        raise LookupError

    assert (await fetch(app, "POST /", lines(*GOOD), JSONL)).text == expected


async def test_a_request_shares_the_body_with_the_stream() -> None:
    app = App()

    async def look(request: Request) -> int:
        return len(await request.body())

    @app.post("/whole")
    async def whole(size: Annotated[int, Depends(look)], rows: Stream[Reading]) -> list[float]:
        return [size, *[row.value async for row in rows]]

    @app.post("/late")
    async def late(request: Request, rows: Stream[Reading]) -> str:
        async for _ in rows:
            break
        try:
            await request.body()
        except RuntimeError as failure:
            return str(failure)
        return "read"

    body = lines(*GOOD)
    assert (await fetch(app, "POST /whole", body, JSONL)).json == [len(body), 0, 1, 2, 3, 4]
    assert (await fetch(app, "POST /late", body, JSONL)).text == "Stream consumed"


async def test_the_handler_of_a_route_may_decode_the_body() -> None:
    class Shouting(Request):
        async def body(self) -> bytes:
            return (await super().body()).lower()

    class Route(APIRoute):
        def get_route_handler(self) -> Any:
            original = super().get_route_handler()

            async def handler(request: Request) -> Any:
                shouting = request.headers.get("x-shouting")
                return await original(Shouting(request.scope, request.receive) if shouting else request)

            return handler

    app = App()
    router = Router(route_class=Route)

    @router.post("/")
    async def read(rows: Stream[Reading]) -> list[float]:
        return [row.value async for row in rows]

    app.include_router(router)
    body = lines(*GOOD)
    pieces = [body[:40], body[40:]]
    assert (await call(app, "/", "POST", headers=JSONL, body=pieces)).json == [0, 1, 2, 3, 4]
    headers = {**JSONL, "x-shouting": "1"}
    assert (await call(app, "/", "POST", headers=headers, body=[body.upper()])).json == [0, 1, 2, 3, 4]


async def test_a_compressed_body_is_decompressed_as_it_arrives() -> None:
    app = App()

    @app.post("/", request_encodings=["gzip"])
    async def read(rows: Stream[Reading]) -> list[float]:
        return [row.value async for row in rows]

    body = gzip.compress(lines(*GOOD))
    headers = {**JSONL, "content-encoding": "gzip"}
    pieces = [body[at : at + 9] for at in range(0, len(body), 9)]
    assert (await call(app, "/", "POST", headers=headers, body=pieces)).json == [0, 1, 2, 3, 4]
    assert (await call(app, "/", "POST", headers=headers, body=body[:-9])).status == 400


@pytest.mark.parametrize("policy", ["fail", "skip"])
@pytest.mark.parametrize("media_type", ["application/jsonl", "application/json", "text/csv"])
async def test_an_encoding_that_is_not_accepted_is_a_415(media_type: str, policy: Any) -> None:
    headers = {"content-type": media_type, "content-encoding": "gzip"}
    response = await fetch(app_of(Items(on_error=policy), []), "POST /", gzip.compress(lines(*GOOD)), headers)
    assert (response.status, response["accept-encoding"]) == (415, "identity")


async def test_an_endpoint_that_reads_a_stream_is_cancelled_on_a_disconnect() -> None:
    app, ends = App(), list[str]()

    @app.post("/", cancel_on_disconnect=True)
    async def read(rows: Stream[Reading]) -> None:
        try:
            async for _ in rows:
                pass
            await anyio.sleep_forever()
        finally:
            ends.append("cancelled")

    await exchange(app, scope_of("/", "POST", headers=JSONL), *body_of(lines(*GOOD)), {"type": "http.disconnect"})
    assert ends == ["cancelled"]


async def test_an_idempotent_endpoint_compares_what_it_has_read() -> None:
    app, runs = App(), []

    @app.post("/", policies=[Idempotent(by=None)])
    async def read(rows: Stream[Reading]) -> list[float]:
        runs.append(1)
        return [row.value async for row in rows]

    headers = {**JSONL, "idempotency-key": "k"}
    first = await fetch(app, "POST /", lines(*GOOD), headers)
    again = await fetch(app, "POST /", lines(*GOOD), headers)
    other = await fetch(app, "POST /", lines(*BAD), headers)
    assert (first.status, again.status, other.status) == (200, 200, 422)
    assert first.json == again.json == [0, 1, 2, 3, 4]
    assert runs == [1]


async def test_a_handler_may_raise_what_it_likes() -> None:
    app = App()

    @app.post("/")
    async def read(rows: Stream[Reading]) -> None:
        async for row in rows:
            if row.value == 2:
                raise HTTPException(409, "enough")

    assert (await fetch(app, "POST /", lines(*GOOD), JSONL)).status == 409
