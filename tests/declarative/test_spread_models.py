"""Models spread over a source: unions of them, optional ones, several side by side, names that lead into lists."""

from dataclasses import InitVar, dataclass, field
from typing import Annotated, Any, Literal

import pytest
from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field, Json, model_validator
from typing_extensions import TypedDict

from signette.app import App
from signette.datastructures.upload import UploadFile
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Cookie, File, Form, Header, Query
from tests.asgi import MULTIPART, URLENCODED, fetch
from tests.declarative.building import app_of

pytestmark = pytest.mark.either_loop


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
    return await fetch(app, "POST /", text.encode(), URLENCODED)


async def contact(contact: Contact) -> dict[str, Any]:
    return {"is": type(contact).__name__, **contact.model_dump()}


async def test_a_discriminator_picks_the_model_of_a_form() -> None:
    app = app_of(contact, method="POST")
    assert (await posted(app, "kind=phone&number=3")).json == {"is": "Phone", "kind": "phone", "number": 3}
    assert (await posted(app, "kind=email&email=a@b")).json["is"] == "Email"


async def test_an_error_of_a_union_names_the_field_even_if_a_tag_has_its_name() -> None:
    app = app_of(contact, method="POST")
    rejected = await posted(app, "kind=email&email=a@b&confirmed=what")
    assert rejected.errors == [("form", "confirmed", "bool_parsing")]
    assert (await posted(app, "kind=phone")).errors == [("form", "number", "missing")]


@pytest.mark.parametrize(("text", "code"), [("kind=owl", "union_tag_invalid"), ("", "union_tag_not_found")])
async def test_an_invalid_tag_is_reported_by_its_name(text: str, code: str) -> None:
    assert (await posted(app_of(contact, method="POST"), text)).errors == [("form", "kind", code)]


async def test_a_strict_member_of_a_union_rejects_what_belongs_to_another() -> None:
    rejected = await posted(app_of(contact, method="POST"), "kind=phone&number=3&email=a@b")
    assert rejected.errors == [("form", "email", "extra_forbidden")]


async def test_a_union_without_a_discriminator_takes_the_model_that_fits() -> None:
    async def endpoint(pet: Annotated[Cat | Email | None, Query()] = None) -> dict[str, Any]:
        return {"is": type(pet).__name__}

    app = app_of(endpoint)
    assert (await fetch(app, "GET /?kind=email&email=x")).json == {"is": "Email"}
    assert (await fetch(app, "GET /?kind=cat")).json == {"is": "Cat"}
    assert (await fetch(app, "GET /?other=1")).json == {"is": "NoneType"}


async def test_unions_may_be_next_to_each_other() -> None:
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

    documented = {each["name"]: each for each in app_of(endpoint).openapi()["paths"]["/"]["get"]["parameters"]}
    assert {name: each["required"] for name, each in documented.items()} == {
        "kind": True, "lives": False, "email": False, "confirmed": False,
    }  # fmt: skip
    assert documented["kind"]["schema"]["anyOf"][0]["const"] == "cat"


# -- optional groups ---------------------------------------------------------------------------------------------------


class Range(BaseModel):
    low: int
    high: int = 9


