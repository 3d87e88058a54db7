"""The names that a generated module uses: what it imports and what it defines.

Theory of operation. A module is printed twice. The first pass finds all that it uses: a reference to a class puts the
class on the list of definitions. Then every definition and import gets its name, and the second pass prints with these.
"""

import builtins
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, Literal, TypeVar

from signette.client.generate.errors import NotSource

__all__ = ["Definition", "Scope", "importable"]

BUILTINS = frozenset(vars(builtins))
# Where the public name of an object may be, besides the module that defines it.
PUBLIC_MODULES = ("typing", "collections.abc", "pydantic", "annotated_types", "pydantic_core", "typing_extensions")
DEPENDENCIES = frozenset({"pydantic", "pydantic_core", "annotated_types", "typing_extensions"})


Detail = Literal["all", "wire", "none"]
"""How much of the metadata of types is printed: all of it, what changes how values are written in JSON, or nothing."""


class Definition:
    """A class, type alias or type variable that the module defines."""

    def __init__(self, target: Any) -> None:
        self.target = target
        self.name: str = target.__name__
        self.module: str = target.__module__
        self.qualname: str = getattr(target, "__qualname__", target.__name__)
        self.needs: set[Definition] = set()
        """What must be defined earlier."""
        self.uses: set[Definition] = set()

    def candidates(self) -> Iterator[str]:
        """Names for it, from short to long: `Line`, `OrderLine` for `Order.Line`, `ShopOrderLine` for `shop.Order`."""
        outer = [part for part in self.qualname.split(".")[:-1] if part.isidentifier()]
        words = [*self.module.split("."), *outer]
        name = self.name
        yield name
        for word in reversed(words):
            name = "".join(part[:1].upper() + part[1:] for part in word.split("_")) + name
            yield name


class Scope:
    """Names of imports and definitions, and the place where a pass collects them."""

    def __init__(self, *, imports_models: bool = False) -> None:
        self.imports_models = imports_models
        self.definitions: dict[Any, Definition] = {}
        self.imports: set[tuple[str, str]] = set()
        self.members: set[str] = set()
        """The names of fields: a field hides a global name in the body of its class."""
        self.names: dict[Any, str] = {}
        self.aliases: dict[tuple[str, str], str] = {}
        self.detail: Detail = "all"
        self.refers_to_itself = False
        """Whether what is evaluated to define a class names the class."""
        self._current: Definition | None = None
        self._eager = False

    @property
    def hint(self) -> str:
        """What to do about a model that has no source."""
        if self.imports_models:
            return "define the class in its module, and not inside a function"
        return "import the models instead: `--models import`"

    # Called by the printers.

    def imported(self, module: str, name: str) -> str:
        """The local name of an imported object."""
        self.imports.add((module, name))
        return self.aliases.get((module, name), name)

    def builtin(self, name: str) -> str:
        """The local name of a builtin: itself, unless a field hides it."""
        return self.imported("builtins", name)

    def defined(self, target: Any) -> str:
        """The name of a class, alias or variable that the module defines, or imports.

        Raises:
            NotSource: it cannot be imported.
        """
        if self.imports_models:
            return self._imported_model(target)
        key = key_of(target)
        found = self.definitions.get(key)
        if found is None:
            found = self.definitions[key] = Definition(target)
        if found is self._current:
            self.refers_to_itself |= self._eager
        elif self._current is not None:
            (self._current.needs if self._eager else self._current.uses).add(found)
        return self.names.get(key, found.name)

    def _imported_model(self, target: Any) -> str:
        first, *rest = getattr(target, "__qualname__", target.__name__).split(".")
        found: Any = sys.modules.get(target.__module__)
        for name in (first, *rest):
            found = getattr(found, name, None)
        if found is not target or target.__module__ == "__main__":
            raise NotSource(f"`{target.__name__}`, which cannot be imported from `{target.__module__}`,")
        return ".".join([self.imported(target.__module__, first), *rest])

    @contextmanager
    def printing(self, definition: Definition) -> Iterator[None]:
        """References in the block belong to this definition."""
        before, self._current = self._current, definition
        try:
            with self.with_detail("all"):
                yield
        finally:
            self._current = before

    @contextmanager
    def with_detail(self, detail: Detail) -> Iterator[None]:
        """Types in the block are printed with so much metadata."""
        before, self.detail = self.detail, detail
        try:
            yield
        finally:
            self.detail = before

    @contextmanager
    def eagerly(self) -> Iterator[None]:
        """References in the block are evaluated when the class is defined: bases, defaults, decorators."""
        before, self._eager = self._eager, True
        try:
            yield
        finally:
            self._eager = before

    # Between the passes.

    def settle(self, reserved: frozenset[str], owned: frozenset[str] = frozenset()) -> None:
        """Give each definition and import its name.

        Names of definitions avoid the reserved ones, and imports those that the module owns.
        """
        hidden = self.members | owned
        self.aliases = {found: f"_{found[1]}" for found in self.imports if found[0] and found[1] in hidden}
        homes: dict[str, str] = {}
        for module, name in sorted(self.imports):
            if homes.setdefault(name, module) != module:  # `dataclass` of pydantic and of the standard library
                self.aliases[module, name] = f"_{module.replace('.', '_')}_{name}"
        taken = reserved | self.members | BUILTINS | {name for module, name in self.imports if module}
        self.names = _distinct(list(self.definitions.values()), taken)
        self.imports = set()


