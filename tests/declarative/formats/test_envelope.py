"""`envelope=`: a generic model around each result in JSON."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import cloudpickle
import ormsgpack
import pytest
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, RootModel, field_serializer, model_validator

from signette import (
    App,
    Created,
    HTMLResponse,
    HTTPConnection,
    JSONResponse,
    NoContent,
    Problem,
    Response,
    Router,
    explain,
)
from signette.declarative.errors.base import SignatureError
from signette.exceptions import ResponseValidationError
from signette.formats import CSV, JSON, JSONLines, MessagePack
from tests.asgi import Exchange, call, fetch

pytestmark = pytest.mark.either_loop
T = TypeVar("T")
U = TypeVar("U")


class Envelope(BaseModel, Generic[T]):
    data: T
    version: int = 1


class User(BaseModel):
    id: int
    name: str = "a"


class Full(User):
    password: str = "secret"


class Gone(Problem, status=410):
    """It was here once."""


async def get(app: Any, accept: str = "*/*", path: str = "/") -> Exchange:
    return await fetch(app, f"GET {path}", headers={"accept": accept})


def app_with(endpoint: Any, envelope: Any = Envelope, **options: Any) -> App:
    app = App(openapi_url=None)
    app.get("/", envelope=envelope, **options)(endpoint)
    return app


async def one() -> User:
    return Full(id=1)


async def many() -> list[User]:
    return [User(id=1), {"id": 2, "more": 3}]  # type: ignore[list-item]


async def created() -> Created[User] | NoContent | Gone:
    return Created(User(id=1), headers={"x-own": "b"})


async def no_content() -> Created[User] | NoContent | Gone:
    return NoContent()


async def gone() -> User | Gone:
    return Gone()


async def nothing() -> User | None:
    return None


async def response() -> User:
    return JSONResponse({"own": 1})  # type: ignore[return-value]


async def unannotated():  # type: ignore[no-untyped-def]
    return {"user": Full(id=1)}


@pytest.mark.parametrize(
    ("endpoint", "status", "body"),
    [
        (one, 200, b'{"data":{"id":1,"name":"a"},"version":1}'),
        (many, 200, b'{"data":[{"id":1,"name":"a"},{"id":2,"name":"a"}],"version":1}'),
        (created, 201, b'{"data":{"id":1,"name":"a"},"version":1}'),
        (no_content, 204, b""),
        (nothing, 200, b'{"data":null,"version":1}'),
        (response, 200, b'{"own":1}'),
        (unannotated, 200, b'{"data":{"user":{"id":1,"name":"a","password":"secret"}},"version":1}'),
    ],
)
async def test_a_result_is_in_the_envelope(endpoint: Any, status: int, body: bytes) -> None:
    found = await get(app_with(endpoint))
    assert (found.status, found.body) == (status, body)
    assert found["vary"] is None


async def test_a_problem_is_in_none() -> None:
    found = await get(app_with(gone))
    assert (found.status, found["content-type"]) == (410, "application/problem+json")
    assert "data" not in found.json


async def test_the_header_fields_of_an_outcome_are_sent() -> None:
    assert (await get(app_with(created)))["x-own"] == "b"


async def test_formats_that_are_not_json_have_no_envelope() -> None:
    app = app_with(many, renders=[JSON, JSONLines, CSV, MessagePack])
    assert (await get(app, "application/json")).json["version"] == 1
    assert ormsgpack.unpackb((await get(app, "application/msgpack")).body)["version"] == 1
    assert (await get(app, "text/csv")).body == b"id,name\r\n1,a\r\n2,a\r\n"
    assert (await get(app, "application/jsonl")).body == b'{"id":1,"name":"a"}\n{"id":2,"name":"a"}\n'


class Meta(BaseModel):
    path: str


class Traced(BaseModel, Generic[T]):
    model_config = ConfigDict(populate_by_name=True)
    meta: Meta = Field(alias="_meta")
    items: T = Field(validation_alias=AliasChoices("result", "items"), serialization_alias="result")
    note: str | None = None

    @classmethod
    def envelope_fields(cls, request: HTTPConnection) -> dict[str, Any]:
        return {"meta": {"path": request.url.path}}


async def test_fields_from_the_request() -> None:
    found = await get(app_with(one, Traced))
    assert found.body == b'{"_meta":{"path":"/"},"result":{"id":1,"name":"a"},"note":null}'
    head = await fetch(app_with(one, Traced), "HEAD /")
    assert (head.body, head["content-length"]) == (b"", str(len(found.body)))


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ({"response_model_exclude": {"name"}}, b'{"data":{"id":1},"version":1}'),
        ({"response_model_include": {"name"}}, b'{"data":{"name":"a"},"version":1}'),
        ({"response_model_exclude_unset": True}, b'{"data":{"id":1}}'),
        ({"response_model": Full}, b'{"data":{"id":1,"name":"a","password":"secret"},"version":1}'),
        ({"status_code": 202}, b'{"data":{"id":1,"name":"a"},"version":1}'),
        ({"validate_responses": "strict"}, b'{"data":{"id":1,"name":"a"},"version":1}'),
    ],
)
async def test_options_of_the_response(options: dict[str, Any], body: bytes) -> None:
    found = await get(app_with(one, **options))
    assert (found.status, found.body) == (options.get("status_code", 200), body)


async def test_options_of_a_list_are_those_of_its_items() -> None:
    found = await get(app_with(many, response_model_exclude={"id"}))
    assert found.body == b'{"data":[{"name":"a"},{"name":"a"}],"version":1}'


async def test_an_invalid_result_is_a_500() -> None:
    async def wrong() -> User:
        return {"id": "x"}  # type: ignore[return-value]

    async def changed() -> User:
        return User.model_construct(id="x")

    found = await call(app_with(wrong))
    assert found.status == 500
    assert isinstance(found.error, ResponseValidationError)
    assert (await call(app_with(changed, validate_responses="strict"))).status == 500
    assert (await call(app_with(changed, validate_responses="warn"))).status == 200


async def test_the_result_is_validated_and_serialized_once() -> None:
    counted: list[str] = []

    class Counted(BaseModel):
        id: int

        @model_validator(mode="after")
        def validate_it(self) -> "Counted":
            counted.append("validated")
            return self

        @field_serializer("id")
        def serialize_it(self, value: int) -> int:
            counted.append("serialized")
            return value

    async def endpoint() -> Counted:
        return {"id": 1}  # type: ignore[return-value]

    assert (await get(app_with(endpoint))).json == {"data": {"id": 1}, "version": 1}
    assert counted == ["validated", "serialized"]


async def test_an_annotated_result() -> None:
    async def endpoint() -> Annotated[int, Field(ge=0)]:
        return 1

    assert (await get(app_with(endpoint))).body == b'{"data":1,"version":1}'


async def test_the_innermost_envelope_counts_and_none_removes_it() -> None:
    app = App(openapi_url=None, envelope=Envelope)
    traced, plain = Router(envelope=Traced), Router(envelope=None)
    app.get("/app")(one)
    app.get("/none", envelope=None)(one)
    traced.get("/traced")(one)
    plain.get("/plain")(one)
    app.include_router(traced)
    app.include_router(plain)
    bare = Router()
    bare.get("/bare")(one)
    app.include_router(bare, envelope=None)
    expected = {
        "/app": ["data", "version"], "/none": ["id", "name"], "/traced": ["_meta", "result", "note"],
        "/plain": ["id", "name"], "/bare": ["id", "name"],
    }  # fmt: skip
    assert {path: list((await get(app, path=path)).json) for path in expected} == expected


@pytest.mark.parametrize("name", ["vers", "data"])
async def test_envelope_fields_may_not_return_other_fields(name: str) -> None:
    class Wrong(Envelope[T], Generic[T]):
        @classmethod
        def envelope_fields(cls, request: HTTPConnection) -> dict[str, Any]:
            return {name: request.url.path}

    found = await call(app_with(one, Wrong))
    assert found.status == 500
    assert str(found.error) == f"`Wrong.envelope_fields` returned `{name}`; it may return `version`"


class Own(JSONResponse):
    media_type = "application/hal+json"


class Pretty(JSONResponse):
    def render(self, content: Any) -> bytes:
        return json.dumps(content, indent=1).encode()


@pytest.mark.parametrize("option", ["response_class", "default_response_class"])
@pytest.mark.parametrize("endpoint", [one, created, unannotated])
async def test_a_response_class_for_json_has_the_envelope(option: str, endpoint: Any) -> None:
    for cls in (Own, Pretty):
        app = App(openapi_url=None, envelope=Envelope, **({option: cls} if option.startswith("default") else {}))
        app.get("/", **({} if option.startswith("default") else {option: cls}))(endpoint)
        found = await get(app)
        assert found["content-type"] == cls.media_type
        assert list(found.json) == ["data", "version"]
        assert (b"\n" in found.body) == (cls is Pretty)


async def test_a_response_class_that_does_not_send_json_has_none() -> None:
    app = App(openapi_url=None, envelope=Envelope)
    app.get("/", response_class=HTMLResponse)(text)
    assert (await get(app)).body == b"a"
    with pytest.raises(SignatureError, match="`response_class=` does not send JSON"):
        app_with(text, response_class=HTMLResponse)


async def rows() -> AsyncIterator[User]:
    yield User(id=1)


async def text() -> str:
    return "a"


async def file() -> Path:
    return Path(__file__)


async def empty() -> None: ...


async def sent() -> Response:
    return Response("a")


NOT_WRAPPED = [
    (rows, {}, "the endpoint sends items one by one"),
    (text, {}, "the endpoint returns text, which is sent as it is"),
    (file, {}, "the endpoint returns a file"),
    (empty, {}, "the endpoint returns no content"),
    (sent, {}, "the endpoint returns a `Response`"),
    (many, {"renders": [CSV]}, "no format of `renders=` is JSON"),
]


@pytest.mark.parametrize(("endpoint", "options", "reason"), NOT_WRAPPED)
async def test_other_results_are_sent_as_without_it(endpoint: Any, options: dict[str, Any], reason: str) -> None:
    app, plain = App(openapi_url=None, envelope=Envelope), App(openapi_url=None)
    app.get("/", **options)(endpoint)
    plain.get("/", **options)(endpoint)
    assert (await get(app)).body == (await get(plain)).body
    assert explain(app, "GET /").endswith(f"note     `envelope=` of the application   not applied: {reason}")
    with pytest.raises(SignatureError, match=reason):
        app_with(endpoint, **options)


class Two(BaseModel, Generic[T, U]):
    data: T
    other: U


class Twice(BaseModel, Generic[T]):
    data: T
    other: T


class Listed(BaseModel, Generic[T]):
    data: list[T]


class Slow(BaseModel, Generic[T]):
    data: T
    n: int

    @classmethod
    async def envelope_fields(cls, request: HTTPConnection) -> dict[str, Any]:
        return {"n": 1}


class Bound(BaseModel, Generic[T]):
    data: T
    n: int

    def envelope_fields(self, request: HTTPConnection) -> dict[str, Any]:
        return {"n": 1}


class Root(RootModel[T], Generic[T]):
    pass


@pytest.mark.parametrize(
    ("envelope", "problem"),
    [
        (User, "`User` has 0 type parameters, and needs one"),
        (Two, "`Two` has 2 type parameters, and needs one"),
        (Twice, "`Twice` has the fields `data`, `other` of the type `T`, and needs one"),
        (Listed, "`Listed` has no field of the type `T`, and needs one"),
        (Envelope[User], r"`Envelope\[User\]` has its type already"),
        (Root, "`Root` is a root model"),
        (Slow, "`Slow.envelope_fields` must be a classmethod that is not `async`"),
        (Bound, "`Bound.envelope_fields` must be a classmethod"),
        (dict, "`dict` is not a pydantic model"),
        ("data", "`str` is not a pydantic model"),
    ],
)
def test_what_is_no_envelope_is_rejected_everywhere(envelope: Any, problem: str) -> None:
    with pytest.raises(SignatureError, match=problem):
        app_with(one, envelope)
    with pytest.raises(SignatureError, match=problem):
        App(envelope=envelope)
    with pytest.raises(SignatureError, match=problem):
        App().include_router(Router(), envelope=envelope)


async def test_a_pickled_application_keeps_it() -> None:
    app = cloudpickle.loads(cloudpickle.dumps(app_with(one, Traced)))
    assert list((await get(app)).json) == ["_meta", "result", "note"]