async def test_an_optional_group_without_a_default_is_missing_as_a_whole() -> None:
    async def endpoint(within: Annotated[Range | None, Query()]) -> str:
        return repr(within)

    app = app_of(endpoint)
    assert (await fetch(app, "GET /")).errors == [("query", "", "missing")]
    assert (await fetch(app, "GET /?high=3")).errors == [("query", "low", "missing")]
    assert (await fetch(app, "GET /?low=3")).status == 200


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
    assert (await fetch(app, "GET /", headers={"x_old": "a", "x-new": "b"})).body == b"ab"
    assert (await fetch(app, "GET /", headers={"x-old": "a", "x_new": "b"})).errors == [
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
    assert (await fetch(app, "GET /?each=1&each=2")).json == [1, 2]
    assert (await fetch(app, "GET /?each=1&second=5")).json == [1, 5]
    assert (await fetch(app, "GET /?each=x")).errors == [("query", "each", "int_parsing")]
    (each, second) = app.openapi()["paths"]["/"]["get"]["parameters"]
    assert (each["name"], each["schema"]["type"], second["name"]) == ("each", "array", "second")


def test_an_alias_path_where_no_list_can_be_is_rejected() -> None:
    class Pair(BaseModel):
        first: int = Field(validation_alias=AliasPath("each", 0))

    async def endpoint(pair: Annotated[Pair, Cookie()]) -> None: ...

    with pytest.raises(SignatureError, match=r"`pair\.first` has an `AliasPath`"):
        app_of(endpoint)


async def test_json_in_a_field_of_a_model_is_one_text() -> None:
    class Search(BaseModel):
        ids: Json[list[int]]

    async def endpoint(search: Annotated[Search, Query()]) -> list[int]:
        return search.ids

    assert (await fetch(app_of(endpoint), "GET /?ids=[1,2]")).json == [1, 2]
    assert (await fetch(app_of(endpoint), "GET /?ids=[1,a]")).errors == [("query", "ids", "json_invalid")]


async def test_a_default_of_a_model_may_look_at_the_fields_before_it() -> None:
    class Window(BaseModel):
        start: int
        end: int = Field(default_factory=lambda data: data["start"] + 1)

    async def endpoint(window: Annotated[Window, Query()]) -> int:
        return window.end

    assert (await fetch(app_of(endpoint), "GET /?start=3")).json == 4


async def test_a_typed_dict_of_the_package_for_older_pythons_is_spread_too() -> None:
    class Filters(TypedDict, total=False):
        low: int

    async def endpoint(filters: Annotated[Filters, Query()]) -> Filters:
        return filters

    assert (await fetch(app_of(endpoint), "GET /?low=3")).json == {"low": 3}


# -- what counts as sent -----------------------------------------------------------------------------------------------


class Sized(BaseModel):
    size: int = Field(1, validation_alias=AliasChoices("first", "second"))


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("first=&second=5", 5),
        ("first=5&first=", 5),
        ("first=&first=5", 5),
        ("first=&second=", 1),
        ("first=&first=&second=4&second=", 4),
        ("first=2&second=5", 2),
    ],
)
async def test_what_counts_as_not_sent_does_not_win(text: str, size: int) -> None:
    async def spread(sized: Annotated[Sized, Form()]) -> int:
        return sized.size

    async def alone(size: Annotated[int, Form(validation_alias=AliasChoices("first", "second"))] = 1) -> int:
        return size

    async def as_text(size: Annotated[str, Form(validation_alias=AliasChoices("first", "second"))] = "1") -> str:
        return size

    assert (await posted(app_of(spread, method="POST"), text)).json == size
    assert (await posted(app_of(alone, method="POST"), text)).json == size
    assert (await posted(app_of(as_text, method="POST"), text)).body == str(size).encode()


async def test_where_empty_values_count_the_last_one_wins_though_it_is_empty() -> None:
    async def spread(sized: Annotated[Noted, Form(allow_empty=True)]) -> str:
        return repr(sized.note)

    async def alone(
        note: Annotated[str, Form(allow_empty=True, validation_alias=AliasChoices("note", "text"))] = "none",
    ) -> str:
        return repr(note)

    for endpoint in (spread, alone):
        app = app_of(endpoint, method="POST")
        assert (await posted(app, "note=a&note=")).body == b"''"
        assert (await posted(app, "note=&note=a")).body == b"'a'"
        assert (await posted(app, "note=&text=a")).body == b"''"


class Noted(BaseModel):
    note: str = Field("none", validation_alias=AliasChoices("note", "text"))


class Uploads(BaseModel):
    files: list[UploadFile] = []
    one: UploadFile | None = Field(None, validation_alias=AliasChoices("one", "other"))


def multipart(*parts: tuple[str, str, str]) -> bytes:
    """Files as a browser sends them: (field, file name, content) each."""
    return b"".join(
        f'--cut\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
        f"Content-Type: application/octet-stream\r\n\r\n{content}\r\n".encode()
        for name, file, content in parts
    ) + b"--cut--\r\n"  # fmt: skip


EMPTY = ("files", "", "")


