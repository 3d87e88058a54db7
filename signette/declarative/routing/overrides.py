"""Dependency overrides for tests. A change makes new plans; a request looks nothing up."""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, Self

from signette.declarative.routing.resources import Resource


class Overrides(MutableMapping[Any, Any]):
    """A mapping from dependencies to their replacements. Calls `changed` after each change."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._overrides: dict[Any, Any] = {}

    def __getitem__(self, dependency: Any) -> Any:
        return self._overrides[dependency]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._overrides)

    def __len__(self) -> int:
        return len(self._overrides)

    def __setitem__(self, dependency: Any, other: Any) -> None:
        self.replace({**self._overrides, dependency: other})

    def __delitem__(self, dependency: Any) -> None:
        del self._overrides[dependency]
        self._changed()

    def replace(self, overrides: Mapping[Any, Any]) -> None:
        """Set these overrides in place of all others.

        Raises TypeError for a resource, which is no dependency: what it is made of can be overridden.
        """
        for dependency in overrides:
            if isinstance(dependency, type) and issubclass(dependency, Resource):
                raise TypeError(
                    f"`{dependency.__name__}` is a resource and no dependency, so an override has no effect; "
                    "override the dependencies of its `__init__` and of its methods"
                )
        self._overrides = dict(overrides)
        self._changed()

    def copy(self) -> dict[Any, Any]:
        """The overrides as a plain dictionary."""
        return dict(self._overrides)

    def __ior__(self, other: Any) -> Self:
        self.update(other)
        return self

    def __repr__(self) -> str:
        return repr(self._overrides)
