"""Routes that share validators, checks and compiled code behave as routes that share nothing."""

import functools
import gc
import json
import sys
import weakref
from collections.abc import AsyncIterator, Iterator
from inspect import isfunction
from typing import Annotated, Any, Literal

from annotated_types import Ge
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from signette.app import App
from signette.declarative.adapters.sendable import unsendable
from signette.declarative.adapters.validators import _cached_adapter, _cached_validators
from signette.declarative.binding.codegen import _compiled_once
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.marker_functions import Depends, Query
from signette.declarative.signature.outcomes import Created
from signette.declarative.signature.sharing import Shared
from signette.responses.file import FileResponse
from signette.responses.plain import Response
from tests.asgi import call

# Annotations that are equal, or nearly, but mean different things.
TYPES: tuple[Any, ...] = (
    int, bool, float, str, str | None, int | None, list[int], list[str],
    Literal[1], Literal[True], Literal["1"],
    Annotated[int, Query(ge=1)], Annotated[int, Query(ge=1, le=3)], Annotated[int, Query(gt=1)],
    # These are equal in pairs, and have other documents.
    int | float, float | int, list[int | str], list[str | int], Literal[1, 2], Literal[2, 1],
    Annotated[float, Ge(1)], Annotated[float, Ge(1.0)],
    Annotated[float, Query(ge=1)], Annotated[float, Query(ge=1.0)],
    Annotated[int, Query(ge=1, description="one")], Annotated[int, Query(ge=1, description="two")],
    Annotated[int, Query(alias="other")], Annotated[int, Query(alias="other", ge=2)],
    Annotated[str, Query(min_length=1)], Annotated[str, Query(max_length=1)], Annotated[str, Query(pattern="^a")],
    Annotated[str, Query(title="one")], Annotated[int, Query(deprecated=True)],
)  # fmt: skip
MISSING = object()


class Sent(BaseModel):
    size: int


class Other(BaseModel):
    size: int


def with_limit(response: Response, limit: int = 3) -> Response:
    response.headers["x-limit"] = str(limit)
    return response


def with_text(response: Response, limit: str = "3") -> Response:
    response.headers["x-limit"] = repr(limit)
    return response


async def with_closing(response: Response, value: str = "") -> AsyncIterator[Response]:
    response.headers["x-before"] = value
    yield response


# Of results: some are equal and have other documents, and some are one type in two kinds of functions.
RESULTS: tuple[Any, ...] = (
    MISSING, Any, None, dict[str, Any], dict, str, bytes, list[int | str], list[str | int], Literal[1], Literal[True],
    dict[str, int], Iterator[int], AsyncIterator[int], Created[int], Created[str],
    Annotated[int, Field(description="one")], Annotated[int, Field(description="two")],
)  # fmt: skip
Declared = tuple[Any, Any, Any, dict[str, Any]]
parameters: st.SearchStrategy[Declared] = st.tuples(
    st.sampled_from(TYPES),
    st.sampled_from([MISSING, None, 2, True, 1, 1.0, "2", -0.0, 0.0, Query(2), Query(2, ge=1), Query(1), Query(True),
                     Query("2", alias="other"), Query(alias="other"), Query(2, description="two"), Query(ge=True)]),
    st.sampled_from(RESULTS),
    st.sampled_from([{}, {"status_code": 201}, {"response_model": int}, {"tags": ["a"]}, {"in_path": True},
                     {"methods": ["POST"]}, {"response_model_exclude_none": True}, {"yields": True},
                     {"takes": Response}, {"takes": Annotated[Response, Depends(with_limit)]},
                     {"takes": Annotated[Response, Depends(with_text)]},
                     {"takes": Annotated[Response, Depends(with_closing)]},
                     {"sends": Sent, "methods": ["POST"]}, {"sends": Other, "methods": ["POST"]},
                     {"sends": list[Sent], "methods": ["POST"]}, {"sends": Sent | None, "methods": ["PUT"]}]),
)  # fmt: skip
TEXTS = ("1", "2", "true", "a", "1.0", "")


# What describes the function, and not its route.
OF_FUNCTIONS = frozenset({"in_path", "methods", "yields", "takes", "sends"})


