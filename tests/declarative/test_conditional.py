"""`cond: Conditional`: the preconditions of a request, compared by the endpoint with the state of the resource."""

import logging
import pickle
from datetime import UTC, datetime
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
    Conditional,
    Depends,
    FileResponse,
    Header,
    Request,
    RequiredConditional,
    Response,
    Router,
    Tagged,
    TypedRoute,
    formats,
)
from signette.compat import FastAPIErrors
from signette.conditional import NotModified, PreconditionFailed, PreconditionRequired
from signette.declarative.inspection.plan_json import describe_plan
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.middleware import Middleware
from signette.middleware.compression import CompressionMiddleware
from signette.policies import Idempotent
from signette.requests import Request as PlainRequest
from signette.responses.plain import PlainTextResponse
from signette.routing.route import Route
from signette.testclient import TestClient
from tests.asgi import Exchange, call, fetch
from tests.declarative.openapi.conftest import VALIDATORS
from tests.declarative.signatures import Sent
from tests.declarative.test_binder_agrees import by_binder, by_oracle
from tests.volume import examples

MODIFIED = datetime(2026, 1, 1, 10, 0, 0, 5, tzinfo=UTC)
DATE, EARLIER = "Thu, 01 Jan 2026 10:00:00 GMT", "Thu, 01 Jan 2026 09:59:59 GMT"
JSON = {"content-type": "application/json"}


class User(BaseModel):
    name: str


class Store:
    """One user with a version."""

    def __init__(self) -> None:
        self.user: User | None = User(name="Ada")
        self.version = 3

    def app(self, **options: Any) -> App:
        app = App(openapi_url="/openapi.json", **options)

        @app.get("/user")
        async def read(cond: Conditional) -> User:
            if self.user is None:
                raise LookupError
            cond.check(etag=self.version, last_modified=MODIFIED)
            return self.user

        @app.put("/user")
        @app.patch("/user")
        async def replace(user: User, cond: RequiredConditional) -> User:
            cond.check(etag=self.version if self.user else None, exists=self.user is not None)
            self.user, self.version = user, self.version + 1
            return user

        @app.delete("/user")
        def delete(cond: Conditional) -> None:
            cond.check(etag=self.version, last_modified=MODIFIED)
            self.user = None

        return app


async def sent(app: App, request: str, body: bytes = b"", **headers: str) -> Exchange:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return await fetch(app, request, body, {**(JSON if body else {}), **fields})


BAD = 'a precondition is malformed: entity tags are quoted, as in `If-Match: "3"`'
ADA = b'{"name":"Ada"}'
TABLE: list[tuple[str, dict[str, str], int]] = [
    ("GET", {}, 200),
    ("HEAD", {}, 200),
    ("GET", {"if_none_match": '"3"'}, 304),
    ("HEAD", {"if_none_match": 'W/"3", "4"'}, 304),
    ("GET", {"if_none_match": "*"}, 304),
    ("GET", {"if_none_match": '"4"', "if_modified_since": DATE}, 200),
    ("GET", {"if_modified_since": DATE}, 304),
    ("GET", {"if_modified_since": EARLIER}, 200),
    ("GET", {"if_modified_since": "2026-01-01"}, 200),
    ("GET", {"if_match": '"3"'}, 200),
    ("GET", {"if_match": '"2"'}, 412),
    ("GET", {"if_match": '"3"', "if_none_match": '"3"'}, 304),
    ("GET", {"if_match": "3"}, 400),
    ("GET", {"if_none_match": "3"}, 200),
    ("GET", {"if_unmodified_since": EARLIER}, 412),
    ("PUT", {}, 428),
    ("PUT", {"if_modified_since": DATE}, 428),
    ("PUT", {"if_unmodified_since": DATE}, 428),  # the endpoint has no modification date
    ("PUT", {"if_unmodified_since": "never"}, 428),
    ("PUT", {"if_match": '"3"'}, 200),
    ("PUT", {"if_match": 'W/"3"'}, 412),
    ("PUT", {"if_match": '"2", "4"'}, 412),
    ("PUT", {"if_match": "*"}, 200),
    ("PUT", {"if_match": ""}, 412),
    ("PUT", {"if_match": '"3'}, 400),
    ("PUT", {"if_none_match": "*"}, 412),
    ("PUT", {"if_none_match": "3"}, 400),
    ("PATCH", {"if_match": '"3"'}, 200),
    ("PATCH", {"if_match": '"2"'}, 412),
    ("DELETE", {}, 204),
    ("DELETE", {"if_match": '"3"'}, 204),
    ("DELETE", {"if_match": '"2"'}, 412),
    ("DELETE", {"if_unmodified_since": EARLIER}, 412),
    ("DELETE", {"if_unmodified_since": "2026-01-01"}, 204),
    ("DELETE", {"if_unmodified_since": EARLIER, "if_match": '"3"'}, 204),
]


