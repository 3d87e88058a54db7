"""Dependencies that make instances of classes whose methods are endpoints."""

import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import MISSING, Field, InitVar, field, fields, is_dataclass, replace
from typing import Any, ClassVar, Final, get_args, get_origin, get_type_hints

from signette._dataclasses import dataclass
from signette.declarative.errors import base as errors
from signette.declarative.errors import class_views as view_errors
from signette.declarative.errors import parameters as parameter_errors
from signette.declarative.signature.annotations import annotated, metadata_of, strip_annotated, substituted
from signette.declarative.signature.callables import location_of
from signette.declarative.signature.declared import split_annotation
from signette.declarative.signature.depends import Dependency
from signette.declarative.signature.foreign_markers import own_marker
from signette.declarative.signature.markers import Marker
from signette.declarative.signature.model import SourceLocation
from signette.declarative.signature.other_frameworks import foreign_marker
from signette.declarative.signature.translated import translated

Variables = Mapping[type[Any], Mapping[Any, Any]]
"""The arguments of the type variables of generic classes: of each class in the MRO."""


@dataclass(frozen=True, slots=True)
class InstanceRules:
    """How instances of a class are made; by default as those of a class-based view."""

    only_marked: bool = False
    """Attributes without a marker or a dependency are left to the class."""
    in_thread: bool = True
    """A class with its own `__init__` is called in a worker thread."""
    opens: bool = False
    """Instances that are context managers are entered."""
    close: str | None = None
    """The method that closes an instance."""
    variables: Variables = field(default_factory=dict)


def maker_of(cls: type[Any], method: Callable[..., Any], rules: InstanceRules = InstanceRules()) -> Callable[..., Any]:
    """The dependency that makes an instance. Errors have the file of the method as their location."""
    location = class_location(cls, method)
    _check_class(cls, location)
    attributes = {each.name: each for each in attributes_of(cls, location, rules)}
    hidden = _private_fields_of(cls) - attributes.keys()
    arguments = {
        each.name: each
        for each in _arguments_of(cls, location, rules.variables)
        if each.name not in hidden or _is_marked(each)
    }
    positional = [name for name, each in arguments.items() if each.kind is each.POSITIONAL_ONLY]

    def make(**values: Any) -> Any:
        instance: Any = cls.__new__(cls)  # type: ignore[call-overload]  # mypy takes it for a metaclass
        for name in attributes:
            # Also of frozen classes, and before what a `__setattr__` needs is there.
            object.__setattr__(instance, name, values[name] if name in arguments else values.pop(name))
        instance.__init__(*[values.pop(name) for name in positional], **values)
        return instance

    async def make_at_once(**values: Any) -> Any:
        return make(**values)

    async def call_class(**values: Any) -> Any:
        return cls(**values)  # PERF: half the time of `make`

    async def open_instance(**values: Any) -> AsyncIterator[Any]:
        instance = make(**values)
        async with AsyncExitStack() as stack:
            if hasattr(cls, "__aenter__"):
                await stack.enter_async_context(instance)
            elif hasattr(cls, "__enter__"):
                stack.enter_context(instance)
            elif rules.close is not None:
                stack.push_async_callback(_close, getattr(instance, rules.close))
            yield instance

    is_opened = rules.opens and (hasattr(cls, "__aenter__") or hasattr(cls, "__enter__"))
    maker: Any = make if arguments and rules.in_thread else make_at_once if attributes or positional else call_class
    if is_opened or rules.close is not None:
        maker = open_instance
    both = [_parameter_of_both(location, arguments[name], attributes[name]) for name in arguments if name in attributes]
    # In the order of `__init__`, then of the class.
    parameters = {**arguments, **attributes, **arguments, **{each.name: each for each in both}}
    keyword_only = [each.replace(kind=each.KEYWORD_ONLY) for each in parameters.values()]
    maker.__signature__ = inspect.Signature(keyword_only, return_annotation=cls)
    maker.__module__, maker.__qualname__ = cls.__module__, cls.__qualname__
    maker.__name__, maker.__doc__ = cls.__name__, cls.__doc__
    code = inspect.unwrap(method).__code__  # errors are located in the file of the class
    maker.__code__ = maker.__code__.replace(co_filename=code.co_filename, co_firstlineno=code.co_firstlineno)
    return maker  # type: ignore[no-any-return]


def class_location(cls: type[Any], method: Callable[..., Any]) -> SourceLocation:
    """The location of a class: its name, and the line of a method."""
    return replace(location_of(method), name=f"{cls.__module__}.{cls.__qualname__}")


async def _close(close: Callable[[], Any]) -> None:
    closing = close()
    if inspect.isawaitable(closing):
        await closing


def _check_class(cls: type[Any], location: SourceLocation) -> None:
    """Reject a class of which no instance can be made from the parameters of a request."""
    if hasattr(cls, "__pydantic_complete__"):  # of models, and of dataclasses of pydantic
        raise view_errors.model_as_view(location)
    made = list(inspect.signature(cls.__new__).parameters.values())[1:]
    if any(each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD) for each in made):
        raise view_errors.view_with_new(location)
    if inspect.isabstract(cls):
        raise view_errors.abstract_view(location, sorted(cls.__abstractmethods__))


def _parameter_of_both(
    location: SourceLocation, argument: inspect.Parameter, attribute: inspect.Parameter
) -> inspect.Parameter:
    """The parameter for an argument of `__init__` that is an attribute as well: the one with a marker."""
    if not _is_marked(attribute):
        return argument
    is_same = (argument.annotation, argument.default) == (attribute.annotation, attribute.default)
    if _is_marked(argument) and not is_same:
        raise view_errors.conflicting_attribute(location, attribute.name)
    return attribute