def endpoint(annotation: Any, default: Any, result: Any, options: dict[str, Any]) -> Any:
    """A function `read(value: annotation = default) -> result`."""
    is_optional = default is None and annotation in (int, str, float, bool)
    given_type = annotation | None if is_optional else annotation

    async def read(value):  # type: ignore[no-untyped-def]
        return {"value": value, "class": type(value).__name__}

    async def read_items(value):  # type: ignore[no-untyped-def]
        yield value

    async def read_with(injected, value):  # type: ignore[no-untyped-def]
        injected.headers["x-value"] = "1"
        return {"value": value}

    async def read_sent(sent, value):  # type: ignore[no-untyped-def]
        return {"value": value, "sent": repr(sent)}

    read = read_sent if "sends" in options else read_with if "takes" in options else read
    read = read_items if options.get("yields") else read
    written = {"value": given_type} | ({"injected": options["takes"]} if "takes" in options else {})
    written |= {"sent": options["sends"]} if "sends" in options else {}
    read.__annotations__ = written | ({} if result is MISSING else {"return": result})
    if default is not MISSING:
        read.__defaults__ = (default,)
    return read


def add(app: App, index: int, drawn: Declared) -> str | None:
    """Add a route; the text of the error if the signature is rejected."""
    options = drawn[-1]
    path = f"/r{index}/{{value}}" if options.get("in_path") else f"/r{index}"
    given = {name: value for name, value in options.items() if name not in OF_FUNCTIONS}
    try:
        app.api_route(path, methods=options.get("methods", ["GET"]), name=f"read{index}", **given)(endpoint(*drawn))
    except SignatureError as exc:  # the same one is expected of the other application
        return str(exc)
    return None


async def behaviour(app: App, index: int) -> list[Any]:
    # As text, because `1 == 1.0`.
    route = next(each for each in app.routes if getattr(each, "name", "") == f"read{index}")
    found: list[Any] = [json.dumps(app.openapi()["paths"][route.path]), route.explain(source=True)]
    urls = [f"/r{index}", *(f"/r{index}?{name}={text}" for name in ("value", "other") for text in TEXTS)]
    if "{" in route.path:
        urls = [f"/r{index}/{text}" for text in TEXTS]
    for url in urls:
        path, _, query = url.partition("?")
        method = min(route.methods - {"HEAD"})
        response = await call(app, path, method, body=b'{"size": 1}', query_string=query.encode())
        found.append(str(response.error) if response.error else (response.status, response.fields, response.body))
    return found


@functools.cache
def caches() -> frozenset[Any]:
    """Each cache of signette, those inside of decorated functions included."""
    modules = [module for name, module in sys.modules.items() if name.startswith("signette.")]
    values = [value for module in modules for value in vars(module).values()]
    inside = [cell.cell_contents for each in values if isfunction(each) for cell in each.__closure__ or ()]
    return frozenset(each for each in (*values, *inside) if isinstance(each, type(_cached_adapter)))


@functools.cache
def shares() -> tuple[Shared, ...]:
    """Each `Shared` of signette."""
    modules = [module for name, module in sys.modules.items() if name.startswith("signette.")]
    return tuple(value for module in modules for value in vars(module).values() if isinstance(value, Shared))


def forget_all() -> None:
    """Empty the caches, so that the next route shares nothing with those before it."""
    for each in (*caches(), *shares()):
        each.cache_clear()


def test_the_caches_of_validators_are_among_those_that_are_emptied() -> None:
    inside = unsendable.__closure__ or ()  # type: ignore[attr-defined]  # a function at runtime
    of_adapters = {each.cell_contents for each in inside if isinstance(each.cell_contents, type(_cached_adapter))}
    assert of_adapters
    assert {_cached_adapter, _cached_validators, _compiled_once, *of_adapters} <= caches()
    assert len({id(each) for each in shares()}) > 1


