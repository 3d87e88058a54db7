"""Callables that ask for the same body share one read of it; what would change the body is rejected."""

from typing import Annotated, Any

import pytest
from pydantic import AliasChoices, AliasPath, BaseModel

from signette.app import App
from signette.datastructures.upload import UploadFile
from signette.declarative.errors.base import SignatureError
from signette.declarative.plan.steps import Read
from signette.declarative.routing.router import Router
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Body, Form, Query
from tests.asgi import JSON, MULTIPART, URLENCODED, fetch
from tests.declarative.building import part


class Item(BaseModel):
    x: int


class Other(BaseModel):
    x: int


async def look(body: Item) -> int:
    return body.x


async def look_again(body: Item) -> int:
    return body.x + 1


async def look_deeper(seen: Annotated[int, Depends(look)], body: Annotated[Item, Body()]) -> list[int]:
    return [seen, body.x]


async def test_an_endpoint_and_its_dependency_take_the_same_body() -> None:
    app = App()

    @app.post("/")
    async def endpoint(body: Item, seen: Annotated[int, Depends(look)]) -> list[int]:
        return [body.x, seen]

    assert (await fetch(app, "POST /", b'{"x": 3}', JSON)).json == [3, 3]
    rejected = await fetch(app, "POST /", b'{"x": "z"}', JSON)
    assert (rejected.status, rejected.errors) == (422, [("body", "/x", "int_parsing")])
    assert len([step for step in app.routes[-1].plan.steps if isinstance(step, Read)]) == 1
    schema = app.openapi()["paths"]["/"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Item"}


async def test_so_do_two_dependencies_one_below_another_and_those_of_routers() -> None:
    app = App(dependencies=[Depends(look)])
    router = Router(dependencies=[Depends(look_again)])

    @router.post("/")
    async def endpoint(
        one: Annotated[int, Depends(look)],
        two: Annotated[int, Depends(look_again)],
        deep: Annotated[list[int], Depends(look_deeper)],
    ) -> list[Any]:
        return [one, two, deep]

    app.include_router(router)
    assert (await fetch(app, "POST /", b'{"x": 3}', JSON)).json == [3, 4, [3, 3]]


async def test_a_dependency_that_is_called_again_shares_it_too() -> None:
    app = App()

    @app.post("/")
    async def endpoint(
        one: Annotated[int, Depends(look)], two: Annotated[int, Depends(look, use_cache=False)]
    ) -> list[int]:
        return [one, two]

    assert (await fetch(app, "POST /", b'{"x": 3}', JSON)).json == [3, 3]


async def test_callables_that_take_the_same_members_share_an_object_of_them() -> None:
    app = App()

    async def both(a: Item, b: Annotated[int, Body()]) -> int:
        return a.x + b

    @app.post("/")
    async def endpoint(b: Annotated[int, Body()], a: Item, seen: Annotated[int, Depends(both)]) -> list[int]:
        return [a.x, b, seen]

    assert (await fetch(app, "POST /", b'{"a": {"x": 3}, "b": 4}', JSON)).json == [3, 4, 7]


async def test_embedded_members_of_one_name_are_one() -> None:
    app = App()

    async def embedded(body: Annotated[Item, Body(embed=True)]) -> int:
        return body.x

    @app.post("/")
    async def endpoint(body: Annotated[Item, Body(embed=True)], seen: Annotated[int, Depends(embedded)]) -> list[int]:
        return [body.x, seen]

    assert (await fetch(app, "POST /", b'{"body": {"x": 3}}', JSON)).json == [3, 3]
    rejected = await fetch(app, "POST /", b"{}", JSON)
    assert rejected.errors == [("body", "/body", "missing")]


async def test_a_part_of_a_form_is_shared_too() -> None:
    app = App()

    @app.post("/")
    async def endpoint(
        body: Item, seen: Annotated[int, Depends(look)], file: UploadFile | None = None, n: Annotated[int, Form()] = 0
    ) -> list[int]:
        return [body.x, seen, n]

    text = part("body", '{"x": 3}') + part("n", "4") + "--cut--\r\n"
    assert (await fetch(app, "POST /", text.encode(), MULTIPART)).json == [3, 3, 4]
    rejected = await fetch(app, "POST /", b"n=4", URLENCODED)
    assert rejected.errors == [("form", "body", "missing")]


async def test_the_words_of_a_marker_reach_the_document_from_any_parameter() -> None:
    app = App()

    @app.post("/")
    async def endpoint(seen: Annotated[int, Depends(look)], body: Annotated[Item, Body(description="A thing.")]) -> int:
        return body.x

    assert (await fetch(app, "POST /", b'{"x": 3}', JSON)).json == 3
    assert app.openapi()["paths"]["/"]["post"]["requestBody"]["description"] == "A thing."


async def test_the_same_default_is_shared() -> None:
    app = App()

    async def maybe(body: Item | None = None) -> bool:
        return body is None

    @app.post("/")
    async def endpoint(seen: Annotated[bool, Depends(maybe)], body: Item | None = None) -> list[bool]:
        return [seen, body is None]

    assert (await fetch(app, "POST /")).json == [True, True]


async def other_name(thing: Item) -> int:
    return thing.x


async def other_type(body: Other) -> int:
    return body.x


async def other_default(body: Item | None = None) -> int:
    return 0


async def other_shape(body: Annotated[Item, Body(embed=True)]) -> int:
    return body.x


async def one_member_more(body: Item, more: Item) -> int:
    return body.x


@pytest.mark.parametrize("dependency", [other_name, other_type, other_default, other_shape, one_member_more])
def test_what_would_change_the_body_of_another_is_rejected(dependency: Any) -> None:
    app = App()

    async def endpoint(body: Item, seen: int) -> None: ...

    endpoint.__annotations__["seen"] = Annotated[int, Depends(dependency)]
    with pytest.raises(SignatureError, match="body"):
        app.post("/")(endpoint)


# -- names of members ------------------------------------------------------------------------------------------------

FIRST_OR_SECOND = AliasChoices("first", "second")


async def test_a_member_is_found_by_the_first_of_its_names_that_was_sent() -> None:
    app = App()

    @app.post("/")
    async def endpoint(
        n: Annotated[int, Body(embed=True, validation_alias=FIRST_OR_SECOND)] = 10,
        k: Annotated[int, Query()] = 0,
    ) -> int:
        return n

    sent = {b"{}": 10, b'{"first": 1}': 1, b'{"second": 2}': 2, b'{"second": 2, "first": 1}': 1, b'{"n": 3}': 10}
    assert {body: (await fetch(app, "POST /", body, JSON)).json for body in sent} == sent
    rejected = await fetch(app, "POST /", b'{"second": "x"}', JSON)
    assert rejected.errors == [("body", "/second", "int_parsing")]
    schema = app.openapi()["paths"]["/"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert list(schema["properties"]) == ["first"]


async def test_so_is_a_part_of_a_form() -> None:
    app = App()

    @app.post("/")
    async def endpoint(item: Annotated[Item, Body(validation_alias=FIRST_OR_SECOND)], n: Annotated[int, Form()]) -> int:
        return item.x + n

    text = part("second", '{"x": 3}') + part("n", "4") + "--cut--\r\n"
    assert (await fetch(app, "POST /", text.encode(), MULTIPART)).json == 7


def test_a_path_into_a_member_is_rejected() -> None:
    app = App()

    async def endpoint(n: Annotated[int, Body(embed=True, validation_alias=AliasPath("a", 0))] = 1) -> None: ...

    with pytest.raises(SignatureError, match="AliasPath"):
        app.post("/")(endpoint)