@pytest.mark.parametrize(
    ("parts", "names"),
    [
        ([EMPTY], [[], None]),
        ([EMPTY, ("files", "a", "x"), EMPTY], [["a"], None]),
        ([("one", "", ""), ("other", "b", "")], [[], "b"]),
        ([("one", "a", "x"), ("one", "", "")], [[], "a"]),
        ([], [[], None]),
    ],
)
async def test_an_empty_file_input_is_no_file(parts: Any, names: Any) -> None:
    async def spread(uploads: Annotated[Uploads, Form()]) -> list[Any]:
        return [[each.filename for each in uploads.files], uploads.one and uploads.one.filename]

    async def alone(
        files: list[UploadFile] = [],  # noqa: B006
        one: Annotated[UploadFile | None, File(validation_alias=AliasChoices("one", "other"))] = None,
    ) -> list[Any]:
        return [[each.filename for each in files], one and one.filename]

    for endpoint in (spread, alone):
        response = await fetch(app_of(endpoint, method="POST"), "POST /", multipart(*parts), MULTIPART)
        assert response.json == names


async def test_files_that_are_required_are_missing_where_an_input_was_left_empty() -> None:
    class Required(BaseModel):
        files: list[UploadFile]

    async def endpoint(required: Annotated[Required, Form()]) -> None: ...

    response = await fetch(app_of(endpoint, method="POST"), "POST /", multipart(EMPTY), MULTIPART)
    assert response.errors == [("form", "files", "missing")]


# -- unions whose models differ ----------------------------------------------------------------------------------------


class OneValue(BaseModel):
    kind: Literal["one"]
    value: str = "none"


class ManyValues(BaseModel):
    kind: Literal["many"]
    value: list[str] = []


ONE_OR_MANY = [
    Annotated[OneValue | ManyValues, Field(discriminator="kind")],
    Annotated[ManyValues | OneValue, Field(discriminator="kind")],
    OneValue | ManyValues,
    ManyValues | OneValue | None,
    Annotated[Annotated[OneValue, Field()] | Annotated[ManyValues, Field()], Field(discriminator="kind")],
]


@pytest.mark.parametrize("union", ONE_OR_MANY)
@pytest.mark.parametrize("marker", [Query(), Header(), Form()], ids=lambda marker: type(marker).__name__)
async def test_each_model_of_a_union_gets_the_value_or_all_of_them(union: Any, marker: Any) -> None:
    async def endpoint(v: Annotated[union, marker]) -> Any:
        return v.value

    async def got(text: str) -> Any:
        app, place = app_of(endpoint, method="POST"), type(marker).__name__.lower()
        if place == "form":
            return (await posted(app, text)).json
        if place == "query":
            return (await fetch(app, f"POST /?{text}")).json
        return (await fetch(app, "POST /", headers=[tuple(pair.split("=")) for pair in text.split("&")])).json  # type: ignore[misc]

    assert await got("kind=one&value=a") == "a"
    assert await got("kind=one&value=a&value=b") == ("a" if isinstance(marker, Header) else "b")
    assert await got("kind=many&value=a") == ["a"]
    assert await got("kind=many&value=a&value=b") == ["a", "b"]
    assert await got("kind=one") == "none"
    assert await got("kind=many") == []


async def test_of_a_union_in_a_form_the_one_value_is_the_last_that_counts_as_sent() -> None:
    async def endpoint(v: Annotated[OneValue | ManyValues, Form(discriminator="kind")]) -> Any:
        return v.value

    app = app_of(endpoint, method="POST")
    assert (await posted(app, "kind=one&value=a&value=")).json == "a"
    assert (await posted(app, "kind=one&value=")).json == "none"
    (schema,) = [media["schema"] for media in app.openapi()["paths"]["/"]["post"]["requestBody"]["content"].values()]
    assert schema["discriminator"]["propertyName"] == "kind"


async def test_an_alias_that_two_fields_share_gives_each_what_it_takes() -> None:
    class Shared(BaseModel):
        last: str = Field("none", validation_alias=AliasChoices("last", "x"))
        every: list[str] = Field([], validation_alias=AliasChoices("every", "x"))

    async def endpoint(shared: Annotated[Shared, Query()]) -> list[Any]:
        return [shared.last, shared.every]

    app = app_of(endpoint)
    assert (await fetch(app, "GET /?x=1&x=2")).json == ["2", ["1", "2"]]
    assert (await fetch(app, "GET /?last=3&every=4")).json == ["3", ["4"]]


# -- other names -------------------------------------------------------------------------------------------------------


class Renamed(BaseModel):
    a: int = 1

    @model_validator(mode="before")
    @classmethod
    def old_name(cls, data: dict[str, Any]) -> dict[str, Any]:
        return {"a": data.get("old", data.get("a", 7))}


