"""Dependencies: what may be one, how often it is called, in which order, and what it may ask for."""

import contextlib
import contextvars
import functools
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Generic, Literal, NewType, Protocol, TypedDict, TypeVar

import anyio
import pytest
from pydantic import BaseModel

from signette.app import App, Router
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.marker_functions import Depends, Security
from signette.declarative.signature.markers import Body, Header, Query
from signette.requests import Request
from signette.responses.plain import Response
from tests.asgi import JSON, fetch
from tests.declarative.building import app_of

# -- what may be one ---------------------------------------------------------------------------------------------------


async def of_coroutine(q: int) -> int:
    return q + 1


def of_function(q: int) -> int:
    return q + 1


class OfClass:
    def __init__(self, q: int) -> None:
        self.q = q + 1

    def __radd__(self, other: int) -> int:
        return other + self.q

    def method(self, q: int) -> int:
        return q + self.q

    async def coroutine_method(self, q: int) -> int:
        return q + self.q

    @classmethod
    def of_classmethod(cls, q: int) -> int:
        return q + 1

    @staticmethod
    def of_staticmethod(q: int) -> int:
        return q + 1


@dataclass
class Unhashable:
    """Equal by value, and so without a hash."""

    step: int

    def __call__(self, q: int) -> int:
        return q + self.step


class AsyncCallable:
    async def __call__(self, q: int) -> int:
        return q + 1


def added(q: int, step: int) -> int:
    return q + step


def logged(function: Any) -> Any:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        return await function(*args, **kwargs)

    return wrapper


of_lambda = lambda q: int(q) + 1  # noqa: E731 - a function whose result has no type


@contextlib.contextmanager
def of_manager(q: int) -> Iterator[int]:
    yield q + 1


@contextlib.asynccontextmanager
async def of_async_manager(q: int) -> AsyncIterator[int]:
    yield q + 1


class OfManager:
    @contextlib.contextmanager
    def manager(self, q: int) -> Iterator[int]:
        yield q + 1


Item = TypeVar("Item")


class OfGeneric(OfClass, Generic[Item]):
    def __init__(self, q: Item, many: list[Item] = Query([])) -> None:
        assert isinstance(q, int)
        super().__init__(q)
        self.many = many


CALLABLES = {
    "a function": of_function,
    "a coroutine function": of_coroutine,
    "a class": OfClass,
    "a method": OfClass(0).method,
    "a coroutine method": OfClass(0).coroutine_method,
    "a class method": OfClass.of_classmethod,
    "a static method": OfClass.of_staticmethod,
    "an instance": Unhashable(1),
    "an instance with a coroutine": AsyncCallable(),
    "a partial by name": functools.partial(added, step=1),
    "a partial by place": functools.partial(added, 2),
    "a wrapped function": logged(of_coroutine),
    "a partial of a coroutine function": functools.partial(of_coroutine),
    "a lambda": of_lambda,
}


MANAGERS = {
    "a context manager": of_manager,
    "an async context manager": of_async_manager,
    "a method that is a context manager": OfManager().manager,
    "a partial of a context manager": functools.partial(of_manager, q=2),
    "a generic class": OfGeneric[int],
}


@pytest.mark.parametrize("factory", (CALLABLES | MANAGERS).values(), ids=(CALLABLES | MANAGERS).keys())
async def test_a_dependency_may_be(factory: Any) -> None:
    async def endpoint(value: Annotated[Any, Depends(factory)]) -> int:
        return 0 + value

    assert (await fetch(app_of(endpoint), "GET /?q=2&step=1")).json == 3


# A class is made, and what is made would be the result.
@pytest.mark.parametrize("kind", sorted(CALLABLES.keys() - {"a class"}))
async def test_an_endpoint_may_be(kind: str) -> None:
    endpoint = CALLABLES[kind]
    app = App()
    app.add_api_route("/", endpoint, response_model=int)
    assert (await fetch(app, "GET /?q=2&step=1")).json == 3


async def test_a_generic_class_says_by_its_arguments_what_its_own_parameters_are() -> None:
    async def endpoint(
        a: Annotated[OfGeneric[int], Depends()], b: Annotated[Any, Depends(OfGeneric[int])]
    ) -> list[Any]:
        return [a.many, a is b]

    app = app_of(endpoint)
    assert (await fetch(app, "GET /?q=2&many=3&many=4")).json == [[3, 4], True]
    assert (await fetch(app, "GET /?q=2&many=x")).errors == [("query", "many", "int_parsing")]
    with app.override(OfGeneric, lambda: OfGeneric(1, [])):
        assert (await fetch(app, "GET /")).json == [[], True]


