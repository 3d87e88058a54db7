"""Where a type may be in a signature: for each place an application, a request, and what pydantic says of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, make_dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from pydantic import TypeAdapter, ValidationError, create_model
from pydantic_core import to_jsonable_python
from typing_extensions import TypeAliasType, TypeVar

from signette.app import App
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Body, Cookie, Form, Header, Marker, Path, Query
from tests.asgi import JSON, MULTIPART, URLENCODED, Exchange, fetch
from tests.declarative.building import form, part

T = TypeVar("T")
Seen = list[Any]
REJECTED = "refused"


@dataclass(frozen=True)
class Place:
    """One place: how a type is put there, how a value is sent, and the annotation that shows what comes of it."""

    name: str
    declare: Callable[[App, Any, Seen], None]
    send: Callable[[App, Any], Any]
    """A coroutine that sends one value."""
    wrap: Callable[[Any], Any] = lambda annotation: annotation
    """The type that pydantic validates, for the type that stands in the place."""
    take: Callable[[Any], Any] = lambda value: value
    """What the endpoint saw -> what the oracle gives."""
    shape: Callable[[Any], Any] = lambda value: value
    """A value -> what pydantic is given."""
    source: type[Marker] = Query
    is_json: bool = False
    nested: bool = False
    """A part of the parameter's type, where no marker may stand."""
    is_whole: bool = False
    """The whole type of a parameter without a marker, which any marker may be beside."""

    def __str__(self) -> str:
        return self.name

    def oracle(self, annotation: Any, values: tuple[Any, ...]) -> list[Any]:
        """What pydantic says of each value: the value as JSON has it, or that it is rejected."""
        adapter = TypeAdapter(self.wrap(annotation))
        found = []
        for value in values:
            given = self.shape(value if self.is_json else str(value))
            try:
                taken = adapter.validate_json(json.dumps(given)) if self.is_json else adapter.validate_python(given)
            except ValidationError:
                found.append(REJECTED)
            else:
                found.append(to_jsonable_python(self.take(taken), inf_nan_mode="strings"))
        return found


def endpoint_of(seen: Seen, annotation: Any, default: Any = ...) -> Any:
    async def endpoint(v: Any) -> None:
        seen.append(v)

    endpoint.__annotations__ = {"v": annotation, "return": None}
    if default is not ...:
        endpoint.__defaults__ = (default,)
    return endpoint


def parameter(wrap: Callable[[Any], Any] = lambda each: each, path: str = "/", method: str = "GET") -> Any:
    """The type, wrapped, is the annotation of the endpoint's parameter."""

    def declare(app: App, annotation: Any, seen: Seen) -> None:
        app.add_api_route(path, endpoint_of(seen, wrap(annotation)), [method])

    return declare


def in_dependency(wrap: Callable[[Any], Any] = lambda each: each) -> Any:
    def declare(app: App, annotation: Any, seen: Seen) -> None:
        async def dependency(v: Any) -> Any:
            return v

        dependency.__annotations__ = {"v": wrap(annotation)}
        app.add_api_route("/", endpoint_of(seen, Annotated[Any, Depends(dependency)]), ["GET"])

    return declare


def in_class(make: Callable[[Any], Any], method: str = "GET") -> Any:
    """The type is in a class that `Depends()` calls."""

    def declare(app: App, annotation: Any, seen: Seen) -> None:
        app.add_api_route("/", endpoint_of(seen, Annotated[make(annotation), Depends()]), [method])

    return declare


def model(annotation: Any) -> Any:
    return create_model("Model", v=(annotation, ...))


def stdlib_dataclass(annotation: Any) -> Any:
    return make_dataclass("Data", [("v", annotation)])


def typed_dict(annotation: Any) -> Any:
    from typing_extensions import TypedDict as Typed

    return Typed("Dict", {"v": annotation})


def plain_class(annotation: Any) -> Any:
    class Plain:
        def __init__(self, v: Any) -> None:
            self.v = v

    Plain.__init__.__annotations__ = {"v": annotation}
    return Plain


def attribute(value: Any) -> Any:
    return value["v"] if isinstance(value, dict) else value.v


def nested_model(annotation: Any) -> Any:
    return create_model("Outer", inner=(list[model(annotation)], ...))  # type: ignore[misc]


def member(value: Any) -> Any:
    return {"v": value}


async def by_query(app: App, value: Any) -> Exchange:
    return await fetch(app, f"GET /?{urlencode({'v': value})}")


async def by_path(app: App, value: Any) -> Exchange:
    return await fetch(app, f"GET /{value}")


async def by_header(app: App, value: Any) -> Exchange:
    return await fetch(app, "GET /", headers={"v": str(value)})


async def by_cookie(app: App, value: Any) -> Exchange:
    return await fetch(app, "GET /", headers={"cookie": f"v={value}"})


async def by_form(app: App, value: Any) -> Exchange:
    return await fetch(app, "POST /", urlencode({"v": value}, quote_via=quote).encode(), URLENCODED)


async def by_parts(app: App, value: Any) -> Exchange:
    return await fetch(app, "POST /", form(part("v", str(value))), MULTIPART)


