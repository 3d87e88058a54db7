"""Uploaded files next to other types: read where both can be sent, rejected where one of them cannot."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Json, create_model

from signette.app import App
from signette.datastructures.upload import UploadFile
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.markers import Body, File, Form, Query
from tests.asgi import MULTIPART, fetch
from tests.declarative.building import part


class Item(BaseModel):
    a: int = 1


FILE = '--cut\r\nContent-Disposition: form-data; name="v"; filename="a.txt"\r\n\r\nhi\r\n'
OTHER = FILE.replace("a.txt", "b.txt")
NONE_CHOSEN = '--cut\r\nContent-Disposition: form-data; name="v"; filename=""\r\n\r\n\r\n'
TEXT = part("v", "5")
END = "--cut--\r\n"


def named(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [named(each) for each in value]
    if isinstance(value, dict):
        return {key: named(each) for key, each in value.items()}
    return value.filename if isinstance(value, UploadFile) else value


def app_with(annotation: Any, *default: Any, spread: bool = False) -> tuple[App, list[Any]]:
    app, seen = App(), []

    async def endpoint(v: Any) -> None:
        seen.append(named(v.v if spread else v))

    plain = annotation
    if spread:
        model = create_model("Spread", v=(annotation, *(default or (...,))))
        plain = Annotated[model, Form()]
    elif default:
        endpoint.__defaults__ = default
    endpoint.__annotations__["v"] = plain
    app.post("/")(endpoint)
    return app, seen


async def sent(app: App, seen: list[Any], *parts: str) -> Any:
    """What the endpoint got, or the status where it got nothing."""
    seen.clear()
    response = await fetch(app, "POST /", ("".join(parts) + END).encode(), MULTIPART)
    return seen[0] if seen else response.status


READ = {
    "a file or a text": (UploadFile | str, {(FILE,): "a.txt", (TEXT,): "5", (NONE_CHOSEN,): 422}),
    "a text or a file": (str | UploadFile, {(FILE,): "a.txt", (TEXT,): "5"}),
    "with None among them": (UploadFile | None | str, {(FILE,): "a.txt", (TEXT,): "5", (): 422}),
    "a file or a number": (UploadFile | int, {(FILE,): "a.txt", (TEXT,): 5, (part("v", "x"),): 422}),
    "bytes or a file": (bytes | UploadFile, {(FILE,): "a.txt", (TEXT,): b"5"}),
    "a file or JSON": (UploadFile | Json[list[int]], {(FILE,): "a.txt", (part("v", "[1]"),): [1]}),
    "files or nothing": (list[UploadFile | None], {(FILE, OTHER): ["a.txt", "b.txt"], (FILE,): ["a.txt"]}),
    "files and texts": (list[UploadFile | str], {(FILE, TEXT): ["a.txt", "5"]}),
    "files or one": (list[UploadFile] | UploadFile, {(FILE,): ["a.txt"], (FILE, OTHER): ["a.txt", "b.txt"]}),
    "a file and a text": (tuple[UploadFile, str], {(FILE, TEXT): ["a.txt", "5"], (FILE,): 422}),
    "a tuple of files": (tuple[UploadFile, ...], {(FILE, OTHER): ["a.txt", "b.txt"]}),
}


@pytest.mark.parametrize("way", ["bare", "File()", "spread"])
@pytest.mark.parametrize("name", READ)
async def test_a_file_is_read_next_to_the_other_fields_of_a_form(name: str, way: str) -> None:
    annotation, expected = READ[name]
    app, seen = app_with(Annotated[annotation, File()] if way == "File()" else annotation, spread=way == "spread")
    assert {parts: await sent(app, seen, *parts) for parts in expected} == expected


@pytest.mark.parametrize("annotation", [UploadFile | str | None, list[UploadFile | None] | None], ids=repr)
async def test_without_a_choice_the_default_applies(annotation: Any) -> None:
    app, seen = app_with(annotation, None)
    assert await sent(app, seen, NONE_CHOSEN) is None
    assert await sent(app, seen) is None
    assert await sent(app, seen, FILE) is not None


async def test_files_of_a_form_may_have_names_of_their_own() -> None:
    app, seen = app_with(Annotated[dict[str, UploadFile], Form()])
    assert await sent(app, seen, FILE.replace('"v"', '"v[x]"')) == {"x": "a.txt"}


class Nested(BaseModel):
    files: list[UploadFile] = []


@pytest.mark.parametrize(
    "annotation",
    [
        dict[str, UploadFile],
        Annotated[dict[str, UploadFile], File()],
        Annotated[dict[str, bytes], File()],
        Annotated[list[Item], File()],
        Annotated[list[dict[str, bytes]], File()],
        list[list[UploadFile]],
        list[dict[str, UploadFile]],
        UploadFile | Item,
        UploadFile | dict[str, int],
        Annotated[UploadFile | str, Query()],
        Annotated[list[UploadFile | str], Query()],
        Annotated[UploadFile | str, Body()],
        Annotated[Nested, Query()],
        list[Nested],
        dict[str, Nested],
    ],
    ids=repr,
)
def test_what_no_form_or_json_holds_is_rejected_when_the_route_is_created(annotation: Any) -> None:
    with pytest.raises(SignatureError):
        app_with(annotation)


@pytest.mark.parametrize("annotation", [UploadFile | str, Annotated[UploadFile | str, Form()]], ids=repr)
def test_the_document_describes_both(annotation: Any) -> None:
    app, _ = app_with(annotation)
    content = app.openapi()["paths"]["/"]["post"]["requestBody"]["content"]
    (schema,) = content["multipart/form-data"]["schema"]["properties"].values()
    assert [(each["type"], each.get("format")) for each in schema["anyOf"]] == [("string", "binary"), ("string", None)]


def test_the_document_describes_lists_of_both() -> None:
    app, _ = app_with(list[UploadFile | None] | None, None)
    content = app.openapi()["paths"]["/"]["post"]["requestBody"]["content"]
    (schema,) = content["multipart/form-data"]["schema"]["properties"].values()
    assert (schema["type"], schema["items"]["format"]) == ("array", "binary")
