"""Decorators that look for the arguments of a call by their names, as FastAPI passes them."""

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import pytest

from signette.app import App
from signette.declarative.signature.marker_functions import Depends
from signette.requests import Request
from signette.websockets import WebSocket
from tests.asgi import call, connect, fetch
from tests.declarative.building import app_of


def looking(function: Callable[..., Any]) -> Any:
    """A decorator that reads `kwargs`."""

    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        assert [type(each) for each in args] in ([], [Service])
        seen.append(sorted(kwargs))
        return await function(*args, **kwargs)

    return wrapper


def looking_in_thread(function: Callable[..., Any]) -> Any:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        assert args == ()
        seen.append(sorted(kwargs))
        return function(*args, **kwargs)

    return wrapper


seen: list[list[str]] = []


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


async def test_an_endpoints_arguments_are_in_kwargs() -> None:
    @looking
    async def endpoint(request: Request, a: int, *, b: int = 2) -> list[Any]:
        return [request.method, a, b]

    assert (await fetch(app_of(endpoint), "GET /?a=1")).json == ["GET", 1, 2]
    assert seen == [["a", "b", "request"]]


async def test_so_are_those_of_functions_and_generators_in_threads() -> None:
    @looking_in_thread
    def dependency(a: int) -> int:
        return a

    @looking_in_thread
    def generator(dependency: Annotated[int, Depends(dependency)]) -> Iterator[int]:
        yield dependency + 1

    @looking_in_thread
    def endpoint(value: Annotated[int, Depends(generator)], request: Request) -> list[Any]:
        return [value, request.method]

    assert (await fetch(app_of(endpoint), "GET /?a=1")).json == [2, "GET"]
    assert seen == [["a"], ["dependency"], ["request", "value"]]


class Service:
    @looking
    async def method(self, a: int, b: int) -> int:
        return a - b

    @looking
    async def __call__(self, b: int) -> int:
        return b


class Receiving:
    """The object itself is no argument that could be passed by name."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        assert args == ()
        seen.append(sorted(kwargs))
        return kwargs["a"]

    __signature__ = inspect.Signature([inspect.Parameter("a", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=int)])


class Built:
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        assert args == ()
        seen.append(sorted(kwargs))
        self.a = kwargs["a"]

    __signature__ = Receiving.__signature__


async def test_so_are_those_of_methods_objects_classes_and_partials() -> None:
    async def endpoint(
        a: Annotated[int, Depends(functools.partial(Service.method, Service(), b=1))],
        b: Annotated[int, Depends(Service())],
        c: Annotated[int, Depends(Service().method)],
        d: Annotated[int, Depends(Receiving())],
        e: Annotated[Any, Depends(Built)],
    ) -> list[int]:
        return [a, b, c, d, e.a]

    assert (await fetch(app_of(endpoint), "GET /?a=5&b=2")).json == [3, 2, 3, 5, 5]
    assert seen == [["a", "b"], ["b"], ["a", "b"], ["a"], ["a"]]


async def test_a_decorator_gets_its_own_parameters_wherever_it_is_applied() -> None:
    def naming(function: Callable[..., Any]) -> Any:
        @functools.wraps(function)
        async def wrapper(b: int, **kwargs: Any) -> Any:
            return [b, sorted(kwargs), await function(b=b, **kwargs)]

        return wrapper

    def calling_it_otherwise(function: Callable[..., Any]) -> Any:
        @functools.wraps(function)
        async def wrapper(first: int, *args: Any, **kwargs: Any) -> Any:
            return [first, args, sorted(kwargs), await function(first, *args, **kwargs)]

        return wrapper

    def taking_it_by_position(function: Callable[..., Any]) -> Any:
        @functools.wraps(function)
        async def wrapper(a: int, /, **kwargs: Any) -> Any:
            return [a, sorted(kwargs), await function(a, **kwargs)]

        return wrapper

    async def endpoint(a: int, b: int, c: int) -> int:
        return a * 100 + b * 10 + c

    async def strict(a: int, /, b: int, c: int) -> int:
        return a * 100 + b * 10 + c

    @functools.wraps(strict)
    async def loose(*args: Any, **kwargs: Any) -> Any:
        return [args, sorted(kwargs), await strict(*args, **kwargs)]

    for decorated, expected in (
        (naming(endpoint), [2, ["a", "c"], 123]),
        (calling_it_otherwise(endpoint), [1, [], ["b", "c"], 123]),
        (taking_it_by_position(endpoint), [1, ["b", "c"], 123]),
        (loose, [[1], ["b", "c"], 123]),
    ):
        app = App()
        app.add_api_route("/", decorated, ["GET"], response_model=None)
        assert (await fetch(app, "GET /?a=1&b=2&c=3")).json == expected


async def test_a_sockets_arguments_are_in_kwargs() -> None:
    app = App()

    @app.websocket("/{room}")
    @looking
    async def endpoint(socket: WebSocket, room: str) -> None:
        await socket.close()

    await connect(app, "/red")
    assert seen == [["room", "socket"]]


def test_others_are_called_by_position() -> None:
    async def endpoint(request: Request, a: int, *, b: int) -> None: ...

    app = app_of(endpoint)
    text = app.explain("GET /", source=True)
    assert "(v_request, v_a, b=v_b)" in text


async def test_a_signature_with_another_order_is_called_by_name() -> None:
    async def endpoint(first: int, second: str, *, third: int) -> list[Any]:
        return [first, second, third]

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    annotations = {"third": int, "second": str, "first": int}
    shown = [inspect.Parameter(name, kind, annotation=each) for name, each in annotations.items()]
    endpoint.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]
    app = App()
    app.get("/")(endpoint)
    assert (await call(app, query_string=b"first=1&second=2&third=3")).or_raise().json == [1, "2", 3]


async def test_a_signature_with_other_names_is_called_by_position() -> None:
    async def endpoint(found: int) -> int:
        number = found  # a local variable is no parameter
        return number + 0

    shown = [inspect.Parameter("number", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=int)]
    endpoint.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]
    app = App()
    app.get("/")(endpoint)
    assert (await call(app, query_string=b"number=1")).or_raise().json == 1


async def test_a_name_of_a_signature_that_is_a_local_variable_is_passed_by_position() -> None:
    async def endpoint(found: int) -> int:
        number = found + 1
        assert number > found
        return number

    shown = [inspect.Parameter("number", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=int)]
    endpoint.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]
    app = App()
    app.get("/")(endpoint)
    assert (await call(app, query_string=b"number=1")).or_raise().json == 2
