"""Root models: their values are sent as values of their root type."""

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import RootModel
from pydantic.fields import FieldInfo

from signette.declarative.signature.annotations import alias_of, metadata_of, strip_annotated


def rootless(annotation: Any) -> Any:
    """The annotation with root models replaced by their root types, as values are sent.

    The fields of other models are not changed.
    """
    return _rootless(annotation, ())


def _rootless(annotation: Any, seen: tuple[Any, ...]) -> Any:
    alias = alias_of(annotation)
    if alias is not None:
        if alias in seen:
            return annotation  # a recursive alias
        seen = (*seen, alias)
    plain = strip_annotated(annotation)
    root = _root_of(plain)
    if root is not None:
        if plain in seen:
            return Any  # a recursive model
        inner = Annotated[(root.annotation, *root.metadata)] if root.metadata else root.annotation
        return _with_metadata(_rootless(inner, (*seen, plain)), metadata_of(annotation))
    arguments = get_args(plain)
    if not arguments or get_origin(plain) is Literal:
        return annotation
    made = tuple(_rootless(each, seen) for each in arguments)
    if all(one is other for one, other in zip(made, arguments, strict=True)):
        return annotation
    return _with_metadata(_rebuilt(plain, made), metadata_of(annotation))


def _root_of(plain: Any) -> FieldInfo | None:
    is_root = isinstance(plain, type) and not get_origin(plain) and issubclass(plain, RootModel)
    return plain.model_fields.get("root") if is_root else None


def _with_metadata(annotation: Any, metadata: tuple[Any, ...]) -> Any:
    return Annotated[(annotation, *metadata)] if metadata else annotation


def _rebuilt(annotation: Any, arguments: tuple[Any, ...]) -> Any:
    origin: Any = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return Union[arguments]  # noqa: UP007 - the members are known only now
    if isinstance(annotation, types.GenericAlias):
        return types.GenericAlias(origin, arguments)
    return annotation.copy_with(arguments)
