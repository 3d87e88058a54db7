from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from signette.datastructures.upload import UploadFile
from signette.declarative.routing.routes import TypedRoute
from signette.declarative.signature.markers import Body, File, Form

BINARY = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}


class Item(BaseModel):
    name: str


def posted(function: Any) -> TypedRoute:
    return TypedRoute("/", function, methods=["POST"])


def only(body: dict[str, Any]) -> tuple[str, dict[str, Any], bool]:
    ((media_type, media),) = body["content"].items()
    return media_type, media["schema"], body["required"]


def test_an_operation_without_a_body_says_nothing_of_one(operation):
    async def make() -> None: ...

    assert "requestBody" not in operation(posted(make))


def test_one_model_is_the_whole_body(operation):
    async def make(item: Item) -> None: ...

    assert only(operation(posted(make))["requestBody"]) == (
        "application/json",
        {"$ref": "#/components/schemas/Item"},
        True,
    )


def test_a_body_with_a_default_need_not_be_sent(operation):
    async def make(items: list[int] | None = None) -> None: ...

    _, schema, required = only(operation(posted(make))["requestBody"])
    assert required is False
    assert schema == {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]}


def test_what_the_marker_declares_of_the_body_is_documented(operation):
    named = {"one": {"value": {"name": "spoon"}}}

    async def make(
        item: Annotated[
            Item, Body(media_type="application/vnd.item+json", description="A thing.", openapi_examples=named)
        ],
    ) -> None: ...

    body = operation(posted(make))["requestBody"]
    assert body["description"] == "A thing."
    assert body["content"] == {
        "application/vnd.item+json": {"schema": {"$ref": "#/components/schemas/Item"}, "examples": named}
    }


def test_several_parameters_are_members_of_an_object_without_a_name(document):
    async def make(item: Item, count: Annotated[int, Body(ge=1)] = 1) -> None: ...

    made = document(posted(make))
    assert only(made["paths"]["/"]["post"]["requestBody"]) == (
        "application/json",
        {
            "type": "object",
            "properties": {
                "item": {"$ref": "#/components/schemas/Item"},
                "count": {"type": "integer", "minimum": 1, "default": 1},
            },
            "required": ["item"],
        },
        True,
    )
    assert not any("Body" in name for name in made["components"]["schemas"])


def test_an_object_of_which_no_member_is_needed_need_not_be_sent(operation):
    async def make(one: Annotated[int, Body()] = 1, two: Annotated[int, Body()] = 2) -> None: ...

    assert operation(posted(make))["requestBody"]["required"] is False


@pytest.mark.parametrize(
    ("marker", "media_type"), [(Body(), "application/octet-stream"), (Body(media_type="image/png"), "image/png")]
)
def test_bytes_are_taken_as_they_come(operation, marker, media_type):
    async def make(data: Annotated[bytes, marker]) -> None: ...

    assert only(operation(posted(make))["requestBody"]) == (media_type, BINARY, True)


def test_fields_of_a_form_are_properties(operation):
    async def make(
        name: Annotated[str, Form(max_length=9)],
        nick: Annotated[str | None, Form()] = None,
        age: Annotated[int, Form()] = 3,
    ) -> None: ...

    assert only(operation(posted(make))["requestBody"]) == (
        "application/x-www-form-urlencoded",
        {
            "type": "object",
            "properties": {
                "name": {"type": "string", "maxLength": 9},
                "nick": {"type": "string"},
                "age": {"type": "integer", "default": 3},
            },
            "required": ["name"],
        },
        True,
    )


def test_a_file_makes_the_form_multipart(operation):
    async def make(
        photo: Annotated[UploadFile, File(description="A picture.", max_bytes=1000)],
        rest: list[UploadFile],
        text: Annotated[bytes | None, File()] = None,
    ) -> None: ...

    media_type, schema, required = only(operation(posted(make))["requestBody"])
    assert (media_type, required) == ("multipart/form-data", True)
    assert schema == {
        "type": "object",
        "properties": {
            "photo": {**BINARY, "maxLength": 1000, "description": "A picture."},
            "rest": {"type": "array", "items": BINARY},
            "text": BINARY,
        },
        "required": ["photo", "rest"],
    }


def test_a_model_that_is_the_whole_form_lends_its_name_and_its_words(operation):
    class Login(BaseModel, extra="forbid"):
        """What a person types in."""

        user: str = Field(alias="username")
        remember: bool = False

    async def make(login: Annotated[Login, Form()]) -> None: ...

    assert only(operation(posted(make))["requestBody"]) == (
        "application/x-www-form-urlencoded",
        {
            "title": "Login",
            "description": "What a person types in.",
            "additionalProperties": False,
            "type": "object",
            "properties": {"username": {"type": "string"}, "remember": {"type": "boolean", "default": False}},
            "required": ["username"],
        },
        True,
    )


def test_a_form_model_may_hold_files(operation):
    class Upload(BaseModel):
        model_config = {"arbitrary_types_allowed": True}

        title: str
        file: UploadFile
        more: list[UploadFile] = []

    async def make(upload: Annotated[Upload, Form()]) -> None: ...

    media_type, schema, _ = only(operation(posted(make))["requestBody"])
    assert media_type == "multipart/form-data"
    assert schema["properties"]["file"] == BINARY
    assert schema["properties"]["more"]["items"] == BINARY


def test_the_marker_may_require_multipart(operation):
    async def make(name: Annotated[str, Form(media_type="multipart/form-data")]) -> None: ...

    assert only(operation(posted(make))["requestBody"])[0] == "multipart/form-data"


def test_named_examples_of_a_field_are_in_its_schema(operation):
    async def make(
        n: Annotated[int, Form(openapi_examples={"few": {"value": 3}, "far": {"externalValue": "x"}})],
    ) -> None: ...

    _, schema, _ = only(operation(posted(make))["requestBody"])
    assert schema["properties"]["n"] == {"type": "integer", "examples": [3]}
