"""`-> Tagged[User]`: results with ETag and Last-Modified, and a 304 for a client that has them."""

import pickle
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import anyio
import cloudpickle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from signette import (
    App,
    BackgroundTasks,
    Conditional,
    Created,
    Depends,
    FileResponse,
    NoContent,
    Problem,
    Response,
    Router,
    Tagged,
    explain,
)
from signette._http.conditional import format_http_date
from signette.declarative.inspection.plan_json import describe_plan
from signette.exceptions import ResponseValidationError
from signette.policies import Cached
from signette.responses.plain import HTMLResponse
from signette.testclient import TestClient
from tests._http.test_preconditions import ANY_DATE, LISTS, NOW, STRONG, WEAK, Case, by_the_rfc
from tests.asgi import Exchange, fetch
from tests.declarative.openapi.conftest import VALIDATORS
from tests.volume import examples

MODIFIED = datetime(2026, 1, 1, 10, 0, 0, 999_999, tzinfo=UTC)
DATE, EARLIER = "Thu, 01 Jan 2026 10:00:00 GMT", "Thu, 01 Jan 2026 09:59:59 GMT"


class User(BaseModel):
    name: str
    password: str = "secret"


class UserNotFound(Problem, status=404):
    """There is no such user."""


ADA = User(name="Ada")


def app_of(endpoint: Any, method: str = "GET", **options: Any) -> App:
    app = App()
    app.add_api_route("/", endpoint, [method], **options)
    return app


async def sent(app: App, request: str = "GET /", **headers: str) -> Exchange:
    return await fetch(app, request, headers={name.replace("_", "-"): value for name, value in headers.items()})


async def read() -> Tagged[User]:
    return Tagged(ADA, etag=3, last_modified=MODIFIED)


