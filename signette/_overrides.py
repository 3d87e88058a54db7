"""Whether a subclass, or one object, has its own version of a method."""

from typing import Any


def overrides(obj: Any, base: type[Any], *names: str) -> bool:
    """Whether `obj`, an instance of `base`, does at least one of these methods in another way than `base`.

    A shortcut that leaves a method out gives the same result only as long as the method is the one that the shortcut
    was written for. So each shortcut asks before it is taken: a subclass that defines the method, a mixin before `base`
    in the order of bases, and a method that was replaced on the object itself (`app.build_middleware_stack = ...`, as
    packages for tracing do) all switch it off.

    A method that was replaced on `base` is not found, as then `base` has no other way any more. A shortcut must
    therefore not leave out what such a replacement could want to see, or look at `base` in some other way.
    """
    own, replaced = type(obj), getattr(obj, "__dict__", ())  # an object with slots has no dictionary
    for name in names:  # noqa: SIM110 - PERF: `any()` takes twice as long
        if name in replaced or (own is not base and getattr(own, name) is not getattr(base, name)):
            return True
    return False