def _distinct(definitions: list[Definition], taken: frozenset[str] | set[str]) -> dict[Any, str]:
    """A name for each definition. Those that share a name take longer ones, so that the order does not matter."""
    names = {}
    pending = {definition: definition.candidates() for definition in sorted(definitions, key=_sort_key)}
    used = set(taken)
    while pending:
        wanted: dict[str, list[Definition]] = {}
        for definition, candidates in list(pending.items()):
            candidate = next(candidates, None)
            if candidate is None:  # classes of one function, type variables of one module
                names[key_of(definition.target)] = candidate = _numbered(definition.name, used)
                used.add(candidate)
                del pending[definition]
            else:
                wanted.setdefault(candidate, []).append(definition)
        for name, owners in wanted.items():
            if len(owners) == 1 and name not in used:
                names[key_of(owners[0].target)] = name
                del pending[owners[0]]
        used |= wanted.keys()
    return names


def _numbered(name: str, used: set[str]) -> str:
    return next(f"{name}{number}" for number in count(2) if f"{name}{number}" not in used)


def _sort_key(definition: Definition) -> tuple[str, str, str]:
    target = definition.target
    members = key_of(target) if isinstance(target, TypeVar) else sorted(getattr(target, "__annotations__", ()))
    return definition.module, definition.qualname, repr(members)


def key_of(target: Any) -> Any:
    """What makes two definitions one: the object; for a type variable, its name and limits."""
    if isinstance(target, TypeVar):
        default = getattr(target, "__default__", None)
        return "TypeVar", target.__name__, repr((target.__bound__, target.__constraints__, default))
    return target


def importable(target: Any) -> tuple[str, str] | None:
    """Module and name by which a module without the application imports an object; None if it cannot."""
    name = getattr(target, "__name__", None) or getattr(target, "_name", None)
    home = getattr(target, "__module__", None)
    if not isinstance(name, str) or not isinstance(home, str) or not name.isidentifier():
        return None
    first = home.partition(".")[0]
    if first not in sys.stdlib_module_names and first not in DEPENDENCIES:
        return None
    if first == "__main__":
        return None
    parts = home.split(".")
    homes = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
    for module in (*[each for each in PUBLIC_MODULES if each.partition(".")[0] == first], *homes):
        if getattr(sys.modules.get(module), name, None) is target:
            return module, name
    return None
