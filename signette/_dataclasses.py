"""Dataclasses that take little time to define: their methods are shared, or made at the first use.

Theory of operation. `dataclasses.dataclass` compiles up to six functions for each class, which takes 0.6 ms. For 170
classes that is a third of the import, and most applications use few of them. Here `dataclasses` collects the fields and
adds the slots, so that `fields`, `replace` and `is_dataclass` know the class. Comparing, printing and pickling are
plain functions over the fields. `__init__` is compiled for the first instance, and is then as fast as any other.
`inspect.signature` compiles it as well.
"""

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, fields
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

_set = object.__setattr__


def _dataclass(
    cls: Any = None,
    /,
    *,
    init: bool = True,
    repr: bool = True,  # noqa: A002 - as in `dataclasses`
    eq: bool = True,
    frozen: bool = False,
    slots: bool = False,
    kw_only: bool = False,
) -> Any:
    """As `dataclasses.dataclass`."""

    def defined(cls: type) -> Any:
        own = set(cls.__dict__)
        if not cls.__doc__:
            cls.__doc__ = cls.__name__  # else `dataclasses` would write the signature here
        # A subclass of a frozen class must be frozen, which costs the two methods that are replaced below.
        inherits = any(getattr(getattr(base, "__dataclass_params__", None), "frozen", False) for base in cls.__bases__)
        make = dataclasses.dataclass(
            init=False, repr=False, eq=False, frozen=frozen and inherits, slots=slots, kw_only=kw_only
        )
        made: Any = make(cls)
        made.__dataclass_params__.frozen = frozen  # so that `dataclasses` lets another frozen class inherit from it
        methods: dict[str, Any] = {}
        if init:
            methods |= {"__init__": _first_init(made, frozen=frozen), "__signature__": _LazySignature()}
        if repr:
            methods["__repr__"] = _repr
        if eq:
            methods["__eq__"], methods["__hash__"] = _comparing(made, frozen=frozen)
        if frozen:
            methods |= {"__setattr__": _reject_assignment, "__delattr__": _reject_deletion}
        if frozen and slots:
            methods |= {"__getstate__": _getstate, "__setstate__": _setstate}
        for name, method in methods.items():
            # A class that defines `__eq__` has a `__hash__` of None.
            if name not in own or (name == "__hash__" and made.__hash__ is None):
                setattr(made, name, method)
        return made

    return defined if cls is None else defined(cls)


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - it is to be imported from here
else:
    dataclass = _dataclass


# -- __init__ ----------------------------------------------------------------------------------------------------------


def _first_init(cls: Any, *, frozen: bool) -> Callable[..., None]:
    """An `__init__` that puts the compiled one in its place."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - it becomes a method
        compile_init()
        cls.__init__(self, *args, **kwargs)

    def compile_init() -> None:
        cls.__init__ = _compiled_init(cls, frozen=frozen)

    __init__.compile_init = compile_init  # type: ignore[attr-defined]
    return __init__


class _HAS_DEFAULT_FACTORY_CLASS:  # noqa: N801 - the name that `dataclasses` and pydantic have for it
    """The default, in the signature, of a field with a default factory."""

    def __repr__(self) -> str:
        return "<factory>"


_NEW = _HAS_DEFAULT_FACTORY_CLASS()


class _LazySignature:
    """The signature of a class, from its `__init__` or from that of a subclass."""

    def __get__(self, instance: Any, owner: Any) -> inspect.Signature:
        if instance is not None:
            raise AttributeError("__signature__")  # of an instance that can be called, `inspect` reads `__call__`
        if (compile_init := getattr(owner.__init__, "compile_init", None)) is not None:
            compile_init()
        whole = inspect.signature(owner.__init__)
        return whole.replace(parameters=list(whole.parameters.values())[1:])


def _compiled_init(cls: Any, *, frozen: bool) -> Callable[..., None]:
    scope: dict[str, Any] = {"_set": _set, "_NEW": _NEW}
    by_place, by_name, lines = ["self"], list[str](), list[str]()
    for each in fields(cls):
        name = each.name
        if each.init:
            (by_name if each.kw_only else by_place).append(f"{name}{_default(each, scope)}")
        elif each.default is MISSING and each.default_factory is MISSING:
            continue
        value = name if each.init else f"_of_{name}"
        if each.default_factory is not MISSING:
            scope[f"_of_{name}"] = each.default_factory
            new = f"_of_{name}()"
            value = f"{new} if {name} is _NEW else {name}" if each.init else new
        elif not each.init:
            scope[value] = each.default
        lines.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    head = ", ".join([*by_place, *(["*", *by_name] if by_name else [])])
    exec(f"def __init__({head}):\n " + "\n ".join(lines or ["pass"]), scope)  # noqa: S102 - names of fields only
    made: Callable[..., None] = scope["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__module__ = cls.__module__
    made.__annotations__ = {each.name: each.type for each in fields(cls) if each.init} | {"return": None}
    return made


def _default(field: Field[Any], scope: dict[str, Any]) -> str:
    """What follows the name of a parameter."""
    if field.default_factory is not MISSING:
        return "=_NEW"
    if field.default is MISSING:
        return ""
    scope[f"_default_{field.name}"] = field.default
    return f"=_default_{field.name}"


# -- other methods -----------------------------------------------------------------------------------------------------


def _comparing(cls: Any, *, frozen: bool) -> tuple[Callable[[Any, Any], bool], Callable[[Any], int] | None]:
    """`__eq__` and `__hash__`."""
    compared = [each.name for each in fields(cls) if each.compare]
    values = _values_of(compared)

    def __eq__(self: Any, other: Any) -> bool:  # noqa: N807 - it becomes a method
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807 - as above
        return hash(values(self))

    return __eq__, __hash__ if frozen else None


def _values_of(names: list[str]) -> Callable[[Any], Any]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda instance: tuple(getattr(instance, name) for name in names)


@recursive_repr()
def _repr(self: Any) -> str:
    shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _reject_assignment(_self: Any, name: str, _value: Any) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _reject_deletion(_self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(self: Any) -> list[Any]:
    return [getattr(self, each.name) for each in fields(self)]


def _setstate(self: Any, state: list[Any]) -> None:
    for each, value in zip(fields(self), state, strict=True):
        _set(self, each.name, value)
