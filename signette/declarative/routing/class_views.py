"""Class-based views: endpoints that are methods of a class whose attributes are dependencies.

Theory of operation. A verb in the body of a class gets a function whose `self` has no meaning yet. The router keeps
such methods. `cbv(router)` decorates the class, and adds their routes: each takes `self` from a dependency that makes
an instance for the request. The parameters of that dependency are the annotated attributes of the class and the
parameters of its `__init__`.
"""

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Annotated, Any, ClassVar, TypeVar, get_origin, get_type_hints

from signette.declarative.errors import base as errors
from signette.declarative.errors.values import unbound_method
from signette.declarative.signature.annotations import strip_annotated
from signette.declarative.signature.callables import location_of
from signette.declarative.signature.declared import split_annotation
from signette.declarative.signature.depends import Dependency, Depends
from signette.declarative.signature.markers import Marker

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
        instance: Any = Annotated[cls, Depends(_maker_of(cls, own[0].function))]
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
            raise unbound_method(location_of(each.function), "self")
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


def _maker_of(cls: type[Any], method: Callable[..., Any]) -> Callable[..., Any]:
    """The dependency that makes an instance. It needs no thread, unless the class has its own `__init__`."""
    attributes, arguments = list(_attributes_of(cls)), list(_arguments_of(cls))
    names = [each.name for each in attributes]

    def make(**values: Any) -> Any:
        instance: Any = cls.__new__(cls)  # type: ignore[call-overload]  # mypy takes it for a metaclass
        for name in names:
            setattr(instance, name, values.pop(name))
        instance.__init__(**values)
        return instance

    async def make_at_once(**values: Any) -> Any:
        return make(**values)

    maker: Any = make if arguments else make_at_once
    known = {each.name for each in arguments}
    parameters = [*arguments, *(each for each in attributes if each.name not in known)]
    maker.__signature__ = inspect.Signature(parameters, return_annotation=cls)
    maker.__module__, maker.__qualname__ = cls.__module__, cls.__qualname__
    maker.__name__, maker.__doc__ = cls.__name__, cls.__doc__
    code = inspect.unwrap(method).__code__  # errors are located in the file of the class
    maker.__code__ = maker.__code__.replace(co_filename=code.co_filename, co_firstlineno=code.co_firstlineno)
    return maker  # type: ignore[no-any-return]


def _attributes_of(cls: type[Any]) -> Iterator[inspect.Parameter]:
    """The annotated attributes of a class as parameters; the value of an attribute is its default.

    A private attribute is one only if it has a marker or a dependency.
    """
    try:
        hints = get_type_hints(cls, include_extras=True)
    except NameError as exc:
        raise errors.unresolved_forward_ref(location_of(cls), exc.name or str(exc)) from None
    for name, hint in hints.items():
        default = getattr(cls, name, inspect.Parameter.empty)
        is_marked = isinstance(default, Dependency | Marker) or bool(split_annotation(hint)[1])
        is_class_variable = ClassVar in (hint, get_origin(strip_annotated(hint)))
        if not is_class_variable and (is_marked or not name.startswith("_")):
            yield inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)


def _arguments_of(cls: type[Any]) -> Iterator[inspect.Parameter]:
    """The parameters of the class's own `__init__`."""
    if cls.__init__ is object.__init__:
        return
    hints = get_type_hints(cls.__init__, include_extras=True)
    for each in list(inspect.signature(cls.__init__).parameters.values())[1:]:
        if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD):
            hint = hints.get(each.name, each.annotation)
            yield each.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hint)
