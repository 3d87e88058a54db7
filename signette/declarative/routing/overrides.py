"""Dependencies exchanged for others, in tests. An override makes new plans; nothing is asked at a request."""

from collections.abc import Callable
from typing import Any, Self


class Overrides(dict[Any, Any]):
    """A dictionary from dependencies to what stands in for them. Each change lets the application plan anew."""

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__()
        self._changed = changed

    def __setitem__(self, dependency: Any, other: Any) -> None:
        super().__setitem__(dependency, other)
        self._changed()

    def __delitem__(self, dependency: Any) -> None:
        super().__delitem__(dependency)
        self._changed()

    def pop(self, dependency: Any, *default: Any) -> Any:
        found = super().pop(dependency, *default)
        self._changed()
        return found

    def popitem(self) -> tuple[Any, Any]:
        item = super().popitem()
        self._changed()
        return item

    def setdefault(self, dependency: Any, other: Any = None) -> Any:
        found = super().setdefault(dependency, other)
        self._changed()
        return found

    def update(self, *args: Any, **kwargs: Any) -> None:
        super().update(*args, **kwargs)
        self._changed()

    def __ior__(self, other: Any) -> Self:  # type: ignore[misc]  # dict's overloads for `|` do not count here
        self.update(other)
        return self

    def clear(self) -> None:
        super().clear()
        self._changed()

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self._changed, dict(self))


def _restored(changed: Callable[[], None], overrides: dict[Any, Any]) -> Overrides:
    """Overrides out of a pickle. Nothing is told to the application, which is itself not yet whole."""
    made = Overrides(changed)
    dict.update(made, overrides)
    return made
