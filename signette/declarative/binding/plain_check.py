"""Prints the check whether orjson may write an instance of a plain model: all its parts have their exact types.

    def fits(value):
        try:
            if type(value) is not k_class:
                return False
            d_0 = value.__dict__
            if len(d_0) != 2 or type(d_0['name']) is not str:
                return False
            v_0 = d_0['tags']
            if type(v_0) is not list:
                return False
            for v_1 in v_0:
                if type(v_1) is not str:
                    return False
        except KeyError:
            return False
        return True

PERF: orjson then writes the whole instance without a call of Python. A call for each model in it, which checks its
fields as orjson gets there, takes twice as long.
"""

from collections.abc import Callable
from functools import lru_cache
from types import NoneType
from typing import Any

from signette.declarative.adapters.plain_models import Shapes
from signette.declarative.binding.codegen import Code, compiled

# A class that is used in several fields is printed for each of them.
_MOST_FIELDS = 200
_BUILTINS = frozenset({str, int, float, bool, list, dict})


class _TooLarge(Exception):
    """The function would be too long, or endless: a model contains itself."""


# PERF: routes with the same result share the function.
@lru_cache(maxsize=1024)
def plain_check(cls: type, shapes: Shapes) -> Callable[[Any], bool] | None:
    """A function that is true for a value exactly of a plain class and of its shape; None if it would be too long.

    `shapes` has the class and those of the models in its fields.
    """
    printer = _Printer(shapes)
    code = printer.code
    try:
        with code.block("def fits(value):"):
            with code.block("try:"):
                printer.reject(f"type(value) is not {code.name('k_class', cls)}")
                printer.model(cls, "value", 0)
            with code.block("except KeyError:", "a field is missing"):
                code.add("return False")
            code.add("return True")
    except _TooLarge:
        return None
    return compiled(code, "fits", f"<signette fields of {cls.__name__}>")


class _Printer:
    def __init__(self, shapes: Shapes) -> None:
        self.code = Code()
        self._shapes = shapes
        self._printed = 0
        self._open: set[type] = set()

    def reject(self, condition: str) -> None:
        with self.code.block(f"if {condition}:"):
            self.code.add("return False")

    def model(self, cls: type, value: str, depth: int) -> None:
        """Check the fields of an instance of exactly this class."""
        shape = self._shapes[cls]
        self._printed += shape.size
        if cls in self._open or self._printed > _MOST_FIELDS:
            raise _TooLarge
        self._open.add(cls)
        fields = f"d_{depth}"
        self.code.add(f"{fields} = {value}.__dict__")
        scalars = [(name, types) for name, types in shape.values if not self._model_in(types)]
        wrong = [self._is_not(f"{fields}[{name!r}]", types) for name, types in scalars]
        self.reject(" or ".join((f"len({fields}) != {shape.size}", *wrong)))
        for name, types in shape.values:
            if self._model_in(types):
                self.code.add(f"v_{depth} = {fields}[{name!r}]")
                self._value(f"v_{depth}", types, depth + 1)
        for name, types, items in shape.collections:
            self._collection(f"{fields}[{name!r}]", types, items, depth)
        self._open.remove(cls)

    def _value(self, value: str, types: frozenset[type], depth: int) -> None:
        """Check a variable."""
        cls = self._model_in(types)
        if cls is None:
            self.reject(self._is_not(value, types))
        elif NoneType in types:
            with self.code.block(f"if {value} is not None:"):
                self._value(value, types - {NoneType}, depth)
        else:
            self.reject(self._is_not(value, types))
            self.model(cls, value, depth)

    def _collection(self, value: str, types: frozenset[type], items: frozenset[type], depth: int) -> None:
        held = f"v_{depth}"
        self.code.add(f"{held} = {value}")
        if NoneType in types:
            with self.code.block(f"if {held} is not None:"):
                self._items(held, types - {NoneType}, items, depth)
        else:
            self._items(held, types, items, depth)

    def _items(self, held: str, types: frozenset[type], items: frozenset[type], depth: int) -> None:
        self.reject(self._is_not(held, types))
        item = f"{held}_item"
        with self.code.block(f"for {item} in {held}.values():" if dict in types else f"for {item} in {held}:"):
            self._value(item, items, depth + 1)

    def _is_not(self, value: str, types: frozenset[type]) -> str:
        """The condition that a value is of none of these types."""
        conditions = [
            f"{value} is not None" if cls is NoneType else f"type({value}) is not {self._name(cls)}"
            for cls in sorted(types, key=lambda cls: cls is NoneType)
        ]
        return " and ".join(conditions) if len(conditions) == 1 else f"({' and '.join(conditions)})"

    def _name(self, cls: type) -> str:
        return cls.__name__ if cls in _BUILTINS else self.code.name("k_class", cls)

    def _model_in(self, types: frozenset[type]) -> type | None:
        return next((cls for cls in types if cls in self._shapes), None)