TABLE: list[tuple[dict[str, str], int]] = [
    ({}, 200),
    ({"if_none_match": '"3"'}, 304),
    ({"if_none_match": '"4", W/"3"'}, 304),
    ({"if_none_match": '"4"', "if_modified_since": DATE}, 200),
    ({"if_none_match": "3"}, 200),
    ({"if_modified_since": DATE}, 304),
    ({"if_modified_since": EARLIER}, 200),
    ({"if_modified_since": "last week"}, 200),
    ({"if_match": '"3"'}, 200),
    ({"if_match": '"2"'}, 412),
    ({"if_match": "2"}, 400),
    ({"if_unmodified_since": EARLIER}, 412),
    ({"if_match": '"3"', "if_none_match": '"3"'}, 304),
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(("headers", "status"), TABLE)
async def test_preconditions_decide_the_status(method: str, headers: dict[str, str], status: int) -> None:
    response = await sent(app_of(read), f"{method} /", **headers)
    assert response.status == status
    if status < 400:
        assert (response["etag"], response["last-modified"]) == ('"3"', DATE)
    if status == 304:
        assert (response.body, response["content-type"], response["content-length"]) == (b"", None, None)
    if status >= 400:
        assert response["content-type"] == "application/problem+json"


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@settings(max_examples=examples(30))
@given(
    case=st.builds(
        Case,
        st.sampled_from(["GET", "HEAD", "PUT"]),
        st.none() | st.sampled_from(LISTS),
        st.none() | ANY_DATE,
        st.none() | st.sampled_from(LISTS),
        st.none() | ANY_DATE,
        st.just(True),
        st.none() | st.sampled_from([STRONG, WEAK]),
        st.none() | st.integers(NOW - 2, NOW + 2),
    )
)
def test_the_response_is_that_of_the_rfc(backend: str, case: Case) -> None:
    modified = None if case.modified is None else datetime.fromtimestamp(case.modified, UTC)

    async def endpoint() -> Tagged[User]:
        etag = None if case.etag is None else case.etag.opaque
        return Tagged(ADA, etag=etag, last_modified=modified, weak=bool(case.etag and case.etag.weak))

    fields = {
        "if-match": case.if_match,
        "if-unmodified-since": case.if_unmodified_since,
        "if-none-match": case.if_none_match,
        "if-modified-since": case.if_modified_since,
    }
    headers = {name: each.text for name, each in fields.items() if each is not None}
    response = anyio.run(
        lambda: fetch(app_of(endpoint, case.method), f"{case.method} /", headers=headers), backend=backend
    )
    # After another method has changed something, its result has the new validators, and no precondition is evaluated.
    expected = 0 if case.method == "PUT" else by_the_rfc(case)
    assert response.status == (expected or 200)
    if response.status < 400:
        assert response["etag"] == (None if case.etag is None else str(case.etag))
        assert response["last-modified"] == (None if case.modified is None else format_http_date(case.modified))


def test_the_time_is_never_in_the_future() -> None:
    app = app_of(lambda: None)
    before = int(time.time())

    @app.get("/soon")
    def soon() -> Tagged[User]:
        return Tagged(ADA, last_modified=datetime.now(UTC) + timedelta(days=1))

    response = anyio.run(fetch, app, "GET /soon")
    modified = datetime.strptime(response["last-modified"], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    assert before <= modified.timestamp() <= time.time()


async def test_the_content_is_rendered_as_without_tagged() -> None:
    async def listed() -> Tagged[list[User]]:
        return Tagged([ADA], etag="a")

    async def text() -> Tagged[str]:
        return Tagged("plain", etag="a")

    async def page() -> Tagged[str]:
        return Tagged("<p>", etag="a")

    async def nothing() -> Tagged[None]:
        return Tagged(None, etag="a")

    async def optional() -> Tagged[User | None]:
        return Tagged(None, etag="a")

    def unannotated():  # type: ignore[no-untyped-def]  # what the test is about
        return Tagged({"a": 1}, etag="a")

    found = [
        await sent(app_of(listed, response_model_exclude={"password"})),
        await sent(app_of(text)),
        await sent(app_of(page, response_class=HTMLResponse)),
        await sent(app_of(nothing, "POST"), "POST /"),
        await sent(app_of(optional)),
        await sent(app_of(unannotated)),
    ]
    assert [each.status for each in found] == [200, 200, 200, 204, 200, 200]
    assert [each.body for each in found] == [b'[{"name":"Ada"}]', b"plain", b"<p>", b"", b"null", b'{"a":1}']
    assert {each["etag"] for each in found} == {'"a"'}
    assert (await sent(app_of(unannotated), if_none_match='"a"')).status == 304
    assert (await sent(app_of(page, response_class=HTMLResponse), if_none_match='"a"')).status == 304


async def test_it_combines_with_outcomes_and_problems() -> None:
    async def save(kind: str) -> Tagged[Created[User] | NoContent] | User | UserNotFound:
        if kind == "created":
            return Tagged(Created(ADA, headers={"Location": "/users/1"}), etag=1)
        if kind == "changed":
            return Tagged(NoContent(), etag=2)
        return ADA if kind == "plain" else UserNotFound()

    app = app_of(save, "PUT")
    created = await sent(app, "PUT /?kind=created")
    assert (created.status, created["etag"], created["location"]) == (201, '"1"', "/users/1")
    changed = await sent(app, "PUT /?kind=changed", if_none_match='"2"')
    assert (changed.status, changed["etag"], changed.body) == (204, '"2"', b"")
    plain = await sent(app, "PUT /?kind=plain")
    assert (plain.status, plain["etag"]) == (200, None)
    assert (await sent(app, "PUT /?kind=none")).status == 404
    responses = app.openapi()["paths"]["/"]["put"]["responses"]
    assert list(responses) == ["200", "201", "204", "404", "422"]
    assert {status: list(each.get("headers", ())) for status, each in responses.items()} == {
        "200": [], "201": ["ETag", "Last-Modified"], "204": ["ETag", "Last-Modified"], "404": [], "422": [],
    }  # fmt: skip


async def test_a_file_may_be_tagged(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"0123456789")

    async def download() -> Tagged[Path]:
        return Tagged(file, etag="v1")

    app = app_of(download)
    assert (await sent(app))["etag"] == '"v1"'
    assert (await sent(app, if_none_match='"v1"')).status == 304
    part = await sent(app, range="bytes=0-1", if_range='"v1"')
    assert (part.status, part.body) == (206, b"01")
    assert (await sent(app, range="bytes=0-1", if_range='"v2"')).status == 200


async def test_a_result_without_tag_is_an_error_of_the_server() -> None:
    async def wrong() -> Tagged[User]:
        return ADA  # type: ignore[return-value]  # what the test is about

    with pytest.raises(ResponseValidationError, match="without `Tagged`"):
        await sent(app_of(wrong))

    async def stream():  # type: ignore[no-untyped-def]  # what the test is about
        async def rows():  # type: ignore[no-untyped-def]
            yield 1

        return Tagged(rows(), etag=1)

    with pytest.raises(ResponseValidationError, match="StreamingResponse"):
        await sent(app_of(stream))


async def test_a_response_and_a_raised_problem_are_sent_unchanged() -> None:
    async def direct(fails: bool = False) -> Tagged[User] | UserNotFound:
        if fails:
            raise UserNotFound
        return Response("own")  # type: ignore[return-value]  # responses may always be returned

    app = app_of(direct)
    response = await sent(app, if_none_match='"a"')
    assert (response.status, response.body, response["etag"]) == (200, b"own", None)
    assert (await sent(app, "GET /?fails=1")).status == 404


async def test_headers_of_an_injected_response_are_kept_and_are_in_the_304() -> None:
    def cached(response: Response) -> Tagged[User]:
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Vary"] = "X"
        return Tagged(ADA, etag="a")

    response = await sent(app_of(cached), if_none_match='"a"')
    assert (response.status, response["cache-control"], response["vary"]) == (304, "no-cache", "X")


async def test_background_tasks_run_and_dependencies_are_closed_after_a_304() -> None:
    events: list[str] = []

    def resource() -> Iterator[str]:
        yield "open"
        events.append("closed")

    async def tasks(tasks: BackgroundTasks, opened: Annotated[str, Depends(resource)]) -> Tagged[User]:
        tasks.add_task(events.append, "task")
        return Tagged(ADA, etag="a")

    assert (await sent(app_of(tasks), if_none_match='"a"')).status == 304
    assert sorted(events) == ["closed", "task"]


async def test_a_cache_stores_the_content_for_a_client_that_has_it() -> None:
    """Otherwise the 304 for the first client would leave the cache empty."""
    calls: list[str] = []

    async def tagged() -> Tagged[User]:
        calls.append("tagged")
        return Tagged(ADA, etag=3)

    async def checked(cond: Conditional) -> User:
        calls.append("checked")
        cond.check(etag=3)
        return ADA

    for endpoint in (tagged, checked):
        app = app_of(endpoint, policies=[Cached(60)])
        statuses = [(await sent(app, if_none_match='"3"')).status for _ in range(2)]
        whole = await sent(app)
        assert (statuses, whole.status, whole["etag"], whole.json["name"]) == ([304, 304], 200, '"3"', "Ada")
    assert calls == ["tagged", "checked"]


async def test_it_works_in_routers_with_overrides_and_in_classes() -> None:
    router = Router()

    def version() -> int:
        return 1

    @router.get("/user")
    def own(number: Annotated[int, Depends(version)]) -> Tagged[User]:
        return Tagged(ADA, etag=number)

    app = App()
    app.include_router(router, prefix="/v1")
    assert (await sent(app, "GET /v1/user"))["etag"] == '"1"'
    with app.override(version, lambda: 2):
        assert (await sent(app, "GET /v1/user", if_none_match='"2"')).status == 304


def test_a_test_client_sees_the_same() -> None:
    with TestClient(app_of(read)) as client:
        assert client.get("/", headers={"If-None-Match": '"3"'}).status_code == 304


@pytest.mark.parametrize("dialect", VALIDATORS)
def test_the_document_has_the_fields_and_statuses(dialect: Any) -> None:
    app = App(openapi_version=dialect.version)
    app.add_api_route("/", read, ["GET"])
    document = app.openapi()
    VALIDATORS[dialect](document).validate()
    operation = document["paths"]["/"]["get"]
    names = ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"]
    assert [each["name"] for each in operation["parameters"]] == names
    assert list(operation["responses"]) == ["200", "304", "400", "412"]
    assert operation["responses"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/User"
    }


def test_explain_and_the_json_of_a_plan_have_the_statuses() -> None:
    app = app_of(read)
    assert "  tagged   200: ETag and Last-Modified of the result" in explain(app, "GET /")
    route = next(route for route in app.routes if hasattr(route, "plan"))
    assert describe_plan(route.plan)["response"]["tagged"] == [200]


async def test_the_application_and_results_can_be_pickled() -> None:
    app = cloudpickle.loads(cloudpickle.dumps(app_of(read)))
    assert (await sent(app, if_none_match='"3"')).status == 304
    assert pickle.loads(pickle.dumps(Tagged(1, etag="a"))) == Tagged(1, etag="a")


async def test_a_file_response_is_not_changed() -> None:
    """Only declared results have validators of `Tagged`."""

    async def direct() -> FileResponse:
        return FileResponse(__file__)

    assert "304 empty" in explain(app_of(direct), "GET /")
