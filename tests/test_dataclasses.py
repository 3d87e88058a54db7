"""`signette._dataclasses` makes the same classes as `dataclasses`, with methods that are compiled later."""

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field
from typing import Any

import pytest

from signette._dataclasses import _dataclass

OPTIONS: list[dict[str, Any]] = [
    {},
    {"frozen": True},
    {"slots": True},
    {"frozen": True, "slots": True},
    {"frozen": True, "slots": True, "eq": False},
    {"frozen": True, "repr": False, "kw_only": True},
]


def points(make: Callable[..., Any], options: dict[str, Any]) -> Any:
    @make(**options)
    class Point:
        x: int
        y: int = 2
        tags: list[str] = field(default_factory=list)
        label: str = field(default="", compare=False, repr=False)
        total: int = field(init=False, default=0)

        def __post_init__(self) -> None:
            object.__setattr__(self, "total", self.x + self.y)

    return Point


def outcome(call: Callable[[], Any]) -> Any:
    """The result of a call, or the class and the text of its error."""
    try:
        return call()
    except (TypeError, AttributeError) as exc:
        return type(exc), str(exc)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize(
    "use",
    [
        lambda cls: repr(cls(x=1)),
        lambda cls: cls(x=1) == cls(x=1, label="other"),
        lambda cls: cls(x=1) == cls(x=3),
        lambda cls: cls(x=1) == 1,
        lambda cls: cls(),
        lambda cls: cls(1, 2).y,
        lambda cls: cls(x=1, z=2),
        lambda cls: cls(x=1, y=5).total,
        lambda cls: cls(x=1).tags is cls(x=1).tags,
        lambda cls: setattr(cls(x=1), "x", 2),
        lambda cls: delattr(cls(x=1), "x"),
        lambda cls: dataclasses.asdict(dataclasses.replace(cls(x=1), y=7)),
        lambda cls: dataclasses.asdict(copy.copy(cls(x=1, label="a"))),
        lambda cls: str(inspect.signature(cls)),
        lambda cls: cls.__match_args__,
        lambda cls: cls.__doc__ is None,
        lambda cls: hasattr(cls(x=1), "__dict__"),
        lambda cls: cls.__hash__ is None,
    ],
)
def test_a_class_behaves_as_one_of_dataclasses(options: dict[str, Any], use: Callable[[Any], Any]) -> None:
    made, expected = points(_dataclass, options), points(dataclasses.dataclass, options)
    assert outcome(lambda: use(made)) == outcome(lambda: use(expected))
    assert outcome(lambda: use(made)) == outcome(lambda: use(expected))  # with `__init__` in its place


def test_equal_instances_have_equal_hashes() -> None:
    @_dataclass(frozen=True)
    class Pair:
        a: int
        b: int = field(default=0, compare=False)

    assert hash(Pair(1, 2)) == hash(Pair(1, 3))
    assert len({Pair(1), Pair(1), Pair(2)}) == 2


@pytest.mark.parametrize("make", [_dataclass, dataclasses.dataclass])
@pytest.mark.parametrize("make_base", [_dataclass, dataclasses.dataclass])
def test_classes_of_both_kinds_inherit_from_each_other(make: Any, make_base: Any) -> None:
    @make_base(frozen=True)
    class Base:
        a: int

    @make(frozen=True)
    class Derived(Base):
        b: int = 2

    assert repr(Derived(1)).endswith("Derived(a=1, b=2)")
    assert Derived(1) == Derived(1) != Base(1)
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'a'"):
        Derived(1).a = 2
    with pytest.raises(TypeError, match="frozen"):
        make(Derived.__class__("Thawed", (Base,), {"__annotations__": {"c": int}}))


def test_methods_of_the_class_are_kept() -> None:
    @_dataclass(frozen=True)
    class Named:  # noqa: PLW1641 - the decorator makes it
        name: str

        def __repr__(self) -> str:
            return "named"

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Named)

    assert repr(Named("a")) == "named"
    assert Named("a") == Named("b")
    assert hash(Named("a")) == hash(Named("a"))


def test_a_class_without_own_init_has_the_signature_of_its_base() -> None:
    class Sub(points(_dataclass, {})):  # type: ignore[misc]
        pass

    class Other(Sub):
        def __init__(self, *, only: int) -> None:
            pass

    assert list(inspect.signature(Sub).parameters) == ["x", "y", "tags", "label"]
    assert list(inspect.signature(Other).parameters) == ["only"]
    assert Sub(3).total == 5


@_dataclass(frozen=True, slots=True)
class Sent:
    a: int
    b: tuple[int, ...] = ()


def test_frozen_classes_with_slots_are_pickled() -> None:
    assert pickle.loads(pickle.dumps(Sent(1, (2,)))) == Sent(1, (2,))
