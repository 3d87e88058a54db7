"""The fields of a model whose fields are separate parameters."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo

from signette._dataclasses import dataclass
from signette.declarative.adapters.model_schema import Key, keys_of, sees_all
from signette.declarative.adapters.root_models import rootless
from signette.declarative.adapters.validators import PydanticUserError
from signette.declarative.fields.base import as_written
from signette.declarative.signature.annotations import (
    has_json_marker,
    is_collection,
    is_json_text,
    metadata_of,
    models_in,
    strip_annotated,
)


@dataclass(frozen=True, slots=True)
class ModelField:
    """A field of a model."""

    name: str
    aliases: tuple[str, ...]
    """The names that are sent. Empty: the field's name."""
    annotation: Any
    many: bool
    """The field takes all values of its name."""
    by_name: bool = False
    """The field's name is accepted as well as the aliases."""
    required: bool = True
    metadata: tuple[Any, ...] = ()
    indexed: tuple[str, ...] = ()
    """Names of lists of which this field is an item: pydantic's `AliasPath("name", 0)`."""
    nested: bool = False
    """An alias is a path that does not lead to an item of a list."""
    documented: str = ""
    """Its name in the model's JSON Schema."""


def fields_of(model: Any) -> list[ModelField]:
    """The fields of a pydantic model, a dataclass or a TypedDict."""
    generic = strip_annotated(model)
    cls = get_origin(generic) or generic
    infos: Mapping[str, FieldInfo] = getattr(cls, "model_fields", None) or getattr(cls, "__pydantic_fields__", {})
    try:
        keys = keys_of(generic).fields
    except PydanticUserError:  # an unresolved forward reference: the plan is made again when it is resolved
        keys = dict.fromkeys(infos, Key())
    hints = {} if infos.keys() >= keys.keys() else _hints_of(cls, generic)
    return [
        _field_of_info(name, infos[name], key)
        if name in infos
        else _field_of_hint(cls, name, hints.get(name, Any), key)
        for name, key in keys.items()
    ]


def _hints_of(cls: Any, generic: Any) -> dict[str, Any]:
    """The annotations of a dataclass or a TypedDict, with the type arguments of a generic one."""
    given = dict(zip(getattr(cls, "__parameters__", ()), get_args(generic), strict=False))
    hints = get_type_hints(cls, include_extras=True)
    return {name: _with_types(hint, given) for name, hint in hints.items()} if given else hints


def _with_types(hint: Any, given: Mapping[Any, Any]) -> Any:
    if hint in given:
        return given[hint]
    names = getattr(hint, "__parameters__", ())
    return hint[tuple(given.get(name, name) for name in names)] if names else hint


def fields_of_all(annotation: Any) -> list[ModelField]:
    """The fields of a model, or of all the models of a union."""
    return [field for model in models_in(annotation) for field in fields_of(model)]


def sees_extras(model: Any) -> bool:
    """Whether the model forbids or keeps unknown names."""
    return keys_of(model).extras


def sees_others(model: Any) -> bool:
    """Whether the model, or a validator that runs before it, is given names that are not fields."""
    return sees_extras(model) or sees_all(model)


def _field_of_info(name: str, info: FieldInfo, key: Key) -> ModelField:
    annotation = rootless(info.annotation)
    return _model_field(name, annotation, key, info.is_required(), as_written(info.metadata))


def _field_of_hint(cls: Any, name: str, hint: Any, key: Key) -> ModelField:
    """A field of a dataclass or a TypedDict. `InitVar` wraps the type of a parameter of `__init__`."""
    annotation = rootless(hint.type if isinstance(hint, dataclasses.InitVar) else hint)
    return _model_field(name, annotation, key, _is_required(cls, name), as_written(metadata_of(annotation)))


def _is_required(cls: Any, name: str) -> bool:
    field = getattr(cls, "__dataclass_fields__", {}).get(name)  # `InitVar`s included
    if field is None:
        return name in getattr(cls, "__required_keys__", (name,))
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _model_field(name: str, annotation: Any, key: Key, required: bool, metadata: tuple[Any, ...]) -> ModelField:
    return ModelField(
        name,
        key.aliases,
        annotation,
        _is_many(annotation, metadata),
        key.by_name,
        required,
        metadata,
        indexed=tuple(str(path[0]) for path in key.paths),
        nested=any(len(path) != 2 or not isinstance(path[1], int) for path in key.paths),
        documented=key.documented or name,
    )


def _is_many(annotation: Any, metadata: Iterable[Any]) -> bool:
    """Whether a field takes several values. pydantic moves the `Json` of `Json[list[int]]` to the metadata."""
    return is_collection(annotation) and not is_json_text(annotation) and not has_json_marker(metadata)