async def test_a_validator_before_a_model_sees_no_name_that_another_parameter_reads() -> None:
    seen: list[list[str]] = []

    class Seeing(BaseModel):
        a: int = 1

        @model_validator(mode="before")
        @classmethod
        def look(cls, data: dict[str, Any]) -> dict[str, Any]:
            seen.append(sorted(data))
            return data

    async def dependency(d: int) -> int:
        return d

    async def endpoint(
        model: Annotated[Seeing, Query()],
        other: Annotated[Range, Query()],
        n: int,
        d: Annotated[int, Depends(dependency)],
    ) -> None: ...

    assert (await fetch(app_of(endpoint), "GET /?a=1&low=2&n=3&d=4&z=5")).status == 204
    assert seen == [["a", "z"]]


async def test_names_that_only_a_validator_before_the_model_reads_are_unknown_to_the_plan() -> None:
    async def endpoint(model: Annotated[Renamed, Query()]) -> int:
        return model.a

    app = App(unknown_query_params="forbid")
    app.get("/")(endpoint)
    assert (await fetch(app, "GET /?a=3")).json == 3
    assert (await fetch(app, "GET /?old=3")).errors == [("query", "old", "extra_forbidden")]


async def test_a_validator_before_a_model_inside_a_form_model_sees_all_names_in_brackets() -> None:
    class Inner(BaseModel):
        a: int = 1

        @model_validator(mode="before")
        @classmethod
        def old_name(cls, data: dict[str, Any]) -> dict[str, Any]:
            return {"a": data.get("old", 7)}

    class Outer(BaseModel):
        inner: Inner

    async def endpoint(outer: Annotated[Outer, Form()]) -> int:
        return outer.inner.a

    assert (await posted(app_of(endpoint, method="POST"), "inner[old]=3")).json == 3


@pytest.mark.parametrize("extra", ["allow", "forbid"])
async def test_a_header_is_known_by_its_name_without_case(extra: Any) -> None:
    class Keys(BaseModel):
        model_config = ConfigDict(extra=extra)
        key: Annotated[str, Field(alias="X-Key")] = "none"
        other: Annotated[str, Field(validation_alias=AliasChoices("X-One", "X-Two"))] = "none"

    async def endpoint(
        keys: Annotated[Keys, Header()], owned: Annotated[str, Header(alias="X-Owned")] = "none"
    ) -> dict[str, Any]:
        return {**keys.model_dump(), "owned": owned}

    app = app_of(endpoint)
    response = await fetch(app, "GET /", headers={"x-key": "k", "x-two": "t", "x-owned": "o"})
    assert response.json == {"key": "k", "other": "t", "owned": "o"}


async def test_a_header_cannot_replace_a_field_that_has_another_name() -> None:
    class Keys(BaseModel):
        model_config = ConfigDict(extra="allow")
        x_token: str = "none"

    async def endpoint(keys: Annotated[Keys, Header()]) -> dict[str, Any]:
        return keys.model_dump()

    app = app_of(endpoint)
    assert (await fetch(app, "GET /", headers={"x_token": "a"})).json == {"x_token": "none"}
    assert (await fetch(app, "GET /", headers={"x-token": "a", "x-z": "b"})).json == {"x_token": "a", "x-z": "b"}


def test_a_field_that_is_there_for_init_alone_is_in_the_document() -> None:
    @dataclass
    class Seeded:
        seed: InitVar[int]
        made: int = field(default=0, init=False)

    async def endpoint(seeded: Annotated[Seeded, Query()]) -> None: ...

    documented = app_of(endpoint).openapi()["paths"]["/"]["get"]["parameters"]
    assert [(each["name"], each["required"]) for each in documented] == [("seed", True)]


def test_a_field_whose_alias_is_not_read_is_in_the_document_by_its_name() -> None:
    class Unaliased(BaseModel):
        model_config = ConfigDict(validate_by_alias=False)
        tags: list[str] = Field(alias="tag")

    async def endpoint(unaliased: Annotated[Unaliased, Query()]) -> None: ...

    documented = app_of(endpoint).openapi()["paths"]["/"]["get"]["parameters"]
    assert [(each["name"], each["required"]) for each in documented] == [("tags", True)]
