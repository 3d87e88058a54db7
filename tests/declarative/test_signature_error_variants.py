"""Valid signatures that look invalid, and invalid signatures in other forms than those in `signature_errors/`."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, NewType

import pytest
from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator

from signette import Items, Page, Patch, Process, Stream, To, Upload
from signette.app import App, Router
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Body, Cookie, Form, Header, Query
from signette.declarative.signature.outcomes import Created
from signette.formats import JSONLines
from signette.websockets import WebSocket

UNSET: Any = object()
Number = NewType("Number", int)


class Split(BaseModel):
    numbers: list[int] = Field(examples=["1,2"])

    @field_validator("numbers", mode="before")
    @classmethod
    def split(cls, text: str) -> list[str]:
        return text.split(",")


class Whole(BaseModel):
    number: int = Field(examples=["one"])

    @model_validator(mode="before")
    @classmethod
    def read(cls, value: Any) -> Any:
        return value


class Tree(BaseModel):
    leaves: "list[Tree]" = Field(default=[], examples=[[{"leaves": []}]])


class Forest(BaseModel):
    trees: list[Tree]
    age: int = Field(default=1, examples=["old"])


def make() -> int:
    return 3


def pool(factory: Callable[[], int] = make) -> int:
    return factory()


async def sentinel(number: int = UNSET) -> None: ...
async def none_is_always_a_default(number: int = None) -> None: ...  # type: ignore[assignment]  # noqa: RUF013
async def plain_defaults(a: float = 1, b: Number = Number(3), c: str | None = "x") -> None: ...
async def default_out_of_range(page: Annotated[int, Query(ge=0)] = -1) -> None: ...
async def pooled(pool: Annotated[int, Depends(pool, scope="app")]) -> None: ...
async def dates(on: Annotated[date, Query(examples=["2026-01-31", date(2026, 1, 31)])]) -> None: ...
async def strict(on: Annotated[date, Body(strict=True, examples=["2026-01-31"])]) -> None: ...
async def invalid_on_purpose(n: Annotated[int, Query(openapi_examples={"invalid_word": {"value": "x"}})]) -> None: ...
async def external_example(n: Annotated[int, Query(openapi_examples={"a": {"externalValue": "/a"}})]) -> None: ...
async def split(body: Split) -> None: ...
async def whole(body: Whole) -> None: ...
async def tree(body: Tree) -> None: ...
async def created(n: int) -> Created[int] | str: ...
async def text_range(word: Annotated[str, Query(ge="a", lt="n")]) -> None: ...


@pytest.mark.parametrize(
    "endpoint",
    [sentinel, none_is_always_a_default, plain_defaults, default_out_of_range, pooled, dates, strict,
     invalid_on_purpose, external_example, split, whole, tree, text_range],
)  # fmt: skip
def test_a_signature_is_valid(endpoint: Any) -> None:
    App().post("/")(endpoint)


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("/items/{n}:cancel", {}),
        ("/{n}", {"status_code": 202}),
        ("/{n}", {"methods": ["PURGE", "report", "x-own"]}),
        ("/{n}", {"responses": {"4XX": {"description": "no"}, "default": {"x-own": 1}, 404: {"model": list[Tree]}}}),
        ("/{n}", {"response_model": None, "tags": None, "max_body_size": None, "summary": None}),
    ],
)
def test_a_path_and_options_are_valid(path: str, options: dict[str, Any]) -> None:
    App().api_route(path, **options)(created)


async def request_in_path(request) -> str:  # type: ignore[no-untyped-def]
    return request


def test_a_path_parameter_may_be_named_request() -> None:
    App().get("/{request}")(request_in_path)


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/items/:n", "write `{n}`"),
        ("/items/<n>", "write `{n}`"),
        ("/items?n={n}", "remove it"),
        ("/items/{n", "write `{n}`"),
        ("/items/{ n }", "write `{n}`"),
        ("/items/{my-n}", "write `{my_n}`"),
    ],
)
def test_the_path_syntax_of_another_framework_gets_a_hint(path: str, hint: str) -> None:
    with pytest.raises(SignatureError) as raised:
        App().get(path)(created)
    assert raised.value.hint.startswith(hint)


@pytest.mark.parametrize(
    "options",
    [{"tags": "shop"}, {"responses": {404: Tree}}, {"dependencies": Depends(make)}, {"prefix": 5}],
)
def test_an_invalid_option_of_a_router_is_an_error_when_the_router_is_made(options: dict[str, Any]) -> None:
    with pytest.raises(SignatureError, match="a router, an application or"):
        Router(**options)
    with pytest.raises(SignatureError, match="a router, an application or"):
        App().include_router(Router(), **options)


async def nested(body: Forest) -> None: ...
async def secret(key: SecretStr = "s3cret") -> None: ...  # type: ignore[assignment]
async def mapping(tree: Annotated[Tree, Body()] = {}) -> None: ...  # type: ignore[assignment]  # noqa: B006
async def empty_alias(n: Annotated[int, Query(alias="")]) -> None: ...
async def header_with_umlaut(größe: Annotated[int, Header()]) -> None: ...  # noqa: PLC2401
async def cookie(n: Annotated[str, Cookie(alias="a b")]) -> None: ...
async def constraint_on_list(n: Annotated[list[int], Query(ge=1)]) -> None: ...
async def lengths(n: Annotated[str, Query(min_length=3, max_length=1)]) -> None: ...
async def constraint_of_wrong_type(n: Annotated[int, Query(ge="a")]) -> None: ...


@pytest.mark.parametrize(
    ("endpoint", "problem"),
    [
        (nested, "the example 'old' of `Forest.age`"),
        (secret, "the default 's3cret' of `key`"),
        (mapping, "the default {} of `tree`"),
        (empty_alias, "'' is not a valid query name"),
        (header_with_umlaut, "'größe' is not a valid header name"),
        (cookie, "'a b' is not a valid cookie name"),
        (constraint_on_list, "`ge=` does not apply to `n: list[int]`"),
        (lengths, "empty: `min_length=3` and `max_length=1`"),
        (constraint_of_wrong_type, "must be coercible to an integer"),
    ],
)
def test_an_invalid_declaration_is_an_error(endpoint: Any, problem: str) -> None:
    with pytest.raises(SignatureError) as raised:
        App().post("/")(endpoint)
    assert problem in raised.value.problem


@pytest.mark.parametrize(
    ("annotation", "hint"),
    [
        (Annotated[Stream[int], Items], "write `Items(...)`"),
        (Annotated[Upload, To], "write `To(...)`"),
        (Annotated[Page.Offset, Page.Limit], "write `Page.Limit(...)`"),
        (Annotated[int, Query], "write `Query()`"),
    ],
)
def test_the_class_of_an_option_in_place_of_the_option_is_an_error(annotation: Any, hint: str) -> None:
    async def endpoint(value: Any) -> None: ...

    endpoint.__annotations__["value"] = annotation
    with pytest.raises(SignatureError, match="must be instantiated") as raised:
        App().post("/")(endpoint)
    assert raised.value.hint == hint


@pytest.mark.parametrize(
    ("annotation", "hint"),
    [
        (Stream[int], "`value` is the whole body: read `order` from the path, the query or headers"),
        (Patch[Split], "`value` is the whole body: read `order` from the path, the query or headers"),
    ],
)
def test_what_conflicts_with_a_whole_body_is_named(annotation: Any, hint: str) -> None:
    async def endpoint(value: Any, order: Tree) -> None: ...

    endpoint.__annotations__["value"] = annotation
    with pytest.raises(SignatureError, match="conflicting request bodies: `value` and `order`") as raised:
        App().patch("/")(endpoint)
    assert raised.value.hint == hint


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"executor": Process}, "write `executor=Thread(limit=4)` or `executor=Process(limit=2)`"),
        ({"executor": "process"}, "write `executor=Thread(limit=4)` or `executor=Process(limit=2)`"),
        ({"page_limit": 50}, "write `page_limit=Page.Limit(50)`"),
    ],
)
def test_the_value_of_an_option_is_shown_as_it_should_be(options: dict[str, Any], hint: str) -> None:
    with pytest.raises(SignatureError) as raised:
        Router(**options)
    assert raised.value.hint == hint


def test_a_format_in_place_of_a_media_type_is_an_error() -> None:
    async def endpoint(rows: Annotated[Stream[int], Items(media_types=[JSONLines])]) -> None: ...  # type: ignore[list-item]

    with pytest.raises(SignatureError, match="`rows` accepts `JSONLines`, which is not a media type") as raised:
        App().post("/")(endpoint)
    assert raised.value.hint == "write 'application/jsonl'"


def test_a_form_is_valid_on_a_route_with_get_and_post() -> None:
    async def endpoint(words: Annotated[str, Form()]) -> None: ...

    App().api_route("/", methods=["GET", "POST"])(endpoint)


def test_a_router_with_responses_may_have_websocket_routes() -> None:
    async def talk(socket: WebSocket) -> None: ...

    Router(responses={404: {"description": "none"}}).websocket("/talk", name="talk")(talk)


def test_examples_must_be_a_list() -> None:
    with pytest.raises(TypeError, match=r"write `examples=\[...\]`"):
        Query(examples="one")
