"""Fields of classes as source."""

import inspect
import keyword
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NewType, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from signette.client.generate.annotations import annotation_source
from signette.client.generate.errors import GenerationError, NotSource
from signette.client.generate.layout import statement
from signette.client.generate.metadata import FieldSource, field_source
from signette.client.generate.scope import Scope, importable
from signette.client.generate.values import call_of, value_source
from signette.declarative.signature.annotations import strip_annotated

__all__ = [
    "HINT",
    "default_source",
    "factory_source",
    "field_line",
    "is_name",
    "located",
    "location_of",
    "read_only_field",
    "typed_value",
]

HINT = "import the models instead: `--models import`"


def is_name(text: str) -> bool:
    """Whether Python can use it as a name."""
    return text.isidentifier() and not keyword.iskeyword(text)


def location_of(target: Any) -> str:
    """The dotted name of a class."""
    return f"{target.__module__}.{getattr(target, '__qualname__', target.__name__)}"


@contextmanager
def located(location: str) -> Iterator[None]:
    """What has no source in the block is an error at this location.

    Raises:
        GenerationError: something has no source.
    """
    try:
        yield
    except NotSource as exc:
        raise GenerationError(location, f"{exc} has no source", HINT) from None


def field_line(name: str, annotation: Any, scope: Scope, owner: Any, info: FieldInfo | None, value: str) -> str:
    """`name: annotation = value`, with the metadata of the field in its annotation."""
    location = f"{location_of(owner)}.{name}"
    if not is_name(name):
        raise GenerationError(location, f"`{name}` is not a name in Python", HINT)
    with located(location):
        found = FieldSource() if info is None else field_source(info.metadata, scope, info)
        text = found.applied_to(annotation_source(annotation, scope), scope)
    scope.members.add(name)
    return statement(f"{name}: {text}{f' = {value}' if value else ''}", 4)


def default_source(info: FieldInfo, scope: Scope) -> str:
    """The value of a field of a model, or `Field(default_factory=...)`; "" if it is required."""
    if info.default_factory is not None:
        factory = factory_source(info.default_factory, info.annotation, scope)
        return call_of(scope.imported("pydantic", "Field"), (), {"default_factory": factory})
    if info.default is PydanticUndefined or info.default is Ellipsis:
        return ""
    return typed_value(info.default, info.annotation, scope)


def typed_value(value: Any, annotation: Any, scope: Scope) -> str:
    """A value of this type. Type checkers accept `UserId(1)` as a `UserId`, and not `1`."""
    text = value_source(value, scope)
    plain = strip_annotated(annotation)
    return f"{scope.defined(plain)}({text})" if isinstance(plain, NewType) else text


def factory_source(factory: Callable[..., Any], annotation: Any, scope: Scope) -> str:
    """A factory for a value of this type: one that can be imported, or a `lambda` for one that makes equal values.

    Raises:
        NotSource: it is another function of the application.
    """
    if factory in (list, dict, set) and (typed := _typed_factory(factory, annotation, scope)):
        return typed
    owner = getattr(factory, "__self__", None)
    if isinstance(owner, type) and (home := importable(owner)):  # `datetime.now`
        return f"{scope.imported(*home)}.{factory.__name__}"
    home = importable(factory)
    if home is not None:
        return scope.builtin(home[1]) if home[0] == "builtins" else scope.imported(*home)
    origin = get_origin(factory)
    if origin is not None and get_args(factory) and importable(origin):  # `list[str]`
        return annotation_source(origin, scope)
    if not inspect.signature(factory).parameters:
        first, second = factory(), factory()
        if type(first) is type(second) and first == second:
            return f"lambda: {value_source(first, scope)}"
    raise NotSource(f"the default factory `{getattr(factory, '__qualname__', factory)}`")


def _typed_factory(factory: Any, annotation: Any, scope: Scope) -> str:
    """`list[str]`, as type checkers do not know the items of a `list`; "" if the type has the class itself in it."""
    plain = strip_annotated(annotation)
    if get_origin(plain) is not factory:
        return ""
    scope.refers_to_itself = False
    text = annotation_source(plain, scope)
    return "" if scope.refers_to_itself else text


def read_only_field(name: str, annotation: Any, scope: Scope, owner: Any, doc: str, *, is_input: bool) -> str:
    """A computed field: set in responses, and not sent."""
    with located(f"{location_of(owner)}.{name}"):
        text = annotation_source(annotation, scope)
    options = {"description": value_source(doc, scope)} if doc else {}
    options["json_schema_extra"] = '{"readOnly": True}'
    if is_input:
        options["exclude"] = "True"
        text = text if text.endswith("None") else f"{text} | None"
    field = call_of(scope.imported("pydantic", "Field"), (), options)
    scope.members.add(name)
    source = f"{name}: {scope.imported('typing', 'Annotated')}[{text}, {field}]"
    return statement(source + (" = None" if is_input else ""), 4)
