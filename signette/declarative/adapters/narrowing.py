"""Models of a union in which one model takes a single value of a key, and another takes a list."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator


def narrowed(model: Any, keys: frozenset[str], *, last: bool, is_empty: Callable[[Any], bool] | None) -> Any:
    """The model, with a validator that keeps one value of each of these keys: the last, or the first, that is sent."""
    return Annotated[model, BeforeValidator(Narrowing(keys, last, is_empty))]


class Narrowing:
    """Keeps one value of each list. Instances compare by value, so that equal annotations share an adapter."""

    def __init__(self, keys: frozenset[str], last: bool, is_empty: Callable[[Any], bool] | None) -> None:
        self.keys = keys
        self.last = last
        self.is_empty = is_empty

    def __call__(self, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        found = dict(data)
        for key in self.keys & data.keys():
            values = data[key]
            if not isinstance(values, list):
                continue
            filled = [each for each in values if self.is_empty is None or not self.is_empty(each)]
            if filled:
                found[key] = filled[-1 if self.last else 0]
            else:
                del found[key]
        return found

    def __repr__(self) -> str:
        return f"Narrowing({sorted(self.keys)}, last={self.last}, drops_empty={self.is_empty is not None})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Narrowing) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.keys, self.last))
