"""A value for each event loop."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, TypeVarTuple
from weakref import WeakKeyDictionary

from anyio.lowlevel import current_token

T = TypeVar("T")
Args = TypeVarTuple("Args")


class PerLoop(Generic[*Args, T]):
    """A value for each event loop, created on first use.

    Limiters and semaphores work only in the event loop in which they were created, and an application may run in
    several: each test client has its own loop.

    The values live as long as this object and their loop. Copies and pickles have no values.
    """

    # PERF: not a `RunVar` of anyio, which takes a tenth longer and keeps the values of deleted applications.

    __slots__ = ("_make", "_values")

    def __init__(self, make: Callable[[*Args], T]) -> None:
        self._make = make
        self._values: WeakKeyDictionary[object, T] = WeakKeyDictionary()

    def get(self, *args: *Args) -> T:
        """The value of the running event loop. Creates it with these arguments on first use."""
        loop = current_token().native_token
        try:
            return self._values[loop]
        except KeyError:
            return self._values.setdefault(loop, self._make(*args))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._make,)
