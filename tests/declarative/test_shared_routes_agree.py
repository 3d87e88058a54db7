"""Routes that share validators, checks and compiled code behave as routes that share nothing."""

import functools
import json
import sys
from inspect import isfunction
from typing import Annotated, Any, Literal

from annotated_types import Ge
from hypothesis import example, given, settings
from hypothesis import strategies as st

from signette.app import App
from signette.declarative.adapters.sendable import unsendable
from signette.declarative.adapters.validators import _cached_adapter, _cached_validators
from signette.declarative.binding.codegen import _compiled_once
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.marker_functions import Query
from tests.asgi import fetch

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
parameters = st.tuples(st.sampled_from(TYPES), st.sampled_from([MISSING, None, 2]))
TEXTS = ("1", "2", "true", "a", "1.0", "")


def endpoint(annotation: Any, default: Any) -> Any:
    """A function `read(value: annotation = default)`."""
    is_optional = default is None and annotation in (int, str, float, bool)
    given_type = annotation | None if is_optional else annotation

    async def read(value):  # type: ignore[no-untyped-def]
        return {"value": value, "class": type(value).__name__}

    read.__annotations__ = {"value": given_type}
    if default is not MISSING:
        read.__defaults__ = (default,)
    return read


def add(app: App, index: int, drawn: tuple[Any, Any]) -> str | None:
    """Add a route; the text of the error if the signature is rejected."""
    try:
        app.get(f"/r{index}", name=f"read{index}")(endpoint(*drawn))
    except SignatureError as exc:  # the same one is expected of the other application
        return str(exc)
    return None


async def behaviour(app: App, index: int) -> list[Any]:
    # As text, because `1 == 1.0`.
    found: list[Any] = [json.dumps(app.openapi()["paths"][f"/r{index}"])]
    for query in ("", *(f"?{name}={text}" for name in ("value", "other") for text in TEXTS)):
        response = await fetch(app, f"GET /r{index}{query}")
        found.append((response.status, response.body))
    return found


@functools.cache
def caches() -> frozenset[Any]:
    """Each cache of signette, those inside of decorated functions included."""
    modules = [module for name, module in sys.modules.items() if name.startswith("signette.")]
    values = [value for module in modules for value in vars(module).values()]
    inside = [cell.cell_contents for each in values if isfunction(each) for cell in each.__closure__ or ()]
    return frozenset(each for each in (*values, *inside) if isinstance(each, type(_cached_adapter)))


def forget_all() -> None:
    """Empty the caches, so that the next route shares nothing with those before it."""
    for each in caches():
        each.cache_clear()


def test_the_caches_of_validators_are_among_those_that_are_emptied() -> None:
    inside = unsendable.__closure__ or ()  # type: ignore[attr-defined]  # a function at runtime
    of_adapters = {each.cell_contents for each in inside if isinstance(each.cell_contents, type(_cached_adapter))}
    assert of_adapters
    assert {_cached_adapter, _cached_validators, _compiled_once, *of_adapters} <= caches()


@settings(max_examples=8, deadline=None)
@given(st.lists(parameters, min_size=2, max_size=5))
@example([(Literal[1, 2], MISSING), (Literal[2, 1], MISSING)])
@example([(int | float, MISSING), (float | int, MISSING)])
@example([(Annotated[int, Query(ge=1)], 2), (Annotated[int, Query(gt=1)], 2)])
async def test_routes_that_share_equal_routes_that_share_nothing(drawn: list[tuple[Any, Any]]) -> None:
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
