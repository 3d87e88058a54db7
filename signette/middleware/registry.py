"""A middleware with its arguments, to be put around an application later."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Concatenate, ParamSpec

from signette.types import ASGIApp

P = ParamSpec("P")


class Middleware:
    """A class (or function) that takes an ASGI application and gives another, and the further arguments for it.

    Unpacks as `cls, args, kwargs`.

    Attributes:
        cls: The class or function.
        args: Its positional arguments.
        kwargs: Its keyword arguments.
    """

    __slots__ = ("args", "cls", "kwargs")

    def __init__(self, cls: Callable[Concatenate[Any, P], ASGIApp], *args: P.args, **kwargs: P.kwargs) -> None:
        self.cls: Callable[..., ASGIApp] = cls
        self.args: Sequence[Any] = args
        self.kwargs: Mapping[str, Any] = kwargs

    def __iter__(self) -> Iterator[Any]:
        return iter((self.cls, self.args, self.kwargs))

    def __repr__(self) -> str:
        name = getattr(self.cls, "__name__", "") or type(self.cls).__name__
        args = [repr(value) for value in self.args]
        options = [f"{key}={value!r}" for key, value in self.kwargs.items()]
        return f"{type(self).__name__}({', '.join([name, *args, *options])})"


def checked(middleware: Any) -> list[Middleware]:
    """What was given as `middleware=`, once it is a list of `Middleware`.

    Raises:
        TypeError: it is one alone, or holds a class or an instance; the text says what to write.
    """
    if isinstance(middleware, Middleware):
        raise TypeError(f"`middleware=` takes a list: write `[{middleware!r}]`")
    found = list(middleware or ())
    for each in found:
        if not isinstance(each, Iterable) or isinstance(each, str):  # others' `Middleware` unpacks like ours
            name = each.__name__ if isinstance(each, type) else type(each).__name__
            raise TypeError(f"`middleware=` is given {each!r}: write `Middleware({name}, ...)`, with its arguments")
    return found


def put_around(app: ASGIApp, middleware: Sequence[Middleware]) -> ASGIApp:
    """The application with the middleware around it; the first is the outermost."""
    for cls, args, kwargs in reversed(middleware):
        app = cls(app, *args, **kwargs)
    return app