@pytest.mark.parametrize(("method", "headers", "status"), TABLE)
async def test_preconditions_decide_the_status(method: str, headers: dict[str, str], status: int) -> None:
    store = Store()
    response = await sent(store.app(), f"{method} /user", ADA if method in ("PUT", "PATCH") else b"", **headers)
    assert response.status == status, response.body
    changed = store.user is None or store.version != 3
    assert changed == (method in ("PUT", "PATCH", "DELETE") and status < 300)
    has_validators = method in ("GET", "HEAD") and status in (200, 304)
    assert (response["etag"], response["last-modified"]) == (('"3"', DATE) if has_validators else (None, None))
    if status >= 400:
        assert response["content-type"] == "application/problem+json"
        assert response.json["status"] == status
    if status == 304:
        assert (response.body, response["content-type"]) == (b"", None)
    if status == 400:
        assert response.json["detail"] == BAD


async def test_a_resource_is_created_only_once() -> None:
    store = Store()
    store.user = None
    app = store.app()
    assert (await sent(app, "PUT /user", ADA, if_match='"3"')).status == 412
    assert (await sent(app, "PUT /user", ADA, if_none_match="*")).status == 200
    assert (await sent(app, "PUT /user", ADA, if_none_match="*")).status == 412


async def test_of_two_changes_of_one_version_the_second_fails() -> None:
    store = Store()
    app = store.app()
    tag = (await sent(app, "GET /user"))["etag"]
    assert tag is not None
    assert (await sent(app, "PUT /user", b'{"name":"Grace"}', if_match=tag)).status == 200
    assert (await sent(app, "PUT /user", b'{"name":"Edsger"}', if_match=tag)).status == 412
    assert store.user == User(name="Grace")


async def test_a_precondition_is_required_before_the_body_is_read_and_after_guards() -> None:
    app = App()

    def guard(key: Annotated[str | None, Header()] = None) -> None:
        if key is None:
            raise PermissionError

    @app.put("/", dependencies=[Depends(guard)])
    async def replace(user: User, cond: RequiredConditional) -> None: ...

    assert (await sent(app, "PUT /", b"not JSON", key="a")).status == 428
    with pytest.raises(PermissionError):
        await sent(app, "PUT /", b"not JSON")


async def test_an_error_comes_before_preconditions_are_compared() -> None:
    """RFC 9110 section 13.2.1: they are ignored if the response without them is not a success."""
    store = Store()
    store.user = None
    with pytest.raises(LookupError):
        await sent(store.app(), "GET /user", if_match='"1"')


async def test_the_validators_are_added_to_any_successful_response_of_a_read() -> None:
    app = App()

    @app.get("/own")
    async def own(cond: Conditional, response: Response) -> str:
        cond.check(etag="a", weak=True)
        response.headers["ETag"] = '"own"'
        response.headers["Cache-Control"] = "no-cache"
        return "text"

    @app.get("/response")
    def direct(cond: Conditional) -> Response:
        cond.check(etag="a b")
        return PlainTextResponse("text")

    @app.get("/failed")
    def failed(cond: Conditional) -> Response:
        cond.check(etag="a")
        return PlainTextResponse("text", 409)

    response = await sent(app, "GET /own")
    assert (response.all("etag"), response["cache-control"]) == (['"own"'], "no-cache")
    tag = (await sent(app, "GET /response"))["etag"]
    assert tag is not None
    assert (await sent(app, "GET /response", if_none_match=tag)).status == 304
    assert (await sent(app, "GET /failed"))["etag"] is None


