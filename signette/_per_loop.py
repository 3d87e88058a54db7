"""One value in each event loop."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, TypeVarTuple
from weakref import WeakKeyDictionary

from anyio.lowlevel import current_token

T = TypeVar("T")
Args = TypeVarTuple("Args")


class PerLoop(Generic[*Args, T]):
    """A value for each event loop, made where it is first needed.

    Limiters and semaphores work in the loop alone in which they were made, and an application may run in several: test
    clients have a loop each, one after the other or in threads of their own.

    The values live as long as this object and their loop do. A copy has none of them, nor has what pickle makes.
    """

    # PERF: not a `RunVar` of anyio, which takes a tenth longer and keeps the values of applications that are gone.

    __slots__ = ("_make", "_values")

    def __init__(self, make: Callable[[*Args], T]) -> None:
        self._make = make
        self._values: WeakKeyDictionary[object, T] = WeakKeyDictionary()

    def get(self, *args: *Args) -> T:
        """The value of the running event loop. If there is none yet, it is made of these arguments."""
        loop = current_token().native_token
        try:
            return self._values[loop]
        except KeyError:
            return self._values.setdefault(loop, self._make(*args))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._make,)