class Base: ...


class Derived(Base): ...


class Speaks(Protocol):
    def speak(self) -> str: ...


class Shape(TypedDict):
    side: int


@pytest.mark.parametrize(
    ("given", "wanted", "fits"),
    [
        (int, int, True),
        (int, str, False),
        (int, float, True),
        (float, int, False),
        (bool, int, True),
        (None, int, False),
        (None, int | None, True),
        (int | None, int, True),
        (int | str, bytes | float, True),
        (int | str, bytes | None, False),
        (Derived, Base, True),
        (Base, Derived, True),
        (Base, Speaks, True),
        (Base, int, False),
        (list[int], Sequence[str], True),
        (list[int], dict[str, int], False),
        (dict[str, int], Shape, True),
        (Literal["a"], str, True),
        (Any, str, True),
        (object, str, True),
        (str, Any, True),
        (TypeVar("T"), str, True),
        (NewType("UserId", int), str, False),
        (Annotated[int, "words"], str, False),
        (type[Base], type, True),
        ("CheckUnknown", str, True),
    ],
)
async def test_what_a_dependency_says_that_it_gives_is_held_to_what_is_asked_for(
    given: Any, wanted: Any, fits: bool
) -> None:
    def dependency() -> Any: ...

    dependency.__annotations__["return"] = given

    async def endpoint(value: Any) -> None: ...

    endpoint.__annotations__["value"] = Annotated[wanted, Depends(dependency)]
    if fits:
        app_of(endpoint)
    else:
        with pytest.raises(SignatureError, match="is filled by"):
            app_of(endpoint)


async def test_a_generator_is_held_to_what_it_yields() -> None:
    def yields() -> Iterator[int]:
        yield 1

    async def right(value: Annotated[int, Depends(yields)]) -> int:
        return value

    async def wrong(value: Annotated[str, Depends(yields)]) -> None: ...

    assert (await fetch(app_of(right), "GET /")).json == 1
    with pytest.raises(SignatureError, match="which returns `int`"):
        app_of(wrong)


async def test_an_override_in_a_test_may_give_something_else() -> None:
    def fake() -> str:
        return "fake"

    async def endpoint(value: Annotated[int, Depends(of_function)]) -> Any:
        return value

    app = app_of(endpoint)
    with app.override(of_function, fake):
        assert (await fetch(app, "GET /")).json == "fake"


@pytest.mark.parametrize("declared", [of_function, Depends(of_function)])
def test_dependencies_are_a_list_of_depends(declared: Any) -> None:
    with pytest.raises(SignatureError, match=r"must be a list of `Depends"):
        app_of(of_function, dependencies=[declared] if callable(declared) else declared)


async def test_an_empty_depends_takes_the_annotated_class() -> None:
    class Paging(BaseModel):
        skip: int = 0
        limit: int = 10

    @dataclass
    class Sorting:
        sort: Annotated[str, Query(pattern="^(up|down)$")] = "up"

    async def endpoint(paging: Annotated[Paging, Depends()], sorting: Sorting = Depends()) -> list[Any]:
        return [paging.limit, sorting.sort]

    app = app_of(endpoint)
    assert (await fetch(app, "GET /?limit=3&sort=down")).json == [3, "down"]
    assert (await fetch(app, "GET /?limit=x&sort=no")).errors == [
        ("query", "limit", "int_parsing"),
        ("query", "sort", "string_pattern_mismatch"),
    ]


async def test_depends_wins_over_the_meaning_of_the_annotation() -> None:
    async def endpoint(
        one: Annotated[int, Depends(of_coroutine)],
        request: Annotated[Request, Depends(of_lambda)],
        old: int = Depends(of_coroutine),
    ) -> list[Any]:
        return [one, request, old]

    assert (await fetch(app_of(endpoint), "GET /?q=1")).json == [2, 2, 2]


# -- how often, in which order -----------------------------------------------------------------------------------------


class Calls(list[str]):
    """Dependencies that note when they are called."""

    def new(self, name: str, *needs: Any) -> Any:
        async def dependency() -> str:
            self.append(name)
            return name

        async def needing(**options: Any) -> str:
            self.append(name)
            return name

        if not needs:
            return dependency
        text = ", ".join(f"n{index}=Depends(needs[{index}])" for index in range(len(needs)))
        namespace = {"needs": needs, "Depends": Depends, "needing": needing}
        exec(f"async def dependency({text}): return await needing()", namespace)
        return namespace["dependency"]


