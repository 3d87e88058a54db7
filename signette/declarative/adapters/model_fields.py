"""The fields of a model, as a source that spreads it needs to know them."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo

from signette.declarative.adapters.model_schema import Key, keys_of, sees_all
from signette.declarative.adapters.root_models import rootless
from signette.declarative.adapters.validators import Unusable
from signette.declarative.fields.base import as_written
from signette.declarative.signature.annotations import (
    is_collection,
    is_json_text,
    metadata_of,
    models_in,
    says_json,
    strip_annotated,
)


@dataclass(frozen=True, slots=True)
class ModelField:
    """A field: its name, the aliases that stand for it on the wire (none: its name), whether it takes several."""

    name: str
    aliases: tuple[str, ...]
    annotation: Any
    many: bool
    by_name: bool = False
    """The name serves beside the aliases."""
    required: bool = True
    metadata: tuple[Any, ...] = ()
    indexed: tuple[str, ...] = ()
    """Names of lists, an item of which is this field: pydantic's `AliasPath("name", 0)`."""
    nested: bool = False
    """A path leads into what no list is."""
    documented: str = ""
    """Its name in the model's JSON Schema."""


def fields_of(model: Any) -> list[ModelField]:
    """The fields of a pydantic model, a dataclass or a TypedDict."""
    generic = strip_annotated(model)
    cls = get_origin(generic) or generic
    infos: Mapping[str, FieldInfo] = getattr(cls, "model_fields", None) or getattr(cls, "__pydantic_fields__", {})
    try:
        keys = keys_of(generic).fields
    except Unusable:  # it names what does not exist yet; the plan is made again when it does
        keys = dict.fromkeys(infos, Key())
    hints = {} if infos.keys() >= keys.keys() else _hints_of(cls, generic)
    return [
        _of_info(name, infos[name], key) if name in infos else _of_hint(cls, name, hints.get(name, Any), key)
        for name, key in keys.items()
    ]


def _hints_of(cls: Any, generic: Any) -> dict[str, Any]:
    """The annotations of a dataclass or a TypedDict, of a generic one with its types."""
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
    """Whether the model forbids or keeps names that it does not know."""
    return keys_of(model).extras


def sees_others(model: Any) -> bool:
    """Whether the model, or code of the application's own before it, is given names that are none of its fields."""
    return sees_extras(model) or sees_all(model)


def _of_info(name: str, info: FieldInfo, key: Key) -> ModelField:
    annotation = rootless(info.annotation)
    return _made(name, annotation, key, info.is_required(), as_written(info.metadata))


def _of_hint(cls: Any, name: str, hint: Any, key: Key) -> ModelField:
    """A field of a dataclass or a TypedDict. What is there for `__init__` alone has its type in a wrapper."""
    annotation = rootless(hint.type if isinstance(hint, dataclasses.InitVar) else hint)
    return _made(name, annotation, key, _is_required(cls, name), as_written(metadata_of(annotation)))


def _is_required(cls: Any, name: str) -> bool:
    field = getattr(cls, "__dataclass_fields__", {}).get(name)  # with those that are there for `__init__` alone
    if field is None:
        return name in getattr(cls, "__required_keys__", (name,))
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _made(name: str, annotation: Any, key: Key, required: bool, metadata: tuple[Any, ...]) -> ModelField:
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
    """Whether it takes several values. pydantic keeps the `Json` of `Json[list[int]]` beside the type."""
    return is_collection(annotation) and not is_json_text(annotation) and not says_json(metadata)
