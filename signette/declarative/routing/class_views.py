"""Class-based views: endpoints that are methods of a class whose attributes are dependencies.

Theory of operation. A verb in the body of a class gets a function whose `self` has no meaning yet. The router keeps
such methods. `cbv(router)` decorates the class, and adds their routes: each takes `self` from a dependency that makes
an instance for the request. The parameters of that dependency are the annotated attributes of the class and the
parameters of its `__init__`.
"""

import inspect
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Annotated, Any, TypeVar

from signette._dataclasses import dataclass
from signette.declarative.errors import values as value_errors
from signette.declarative.routing.class_instances import maker_of
from signette.declarative.signature.callables import location_of
from signette.declarative.signature.depends import Depends

Class = TypeVar("Class", bound=type[Any])


@dataclass(frozen=True, slots=True)
class PendingMethod:
    """A method in the body of a class, and what adds its route when the class is there."""

    function: Callable[..., Any]
    add: Callable[[], None]


def is_in_class_body(endpoint: Any) -> bool:
    """Whether an endpoint is a function with a plain `self`, and the body of its class is being executed."""
    if not inspect.isfunction(endpoint):
        return False
    # PERF: `inspect.signature` takes 30 us. Only an attribute may give a function another signature than its code.
    if not vars(endpoint) and endpoint.__code__.co_varnames[:1] != ("self",):
        return False
    first = next(iter(inspect.signature(endpoint).parameters.values()), None)
    if first is None or first.name != "self" or first.annotation is not first.empty:
        return False
    outer = endpoint.__qualname__.rpartition(".")[0]
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_locals.get("__qualname__") != outer:
        frame = frame.f_back
    return bool(outer) and frame is not None


class HasMethods:
    """A router that keeps methods until their class is decorated."""

    routes: Any
    _includes: Any
    _pending: Sequence[PendingMethod] = ()

    def _wait_for_class(self, function: Callable[..., Any], add: Callable[[], None]) -> None:
        self._pending = (*self._pending, PendingMethod(function, add))

    def add_methods(self, cls: type[Any]) -> None:
        """Add the routes of the methods of a class, with instances of the class as their `self`."""
        functions = {id(each) for base in cls.__mro__ for each in vars(base).values()}
        own = [each for each in self._pending if id(each.function) in functions]
        self._pending = tuple(each for each in self._pending if each not in own)
        if not own:
            return
        instance: Any = Annotated[cls, Depends(maker_of(cls, own[0].function))]
        for function in {id(each.function): each.function for each in own}.values():
            signature = inspect.signature(function)
            first, *others = signature.parameters.values()
            taken = [first.replace(annotation=instance), *others]
            function.__signature__ = signature.replace(parameters=taken)  # type: ignore[attr-defined]
        for each in own:
            each.add()

    def check_methods(self) -> None:
        """Reject methods whose class was not decorated, of this router and of those in it. Raises SignatureError."""
        for each in self._pending:
            raise value_errors.unbound_method(location_of(each.function), "self")
        mounted = (getattr(route, "mounted_app", None) for route in self.routes)
        for inner in (*self._includes, *mounted):
            if isinstance(inner, HasMethods):
                inner.check_methods()


def cbv(router: Any) -> Callable[[Class], Class]:
    """Decorate a class whose methods are endpoints of a router or an application: a class-based view.

    Annotated attributes of the class are dependencies or parameters, which all its methods share: `session: Session =
    Depends(get_session)`. The parameters of `__init__` are, too. Each request has its own instance.

    Raises:
        TypeError: the argument is not a router or an application, or the decorated object is not a class.
        SignatureError: invalid signature of a method, or of an attribute.
    """
    owner = getattr(router, "router", router)
    if not isinstance(owner, HasMethods):
        raise TypeError(f"`cbv` takes a `Router` or an `App`, not {router!r}; write `@cbv(router)`")

    def decorate(cls: Class) -> Class:
        if not isinstance(cls, type):
            raise TypeError(f"`@cbv(router)` decorates a class, not {cls!r}")
        owner.add_methods(cls)
        return cls

    return decorate