async def test_a_dependency_is_called_once_however_many_depend_on_it() -> None:
    calls = Calls()
    shared = calls.new("shared")
    left, right = calls.new("left", shared), calls.new("right", shared)

    async def endpoint(a: str = Depends(left), b: str = Depends(right), c: str = Depends(shared)) -> None: ...

    await fetch(app_of(endpoint, dependencies=[Depends(shared)]), "GET /")
    assert calls == ["shared", "left", "right"]


async def test_without_its_cache_it_is_called_for_each_dependent() -> None:
    calls = Calls()
    fresh = calls.new("fresh")

    async def endpoint(
        a: str = Depends(fresh, use_cache=False), b: str = Depends(fresh), c: str = Depends(fresh, use_cache=False)
    ) -> None: ...

    await fetch(app_of(endpoint), "GET /")
    assert calls == ["fresh", "fresh"]  # the second one takes what is there already


async def test_a_need_is_called_before_the_one_who_has_it_and_a_request_is_not_the_next() -> None:
    calls = Calls()
    third = calls.new("third", calls.new("second", calls.new("first")))

    async def endpoint(a: str = Depends(third)) -> str:
        return a

    app = app_of(endpoint)
    for _ in range(2):
        assert (await fetch(app, "GET /")).body == b"third"
    assert calls == ["first", "second", "third"] * 2


async def test_outer_levels_come_first() -> None:
    calls = Calls()
    app = App(dependencies=[Depends(calls.new("app"))])
    outer = Router(dependencies=[Depends(calls.new("outer"))])
    inner = Router(dependencies=[Depends(calls.new("inner"))])

    @inner.get("/", dependencies=[Depends(calls.new("route"))])
    async def endpoint(a: str = Depends(calls.new("parameter"))) -> None: ...

    outer.include_router(inner, dependencies=[Depends(calls.new("include inner"))])
    app.include_router(outer, dependencies=[Depends(calls.new("include outer"))])
    assert (await fetch(app, "GET /")).status == 204
    assert calls == ["app", "include outer", "outer", "include inner", "inner", "route", "parameter"]


async def test_no_dependency_is_called_when_a_value_is_wrong() -> None:
    calls = Calls()

    async def endpoint(n: int, a: str = Depends(calls.new("a"))) -> None: ...

    assert (await fetch(app_of(endpoint), "GET /?n=x")).status == 422
    assert calls == []


async def test_invalid_values_of_all_dependencies_are_reported_together_theirs_first() -> None:
    async def deep(x_token: Annotated[int, Header()], q: int) -> None: ...

    async def near(deep: Annotated[None, Depends(deep)], size: int) -> None: ...

    async def endpoint(item: dict[str, int], page: int, near: Annotated[None, Depends(near)]) -> None: ...

    response = await fetch(
        app_of(endpoint, method="POST"), "POST /?page=x&size=y&q=z", b'{"a": "b"}', JSON | {"x-token": "t"}
    )
    assert [(place, name) for place, name, _ in response.errors] == [
        ("query", "q"),
        ("header", "x-token"),
        ("query", "size"),
        ("query", "page"),
        ("body", "/a"),
    ]
    assert response.json["detail"] == "request validation failed: 5 errors"


async def test_an_invalid_value_that_two_read_is_reported_once() -> None:
    token = Annotated[int, Header()]

    async def first(x_token: token) -> int:
        return x_token

    async def endpoint(x_token: token, other: Annotated[int, Depends(first)]) -> list[int]:
        return [x_token, other]

    app = app_of(endpoint)
    assert (await fetch(app, "GET /", headers={"x-token": "t"})).errors == [("header", "x-token", "int_parsing")]
    assert (await fetch(app, "GET /", headers={"x-token": "7"})).json == [7, 7]


def color(value: str) -> type[Enum]:
    return Enum("Color", {"one": value})


async def test_types_that_are_only_called_alike_are_read_each_for_itself() -> None:
    red, blue = color("red"), color("blue")

    async def first(color: red) -> str:  # type: ignore[valid-type]
        return str(color.value)

    async def endpoint(color: blue, other: Annotated[str, Depends(first)]) -> str:  # type: ignore[valid-type]
        return f"{color.value} {other}"

    assert (await fetch(app_of(endpoint), "GET /?color=red")).errors == [("query", "color", "enum")]