@pytest.mark.parametrize("returns", [Path, FileResponse])
async def test_a_file_has_the_version_that_was_checked(returns: Any, tmp_path: Path) -> None:
    app, file = App(), tmp_path / "file.txt"
    file.write_text("content")

    async def read(cond: Conditional) -> Any:
        cond.check(etag=3)
        return file if returns is Path else FileResponse(file)

    read.__annotations__["return"] = returns
    app.get("/")(read)
    assert (await sent(app, "GET /")).all("etag") == ['"3"']
    assert (await sent(app, "GET /", if_none_match='"3"')).status == 304
    assert (await sent(app, "GET /", range="bytes=0-1", if_range='"3"')).body == b"co"
    assert (await sent(app, "HEAD /"))["etag"] == '"3"'


async def test_a_dependency_shares_the_preconditions_with_the_endpoint() -> None:
    app = App()
    router = Router(prefix="/users")
    seen: list[Conditional] = []

    def lock(cond: Conditional) -> Conditional:
        seen.append(cond)
        return cond

    @router.put("/{user_id}")
    async def replace(user_id: int, cond: RequiredConditional, same: Annotated[Conditional, Depends(lock)]) -> None:
        assert cond is same
        cond.check(etag=user_id)

    app.include_router(router)
    assert (await sent(app, "PUT /users/3")).status == 428
    assert (await sent(app, "PUT /users/3", if_match='"3"')).status == 204
    assert (await sent(app, "PUT /users/3", if_match='"4"')).status == 412
    assert [each.if_match for each in seen] == ['"3"', '"4"']


async def test_the_fields_are_attributes() -> None:
    app = App()

    @app.get("/")
    async def fields(cond: Conditional) -> list[str | None]:
        cond.check()
        return [
            cond.method, cond.if_match, cond.if_none_match, cond.if_modified_since, cond.if_unmodified_since,
            cond.if_range,
        ]  # fmt: skip

    headers = {"if_match": "*", "if_modified_since": "b", "if_unmodified_since": "c", "if_range": "d"}
    assert (await sent(app, "GET /", **headers)).json == ["GET", "*", None, "b", "c", "d"]


async def test_preconditions_without_a_check_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    app = App()

    @app.put("/")
    async def replace(cond: Conditional) -> None: ...

    with caplog.at_level(logging.WARNING, "signette.conditional"):
        assert (await sent(app, "PUT /")).status == 204
        assert caplog.messages == []
        assert (await sent(app, "PUT /", if_match='"3"')).status == 204
    assert caplog.messages == ["preconditions of a PUT were ignored: `Conditional.check` was not called"]


async def test_wrong_arguments_are_errors() -> None:
    cond = Conditional({"type": "http", "method": "PUT", "headers": []})
    with pytest.raises(ValueError, match="exists=False"):
        cond.check(etag=1, exists=False)
    with pytest.raises(ValueError, match="time zone"):
        cond.check(last_modified=datetime(2026, 1, 1))  # noqa: DTZ001 - what the test is about


def test_exceptions_have_headers_and_can_be_pickled() -> None:
    error = pickle.loads(pickle.dumps(NotModified({"etag": '"a"'})))
    assert (error.status_code, error.headers) == (304, {"etag": '"a"'})
    assert pickle.loads(pickle.dumps(PreconditionFailed())).status == 412


async def test_plain_endpoints_make_it_from_the_scope() -> None:
    async def read(request: PlainRequest) -> PlainTextResponse:
        Conditional(request.scope).check(etag="a")
        return PlainTextResponse("text")

    app = App(routes=[Route("/", read)])
    assert (await fetch(app, "GET /", headers={"if-none-match": '"a"'})).status == 304
    assert (await fetch(app, "GET /", headers={"if-match": '"b"'})).status == 412


async def test_another_error_format_has_the_statuses_too() -> None:
    app = Store().app(errors=FastAPIErrors())
    assert (await sent(app, "PUT /user", ADA)).status == 428
    assert (await sent(app, "PUT /user", ADA, if_match='"1"')).status == 412
    assert (await sent(app, "GET /user", if_none_match='"3"')).status == 304


def test_a_test_client_sees_the_same() -> None:
    with TestClient(Store().app()) as client:
        assert client.get("/user", headers={"If-None-Match": '"3"'}).status_code == 304
        assert client.put("/user", json={"name": "B"}).status_code == 428


