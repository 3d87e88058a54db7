"""Classes behind `Depends()`: their fields are parameters, and what they themselves reject is a 422."""

import dataclasses
from dataclasses import InitVar
from typing import Annotated, Any, NamedTuple

import pydantic.dataclasses
import pytest
from pydantic import AliasChoices, BaseModel, Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from signette.app import App
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Body, Cookie, Header, Query
from tests.asgi import JSON, fetch


def app_of(cls: Any, **options: Any) -> tuple[App, list[Any]]:
    app, seen = App(**options), []

    async def endpoint(value: Any) -> None:
        seen.append(value)

    endpoint.__annotations__["value"] = Annotated[cls, Depends()]
    app.post("/")(endpoint)
    return app, seen


async def got(cls: Any, query: str = "", **sent: Any) -> Any:
    app, seen = app_of(cls)
    response = await fetch(app, f"POST /?{query}", **sent)
    return seen[0] if seen else (response.status, response.errors)


# -- what a class itself rejects ---------------------------------------------------------------------------------------


def reject_large(value: int) -> int:
    if value > 3:
        raise ValueError("too large")
    return value


class Validated(BaseModel):
    size: int = 1

    @field_validator("size")
    @classmethod
    def check(cls, value: int) -> int:
        return reject_large(value)


class Asserted(BaseModel):
    size: int = 1

    @field_validator("size")
    @classmethod
    def check(cls, value: int) -> int:
        assert value <= 3
        return value


class Whole(BaseModel):
    size: int = 1

    @model_validator(mode="after")
    def check(self) -> "Whole":
        reject_large(self.size)
        return self


@pydantic.dataclasses.dataclass
class Dataclass:
    size: int = 1

    @field_validator("size")
    @classmethod
    def check(cls, value: int) -> int:
        return reject_large(value)


@pydantic.dataclasses.dataclass
class WithPostInit:
    size: int = 1

    def __post_init__(self) -> None:
        reject_large(self.size)


@dataclasses.dataclass
class Plain:
    size: int = 1

    def __post_init__(self) -> None:
        reject_large(self.size)


@dataclasses.dataclass
class Custom:
    size: int = 1

    def __post_init__(self) -> None:
        if self.size > 3:
            raise PydanticCustomError("size_limit", "at most 3")


@pytest.mark.parametrize(
    ("cls", "error"),
    [
        (Validated, ("query", "size", "value_error")),
        (Asserted, ("query", "size", "assertion_error")),
        (Dataclass, ("query", "size", "value_error")),
        (Whole, ("query", None, "value_error")),
        (WithPostInit, ("query", None, "value_error")),
        (Plain, ("query", None, "value_error")),
        (Custom, ("query", None, "size_limit")),
    ],
)
async def test_what_a_class_rejects_is_a_422_at_its_parameter(cls: Any, error: Any) -> None:
    assert await got(cls, "size=9") == (422, [error])
    assert (await got(cls, "size=2")).size == 2
    assert (await got(cls)).size == 1
    app, _ = app_of(cls)
    assert "422" in app.openapi()["paths"]["/"]["post"]["responses"]


async def test_the_message_is_the_one_of_the_validator() -> None:
    app, _ = app_of(Validated)
    (entry,) = (await fetch(app, "POST /?size=9")).json["errors"]
    assert entry == {"in": "query", "name": "size", "code": "value_error", "message": "Value error, too large"}


class Everywhere(BaseModel):
    token: Annotated[str, Header()] = ""
    units: Annotated[str, Cookie(alias="u")] = ""
    note: Annotated[dict[str, int], Body()] = {}

    @field_validator("token", "units", "note")
    @classmethod
    def check(cls, value: Any) -> Any:
        if value and "bad" in value:
            raise ValueError("bad")
        return value


async def test_an_error_points_to_where_its_value_was_sent() -> None:
    headers = JSON | {"token": "bad", "cookie": "u=bad"}
    status, errors = await got(Everywhere, headers=headers, body=b'{"bad": 1}')
    assert status == 422
    assert sorted(errors) == [
        ("body", "", "value_error"),
        ("cookie", "u", "value_error"),
        ("header", "token", "value_error"),
    ]


