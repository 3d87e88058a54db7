"""Requests are the inverse of what endpoints read: each source, style and body, and what has no form in a request."""

import json
from dataclasses import InitVar, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    Json,
    SecretStr,
    computed_field,
)

from signette import App, Body, Cookie, Form, Header, JSONPatch, Patch, Path, Query, UploadFile
from signette.client import ArgumentError, OperationSpec, operations_of
from signette.client.runtime.encoding import RequestEncoder
from signette.client.runtime.transport import Sent
from signette.client.runtime.uploads import STREAMED_BODIES
from signette.formats import JSON, FormEncoded, MessagePack

MISSING: Any = object()


class Color(Enum):
    RED = 1
    BLUE = 2


class Point(BaseModel):
    x: int
    y: int = 0


class Filters(BaseModel):
    tags: list[str] = []
    at: Point | None = None
    word: str = Field("", alias="q")
    limit: int = 20


class Kept(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int


def operation_of(endpoint: Any, path: str = "/", method: str = "POST", **options: Any) -> OperationSpec:
    app = App(openapi_url=None)
    app.add_api_route(path, endpoint, [method], **options)
    (operation,) = operations_of(app)
    return operation


def encoded(annotation: Any, value: Any, *, path: str = "/", default: Any = MISSING, method: str = "POST") -> Sent:
    """The request of an operation with one parameter."""

    async def endpoint(value: Any) -> None: ...

    endpoint.__annotations__["value"] = annotation
    if default is not MISSING:
        endpoint.__defaults__ = (default,)
    return RequestEncoder(operation_of(endpoint, path, method)).encode({"value": value})


@pytest.mark.parametrize(
    ("annotation", "value", "query"),
    [
        (int, 5, "value=5"),
        (bool, True, "value=true"),
        (float, 1e300, "value=1e%2B300"),
        (str, "a b&c=é", "value=a+b%26c%3D%C3%A9"),
        (str, "", "value="),
        (date, date(2024, 2, 29), "value=2024-02-29"),
        (datetime, datetime(2024, 1, 2, tzinfo=UTC), "value=2024-01-02T00%3A00%3A00Z"),
        (Decimal, Decimal("1.10"), "value=1.10"),
        (UUID, UUID(int=1), "value=00000000-0000-0000-0000-000000000001"),
        (Color, Color.BLUE, "value=2"),
        (Literal[1, 2], 2, "value=2"),
        (Annotated[str, Query(alias="v v")], "x", "v+v=x"),
        (Annotated[list[int], Query()], [1, 2], "value=1&value=2"),
        (Annotated[list[int], Query(style="form", explode=False)], [1, 2], "value=1%2C2"),
        (Annotated[list[str], Query(style="pipeDelimited")], ["a", "b,c"], "value=a%7Cb%2Cc"),
        (Annotated[list[int], Query(style="form", explode=False)], [], "value="),
        (Annotated[Point, Query(style="deepObject")], Point(x=1), "value%5Bx%5D=1"),
        (Annotated[dict[str, int], Query(style="deepObject")], {"a": 1}, "value%5Ba%5D=1"),
        (Annotated[Json[list[int]], Query()], [1, 2], "value=%5B1%2C2%5D"),
        (Annotated[Filters, Query()], Filters(tags=["a", "b"], at=Point(x=1, y=2), q="z"),
         "tags=a&tags=b&at%5Bx%5D=1&at%5By%5D=2&q=z"),
        (Annotated[Filters, Query()], Filters(), ""),
        (Annotated[Kept, Query()], Kept(a=1, other="x"), "a=1&other=x"),
        (Annotated[SecretStr, Query()], SecretStr("secret"), "value=secret"),
    ],
)  # fmt: skip
def test_query_parameters(annotation: Any, value: Any, query: str) -> None:
    assert encoded(annotation, value).url.partition("?")[2] == query


@pytest.mark.parametrize(
    ("template", "annotation", "value", "url"),
    [
        ("/a/{value}", str, "x y", "/a/x%20y"),
        ("/a/{value}", str, "x/y", "/a/x%2Fy"),
        ("/a/{value:path}", str, "x/y z", "/a/x/y%20z"),
        ("/a/{value}/b", str, "..", "/a/%2E%2E/b"),
        ("/a/{value:int}", int, 7, "/a/7"),
        ("/a/{value:float}", float, 1e21, "/a/1000000000000000000000"),
        ("/a/{value:float}", float, 1.5, "/a/1.5"),
        ("/a/{value:uuid}", UUID, UUID(int=2), "/a/00000000-0000-0000-0000-000000000002"),
        ("/ä b/{value}", int, 1, "/%C3%A4%20b/1"),
        ("/a/{value}", Annotated[list[int], Path(style="simple")], [1, 2], "/a/1%2C2"),
    ],
)
def test_path_parameters(template: str, annotation: Any, value: Any, url: str) -> None:
    assert encoded(annotation, value, path=template).url == url


def test_a_path_parameter_that_the_endpoint_does_not_read_is_an_argument() -> None:
    async def read() -> None: ...

    operation = operation_of(read, "/shops/{shop}/{number:int}", "GET")
    assert [(each.argument, each.type) for each in operation.arguments] == [("shop", str), ("number", int)]
    assert RequestEncoder(operation).encode({"shop": "a", "number": 1}).url == "/shops/a/1"


@pytest.mark.parametrize(
    ("annotation", "value", "headers"),
    [
        (Annotated[int, Header()], 3, [("value", "3")]),
        (Annotated[str, Header(alias="X-Token")], "é", [("x-token", "é")]),
        (Annotated[list[str], Header()], ["a", "b"], [("value", "a"), ("value", "b")]),
        (Annotated[list[int], Header(style="simple")], [1, 2], [("value", "1,2")]),
        (Annotated[str, Cookie()], "plain", [("cookie", "value=plain")]),
        (Annotated[str, Cookie()], 'a;b "c"\\', [("cookie", 'value="a\\073b \\042c\\042\\134"')]),
        (Annotated[list[int], Cookie(explode=False)], [1, 2], [("cookie", 'value="1\\0542"')]),
    ],
)
def test_headers_and_cookies(annotation: Any, value: Any, headers: list[tuple[str, str]]) -> None:
    assert encoded(annotation, value).headers == headers


def test_cookies_are_one_header_and_an_optional_one_may_be_left_out() -> None:
    async def read(
        a: Annotated[int, Cookie()], b: Annotated[str, Cookie()], c: Annotated[str | None, Cookie()] = None
    ) -> None: ...

    encoder = RequestEncoder(operation_of(read))
    assert encoder.encode({"a": 1, "b": "x"}).headers == [("cookie", "a=1; b=x")]
    assert encoder.encode({"b": "x", "a": 1, "c": None}).headers == [("cookie", "a=1; b=x")]


# -- bodies ------------------------------------------------------------------------------------------------------------


class Signup(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    password: SecretStr
    kind: Literal["person"] = "person"
    tags: list[str] = []
    nick: str | None = None
    born: date | None = Field(None, validation_alias="birthday")
    secret: str = Field("", exclude=True)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def shown(self) -> str:
        return self.name


class Nested(BaseModel):
    city: str = Field(validation_alias=AliasPath("address", "city"))
    zip: str = Field("", validation_alias=AliasChoices("zip", AliasPath("address", "zip")))


def body_of(sent: Sent) -> Any:
    assert isinstance(sent.body, bytes)
    return json.loads(sent.body)


@pytest.mark.parametrize(
    ("value", "body"),
    [
        (Signup(name="a", password=SecretStr("p")), {"name": "a", "password": "p", "kind": "person"}),
        (
            Signup(name="a", password=SecretStr("p"), nick=None, birthday=date(2000, 1, 1), secret="s"),  # type: ignore[call-arg]
            {"name": "a", "password": "p", "kind": "person", "nick": None, "birthday": "2000-01-01", "secret": "s"},
        ),
    ],
)
def test_a_model_is_sent_with_the_names_that_are_validated(value: Signup, body: Any) -> None:
    sent = encoded(Signup, value)
    assert body_of(sent) == body
    assert sent.headers == [("content-type", "application/json")]


def test_a_default_that_was_changed_in_place_is_sent() -> None:
    value = Signup(name="a", password=SecretStr("p"))
    value.tags.append("new")
    assert body_of(encoded(Signup, value))["tags"] == ["new"]


def test_a_field_with_a_path_is_sent_where_the_path_leads() -> None:
    value = Nested.model_validate({"address": {"city": "Ulm"}, "zip": "89073"})
    assert body_of(encoded(Nested, value)) == {"address": {"city": "Ulm"}, "zip": "89073"}


@dataclass
class Seeded:
    seed: InitVar[int]
    made: int = 0


def test_what_only_an_initializer_has_is_sent_from_a_dictionary() -> None:
    assert body_of(encoded(Seeded, {"seed": 1})) == {"seed": 1}
    for _ in range(2):
        with pytest.raises(ArgumentError, match="has the field `seed`, which only `__init__` has"):
            encoded(Seeded, Seeded(1))


@pytest.mark.parametrize(
    ("annotation", "default", "value", "body"),
    [
        (Point | None, MISSING, None, b"null"),
        (Point | None, None, None, None),
        (Point, MISSING, {"x": "1"}, b'{"x":1}'),
        (Annotated[list[Point], Body()], MISSING, [Point(x=1)], b'[{"x":1}]'),
        (Annotated[dict[date, int], Body()], MISSING, {date(2024, 1, 1): 2}, b'{"2024-01-01":2}'),
        (Annotated[int, Body(embed=True)], MISSING, 3, b'{"value":3}'),
        (Annotated[int | None, Body(embed=True)], None, None, b"{}"),
        (Annotated[bytes, Body()], MISSING, b"\x00raw", b"\x00raw"),
        (Annotated[Point, Body(media_types=[FormEncoded, JSON])], MISSING, Point(x=1), b'{"x":1}'),
        (Annotated[Point, Body(media_types=[FormEncoded])], MISSING, Point(x=1, y=2), b"x=1&y=2"),
        (Annotated[Point, Body(media_types=[MessagePack])], MISSING, Point(x=1), b"\x81\xa1x\x01"),
        (Annotated[str, Form()], MISSING, "a b", b"value=a+b"),
        (Annotated[list[str], Form()], MISSING, ["a", ""], b"value=a&value="),
        (Annotated[Filters, Form()], MISSING, Filters(at=Point(x=1), q="z"), b"at%5Bx%5D=1&q=z"),
    ],
)
def test_bodies(annotation: Any, default: Any, value: Any, body: bytes | None) -> None:
    assert encoded(annotation, value, default=default).body == body


def test_a_part_of_a_form_may_be_null() -> None:
    async def send(point: Annotated[Point | None, Body()], file: UploadFile, other: Point | None = None) -> None: ...

    encoder = RequestEncoder(operation_of(send), STREAMED_BODIES)
    form: Any = encoder.encode({"point": None, "other": None, "file": b"x"}).body
    body = b"".join(form.chunks())
    assert b'name="point"' in body
    assert b"\r\n\r\nnull\r\n" in body
    assert b'name="other"' not in body


def test_several_parameters_are_members_of_an_object() -> None:
    async def move(start: Point, end: Point, note: Annotated[str, Body(alias="text")] = "") -> None: ...

    operation = operation_of(move)
    assert operation.order == ("start", "end", "note")
    sent = RequestEncoder(operation).encode({"start": Point(x=1), "end": {"x": 2}, "note": "n"})
    assert body_of(sent) == {"start": {"x": 1}, "end": {"x": 2}, "text": "n"}


@pytest.mark.parametrize(
    "value",
    [{"x": 1, "y": None}, Patch(Point, {"x": 1, "y": None})],
)
def test_a_merge_patch_of_a_mapping_is_its_document(value: Any) -> None:
    sent = encoded(Patch[Point], value, method="PATCH")
    assert body_of(sent) == {"x": 1, "y": None}
    assert sent.headers == [("content-type", "application/merge-patch+json")]


def test_a_merge_patch_of_a_model_has_the_fields_that_were_set() -> None:
    assert body_of(encoded(Patch[Point], Point(x=1), method="PATCH")) == {"x": 1}


OPERATIONS = [{"op": "replace", "path": "/x", "value": 3}]


@pytest.mark.parametrize("annotation", [JSONPatch[Point], Patch[Point] | JSONPatch[Point]])
def test_a_json_patch_is_a_list_of_operations(annotation: Any) -> None:
    sent = encoded(annotation, OPERATIONS, method="PATCH")
    assert body_of(sent) == OPERATIONS
    assert sent.headers == [("content-type", "application/json-patch+json")]


def test_a_patch_of_the_other_kind_is_an_error() -> None:
    assert encoded(Patch[Point] | JSONPatch[Point], {"x": 1}, method="PATCH").headers == [
        ("content-type", "application/merge-patch+json")
    ]
    with pytest.raises(ArgumentError, match="is an object, and the operation takes application/json-patch"):
        encoded(JSONPatch[Point], {"x": 1}, method="PATCH")
    with pytest.raises(ArgumentError, match="is a list of operations, and the operation takes application/merge-patch"):
        encoded(Patch[Point], OPERATIONS, method="PATCH")


# -- what has no form in a request -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("annotation", "default", "value", "reason"),
    [
        (int, MISSING, "x", "is not valid: Input should be a valid integer"),
        (int | None, 5, None, "is `None`, which cannot be sent in the query"),
        (Annotated[list[int], Query()], MISSING, [], "is empty, which cannot be sent in the query"),
        (Annotated[list[int], Query()], [1], [], "is empty, which cannot be sent in the query"),
        (Annotated[list[str], Query(explode=False)], MISSING, ["a,b"], "items are separated by ','"),
        (Annotated[list[str], Query(explode=False)], MISSING, [" a"], "have no spaces"),
        (Annotated[str, Header()], MISSING, "a\nb", "cannot be sent in a header"),
        (Annotated[str, Header()], MISSING, "漢", "cannot be sent in a header"),
        (Annotated[str, Cookie()], MISSING, "漢", "cannot be sent in a cookie"),
        (Annotated[str, Form()], MISSING, "", "is an empty text, which cannot be sent in the form"),
        (Annotated[float, Body()], MISSING, float("nan"), "has no JSON text"),
        (Annotated[bytes, Body()], MISSING, b"", "is empty, which counts as not sent"),
        (Annotated[bytes, Body()], MISSING, 3, "is not bytes"),
        (Point, MISSING, {"y": 1}, "is not valid: x: Field required"),
    ],
)
def test_what_has_no_form_is_an_error_that_names_the_argument(
    annotation: Any, default: Any, value: Any, reason: Any
) -> None:
    with pytest.raises(ArgumentError, match="`endpoint`: argument `value`") as caught:
        encoded(annotation, value, default=default)
    assert reason in str(caught.value)
    assert (caught.value.operation, caught.value.argument) == ("endpoint", "value")


def test_a_field_with_its_default_is_left_out() -> None:
    assert encoded(Annotated[Filters, Query()], Filters(limit=5, at=None)).url == "/?limit=5"


@pytest.mark.parametrize(
    ("template", "annotation", "value", "reason"),
    [
        ("/{value}", str, "", "is an empty text"),
        ("/{value:int}", int, -1, "a number without a sign"),
        ("/{value:float}", float, float("inf"), "a number without a sign"),
        ("/{value}", str, "\ud800", "lone surrogate"),
    ],
)
def test_what_a_path_cannot_have_is_an_error(template: str, annotation: Any, value: Any, reason: str) -> None:
    with pytest.raises(ArgumentError, match=reason):
        encoded(annotation, value, path=template)


def circular() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


@pytest.mark.parametrize(
    ("annotation", "value", "method", "reason"),
    [
        (Annotated[Any, Body()], object(), "POST", "has no JSON value: Unable to serialize unknown type"),
        (Annotated[Any, Body()], circular(), "POST", "has no JSON value: Circular reference"),
        (Annotated[str, Body()], "\ud800", "POST", "has no JSON text"),
        (Patch[Point], {"x": object()}, "PATCH", "has no JSON value: Unable to serialize unknown type"),
        (Patch[Point], 3, "PATCH", "is neither a dictionary nor a value of the type that is changed"),
    ],
)
def test_what_has_no_json_value_is_an_error(annotation: Any, value: Any, method: str, reason: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        encoded(annotation, value, method=method)
    assert reason in str(caught.value)


def test_missing_and_unknown_arguments_are_errors() -> None:
    async def read(a: int, b: int = 1) -> None: ...

    encoder = RequestEncoder(operation_of(read))
    with pytest.raises(ArgumentError, match="`read`: argument `a` is missing"):
        encoder.encode({"b": 1})
    with pytest.raises(ArgumentError, match="`read`: argument `c` is unknown; the operation has `a`, `b`"):
        encoder.encode({"a": 1, "c": 1})


def test_two_arguments_that_write_a_name_must_agree() -> None:
    async def read(filters: Annotated[Filters, Query()], limit: int = 20) -> None: ...

    encoder = RequestEncoder(operation_of(read, method="GET"))
    assert encoder.encode({"filters": Filters(limit=5), "limit": 5}).url == "/?limit=5"
    with pytest.raises(ArgumentError, match="argument `limit` has another value for `limit`"):
        encoder.encode({"filters": Filters(limit=5), "limit": 6})


def test_arguments_may_be_json_values_with_the_names_of_json() -> None:
    async def create(shop: str, new: Signup, when: date | None = None) -> None: ...

    encoder = RequestEncoder(operation_of(create, "/{shop}"))
    new = {"name": "a", "password": "p", "birthday": "2000-01-01"}
    sent = encoder.encode_json({"shop": "a/b", "new": new, "when": "2024-01-01"})
    assert (sent.url, body_of(sent)) == ("/a%2Fb?when=2024-01-01", new)
    assert encoder.json_arguments({"shop": "x", "new": Signup(name="a", password=SecretStr("p"))})["new"].value == {
        "name": "a", "password": "p", "kind": "person",
    }  # fmt: skip
    with pytest.raises(ArgumentError, match="argument `new` is missing"):
        encoder.encode_json({"shop": "x"})