@pytest.mark.parametrize("dialect", VALIDATORS)
def test_the_document_has_only_what_can_occur(dialect: Any) -> None:
    document = Store().app(openapi_version=dialect.version).openapi()
    VALIDATORS[dialect](document).validate()
    operations = document["paths"]["/user"]

    def names(method: str) -> list[str]:
        return [each["name"] for each in operations[method]["parameters"] if each["in"] == "header"]

    changes = ["If-Match", "If-None-Match", "If-Unmodified-Since"]
    assert names("get") == ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"]
    assert names("put") == names("patch") == names("delete") == changes
    assert list(operations["get"]["responses"]) == ["200", "304", "400", "412"]
    assert list(operations["put"]["responses"]) == ["200", "400", "412", "413", "415", "422", "428"]
    assert list(operations["delete"]["responses"]) == ["204", "400", "412"]
    for status in ("200", "304"):
        assert list(operations["get"]["responses"][status]["headers"]) == ["ETag", "Last-Modified"]
    assert "headers" not in operations["put"]["responses"]["200"]


def test_explain_shows_where_preconditions_are_required() -> None:
    texts = [route.explain() for route in Store().app().routes if hasattr(route, "explain")]
    assert any("preconditions: Conditional" in text and "304 empty" in text for text in texts)
    assert any("required preconditions: Conditional" in text and "428 problem" in text for text in texts)


async def _endpoint(user: User, cond: RequiredConditional) -> User:
    assert isinstance(cond, Conditional)
    return user


def test_the_json_of_a_plan_has_the_source() -> None:
    plan = plan_endpoint(Endpoint(_endpoint, "/", ("PUT",)))
    assert any(step.get("source") == "required preconditions" for step in describe_plan(plan)["steps"])


FIELDS = st.dictionaries(
    st.sampled_from(["if-match", "if-none-match", "if-unmodified-since", "if-modified-since"]),
    st.sampled_from(['"a"', "*", "x", DATE]),
)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@settings(max_examples=examples(20))
@given(fields=FIELDS)
def test_binder_and_interpreter_agree_on_what_is_required(backend: str, fields: dict[str, str]) -> None:
    plan = plan_endpoint(Endpoint(_endpoint, "/", ("PUT",)))

    async def compare() -> None:
        found = []
        for run in (by_binder, by_oracle):
            headers = [(name.encode(), value.encode()) for name, value in {**JSON, **fields}.items()]
            request = Sent(query=b"", headers=headers, body=ADA, values=[])
            try:
                found.append(await run(plan, request, []))
            except PreconditionRequired:
                found.append(428)
        assert found[0] == found[1]

    anyio.run(compare, backend=backend)


async def test_the_whole_request_and_the_preconditions_may_be_taken_together() -> None:
    app = App()

    @app.put("/")
    async def replace(request: Request, cond: RequiredConditional) -> str:
        cond.check(etag="a")
        return request.method

    assert (await sent(app, "PUT /", if_match='"a"')).body == b"PUT"


async def test_each_format_has_its_own_tag_and_a_change_may_name_any_of_them() -> None:
    app = App(renders=[formats.JSON, formats.CSV])

    @app.get("/user")
    async def read(cond: Conditional) -> list[User]:
        cond.check(etag=3)
        return [User(name="Ada")]

    @app.get("/tagged")
    async def tagged() -> Tagged[list[User]]:
        return Tagged([User(name="Ada")], etag=3)

    @app.put("/user")
    async def replace(cond: RequiredConditional) -> User:
        cond.check(etag=3)
        return User(name="Eve")

    for path in ("/user", "/tagged"):
        tags = {accept: (await sent(app, f"GET {path}", accept=accept))["etag"] for accept in ("*/*", "text/csv")}
        assert tags == {"*/*": '"3"', "text/csv": '"3;csv"'}
        assert (await sent(app, f"GET {path}", accept="text/csv", if_none_match='"3"')).status == 200
        assert (await sent(app, f"GET {path}", accept="text/csv", if_none_match='"3;csv"')).status == 304
    for tag, status in (('"3"', 200), ('"3;csv"', 200), ('"2;csv", "3;csv"', 200), ('"2;csv"', 412), ('"3;csv', 400)):
        assert (await sent(app, "PUT /user", if_match=tag)).status == status, tag