class Members(BaseModel):
    one: int
    two: Annotated[int, Body()] = 0
    three: Annotated[list[int], Body()] = []

    @field_validator("two", "three")
    @classmethod
    def check(cls, value: Any) -> Any:
        if value in (9, [9]):
            raise ValueError("bad")
        return value


async def test_an_error_of_a_member_of_the_body_leads_to_it() -> None:
    found = await got(Members, "one=1", body=b'{"two": 9, "three": [9]}', headers=JSON)
    assert found == (422, [("body", "/two", "value_error"), ("body", "/three", "value_error")])


class BadDefault(BaseModel):
    size: int = 99
    word: str = None  # type: ignore[assignment]  # pydantic does not look at defaults

    @field_validator("size")
    @classmethod
    def check(cls, value: int) -> int:
        return reject_large(value)


async def test_a_default_that_the_class_would_reject_is_no_error_of_the_client() -> None:
    assert await got(BadDefault) == BadDefault()
    assert await got(BadDefault, "size=2") == BadDefault(size=2)
    assert await got(BadDefault, "size=7") == (422, [("query", "size", "value_error")])


async def default_name() -> str:
    return "nobody"


class OfOthers(BaseModel):
    name: Annotated[str, Depends(default_name)]
    size: int = 1

    @field_validator("name")
    @classmethod
    def check(cls, value: str) -> str:
        raise ValueError(value)


class Unasked(BaseModel):
    name: Annotated[str, Depends(default_name)]

    @field_validator("name")
    @classmethod
    def check(cls, value: str) -> str:
        raise ValueError(value)


@pytest.mark.parametrize("cls", [OfOthers, Unasked])
async def test_what_a_class_has_against_the_result_of_a_dependency_is_no_error_of_the_client(cls: Any) -> None:
    app, _ = app_of(cls)
    with pytest.raises(ValidationError):
        await fetch(app, "POST /")


async def test_functions_that_fail_are_errors_of_the_application() -> None:
    app = App()

    async def fail(size: int = 1) -> int:
        return reject_large(size)

    @app.get("/")
    async def endpoint(value: Annotated[int, Depends(fail)]) -> None: ...

    with pytest.raises(ValueError, match="too large"):
        await fetch(app, "GET /?size=9")


async def test_a_class_below_another_and_one_of_a_router_are_the_same() -> None:
    class Outer(BaseModel):
        inner: Annotated[Validated, Depends()]
        n: int = 0

    assert (await got(Outer, "size=2&n=1")).inner == Validated(size=2)
    assert await got(Outer, "size=9") == (422, [("query", "size", "value_error")])
    app = App(dependencies=[Depends(Validated)])

    @app.get("/")
    async def endpoint(word: Annotated[str, Query()] = "") -> None: ...

    assert (await fetch(app, "GET /?size=9")).errors == [("query", "size", "value_error")]
    assert (await fetch(app, "GET /?size=2")).status == 204


async def test_it_gets_a_response_where_a_generator_is_open() -> None:
    app, closed = App(), []

    async def opened() -> Any:
        try:
            yield 1
        finally:
            closed.append("closed")

    @app.get("/")
    async def endpoint(one: Annotated[int, Depends(opened)], value: Annotated[Validated, Depends()]) -> None: ...

    assert (await fetch(app, "GET /?size=9")).errors == [("query", "size", "value_error")]
    assert closed == ["closed"]


async def test_it_gets_a_response_where_concurrency_is_limited() -> None:
    app = App()

    @app.get("/")
    async def endpoint(value: Annotated[Validated, Depends(max_concurrency=1)]) -> int:
        return value.size

    assert (await fetch(app, "GET /?size=9")).errors == [("query", "size", "value_error")]
    assert (await fetch(app, "GET /?size=2")).json == 2
    assert "concurrency limit" in app.explain("GET /")


