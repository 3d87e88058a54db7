"""Lists and parts: names with brackets, texts with delimiters, and what the document says of them."""

from contextlib import suppress
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, BeforeValidator, ConfigDict, field_validator

from signette.datastructures.upload import UploadFile
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.markers import MISSING, Cookie, Form, Header, Path, Query
from signette.declarative.sources.brackets import MOST_DEPTH, nested
from signette.declarative.sources.shapes import shape_of
from signette.exceptions import HTTPException
from tests.asgi import MULTIPART, URLENCODED, fetch
from tests.declarative.building import app_of, form, part


class Line(BaseModel):
    name: str
    count: int = 1


class Order(BaseModel):
    to: dict[str, str] = {}
    lines: list[Line] = []
    tags: list[str] = []


class Tree(BaseModel):
    name: str = ""
    below: "list[Tree]" = []


async def order(order: Annotated[Order, Form()]) -> Order:
    return order


async def ordered(text: str) -> Any:
    return await fetch(app_of(order, method="POST"), "POST /", text.encode(), URLENCODED)


# -- forms -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["tags=a&tags=b", "tags[]=a&tags[]=b", "tags[0]=a&tags[1]=b", "tags[9]=b&tags[2]=a"])
async def test_a_list_of_a_form_is_written_in_any_of_the_usual_ways(text: str) -> None:
    assert (await ordered(text)).json["tags"] == ["a", "b"]


async def test_a_list_of_models_is_numbered() -> None:
    response = await ordered("lines[0][name]=tea&lines[1][name]=cup&lines[1][count]=2&to[a]=b")
    assert response.json["lines"] == [{"name": "tea", "count": 1}, {"name": "cup", "count": 2}]
    assert response.json["to"] == {"a": "b"}


async def test_an_error_points_into_the_field() -> None:
    response = await ordered("lines[0][count]=x")
    assert [(each["name"], each["pointer"], each["code"]) for each in response.json["errors"]] == [
        ("lines", "/0/name", "missing"), ("lines", "/0/count", "int_parsing"),
    ]  # fmt: skip


async def test_a_blank_part_counts_as_not_sent_unless_it_is_kept() -> None:
    assert (await ordered("lines[0][name]=a&lines[0][count]=")).json["lines"] == [{"name": "a", "count": 1}]

    async def kept(line: Annotated[Line, Form(allow_empty=True)], more: Annotated[list[Line], Form(allow_empty=True)]):  # type: ignore[no-untyped-def]
        return "never"

    rejected = await fetch(app_of(kept, method="POST"), "POST /", b"name=a&more[0][name]=&more[0][count]=", URLENCODED)
    assert rejected.errors == [("form", "more", "int_parsing")]