async def test_a_tag_that_compression_has_made_weak_may_be_sent_for_a_change() -> None:
    app = App(middleware=[Middleware(CompressionMiddleware, minimum_size=0)])

    @app.get("/user")
    async def read(weak: bool = False) -> Tagged[User]:
        return Tagged(User(name="Ada"), etag=3, weak=weak)

    @app.put("/user")
    async def replace(cond: RequiredConditional, weak: bool = False) -> None:
        cond.check(etag=3, weak=weak)

    tag = (await sent(app, "GET /user", accept_encoding="gzip"))["etag"]
    assert tag == 'W/"3"'
    assert (await sent(app, "PUT /user", if_match=f'"2", {tag}')).status == 204
    assert (await sent(app, "PUT /user", if_match='W/"2"')).status == 412
    assert (await sent(app, "PUT /user?weak=1", if_match=tag)).status == 412
    assert (await sent(app, "PUT /user", if_match="3")).status == 400
    assert (await sent(app, "PUT /user", if_match="*")).status == 204


def test_a_route_of_several_methods_documents_what_each_of_them_has() -> None:
    app = App()

    async def both(cond: Conditional) -> Tagged[User]:
        cond.check(etag=1)
        return Tagged(User(name="Ada"), etag=1)

    async def tagged() -> Tagged[User]:
        return Tagged(User(name="Ada"), etag=1)

    app.add_api_route("/both", both, ["GET", "PUT"])
    app.add_api_route("/tagged", tagged, ["GET", "PUT"])
    paths = app.openapi()["paths"]
    found = {(path, method): list(each["responses"]) for path in paths for method, each in paths[path].items()}
    assert found == {
        ("/both", "get"): ["200", "304", "400", "412"],
        ("/both", "put"): ["200", "400", "412"],
        ("/tagged", "get"): ["200", "304", "400", "412"],
        ("/tagged", "put"): ["200", "400"],
    }
    assert "If-Modified-Since" not in {each["name"] for each in paths["/both"]["put"]["parameters"]}
    assert "parameters" not in paths["/tagged"]["put"]


async def test_a_change_that_is_repeated_with_a_key_is_replayed_before_preconditions_are_compared() -> None:
    """RFC 9110 section 13.1.1: it has succeeded already."""
    app, versions = App(), [3]

    @app.put("/", policies=[Idempotent()])
    async def replace(cond: RequiredConditional) -> int:
        cond.check(etag=versions[-1])
        versions.append(versions[-1] + 1)
        return versions[-1]

    responses = [await sent(app, "PUT /", if_match='"3"', idempotency_key='"a"') for _ in range(2)]
    assert [each.body for each in responses] == [b"4", b"4"]
    assert (await sent(app, "PUT /", if_match='"3"')).status == 412


async def test_a_412_is_not_replayed_so_that_the_client_can_correct_the_version() -> None:
    app = App()

    @app.put("/", policies=[Idempotent()])
    async def replace(cond: RequiredConditional) -> int:
        cond.check(etag=3)
        return 4

    statuses = [(await sent(app, "PUT /", if_match=tag, idempotency_key='"a"')).status for tag in ('"2"', '"3"')]
    assert statuses == [412, 200]


async def test_it_works_in_a_route_class_a_mount_and_a_cloudpickle_copy() -> None:
    class Marked(TypedRoute):
        def get_route_handler(self) -> Any:
            handle = super().get_route_handler()

            async def marked(request: Request) -> Response:
                response = await handle(request)
                response.headers["X-Marked"] = "yes"
                return response

            return marked

    inner, app = App(route_class=Marked), App()

    @inner.get("/user")
    def read(cond: Conditional) -> User:
        cond.check(etag=3)
        return User(name="Ada")

    app.mount("/v1", inner)
    for each in (app, cloudpickle.loads(cloudpickle.dumps(app))):
        response = await sent(each, "GET /v1/user")
        assert (response["etag"], response["x-marked"]) == ('"3"', "yes")
        assert (await sent(each, "GET /v1/user", if_none_match='"3"')).status == 304


async def test_a_key_with_other_preconditions_is_another_request() -> None:
    app, runs = App(), []

    @app.put("/", policies=[Idempotent()])
    async def write(cond: Conditional) -> int:
        cond.check(etag="1")
        runs.append(1)
        return len(runs)

    key = {"idempotency-key": "k"}
    assert (await call(app, "/", "PUT", headers={**key, "if-match": '"1"'})).status == 200
    repeated = await call(app, "/", "PUT", headers={**key, "if-match": '"1"'})
    assert (repeated.status, repeated["idempotent-replayed"]) == (200, "true")
    for other in ({"if-match": '"2"'}, {}, {"if-none-match": '"1"'}):
        assert (await call(app, "/", "PUT", headers={**key, **other})).status == 422
    assert runs == [1]
