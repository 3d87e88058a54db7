"""Every argument of every marker, for every role of a parameter: it changes something, or the route is rejected.

What it changes is seen in the printed binder or in the OpenAPI document. Constraints have their own table.
"""

import json
from contextlib import suppress
from typing import Annotated, Any

import pytest
from pydantic import AliasChoices, BaseModel

from signette.app import App
from signette.datastructures.upload import UploadFile
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.markers import Body, Cookie, File, Form, Header, Marker, Path, Query


class Order(BaseModel):
    sku_number: int = 1
    note: str = "x"


class Upload(BaseModel):
    file: UploadFile | None = None
    pages: int = 0


ROLES: dict[str, tuple[type[Marker], Any]] = {
    "query": (Query, int),
    "query list": (Query, list[int]),
    "query model": (Query, Order),
    "path": (Path, int),
    "header": (Header, int),
    "header list": (Header, list[int]),
    "header model": (Header, Order),
    "cookie": (Cookie, int),
    "cookie model": (Cookie, Order),
    "body": (Body, Order),
    "body of a number": (Body, int),
    "bytes": (Body, bytes),
    "embedded": (Body, int),
    "member": (Body, int),
    "part beside a form": (Body, Order),
    "form": (Form, int),
    "form model": (Form, Order),
    "form model with a file": (Form, Upload),
    "file": (File, UploadFile),
    "files": (File, list[UploadFile]),
    "content of a file": (File, bytes),
}
NAMED = ("query", "path", "header", "cookie", "embedded", "member", "part beside a form", "form", "file", "files")


def examples_for(annotation: Any) -> Any:
    if annotation is Order:
        return {"note": "y"}
    return {int: 3, bytes: "abc"}.get(annotation, [3] if annotation == list[int] else None)


def arguments_of(marker: type[Marker], annotation: Any) -> dict[str, dict[str, Any]]:
    """Each argument with a value that means something else than its default."""
    example = examples_for(annotation)
    found: dict[str, dict[str, Any]] = {
        "alias": {"alias": "w"},
        "validation_alias": {"validation_alias": "w"},
        "AliasChoices": {"validation_alias": AliasChoices("w", "u")},
        "default_factory": {"default_factory": lambda: example},
        "title": {"title": "A title"},
        "description": {"description": "A description"},
        "deprecated": {"deprecated": True},
        "include_in_schema": {"include_in_schema": False},
        "json_schema_extra": {"json_schema_extra": {"x-extra": 1}},
    }
    if example is not None:
        found |= {
            "examples": {"examples": [example]},
            "openapi_examples": {"openapi_examples": {"a": {"value": example}}},
        }
    if issubclass(marker, Query | Path | Header | Cookie):
        for style in ("form", "simple", "pipeDelimited", "spaceDelimited", "deepObject", "matrix"):
            found[f"style={style}"] = {"style": style, "explode": style == "deepObject"}
    if issubclass(marker, Header):
        found["convert_underscores"] = {"convert_underscores": False}
    if issubclass(marker, Body):
        found |= {"embed": {"embed": True}, "media_type": {"media_type": "application/vnd.shop"}}
    if issubclass(marker, Form):
        found["allow_empty"] = {"allow_empty": True}
        found["media_type"] = {"media_type": "application/x-other"}
    if issubclass(marker, File):
        found["max_bytes"] = {"max_bytes": 3}
        found["media_types"] = {"media_types": ["image/*"]}
    return found


def seen(role: str, arguments: dict[str, Any]) -> str:
    """The binder and the document of an endpoint with one parameter of this role."""
    marker, annotation = ROLES[role]
    if role == "embedded":
        arguments = {"embed": True} | arguments

    async def endpoint(v_x: Any, other: Any = 1) -> None: ...

    beside = {"member": Body(), "part beside a form": Form()}.get(role, Query())
    endpoint.__annotations__ = {"v_x": Annotated[annotation, marker(**arguments)], "other": Annotated[int, beside]}
    names = arguments.keys() & {"alias", "validation_alias"}
    path = f"/{{{'w' if names else 'v_x'}}}" if marker is Path else "/"
    app = App()
    app.add_api_route(path, endpoint, ["POST" if issubclass(marker, Body | Form) else "GET"])
    return app.routes[-1].explain(source=True) + json.dumps(app.openapi())


CELLS = [(role, name) for role, (marker, annotation) in ROLES.items() for name in arguments_of(marker, annotation)]
# It says what is so already: an embedded body is one, two parameters share an object, a path's name is its alias.
SAYS_IT_AGAIN = {("embedded", "embed"), ("member", "embed"), ("form model with a file", "media_type")}


@pytest.mark.parametrize(("role", "name"), [cell for cell in CELLS if cell not in SAYS_IT_AGAIN])
def test_an_argument_changes_something_or_the_route_is_rejected(role: str, name: str) -> None:
    arguments = arguments_of(*ROLES[role])[name]
    plain = seen(role, {})
    if role in NAMED and name in {"alias", "validation_alias", "description"}:
        assert seen(role, arguments) != plain
    else:
        with suppress(SignatureError):
            assert seen(role, arguments) != plain


def test_the_size_of_the_table() -> None:
    assert len(CELLS) > 240