async def test_the_same_name_may_be_a_path_parameter_here_and_a_query_parameter_there() -> None:
    async def owner(user_id: int) -> int:
        return user_id

    app = App()

    @app.get("/users/{user_id}")
    async def by_path(owner: Annotated[int, Depends(owner)]) -> int:
        return owner

    @app.get("/users")
    async def by_query(owner: Annotated[int, Depends(owner)]) -> int:
        return owner

    assert (await fetch(app, "GET /users/3")).json == 3
    assert (await fetch(app, "GET /users?user_id=4")).json == 4


@pytest.mark.parametrize(
    "word", ["make", "render", "respond", "settled", "query", "limits", "in_thread", "Exits", "Request"]
)
async def test_a_dependency_may_have_any_name(word: str) -> None:
    async def dependency(q: str) -> str:
        return q

    dependency.__name__ = word

    async def endpoint(response: Response, value: Annotated[str, Security(dependency)], other: str = "") -> str:
        response.headers["x-value"] = value
        return value + other

    reply = await fetch(app_of(endpoint), "GET /?q=a&other=b")
    assert (reply.body, reply["x-value"]) == (b"ab", "a")


@pytest.mark.parametrize(
    "word", ["scope", "receive", "send", "values", "errors", "query", "result", "response", "function"]
)
async def test_a_parameter_may_have_any_name(word: str) -> None:
    for how in ("async def", "def"):
        namespace: dict[str, Any] = {}
        exec(f"{how} endpoint(*, {word}: int) -> int:\n    return {word}", namespace)
        assert (await fetch(app_of(namespace["endpoint"]), f"GET /?{word}=3")).json == 3


# -- threads and context -----------------------------------------------------------------------------------------------


async def test_sync_functions_run_in_worker_threads() -> None:
    def where() -> int:
        return threading.get_ident()

    async def here() -> int:
        return threading.get_ident()

    def endpoint(a: int = Depends(where), b: int = Depends(here)) -> list[int]:
        return [a, b, threading.get_ident()]

    a, b, c = (await fetch(app_of(endpoint), "GET /")).json
    assert b == threading.get_ident()
    assert b not in {a, c}


async def test_threads_are_counted_by_the_applications_own_limiter() -> None:
    async def limiter(request: Request) -> Any:
        return request.app.limiter

    def endpoint(limiter: Annotated[Any, Depends(limiter)]) -> float:
        return float(limiter.borrowed_tokens)

    app = app_of(endpoint)
    assert (await fetch(app, "GET /")).json == 1.0
    assert app.limiter is not anyio.to_thread.current_default_thread_limiter()


async def test_what_a_dependency_puts_into_the_context_is_seen_by_those_who_follow() -> None:
    tenant: contextvars.ContextVar[str] = contextvars.ContextVar("tenant", default="none")

    async def enter(x_tenant: Annotated[str, Header()]) -> Any:
        token = tenant.set(x_tenant)
        yield
        tenant.reset(token)

    def later() -> str:
        return tenant.get()

    async def endpoint(entered: Annotated[None, Depends(enter)], seen: Annotated[str, Depends(later)]) -> list[str]:
        return [seen, tenant.get()]

    assert (await fetch(app_of(endpoint), "GET /", headers={"x-tenant": "a"})).json == ["a", "a"]
    assert tenant.get() == "none"


# -- bodies ------------------------------------------------------------------------------------------------------------


async def test_a_dependency_may_have_the_body_alone() -> None:
    async def total(items: list[int]) -> int:
        return sum(items)

    async def endpoint(total: Annotated[int, Depends(total)]) -> int:
        return total

    assert (await fetch(app_of(endpoint, method="POST"), "POST /", b"[1, 2]", JSON)).json == 3


async def test_members_of_one_body_may_belong_to_several() -> None:
    async def signed(signature: Annotated[str, Body(embed=True)]) -> str:
        return signature

    async def first() -> None: ...

    async def endpoint(
        one: Annotated[None, Depends(first)],
        item: Annotated[dict[str, int], Body(embed=True)],
        by: Annotated[str, Security(signed)],
    ) -> list[Any]:
        return [item, by]

    app = app_of(endpoint, method="POST")
    assert (await fetch(app, "POST /", b'{"item": {"a": 1}, "signature": "s"}', JSON)).json == [{"a": 1}, "s"]
    rejected = await fetch(app, "POST /", b'{"item": {"a": "x"}}', JSON)
    assert sorted(rejected.errors) == [("body", "/item/a", "int_parsing"), ("body", "/signature", "missing")]
