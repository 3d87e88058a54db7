"""A value for each class."""

from collections.abc import Callable
from typing import Any, TypeVar
from weakref import ref

T = TypeVar("T")


class PerClass(dict[ref[Any], T]):
    """A value for each class, made on first use: `values[ref(cls)]`.

    The keys are weak, so that classes which are declared in a function are freed with what uses them. So the values
    must not reference the class.
    """

    # PERF: a dictionary by weak references, as `WeakKeyDictionary` adds a call to each lookup.

    def __init__(self, make: Callable[[Any], T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: ref[Any]) -> T:
        cls = key()
        value = self[ref(cls, self._forget)] = self._make(cls)
        return value

    def _forget(self, key: ref[Any]) -> None:
        self.pop(key, None)
