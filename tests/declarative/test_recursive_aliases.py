"""Aliases that refer to themselves: a JSON value, a tree. By `TypeAliasType`, and by the statement of Python 3.12."""

import sys
from typing import Annotated, Any

import pytest
from annotated_types import MaxLen
from pydantic import BaseModel, Field, RootModel
from typing_extensions import TypeAliasType, TypeVar

from signette.app import App
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Body, Cookie, Form, Header, Path, Query
from tests.asgi import JSON, URLENCODED, fetch

T = TypeVar("T")

Tree = TypeAliasType("Tree", "dict[str, Tree] | int")
Value = TypeAliasType("Value", "dict[str, Value] | list[Value] | str | int | bool | None")
Nested = TypeAliasType("Nested", "list[Nested[T]] | T", type_params=(T,))

STATED = """
type Tree = dict[str, Tree] | int
type Value = dict[str, Value] | list[Value] | str | int | bool | None
type Nested[T] = list[Nested[T]] | T
"""


def stated() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(STATED, names)
    return names


SPELLINGS = {"made": {"Tree": Tree, "Value": Value, "Nested": Nested}}
if sys.version_info >= (3, 12):
    SPELLINGS["stated"] = stated()
SPELLED = pytest.mark.parametrize("aliases", SPELLINGS.values(), ids=SPELLINGS)


def app_of(annotation: Any, result: Any = Any) -> App:
    async def endpoint(value: Any) -> Any:
        return value

    endpoint.__annotations__ = {"value": annotation, "return": result}
    app = App()
    app.post("/")(endpoint)
    return app


@SPELLED
async def test_it_is_read_and_written_at_every_depth(aliases: dict[str, Any]) -> None:
    marked = Annotated[aliases["Tree"], Body()]
    for alias, sent, wrong in (
        (aliases["Tree"], b'{"a":{"b":1}}', b'{"a":{"b":"x"}}'),
        (aliases["Value"], b'{"a":[1,null,{"b":true}]}', b'{"a":[1.5]}'),
        (aliases["Nested"][int], b"[1,[2,[3]]]", b'["x"]'),
        (marked, b'{"a":1}', b'"x"'),
        (aliases["Tree"] | None, b"null", b'"x"'),
        (list[aliases["Tree"]], b'[{"a":1},2]', b'["x"]'),
    ):
        app = app_of(alias, Any if alias is marked else alias)
        response = await fetch(app, "POST /", sent, JSON)
        assert (response.status, response.body) == (200, sent), alias
        assert (await fetch(app, "POST /", wrong, JSON)).status == 422
        document = app.openapi()
        assert document["paths"]["/"]["post"]["requestBody"]["content"]["application/json"]["schema"]


@SPELLED
async def test_it_may_be_in_models_and_dependencies(aliases: dict[str, Any]) -> None:
    class Box(BaseModel):
        tree: aliases["Tree"] = Field(default_factory=dict)  # type: ignore[valid-type]

    async def dependency(value: Any) -> Any:
        return value

    dependency.__annotations__ = {"value": aliases["Tree"]}
    app = app_of(Annotated[Any, Depends(dependency)])
    assert (await fetch(app, "POST /", b'{"a":1}', JSON)).json == {"a": 1}
    assert (await fetch(app_of(Box), "POST /", b'{"tree":{"a":{"b":2}}}', JSON)).json == {"tree": {"a": {"b": 2}}}
    root = RootModel[aliases["Tree"]]  # type: ignore[name-defined]
    assert (await fetch(app_of(root), "POST /", b'{"a":1}', JSON)).json == {"a": 1}


@SPELLED
async def test_a_constraint_next_to_it_applies(aliases: dict[str, Any]) -> None:
    app = app_of(Annotated[aliases["Nested"][str], MaxLen(2)])
    assert (await fetch(app, "POST /", b'["a","b"]', JSON)).status == 200
    assert (await fetch(app, "POST /", b'["a","b","c"]', JSON)).status == 422


@SPELLED
def test_it_is_rejected_where_no_text_says_it(aliases: dict[str, Any]) -> None:
    for name in ("Tree", "Value"):
        for marker in (Query(), Header(), Cookie(), Path()):
            with pytest.raises(SignatureError):
                app_of(Annotated[aliases[name], marker])


@SPELLED
async def test_names_with_brackets_read_it_at_every_depth(aliases: dict[str, Any]) -> None:
    class Box(BaseModel):
        value: aliases["Tree"]  # type: ignore[valid-type]

    for annotation, expected in (
        (Annotated[aliases["Tree"], Form()], {"a": {"b": 1}}),
        (Annotated[aliases["Tree"], Query(style="deepObject")], {"a": {"b": 1}}),
        (Annotated[Box, Form()], {"value": {"a": {"b": 1}}}),
        (Annotated[Box, Query()], {"value": {"a": {"b": 1}}}),
    ):
        app = app_of(annotation)
        assert (await fetch(app, "POST /?value[a][b]=1", b"value[a][b]=1", URLENCODED)).json == expected
        assert (await fetch(app, "POST /?value[a][b]=x", b"value[a][b]=x", URLENCODED)).status == 422
        assert app.openapi()["paths"]["/"]["post"]
