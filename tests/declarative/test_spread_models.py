"""Models spread over a source: unions of them, optional ones, several side by side, names that lead into lists."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field, Json
from typing_extensions import TypedDict

from signette.app import App
from signette.declarative.errors import PlanError
from signette.declarative.markers import Cookie, Form, Header, Query
from tests.declarative.driving import URLENCODED, app_of, ask


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Email(BaseModel):
    kind: Literal["email"]
    email: str
    confirmed: bool = False


class Phone(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["phone"]
    number: int


Contact = Annotated[Email | Phone, Form(discriminator="kind")]


async def posted(app: App, text: str) -> Any:
    return await ask(app, "POST /", text.encode(), URLENCODED)


async def contact(contact: Contact) -> dict[str, Any]:
    return {"is": type(contact).__name__, **contact.model_dump()}


async def test_a_discriminator_picks_the_model_of_a_form() -> None:
    app = app_of(contact, method="POST")
    assert (await posted(app, "kind=phone&number=3")).json == {"is": "Phone", "kind": "phone", "number": 3}
    assert (await posted(app, "kind=email&email=a@b")).json["is"] == "Email"


async def test_a_complaint_about_a_union_names_the_field_even_where_a_tag_is_called_alike() -> None:
    app = app_of(contact, method="POST")
    refused = await posted(app, "kind=email&email=a@b&confirmed=what")
    assert refused.errors == [("form", "confirmed", "bool_parsing")]
    assert (await posted(app, "kind=phone")).errors == [("form", "number", "missing")]


@pytest.mark.parametrize(("text", "code"), [("kind=owl", "union_tag_invalid"), ("", "union_tag_not_found")])
async def test_a_tag_that_will_not_do_is_told_by_its_name(text: str, code: str) -> None:
    assert (await posted(app_of(contact, method="POST"), text)).errors == [("form", "kind", code)]


async def test_a_strict_member_of_a_union_refuses_what_belongs_to_another() -> None:
    refused = await posted(app_of(contact, method="POST"), "kind=phone&number=3&email=a@b")
    assert refused.errors == [("form", "email", "extra_forbidden")]


async def test_a_union_without_a_discriminator_takes_the_model_that_fits() -> None:
    async def endpoint(pet: Annotated[Cat | Email | None, Query()] = None) -> dict[str, Any]:
        return {"is": type(pet).__name__}

    app = app_of(endpoint)
    assert (await ask(app, "GET /?kind=email&email=x")).json == {"is": "Email"}
    assert (await ask(app, "GET /?kind=cat")).json == {"is": "Cat"}
    assert (await ask(app, "GET /?other=1")).json == {"is": "NoneType"}


async def test_unions_stand_side_by_side() -> None:
    async def endpoint(contact: Contact, pet: Annotated[Cat | None, Form()] = None) -> str:
        return f"{type(contact).__name__} {type(pet).__name__}"

    app = app_of(endpoint, method="POST")
    assert (await posted(app, "kind=email&email=x&lives=3")).errors == [("form", "kind", "literal_error")]
    assert (await posted(app, "kind=phone&number=1&lives=3")).errors == [("form", "kind", "literal_error")]


def test_the_document_of_a_form_shows_each_model_of_the_union() -> None:
    app = app_of(contact, method="POST")
    (schema,) = [media["schema"] for media in app.openapi()["paths"]["/"]["post"]["requestBody"]["content"].values()]
    assert schema["oneOf"] == [{"$ref": "#/components/schemas/Email"}, {"$ref": "#/components/schemas/Phone"}]
    assert schema["discriminator"]["propertyName"] == "kind"


def test_the_document_requires_of_a_query_what_each_model_of_a_union_does() -> None:
    async def endpoint(pet: Annotated[Cat | Email, Query()]) -> None: ...

    told = {each["name"]: each for each in app_of(endpoint).openapi()["paths"]["/"]["get"]["parameters"]}
    assert {name: each["required"] for name, each in told.items()} == {
        "kind": True, "lives": False, "email": False, "confirmed": False,
    }  # fmt: skip
    assert told["kind"]["schema"]["anyOf"][0]["const"] == "cat"


# -- optional groups ---------------------------------------------------------------------------------------------------


class Range(BaseModel):
    low: int
    high: int = 9


async def test_an_optional_group_without_a_default_is_missing_as_a_whole() -> None:
    async def endpoint(within: Annotated[Range | None, Query()]) -> str:
        return repr(within)

    app = app_of(endpoint)
    assert (await ask(app, "GET /")).errors == [("query", "", "missing")]
    assert (await ask(app, "GET /?high=3")).errors == [("query", "low", "missing")]
    assert (await ask(app, "GET /?low=3")).status == 200


async def test_a_blank_field_of_a_form_counts_as_a_part_of_its_group() -> None:
    async def endpoint(within: Annotated[Range | None, Form()] = None) -> str:
        return repr(within)

    app = app_of(endpoint, method="POST")
    assert (await posted(app, "other=1")).body == b"None"
    assert (await posted(app, "low=")).errors == [("form", "low", "missing")]


# -- names -------------------------------------------------------------------------------------------------------------


async def test_a_field_of_a_header_model_says_for_itself_how_its_name_is_spelled() -> None:
    class Tokens(BaseModel):
        x_old: Annotated[str, Header(convert_underscores=False)]
        x_new: str

    async def endpoint(tokens: Annotated[Tokens, Header()]) -> str:
        return tokens.x_old + tokens.x_new

    app = app_of(endpoint)
    assert (await ask(app, "GET /", headers={"x_old": "a", "x-new": "b"})).body == b"ab"
    assert (await ask(app, "GET /", headers={"x-old": "a", "x_new": "b"})).errors == [
        ("header", "x_old", "missing"), ("header", "x-new", "missing"),
    ]  # fmt: skip


async def test_an_alias_path_takes_an_item_of_a_list() -> None:
    class Pair(BaseModel):
        model_config = ConfigDict(extra="forbid")
        first: int = Field(validation_alias=AliasPath("each", 0))
        second: int = Field(0, validation_alias=AliasChoices("second", AliasPath("each", 1)))

    async def endpoint(pair: Annotated[Pair, Query()]) -> list[int]:
        return [pair.first, pair.second]

    app = app_of(endpoint)
    assert (await ask(app, "GET /?each=1&each=2")).json == [1, 2]
    assert (await ask(app, "GET /?each=1&second=5")).json == [1, 5]
    assert (await ask(app, "GET /?each=x")).errors == [("query", "each", "int_parsing")]
    (each, second) = app.openapi()["paths"]["/"]["get"]["parameters"]
    assert (each["name"], each["schema"]["type"], second["name"]) == ("each", "array", "second")


def test_an_alias_path_where_no_list_can_be_is_refused() -> None:
    class Pair(BaseModel):
        first: int = Field(validation_alias=AliasPath("each", 0))

    async def endpoint(pair: Annotated[Pair, Cookie()]) -> None: ...

    with pytest.raises(PlanError, match=r"`pair\.first` has an `AliasPath`"):
        app_of(endpoint)


async def test_json_in_a_field_of_a_model_is_one_text() -> None:
    class Search(BaseModel):
        ids: Json[list[int]]

    async def endpoint(search: Annotated[Search, Query()]) -> list[int]:
        return search.ids

    assert (await ask(app_of(endpoint), "GET /?ids=[1,2]")).json == [1, 2]
    assert (await ask(app_of(endpoint), "GET /?ids=[1,a]")).errors == [("query", "ids", "json_invalid")]


async def test_a_default_of_a_model_may_look_at_the_fields_before_it() -> None:
    class Window(BaseModel):
        start: int
        end: int = Field(default_factory=lambda data: data["start"] + 1)

    async def endpoint(window: Annotated[Window, Query()]) -> int:
        return window.end

    assert (await ask(app_of(endpoint), "GET /?start=3")).json == 4


async def test_a_typed_dict_of_the_package_for_older_pythons_is_spread_too() -> None:
    class Filters(TypedDict, total=False):
        low: int

    async def endpoint(filters: Annotated[Filters, Query()]) -> Filters:
        return filters

    assert (await ask(app_of(endpoint), "GET /?low=3")).json == {"low": 3}