def by_json(shape: Callable[[Any], Any] = lambda value: value) -> Any:
    async def send(app: App, value: Any) -> Exchange:
        return await fetch(app, "POST /", json.dumps(shape(value)).encode(), JSON)

    return send


def marked(*options: Any) -> Callable[[Any], Any]:
    return lambda annotation: Annotated[(annotation, *options)]


def alias(annotation: Any) -> Any:
    return TypeAliasType("Alias", annotation)


def generic_alias(annotation: Any) -> Any:
    return TypeAliasType("Many", list[T], type_params=(T,))[annotation]  # type: ignore[valid-type]


def place(name: str, declare: Any, send: Any, **options: Any) -> Place:
    return Place(name, declare, send, **options)


def spread(make: Callable[[Any], Any], marker: Marker) -> Callable[[Any], Any]:
    return lambda annotation: Annotated[make(annotation), marker]


def listed(value: Any) -> Any:
    return [value]


PLACES = (
    place("query, unmarked", parameter(), by_query, is_whole=True),
    place("query", parameter(marked(Query())), by_query),
    place("query behind an alias", parameter(lambda each: Annotated[alias(each), Query()]), by_query),
    place("an alias alone", parameter(alias), by_query, is_whole=True),
    place("beside None", parameter(lambda each: each | None), by_query, wrap=lambda each: each | None, is_whole=True),
    place("beside None, marked", parameter(lambda each: Annotated[each | None, Query()]), by_query,
          wrap=lambda each: each | None),
    place("path", parameter(marked(Path()), "/{v}"), by_path, source=Path),
    place("path, unmarked", parameter(path="/{v}"), by_path, source=Path, is_whole=True),
    place("header", parameter(marked(Header())), by_header, source=Header),
    place("cookie", parameter(marked(Cookie())), by_cookie, source=Cookie),
    place("form field", parameter(marked(Form()), method="POST"), by_form, source=Form),
    place("form field, multipart", parameter(marked(Form()), method="POST"), by_parts, source=Form),
    place("items of a query", parameter(lambda each: Annotated[list[each], Query()]), by_query,  # type: ignore[valid-type]
          wrap=lambda each: list[each], shape=listed, nested=True),  # type: ignore[valid-type]
    place("items behind a generic alias", parameter(lambda each: Annotated[generic_alias(each), Query()]), by_query,
          wrap=lambda each: list[each], shape=listed, nested=True),  # type: ignore[valid-type]
    place("items of a tuple", parameter(lambda each: Annotated[tuple[each, ...], Query()]), by_query,  # type: ignore[valid-type]
          wrap=lambda each: tuple[each, ...], shape=listed, nested=True),  # type: ignore[valid-type]
    place("items beside None", parameter(lambda each: Annotated[list[each | None] | None, Query()]), by_query,
          wrap=lambda each: list[each | None] | None, shape=listed, nested=True),
    place("items of a form", parameter(lambda each: Annotated[list[each], Form()], method="POST"), by_form,  # type: ignore[valid-type]
          wrap=lambda each: list[each], shape=listed, source=Form, nested=True),  # type: ignore[valid-type]
    place("a dependency", in_dependency(), by_query, is_whole=True),
    place("a dependency, marked", in_dependency(marked(Query())), by_query),
    place("a class behind Depends", in_class(plain_class), by_query, is_whole=True),
    place("a model behind Depends", in_class(model), by_query, is_whole=True),
    place("a dataclass behind Depends", in_class(stdlib_dataclass), by_query, is_whole=True),
    place("body", parameter(marked(Body()), method="POST"), by_json(), source=Body, is_json=True),
    place("embedded body", parameter(marked(Body(embed=True)), method="POST"), by_json(member), source=Body,
          is_json=True),
    place("items of a body", parameter(lambda each: list[each], method="POST"), by_json(listed),  # type: ignore[valid-type]
          wrap=lambda each: list[each], shape=listed, is_json=True, source=Body, nested=True),  # type: ignore[valid-type]
    place("values of a body", parameter(lambda each: dict[str, each], method="POST"), by_json(member),  # type: ignore[valid-type]
          wrap=lambda each: dict[str, each], shape=member, is_json=True, source=Body, nested=True),  # type: ignore[valid-type]
    *(
        place(f"field of a {made.__name__} as the {name}", parameter(spread(made, said), method=method), send,
              wrap=made, take=attribute, shape=member, source=type(said), is_json=is_json)
        for made in (model, stdlib_dataclass, typed_dict)
        for name, said, method, send, is_json in (
            ("query", Query(), "GET", by_query, False),
            ("header", Header(), "GET", by_header, False),
            ("cookie", Cookie(), "GET", by_cookie, False),
            ("form", Form(), "POST", by_form, False),
            ("body", Body(), "POST", by_json(member), True),
        )
    ),
    place("field of models in the body", parameter(nested_model, method="POST"),
          by_json(lambda value: {"inner": [{"v": value}]}), wrap=nested_model,
          shape=lambda value: {"inner": [{"v": value}]}, take=lambda value: value.inner[0].v, source=Body,
          is_json=True),
    place("field of optional models in the body", parameter(lambda each: model(each) | None, method="POST"),
          by_json(member), wrap=model, shape=member, take=attribute, source=Body, is_json=True),
)  # fmt: skip
