"""Errors as clients read them: each fault with its status, handlers of the user's own, another format."""

import dataclasses
import json
import pickle
from datetime import date, timedelta
from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import cloudpickle
import pytest
from pydantic import BaseModel, ByteSize, Field, ImportString, TypeAdapter, ValidationError

from signette.app import App
from signette.declarative.adapters.error_entries import value_errors
from signette.declarative.adapters.validators import check_python
from signette.declarative.signature.markers import Body, Form, Query
from signette.exceptions import HTTPException, RequestValidationError, ResponseValidationError
from signette.limits import Limits
from signette.middleware.registry import Middleware
from signette.requests import Request
from signette.responses.file import FileResponse
from signette.responses.plain import JSONResponse, PlainTextResponse, Response
from signette.staticfiles import StaticFiles
from tests.asgi import JSON, URLENCODED, call, fetch
from tests.declarative.building import app_of
from tests.declarative.faults import FAULTS, Envelope, Gone, Item, app_with_faults


@pytest.mark.parametrize(("request_line", "body", "headers", "status"), FAULTS)
async def test_each_fault_has_its_status_and_a_problem(
    request_line: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    response = await fetch(app_with_faults(), request_line, body, headers)
    assert (response.status, response["content-type"]) == (status, "application/problem+json")
    problem = response.json
    assert problem["status"] == status
    assert isinstance(problem["title"], str)
    assert isinstance(problem["detail"], str)
    assert ("errors" in problem) == (status == 422)


async def test_a_response_to_an_unsupported_media_type_names_the_right_one() -> None:
    response = await fetch(app_with_faults(), "POST /items", b"a", {"content-type": "text/plain"})
    assert (response["accept-post"], response.receives) == ("application/json", 0)


async def test_several_acceptable_media_types_are_named_one_by_one() -> None:
    async def log_in(name: Annotated[str, Form()]) -> None: ...

    response = await fetch(app_of(log_in, method="POST"), "POST /", b"{}", JSON)
    assert response["accept-post"] == "application/x-www-form-urlencoded, multipart/form-data"
    assert response.json["detail"].endswith("expected `application/x-www-form-urlencoded` or `multipart/form-data`")


async def test_a_validation_problem_has_the_designed_format() -> None:
    app = App()

    class Address(BaseModel):
        zip: Annotated[str, Body(max_length=3)]

    class Person(BaseModel):
        address: Address

    @app.post("/")
    async def endpoint(person: Person, limit: Annotated[int, Query(le=100)]) -> None: ...

    response = await fetch(app, "POST /?limit=101", b'{"address": {"zip": 12}}', JSON)
    assert response.json == {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "request validation failed: 2 errors",
        "errors": [
            {
                "in": "query",
                "name": "limit",
                "code": "less_than_equal",
                "message": "Input should be less than or equal to 100",
            },
            {
                "in": "body",
                "pointer": "/address/zip",
                "code": "string_type",
                "message": "Input should be a valid string",
            },
        ],
    }


async def test_the_detail_of_an_exception_is_a_text_or_members() -> None:
    app = App()

    @app.get("/{how}")
    async def endpoint(how: str) -> None:
        details: dict[str, Any] = {"text": "no tea", "members": {"left": 2, "detail": "few"}, "nothing": None}
        raise HTTPException(418, details[how], {"x-why": how})

    assert (await fetch(app, "GET /text")).json["detail"] == "no tea"
    members = await fetch(app, "GET /members")
    assert (members.json["left"], members.json["detail"], members["x-why"]) == (2, "few", "members")
    assert (await fetch(app, "GET /nothing")).json["title"] == "I'm a Teapot"


class Shortage(BaseModel):
    left: int = 2
    until: date = Field(date(2026, 1, 2), serialization_alias="lasts-until")


@dataclasses.dataclass
class Closed:
    reason: str = "night"
    status: str = "closed"


async def test_a_model_as_detail_becomes_members() -> None:
    app = App()

    @app.get("/{how}")
    async def endpoint(how: str) -> None:
        raise HTTPException(409, {"model": Shortage(), "dataclass": Closed(), "list": [1], "class": Closed}[how])

    response = await fetch(app, "GET /model")
    assert (response.json["left"], response.json["lasts-until"], response.json["status"]) == (2, "2026-01-02", 409)
    response = await fetch(app, "GET /dataclass")
    assert (response.json["reason"], response.json["status"], response.json["title"]) == ("night", 409, "Conflict")
    assert (await fetch(app, "GET /list")).json["detail"] == "[1]"
    assert (await fetch(app, "GET /class")).json["status"] == 409


def app_that_validates_by_hand() -> App:
    app = App()

    @app.post("/")
    async def endpoint(rows: dict[str, Any]) -> None:
        try:
            TypeAdapter(dict[str, int]).validate_python(rows)
        except ValidationError as exc:
            raise RequestValidationError(exc.errors(), body=rows) from exc

    return app


async def test_a_validation_error_that_an_endpoint_raises_is_a_422_of_the_usual_shape() -> None:
    response = await fetch(app_that_validates_by_hand(), "POST /", b'{"a": 1, "b": "SECRET"}', JSON)
    assert (response.status, response.errors) == (422, [("body", "/b", "int_parsing")])
    assert set(response.json["errors"][0]) == {"in", "pointer", "code", "message"}
    assert b"SECRET" not in response.body


async def test_a_handler_has_the_body_that_the_endpoint_gave_to_its_validation_error() -> None:
    app = app_that_validates_by_hand()
    seen: list[Any] = []

    @app.exception_handler(RequestValidationError)
    async def log(request: Request, exc: Any) -> Response:
        seen.append((exc.body, exc.errors()[0]["code"]))
        return PlainTextResponse("logged", 422)

    assert (await fetch(app, "POST /", b'{"b": "x"}', JSON)).body == b"logged"
    assert seen == [({"b": "x"}, "int_parsing")]


async def test_a_handler_may_log_what_is_wrong_with_a_result() -> None:
    app = App()
    seen: list[Any] = []

    @app.get("/rows")
    async def rows() -> list[Shortage]:
        return [{"left": 1}, {"left": "SECRET"}, {"left": None}]  # type: ignore[list-item]

    @app.get("/text")
    async def text() -> str:
        return 1  # type: ignore[return-value]

    @app.exception_handler(ResponseValidationError)
    async def log(request: Request, exc: Any) -> Response:
        seen.append((exc.body, [(each["pointer"], each["code"]) for each in exc.errors()]))
        assert "SECRET" not in str(exc.errors())
        return PlainTextResponse("logged", 500)

    assert (await fetch(app, "GET /rows")).body == b"logged"
    assert (await fetch(app, "GET /text")).body == b"logged"
    assert seen == [
        ([{"left": 1}, {"left": "SECRET"}, {"left": None}], [("/1/left", "int_parsing"), ("/2/left", "int_type")]),
        (1, [("", "value_error")]),
    ]


async def test_a_handler_may_be_given_for_a_class_or_a_status() -> None:
    app = app_with_faults()

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, exc: Any) -> Response:
        return PlainTextResponse(f"{len(exc.errors())} wrong in {request.url.path}", 400)

    @app.exception_handler(404)
    async def missing(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("nowhere", 404)

    @app.exception_handler(Gone)
    def gone(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("gone", 410)

    assert (await fetch(app, "GET /items/x")).body == b"1 wrong in /items/x"
    assert (await fetch(app, "GET /nowhere")).body == b"nowhere"
    assert (await fetch(app, "GET /gone")).body == b"gone"


async def test_handlers_may_be_given_to_the_application() -> None:
    async def invalid(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("no", 400)

    app = app_with_faults(exception_handlers={RequestValidationError: invalid})
    assert (await fetch(app, "GET /items/x")).body == b"no"


async def test_an_error_of_the_application_is_a_problem_without_details() -> None:
    app = App()

    @app.get("/")
    async def endpoint() -> None:
        raise KeyError("secret")

    response = await call(app)
    assert (response.status, type(response.error), response.receives) == (500, KeyError, 0)
    assert b"secret" not in response.body
    assert response["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("request_line", "body", "headers", "status"), FAULTS)
async def test_another_format_describes_each_error(
    request_line: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    response = await fetch(app_with_faults(errors=Envelope()), request_line, body, headers)
    assert (response.status, response["content-type"]) == (status, "application/vnd.errors+json")
    assert response.json["error"]["status"] == status


async def test_another_format_keeps_headers_and_may_be_pickled() -> None:
    app = cloudpickle.loads(cloudpickle.dumps(app_with_faults(errors=Envelope())))
    response = await fetch(app, "GET /gone")
    assert (response["x-gone"], response.json["error"]["status"]) == ("yes", 410)


@pytest.mark.parametrize("app", [App(max_body_size=100), App(limits=Limits(body_bytes=100))], ids=["size", "limits"])
async def test_the_limit_of_all_bodies_limits_json_and_forms_too(app: App) -> None:
    @app.post("/json")
    async def json(item: Item) -> None: ...

    @app.post("/form")
    async def form(name: Annotated[str, Form()]) -> None: ...

    long = b"n" * 150
    assert (await fetch(app, "POST /json", b'{"name": "' + long + b'"}', JSON)).status == 413
    assert (await fetch(app, "POST /form", b"name=" + long, URLENCODED)).status == 413
    multipart = {"content-type": "multipart/form-data; boundary=cut"}
    assert (await fetch(app, "POST /form", b"--cut" + long, multipart)).status == 413
    assert (await fetch(app, "POST /form", b"name=n", URLENCODED)).status == 204


def nothing(app: Any) -> Any:
    """Middleware that does nothing."""
    return app


@pytest.mark.parametrize("middleware", [[], [Middleware(nothing)]], ids=["direct", "in layers"])
async def test_a_routes_own_body_limit_applies(middleware: list[Middleware]) -> None:
    app = App(max_body_size=100, middleware=middleware)

    @app.post("/more/raw", max_body_size=200)
    @app.post("/raw")
    @app.post("/less/raw", max_body_size=50)
    async def raw(body: Annotated[bytes, Body()]) -> int:
        return len(body)

    @app.post("/more/stream", max_body_size=200)
    @app.post("/stream")
    @app.post("/less/stream", max_body_size=50)
    async def stream(request: Request) -> int:
        return sum([len(chunk) async for chunk in request.stream()])

    for way in ("raw", "stream"):
        for place, least, most in (("/less", 40, 60), ("", 60, 150), ("/more", 150, 250)):
            assert (await fetch(app, f"POST {place}/{way}", b"b" * least)).json == least
            assert (await fetch(app, f"POST {place}/{way}", b"b" * most)).status == 413


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    name: str


@pytest.mark.parametrize(
    ("annotation", "body", "pointers"),
    [
        (Annotated[Cat | Dog, Field(discriminator="kind")], {"kind": "cat", "lives": "x"}, ["/lives"]),
        (Annotated[Cat | Dog, Field(discriminator="kind")], {"kind": "cat"}, ["/lives"]),
        (list[Cat | Dog], [{"lives": "x", "name": 1}], ["/0/lives", "/0/name"]),
        (dict[str, int | date], {"a/b": "x"}, ["/a~1b", "/a~1b"]),
        (dict[int, str], {"k": "v"}, ["/k"]),
    ],
)
async def test_a_pointer_leads_into_what_was_sent_and_names_no_class_of_ours(
    annotation: Any, body: Any, pointers: list[str]
) -> None:
    async def endpoint(it: Annotated[annotation, Body()]) -> None: ...

    response = await fetch(app_of(endpoint, method="POST"), "POST /", json.dumps(body).encode(), JSON)
    assert (response.status, [each["pointer"] for each in response.json["errors"]]) == (422, pointers)


@pytest.mark.parametrize("annotation", [UUID, ZoneInfo, ByteSize, ImportString, IPv4Network, timedelta])
@pytest.mark.parametrize("sent", ["told-nobody", "1 told-nobody", "told-nobody:x", "http://told-nobody:99999/"])
def test_no_message_repeats_what_was_sent(annotation: Any, sent: str) -> None:
    with pytest.raises(ValidationError) as rejected:
        check_python(annotation)(sent)
    assert "told-nobody" not in str(value_errors(rejected.value, "query", "a", sent))


@pytest.mark.parametrize(("sent", "body"), [(b'{"name": 1}', {"name": 1}), (b"", None), (b"[1]", [1])])
async def test_a_handler_of_validation_errors_gets_the_body(sent: bytes, body: Any) -> None:
    async def endpoint(item: Item, limit: int = 1) -> None: ...

    async def tell(_: Request, exc: RequestValidationError) -> Response:
        again: RequestValidationError = pickle.loads(pickle.dumps(exc))
        return JSONResponse({"body": again.body, "count": len(exc.errors())}, 400)

    app = app_of(endpoint, method="POST")
    app.add_exception_handler(RequestValidationError, tell)
    response = await fetch(app, "POST /?limit=x", sent, JSON)
    assert (response.status, response.json["body"]) == (400, body)


async def test_without_a_body_a_handler_of_validation_errors_gets_none() -> None:
    assert RequestValidationError([]).body is None


async def test_a_query_that_fits_no_member_of_a_union_has_no_pointer() -> None:
    async def endpoint(a: int | bool) -> None: ...

    response = await fetch(app_of(endpoint), "GET /?a=x")
    assert [(each["name"], "pointer" in each) for each in response.json["errors"]] == [("a", False), ("a", False)]


class ByField(BaseModel):
    model_config = {"loc_by_alias": False}
    number: int = Field(1, alias="num")
    inner: "list[ByField]" = Field([], alias="parts")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [(b'{"num": "x"}', "/num"), (b'{"parts": [{}, {"num": "x"}]}', "/parts/1/num"), (b'{"parts": {}}', "/parts")],
)
async def test_a_pointer_has_the_names_that_were_sent(body: bytes, pointer: str) -> None:
    async def endpoint(model: ByField) -> None: ...

    response = await fetch(app_of(endpoint, method="POST"), "POST /", body, JSON)
    assert [entry["pointer"] for entry in response.json["errors"]] == [pointer]


@pytest.fixture
def files(tmp_path: Path) -> App:
    """An application that sends a file in three ways."""
    file = tmp_path / "file.txt"
    file.write_text("hello")
    app = App()

    @app.get("/path")
    async def as_path() -> Path:
        return file

    @app.get("/response")
    async def as_response() -> FileResponse:
        return FileResponse(file)

    app.mount("/static", StaticFiles(directory=tmp_path))
    return app


@pytest.mark.parametrize(("ranges", "status"), [("bytes=9-", 416), ("bytes=a-b", 400)])
@pytest.mark.parametrize("path", ["/path", "/response", "/static/file.txt"])
async def test_the_errors_of_ranges_have_the_format_of_the_application(
    files: App, path: str, ranges: str, status: int
) -> None:
    response = await fetch(files, f"GET {path}", headers={"range": ranges})
    assert (response.status, response["content-type"]) == (status, "application/problem+json")
    assert response.json["status"] == status
    assert response["content-range"] == ("bytes */5" if status == 416 else None)