async def test_files_are_read_in_lists_of_models() -> None:
    class Page(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        title: str
        scan: UploadFile

    async def endpoint(pages: Annotated[list[Page], Form()]) -> str:
        return (await pages[0].scan.read()).decode() + pages[0].title

    body = form(part("pages[0][title]", "one"), part("pages[0][scan]", "bytes", "f.txt"))
    assert (await fetch(app_of(endpoint, method="POST"), "POST /", body, MULTIPART)).body == b"bytesone"


async def test_a_strict_model_knows_the_names_of_its_parts() -> None:
    class Strict(Order):
        model_config = ConfigDict(extra="forbid")

    async def endpoint(order: Annotated[Strict, Form()], more: Annotated[dict[str, int], Form()]) -> str:
        return f"{order.tags} {more}"

    app = app_of(endpoint, method="POST")
    assert (await fetch(app, "POST /", b"tags[]=a&more[x]=1", URLENCODED)).body == b"['a'] {'x': 1}"
    assert (await fetch(app, "POST /", b"more[x]=1&others[x]=1", URLENCODED)).errors == [
        ("form", "others[x]", "extra_forbidden")
    ]


async def test_a_validator_of_the_model_does_not_keep_parts_from_being_read() -> None:
    class Checked(BaseModel):
        line: Line
        title: str = ""

        @field_validator("title")
        @classmethod
        def shorten(cls, title: str) -> str:
            return title[:1]

    async def endpoint(checked: Annotated[Checked, Query()]) -> str:
        return checked.line.name + checked.title

    assert (await fetch(app_of(endpoint), "GET /?line[name]=a&title=bc")).body == b"ab"


async def test_a_field_that_makes_something_of_a_text_is_given_the_text() -> None:
    class Parsed(BaseModel):
        line: Annotated[Line, BeforeValidator(lambda declared: {"name": declared})]

    async def by_query(parsed: Annotated[Parsed, Query()]) -> str:
        return parsed.line.name

    async def by_header(parsed: Annotated[Parsed, Header()]) -> str:
        return parsed.line.name

    assert (await fetch(app_of(by_query), "GET /?line=a")).body == b"a"
    assert (await fetch(app_of(by_header), "GET /", headers={"line": "a"})).body == b"a"


async def test_models_of_a_union_may_have_a_text_and_parts_under_one_name() -> None:
    class Named(BaseModel):
        who: str

    class Detailed(BaseModel):
        who: Line

    async def endpoint(order: Annotated[Named | Detailed, Form()]) -> str:
        return type(order).__name__

    app = app_of(endpoint, method="POST")
    assert (await fetch(app, "POST /", b"who=x", URLENCODED)).body == b"Named"
    assert (await fetch(app, "POST /", b"who[name]=x", URLENCODED)).body == b"Detailed"


# -- limits ------------------------------------------------------------------------------------------------------------


async def test_names_are_nested_so_deep_and_no_deeper() -> None:
    async def endpoint(tree: Annotated[Tree, Form()]) -> str:
        return "taken"

    app = app_of(endpoint, method="POST")
    steps = "[0][below]" * (MOST_DEPTH // 2 - 1)
    assert (await fetch(app, "POST /", f"below{steps}[0][name]=x".encode(), URLENCODED)).status == 200
    assert (await fetch(app, "POST /", f"below{steps}[0][below][0]=x".encode(), URLENCODED)).status == 400
    assert (await fetch(app, "POST /", f"below{'[' * 1000}=x".encode(), URLENCODED)).status == 400
    assert (await fetch(app, "POST /", b"below[][name]=x", URLENCODED)).status == 400


def test_a_number_is_a_place_and_no_size() -> None:
    assert nested({"a[999999999]": ["x"], "a[0]": ["y"]}, "a", shape_of(list[str], False)) == ["y", "x"]
    assert nested({"a[9999999999]": ["x"]}, "a", shape_of(list[str], False)) == {"9999999999": "x"}


TEXTS = st.text("ab", max_size=3)
TREES = st.builds(Tree, name=TEXTS, below=st.just([]))
TREES = st.recursive(TREES, lambda inner: st.builds(Tree, name=TEXTS, below=st.lists(inner, max_size=3)), max_leaves=6)


def pairs_of(tree: Tree, at: str) -> dict[str, list[str]]:
    found = {f"{at}[name]": [tree.name]}
    for number, each in enumerate(tree.below):
        found |= pairs_of(each, f"{at}[below][{number}]")
    return found


@given(TREES)
def test_reading_is_the_inverse_of_writing(tree: Tree) -> None:
    assert Tree.model_validate(nested(pairs_of(tree, "t"), "t", shape_of(Tree, False))) == tree


@given(
    st.lists(st.tuples(st.text("a[]01b", max_size=12), TEXTS), max_size=8), st.sampled_from([Tree, Order, list[int]])
)
def test_any_input_becomes_a_value_or_a_validation_error(pairs: list[tuple[str, str]], annotation: Any) -> None:
    lists: dict[str, list[str]] = {}
    for name, text in pairs:
        lists.setdefault(f"a{name}", []).append(text)
    with suppress(HTTPException):
        value = nested(lists, "a", shape_of(annotation, True))
        assert value is MISSING or isinstance(value, str | list | dict)


# -- styles ------------------------------------------------------------------------------------------------------------


NUMBERS: list[int] = []
NONE: dict[str, int] = {}


async def styled(
    ids: Annotated[list[int], Path(style="simple")],
    comma: Annotated[list[int], Query(style="form", explode=False)] = NUMBERS,
    space: Annotated[set[str] | None, Query(style="spaceDelimited")] = None,
    pipe: Annotated[tuple[str, int] | None, Query(style="pipeDelimited")] = None,
    x_ids: Annotated[list[int], Header(style="simple")] = NUMBERS,
    seen: Annotated[list[int], Cookie(explode=False)] = NUMBERS,
    within: Annotated[Line | None, Query(style="deepObject")] = None,
    by: Annotated[dict[str, int], Query(style="deepObject")] = NONE,
) -> dict[str, Any]:
    return {name: sorted(value) if isinstance(value, set) else value for name, value in locals().items()}


async def test_each_style_is_read() -> None:
    app = app_of(styled, "/{ids}")
    query = "comma=1,2&comma=3&space=a+b&pipe=a|4&within[name]=n&by[x]=1"
    headers = [("x-ids", "1, 2"), ("x-ids", "3"), ("cookie", "seen=4,5")]
    assert (await fetch(app, f"GET /7,8?{query}", headers=headers)).json == {
        "ids": [7, 8], "comma": [1, 2, 3], "space": ["a", "b"], "pipe": ["a", 4], "x_ids": [1, 2, 3], "seen": [4, 5],
        "within": {"name": "n", "count": 1}, "by": {"x": 1},
    }  # fmt: skip


async def test_an_invalid_item_is_reported_with_its_location() -> None:
    response = await fetch(app_of(styled, "/{ids}"), "GET /7,x?comma=1,z&by[q]=w", headers={"x-ids": "1, b"})
    assert [(each["in"], each["name"], each["pointer"]) for each in response.json["errors"]] == [
        ("path", "ids", "/1"), ("query", "comma", "/1"), ("query", "by", "/q"), ("header", "x-ids", "/1"),
    ]  # fmt: skip


async def test_an_empty_text_is_an_empty_list() -> None:
    response = await fetch(app_of(styled, "/{ids}"), "GET /7?comma=&space=")
    assert (response.json["comma"], response.json["space"]) == ([], [])


def test_the_document_says_style_and_explode() -> None:
    result = {
        each["name"]: (each.get("style"), each.get("explode"))
        for each in app_of(styled, "/{ids}").openapi()["paths"]["/{ids}"]["get"]["parameters"]
    }
    assert result == {
        "ids": ("simple", False), "comma": ("form", False), "space": ("spaceDelimited", False),
        "pipe": ("pipeDelimited", False), "x-ids": ("simple", False), "seen": ("form", False),
        "within": ("deepObject", True), "by": ("deepObject", True),
    }  # fmt: skip


async def test_a_field_of_a_model_has_its_own_style() -> None:
    class Search(BaseModel):
        ids: Annotated[list[int], Query(explode=False)] = []
        line: Line

    async def endpoint(search: Annotated[Search, Query()]) -> Search:
        return search

    app = app_of(endpoint)
    assert (await fetch(app, "GET /?ids=1,2&line[name]=a")).json == {"ids": [1, 2], "line": {"name": "a", "count": 1}}
    assert "model    search query (ids, line[...]): Search" in app.explain("GET /")
    (ids, line) = app.openapi()["paths"]["/"]["get"]["parameters"]
    assert (ids["style"], line["style"]) == ("form", "deepObject")


def test_names_that_may_be_nested_too_deep_are_in_the_document() -> None:
    assert "400" in app_of(styled, "/{ids}").openapi()["paths"]["/{ids}"]["get"]["responses"]


def test_the_document_says_how_a_form_names_the_parts_of_a_field() -> None:
    content = app_of(order, method="POST").openapi()["paths"]["/"]["post"]["requestBody"]["content"]
    assert content["application/x-www-form-urlencoded"]["encoding"] == {"to": {"style": "deepObject", "explode": True}}


@pytest.mark.parametrize(
    "annotation",
    [
        Annotated[int, Query(style="form", explode=False)],
        Annotated[list[Line], Query(style="pipeDelimited")],
        Annotated[list[int], Query(style="deepObject")],
        Annotated[Line, Query(explode=False)],
        Annotated[Line, Header(style="simple")],
        Annotated[list[int], Header(style="form")],
        Annotated[list[Line], Query()],
        Annotated[Order, Query()],
        Annotated[Order, Cookie()],
    ],
    ids=str,
)
def test_unreadable_types_are_rejected_when_the_route_is_created(annotation: Any) -> None:
    async def endpoint(value: Any) -> None: ...

    endpoint.__annotations__["value"] = annotation
    with pytest.raises(SignatureError):
        app_of(endpoint)
