"""Every way to name a value or to give it a default, in every place: the name is read, or the route is rejected.

A name is declared by the place's own marker, or by a pydantic `Field` next to it. The value is sent under each name,
and under the parameter's own, which is then unknown.
"""

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field, create_model
from typing_extensions import TypedDict

from signette.app import App
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Body, Cookie, Form, Header, Marker, Query
from tests.asgi import JSON, URLENCODED, Exchange, fetch
from tests.declarative.crossing.places import endpoint_of, stdlib_dataclass

pytestmark = pytest.mark.either_loop

NAMES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "alias": ({"alias": "w"}, ("w",)),
    "validation_alias": ({"validation_alias": "w"}, ("w",)),
    "both": ({"alias": "x", "validation_alias": "w"}, ("w",)),
    "AliasChoices": ({"validation_alias": AliasChoices("w", "u")}, ("w", "u")),
    "serialization_alias": ({"serialization_alias": "x"}, ("v",)),
}
SOURCES: tuple[type[Marker], ...] = (Query, Header, Cookie, Form, Body)


async def send(app: App, source: type[Marker], name: str, value: str) -> Exchange:
    if source is Query:
        return await fetch(app, f"POST /?{name}={value}")
    if source is Header:
        return await fetch(app, "POST /", headers={name: value})
    if source is Cookie:
        return await fetch(app, "POST /", headers={"cookie": f"{name}={value}"})
    if source is Form:
        return await fetch(app, "POST /", f"{name}={value}".encode(), URLENCODED)
    return await fetch(app, "POST /", f'{{"{name}": {value}}}'.encode(), JSON)


def own(source: type[Marker], **options: Any) -> Marker:
    return source(embed=True, **options) if source is Body else source(**options)


def declared_by_marker(source: type[Marker], declared: dict[str, Any]) -> Any:
    return Annotated[int, own(source, **declared)]


def declared_by_field(source: type[Marker], declared: dict[str, Any]) -> Any:
    return Annotated[int, own(source), Field(**declared)]


def declared_before_the_marker(source: type[Marker], declared: dict[str, Any]) -> Any:
    return Annotated[int, Field(**declared), own(source)]


def declared_next_to_none(source: type[Marker], declared: dict[str, Any]) -> Any:
    return Annotated[int, own(source, **declared)] | None


def field_of_a_model(source: type[Marker], declared: dict[str, Any]) -> Any:
    return Annotated[create_model("Model", v=(int, Field(**declared))), source()]


def marked_field_of_a_model(source: type[Marker], declared: dict[str, Any]) -> Any:
    return Annotated[create_model("Model", v=(Annotated[int, source(**declared)], ...)), source()]


def marker_for_a_default_in_a_model(source: type[Marker], declared: dict[str, Any]) -> Any:
    return Annotated[create_model("Model", v=(int, source(**declared))), source()]


def field_of_a_dataclass(source: type[Marker], declared: dict[str, Any]) -> Any:
    return Annotated[stdlib_dataclass(Annotated[int, Field(**declared)]), source()]


def field_of_a_typed_dict(source: type[Marker], declared: dict[str, Any]) -> Any:
    return Annotated[TypedDict("Dict", {"v": Annotated[int, Field(**declared)]}), source()]


def in_a_dependency(source: type[Marker], declared: dict[str, Any]) -> Any:
    async def dependency(v: Any) -> Any:
        return v

    dependency.__annotations__ = {"v": declared_by_field(source, declared)}
    return Annotated[int, Depends(dependency)]


CARRIERS: tuple[Callable[[type[Marker], dict[str, Any]], Any], ...] = (
    declared_by_marker,
    declared_by_field,
    declared_before_the_marker,
    declared_next_to_none,
    field_of_a_model,
    marked_field_of_a_model,
    marker_for_a_default_in_a_model,
    field_of_a_dataclass,
    field_of_a_typed_dict,
    in_a_dependency,
)


def value_of(taken: Any) -> Any:
    if isinstance(taken, dict):
        return taken["v"]
    return getattr(taken, "v", taken)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: carrier.__name__)
async def test_a_value_is_read_under_each_of_its_names(carrier: Any, source: type[Marker]) -> None:
    for word, (declared, names) in NAMES.items():
        app, seen = App(), []
        app.add_api_route("/", endpoint_of(seen, carrier(source, declared)), ["POST"])
        for name in names:
            response = await send(app, source, name, "3")
            assert response.status == 204, (word, name, response.body)
            assert value_of(seen.pop()) == 3
        if "v" not in names:
            assert (await send(app, source, "v", "3")).status == 422, word


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
async def test_a_name_that_leads_into_a_value_is_rejected(source: type[Marker]) -> None:
    with pytest.raises(SignatureError):
        App().add_api_route(
            "/", endpoint_of([], declared_by_field(source, {"validation_alias": AliasPath("w", "a")})), ["POST"]
        )


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: carrier.__name__)
async def test_a_default_factory_fills_a_value_that_is_not_sent(carrier: Any, source: type[Marker]) -> None:
    app, seen, made = App(), [], iter((7, 8))
    app.add_api_route("/", endpoint_of(seen, carrier(source, {"default_factory": lambda: next(made)})), ["POST"])
    nothing = (b"{}", JSON) if source is Body else (b"", {})
    for expected in (7, 8):
        assert (await fetch(app, "POST /", *nothing)).status == 204
        assert value_of(seen.pop()) == expected


class Lenient(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    v: int = Field(alias="w")


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
@pytest.mark.parametrize("name", ["v", "w"])
async def test_a_model_that_takes_both_is_read_by_both(source: type[Marker], name: str) -> None:
    app, seen = App(), []
    app.add_api_route("/", endpoint_of(seen, Annotated[Lenient, source()]), ["POST"])
    assert (await send(app, source, name, "3")).status == 204
    assert seen[0].v == 3


@pytest.mark.parametrize("written", ["5", "Query", "Field"])
async def test_a_default_is_validated_where_that_is_asked_for(written: str) -> None:
    default = {"5": "5", "Query": Query("5", validate_default=True), "Field": Field("5", validate_default=True)}[
        written
    ]
    annotation = Annotated[int, Query(validate_default=True)] if written == "5" else int
    app, seen = App(), []
    app.add_api_route("/", endpoint_of(seen, annotation, default), ["GET"])
    assert (await fetch(app, "GET /")).status == 204
    assert seen == [5]


def test_the_size_of_the_table() -> None:
    assert len(CARRIERS) * len(SOURCES) * (len(NAMES) + 1) >= 300