def attributes_of(cls: type[Any], location: SourceLocation, rules: InstanceRules) -> Iterator[inspect.Parameter]:
    """The annotated attributes of a class as parameters; the value of an attribute is its default.

    A private attribute is one only if it has a marker or a dependency.
    """
    hints = _hints_of_class(cls, rules.variables, location)
    for name in {name: None for base in cls.__mro__ for name in vars(base) if name not in hints}:
        if _is_marker(inspect.getattr_static(cls, name, None)):
            raise view_errors.attribute_without_annotation(location, name)
    of_dataclass = _fields_of(cls)
    for name, annotation in hints.items():
        if isinstance(annotation, InitVar):  # an argument only
            continue
        hint, is_class_variable = _without_qualifier(annotation)
        field, default = of_dataclass.get(name), _default_of(cls, name)
        parameter = inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)
        is_marked = _is_marked(parameter)
        if is_class_variable:
            if is_marked:
                raise view_errors.marker_on_class_variable(location, name)
            continue
        if field is not None and not field.init:
            if is_marked:
                raise view_errors.marker_outside_init(location, name)
            continue
        if is_marked or not (rules.only_marked or name.startswith("_")):
            _check_attribute(cls, name, field, location)
            yield parameter


def _check_attribute(cls: type[Any], name: str, field: "Field[Any] | None", location: SourceLocation) -> None:
    if field is not None and field.default_factory is not MISSING:
        raise view_errors.view_with_default_factory(location, name)
    if not cls.__dictoffset__ and not inspect.ismemberdescriptor(inspect.getattr_static(cls, name, None)):
        raise view_errors.attribute_not_in_slots(location, name)


def _fields_of(cls: type[Any]) -> "dict[str, Field[Any]]":
    return {each.name: each for each in fields(cls)} if is_dataclass(cls) else {}


def _default_of(cls: type[Any], name: str) -> Any:
    default = getattr(cls, name, inspect.Parameter.empty)
    if not inspect.ismemberdescriptor(default):
        return default
    field = _fields_of(cls).get(name)  # with slots, the class itself does not have it
    return inspect.Parameter.empty if field is None or field.default is MISSING else field.default


def _without_qualifier(hint: Any) -> tuple[Any, bool]:
    """An annotation without `Final` and `ClassVar`, and whether it had the latter."""
    plain = strip_annotated(hint)
    qualifier = get_origin(plain) or plain
    if qualifier is not ClassVar and qualifier is not Final:
        return hint, False
    inner = get_args(plain)[0] if get_args(plain) else Any
    return annotated(inner, metadata_of(hint)), qualifier is ClassVar


def _is_marked(parameter: inspect.Parameter) -> bool:
    plain, declarations = split_annotation(translated(parameter.annotation, None)[0])
    is_marked = bool(declarations) or any(map(_is_marker, (parameter.default, *metadata_of(plain))))
    return is_marked or _has_marker_inside(plain)


def _has_marker_inside(hint: Any) -> bool:
    """Whether a part of a type has a marker, which is rejected later."""
    parts = [each for each in get_args(hint) if not isinstance(each, type)]
    return any(_is_marker(each) or _has_marker_inside(each) for each in parts)


def _is_marker(value: Any) -> bool:
    """Whether it is a marker or a dependency of signette or another framework."""
    is_own = (
        issubclass(value, Dependency | Marker)  # without its call, which is rejected later
        if isinstance(value, type)
        else isinstance(own_marker(value), Dependency | Marker)
    )
    return is_own or foreign_marker(value) is not None


def _arguments_of(cls: type[Any], location: SourceLocation, variables: Variables) -> Iterator[inspect.Parameter]:
    """The parameters of the class's own `__init__`."""
    if cls.__init__ is object.__init__:
        return
    owner = next(base for base in cls.__mro__ if "__init__" in vars(base))
    hints = _hints_of(cls.__init__, location, variables.get(owner, {}))
    for each in list(inspect.signature(cls.__init__).parameters.values())[1:]:
        hint = hints.get(each.name, each.annotation)
        parameter = each.replace(annotation=hint.type if isinstance(hint, InitVar) else hint)
        if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD):
            yield parameter
        elif _is_marked(parameter):
            raise parameter_errors.variadic_parameter(location, str(parameter))


def _hints_of_class(cls: type[Any], variables: Variables, location: SourceLocation) -> dict[str, Any]:
    hints = _hints_of(cls, location, {})
    for base in reversed(cls.__mro__):
        if own := variables.get(base):
            names = inspect.get_annotations(base)
            hints |= {name: hint for name, hint in _hints_of(base, location, own).items() if name in names}
    return hints


def _hints_of(declared: Any, location: SourceLocation, variables: Mapping[Any, Any]) -> dict[str, Any]:
    names = {each.__name__: each for each in variables}
    try:
        hints = get_type_hints(declared, localns=names or None, include_extras=True)
    except NameError as exc:
        raise errors.unresolved_forward_ref(location, exc.name or str(exc)) from None
    return {name: substituted(hint, variables) for name, hint in hints.items()}


def _private_fields_of(cls: type[Any]) -> set[str]:
    """The private fields of a dataclass that have a default: clients must not set them."""
    return {
        each.name
        for each in _fields_of(cls).values()
        if each.name.startswith("_") and (each.default is not MISSING or each.default_factory is not MISSING)
    }
