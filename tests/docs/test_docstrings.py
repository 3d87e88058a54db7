"""Each public class and function says what its signature cannot, and so does each method with a public name."""

import inspect
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from tests.docs.test_names_page import public


def things() -> Iterator[tuple[str, Any]]:
    """The public classes and functions, each once, by the place where the pages have it."""
    seen: set[int] = set()
    for module, names in sorted(public().items()):
        for name in sorted(names):
            thing = getattr(import_module(module), name)
            if (inspect.isclass(thing) or inspect.isroutine(thing)) and id(thing) not in seen:
                seen.add(id(thing))
                yield f"{module}.{name}", thing


def methods_of(cls: type) -> Iterator[tuple[str, Any]]:
    """What a class itself defines under a public name: functions and properties, behind what was put on them."""
    for name, value in vars(cls).items():
        behind = getattr(value, "fget", None) or getattr(value, "func", None) or getattr(value, "__func__", value)
        if not name.startswith("_") and inspect.isroutine(behind):
            yield name, behind


def says_something(thing: Any) -> bool:
    text = vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
    # A dataclass without a docstring is given its signature as one.
    return bool(text) and not text.startswith(f"{thing.__name__}(")


@pytest.mark.parametrize("thing", [pytest.param(thing, id=place) for place, thing in things()])
def test_each_public_thing_has_a_docstring(thing: Any) -> None:
    assert says_something(thing)


@pytest.mark.parametrize("cls", [pytest.param(each, id=place) for place, each in things() if inspect.isclass(each)])
def test_so_has_each_method_unless_its_base_says_it(cls: type) -> None:
    silent = [name for name, method in methods_of(cls) if not says_something(method)]
    assert [
        name
        for name in silent
        if not any(getattr(getattr(base, name, None), "__doc__", None) for base in cls.__mro__[1:])
    ] == []
