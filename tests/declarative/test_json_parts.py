"""JSON next to fields and files: each body parameter is a part of the form."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from signette.app import App
from signette.datastructures.upload import UploadFile
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Body, Form
from signette.limits import Limits
from tests.asgi import JSON, MULTIPART, URLENCODED, fetch
from tests.declarative.building import app_of, form, part


class Meta(BaseModel):
    title: str
    pages: list[int] = []


async def scan(meta: Meta, file: UploadFile, note: Annotated[str, Form()] = "") -> dict[str, Any]:
    return {"meta": meta, "file": (await file.read()).decode(), "note": note}


def blob(name: str, content: str, media_type: str | None) -> str:
    """A part as browsers send a `Blob`: a file with a media type."""
    declared = f"\r\nContent-Type: {media_type}" if media_type else ""
    return f'--cut\r\nContent-Disposition: form-data; name="{name}"; filename="blob"{declared}\r\n\r\n{content}\r\n'


async def sent(*parts: str, app: App | None = None) -> Any:
    return await fetch(app or app_of(scan, method="POST"), "POST /", form(*parts), MULTIPART)


FILE = part("file", "bytes", "f.txt")


@pytest.mark.parametrize(
    "meta",
    [part("meta", '{"title": "t"}'), blob("meta", '{"title": "t"}', "application/json"),
     blob("meta", '{"title": "t"}', None)],
    ids=["text", "blob", "untyped"],
)  # fmt: skip
async def test_a_part_of_json_is_text_or_a_file(meta: str) -> None:
    assert (await sent(meta, FILE)).json == {"meta": {"title": "t", "pages": []}, "file": "bytes", "note": ""}


async def test_an_error_points_into_the_part() -> None:
    assert (await sent(part("meta", '{"pages": [1, "x"]}'), FILE)).json["errors"][1] == {
        "in": "form", "name": "meta", "pointer": "/pages/1", "code": "int_parsing",
        "message": "Input should be a valid integer, unable to parse string as an integer",
    }  # fmt: skip
    assert (await sent(part("meta", "{"), FILE)).errors == [("form", "meta", "json_invalid")]
    assert (await sent(FILE)).errors == [("form", "meta", "missing")]
    assert (await sent(part("meta", ""), FILE)).errors == [("form", "meta", "missing")]


async def test_a_file_that_says_that_it_is_no_json_is_of_another_media_type() -> None:
    assert (await sent(blob("meta", '{"title": "t"}', "text/plain"), FILE)).status == 415
    assert (await sent(blob("meta", '{"title": "t"}', "application/ld+json"), FILE)).status == 200


async def test_a_part_is_no_larger_than_a_body_of_json() -> None:
    app = app_of(scan, method="POST")
    app.limits = Limits(json_bytes=10)
    response = await sent(blob("meta", '{"title": "longer"}', "application/json"), FILE, app=app)
    assert (response.status, response.json["detail"]) == (413, "JSON in a form part exceeds 10 bytes")


async def test_values_of_any_type_are_parts_with_defaults_and_names_of_their_own() -> None:
    def count(n: Annotated[int, Body(alias="n-1")] = 7) -> int:
        return n

    async def endpoint(
        n: Annotated[int, Depends(count)], file: UploadFile, tags: Annotated[list[str] | None, Body()] = None
    ) -> list[Any]:
        return [n, tags]

    app = app_of(endpoint, method="POST")
    assert (await sent(FILE, app=app)).json == [7, None]
    assert (await sent(FILE, part("n-1", "3"), part("tags", '["a"]'), app=app)).json == [3, ["a"]]
    assert (await sent(FILE, part("tags", "null"), app=app)).json == [7, None]


async def test_an_urlencoded_form_may_hold_json_and_json_is_no_form() -> None:
    async def endpoint(meta: Meta, note: Annotated[str, Form()]) -> str:
        return meta.title + note

    app = app_of(endpoint, method="POST")
    assert (await fetch(app, "POST /", b"meta=%7B%22title%22%3A%22t%22%7D&note=n", URLENCODED)).body == b"tn"
    assert (await fetch(app, "POST /", b'{"meta": {"title": "t"}, "note": "n"}', JSON)).status == 415


def test_the_document_says_the_media_type_of_the_part() -> None:
    app = app_of(scan, method="POST")
    content = app.openapi()["paths"]["/"]["post"]["requestBody"]["content"]
    assert content["multipart/form-data"]["encoding"] == {"meta": {"contentType": "application/json"}}
    assert content["multipart/form-data"]["schema"]["properties"]["meta"] == {"$ref": "#/components/schemas/Meta"}
    assert content["multipart/form-data"]["schema"]["required"] == ["file", "meta"]
    assert 'read     meta   form "meta" as JSON: Meta' in app.explain("POST /")