# -- fields as parameters ----------------------------------------------------------------------------------------------


@pydantic.dataclasses.dataclass
class Paging:
    size: Annotated[int, Field(alias="limit", ge=1)] = 5
    other: int = Field(default=3, le=4)


@pydantic.dataclasses.dataclass(kw_only=True)
class Seeded:
    size: int
    seed: InitVar[int] = 2
    made: int = Field(default=0, init=False)

    def __post_init__(self, seed: int) -> None:
        self.made = seed + 1


@pydantic.dataclasses.dataclass
class WithFactories:
    tags: Annotated[list[str], Query()] = Field(default_factory=lambda: ["own"])
    count: int = dataclasses.field(default_factory=lambda: 4)


@dataclasses.dataclass
class PlainSeeded:
    seed: InitVar[int] = 2
    tags: Annotated[list[str], Query()] = dataclasses.field(default_factory=list)
    made: int = 0

    def __post_init__(self, seed: int) -> None:
        self.made = seed + 1


class Model(BaseModel):
    size: int = Field(5, alias="limit", le=10, description="How many.")
    count: int = Field(default_factory=lambda: 4)
    after: int = Field(default_factory=lambda data: data["size"] + 1)
    key: Annotated[str, Header()] = Field("", alias="X-Key")
    old: int = Field(0, validation_alias=AliasChoices("new", "old"))


class Row(NamedTuple):
    size: int
    n: int = 3


class Written:
    def __init__(self, size: int = 5) -> None:
        self.size = size

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Written) and self.size == other.size

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("cls", "query", "expected"),
    [
        (Paging, "", Paging()),
        (Paging, "limit=7&other=2", Paging(limit=7, other=2)),  # type: ignore[call-arg]  # pydantic takes the alias
        (Paging, "limit=0", (422, [("query", "limit", "greater_than_equal")])),
        (Paging, "other=9", (422, [("query", "other", "less_than_equal")])),
        (Seeded, "size=1", Seeded(size=1)),
        (Seeded, "size=1&seed=5", Seeded(size=1, seed=5)),
        (Seeded, "", (422, [("query", "size", "missing")])),
        (WithFactories, "", WithFactories()),
        (WithFactories, "tags=a&count=2", WithFactories(["a"], 2)),
        (PlainSeeded, "", PlainSeeded()),
        (PlainSeeded, "seed=5&tags=a", PlainSeeded(5, ["a"])),
        (Model, "", Model()),
        (Model, "limit=7&new=1", Model(limit=7, new=1)),  # type: ignore[call-arg]
        (Model, "old=1", Model(old=1)),
        (Model, "limit=70", (422, [("query", "limit", "less_than_equal")])),
        (Row, "size=1", Row(1)),
        (Written, "size=1", Written(1)),
    ],
)  # fmt: skip
async def test_fields_are_parameters_with_their_aliases_constraints_and_defaults(
    cls: Any, query: str, expected: Any
) -> None:
    found = await got(cls, query)
    assert found == expected


async def test_an_alias_that_is_no_name_in_python_is_read_too() -> None:
    found = await got(Model, headers={"x-key": "k"})
    assert found.key == "k"


async def test_each_request_has_what_a_factory_makes_for_it() -> None:
    app, seen = app_of(WithFactories)
    for _ in range(2):
        assert (await fetch(app, "POST /")).status == 204
    assert seen[0] == seen[1]
    assert seen[0].tags is not seen[1].tags


def test_the_document_has_the_words_of_the_fields() -> None:
    app, _ = app_of(Model)
    found = {each["name"]: each for each in app.openapi()["paths"]["/"]["post"]["parameters"]}
    assert set(found) == {"limit", "count", "after", "new", "X-Key"}
    assert (found["limit"]["description"], found["limit"]["schema"]["default"]) == ("How many.", 5)
    assert not any(each["required"] for each in found.values())
    assert "default" not in found["count"]["schema"]