@settings(max_examples=20, deadline=None)
@given(st.lists(parameters, min_size=2, max_size=5))
@example([(Literal[1, 2], MISSING, Any, {}), (Literal[2, 1], MISSING, Any, {})])
@example([(int | float, MISSING, Any, {}), (float | int, MISSING, Any, {})])
@example([(Annotated[int, Query(ge=1)], 2, Any, {}), (Annotated[int, Query(gt=1)], 2, Any, {})])
@example([(int, True, Any, {}), (int, 1, Any, {}), (bool, True, Any, {}), (bool, 1, Any, {})])
@example([(int, Query(each), Any, {}) for each in (1, True, 1)])
@example([(int, Query(2, **{each: 1}), Any, {}) for each in ("ge", "gt", "ge")])
@example([(Annotated[int, Query(ge=each)], MISSING, Any, {}) for each in (1, True, 1, 1.0)])
@example([(float, 0.0, Any, {}), (float, -0.0, Any, {})])
@example([(int, MISSING, Any, {}), (int, MISSING, Any, {"in_path": True}), (int, MISSING, Any, {"methods": ["POST"]})])
@example([(int, 1, list[int | str], {}), (int, 1, list[str | int], {})])
@example([(int, 1, dict[str, Any], {}), (int, 1, dict[str, Any], {"status_code": 201})])
@example([(int, 1, dict[str, Any], {}), (str, "2", dict[str, Any], {}), (int, 1, dict[str, Any], {"takes": Response})])
@example([(int, 1, Any, {"takes": each}) for each in (Annotated[Response, Depends(with_limit)], Response)])
@example([(int, 1, Any, {"takes": Annotated[Response, Depends(each)]}) for each in (with_limit, with_text, with_limit)])
@example([(int, 1, Any, {"sends": each, "methods": ["POST"]}) for each in (Sent, Other, Sent, list[Sent])])
@example([(int, 1, str, {}), (int, 1, str, {"yields": True})])
@example([(int, 1, MISSING, {}), (int, 1, MISSING, {"yields": True})])
@example([(int, 1, FileResponse, {}), (int, 1, FileResponse, {"methods": ["POST"]})])
@example([(int, 1, Literal[1], {}), (int, 1, Literal[True], {}), (int, 1, Literal[1], {"response_model": int})])
async def test_routes_that_share_equal_routes_that_share_nothing(drawn: list[Declared]) -> None:
    forget_all()
    shared = App()
    errors = [add(shared, index, each) for index, each in enumerate(drawn)]
    for index, (each, error) in enumerate(zip(drawn, errors, strict=True)):
        together = None if error else await behaviour(shared, index)
        forget_all()
        alone = App()
        assert add(alone, index, each) == error
        if error is None:
            assert await behaviour(alone, index) == together


ALIAS = Annotated[int, Query(ge=2)]
MERGED = Annotated[int, Query(ge=2), Field(le=9)]
OF_FIELD = Annotated[int, Field(ge=2)]
# The marker of each parameter is merged from both.
NAMED = Annotated[int, Query(ge=2), Field(alias="limit")]


def taking(kind: Any) -> tuple[Any, Any]:
    """A dependency and an endpoint with the same parameter; None: the marker is written again in each of them."""
    first = Annotated[int, Query(ge=2)] if kind is None else kind
    second = Annotated[int, Query(ge=2)] if kind is None else kind

    def dependency(limit: first) -> int:  # type: ignore[valid-type]
        return limit

    dependency.__qualname__ = f"dependency_of_{id(kind)}"  # as one at the top of a module, which plans may share

    async def read(limit: second, other: Annotated[int, Depends(dependency)]) -> int:  # type: ignore[valid-type]
        return limit + other

    return dependency, read


@given(st.lists(st.sampled_from([None, ALIAS, MERGED, OF_FIELD, NAMED]), min_size=1, max_size=5))
@example([None, ALIAS, None, ALIAS])
@example([ALIAS, None, ALIAS, None])
@example([MERGED, OF_FIELD, NAMED, MERGED, OF_FIELD, NAMED])
async def test_values_with_one_marker_are_read_once(kinds: list[Any]) -> None:
    forget_all()
    app = App()
    functions = []
    for index, kind in enumerate(kinds):
        functions.append(taking(kind))
        app.get(f"/{index}")(functions[-1][1])
    for index, kind in enumerate(kinds):
        response = await call(app, f"/{index}", query_string=b"limit=1")
        assert len(json.loads(response.body)["errors"]) == (2 if kind is None else 1), kinds
        assert json.loads((await call(app, f"/{index}", query_string=b"limit=3")).body) == 6


def made_of(value: Any) -> tuple[App, Any]:
    """An application, and a function of it that refers to the application."""
    app = App()

    @app.get("/{number}")
    async def read(number: int, text: str = "") -> dict[str, Any]:
        return {"value": value, "app": repr(app)}

    return app, read


def test_applications_whose_plans_are_shared_are_freed() -> None:
    forget_all()
    app, function = made_of(1)
    kept, _ = made_of(2)
    assert kept.routes[-1].plan.steps[0] is app.routes[-1].plan.steps[0]
    of_app, of_function = weakref.ref(app), weakref.ref(function)
    del app, function
    gc.collect()
    assert of_app() is of_function() is None
