"""The fields of a model, as a source that spreads it needs to know them."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, get_origin, get_type_hints

from pydantic import AliasChoices, AliasPath, BaseModel
from pydantic.fields import FieldInfo

from signette.declarative.adapters.field_base import as_written
from signette.declarative.adapters.roots import rootless
from signette.declarative.introspect import bare, is_collection, is_json_text, metadata_of, models_in, says_json


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


def fields_of(model: Any) -> list[ModelField]:
    """The fields of a pydantic model, a dataclass or a TypedDict."""
    cls = bare(model)
    cls = get_origin(cls) or cls
    if isinstance(cls, type) and issubclass(cls, BaseModel):
        populate = bool(cls.model_config.get("populate_by_name") or cls.model_config.get("validate_by_name"))
        return [_of_info(name, info, populate) for name, info in cls.model_fields.items()]
    infos: dict[str, FieldInfo] | None = getattr(cls, "__pydantic_fields__", None)
    if infos is not None:  # a pydantic dataclass
        return [_of_info(name, info, False) for name, info in infos.items()]
    hints = get_type_hints(cls, include_extras=True)
    if dataclasses.is_dataclass(cls):
        return [
            _plain(field.name, hints[field.name], _is_required(field))
            for field in dataclasses.fields(cls)
            if field.init
        ]
    needed = getattr(cls, "__required_keys__", frozenset(hints))
    return [_plain(name, hint, name in needed) for name, hint in hints.items()]


def fields_of_all(annotation: Any) -> list[ModelField]:
    """The fields of a model, or of all the models of a union."""
    return [field for model in models_in(annotation) for field in fields_of(model)]


def _is_required(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def sees_extras(model: Any) -> bool:
    """Whether the model forbids or keeps names that it does not know."""
    cls = bare(model)
    cls = get_origin(cls) or cls
    config = getattr(cls, "model_config", None) or getattr(cls, "__pydantic_config__", None) or {}
    return (config.get("extra") or "ignore") != "ignore"


def _of_info(name: str, info: FieldInfo, by_name: bool) -> ModelField:
    wanted = info.validation_alias if info.validation_alias is not None else info.alias
    choices = wanted.choices if isinstance(wanted, AliasChoices) else [wanted]
    aliases = tuple(choice for choice in choices if isinstance(choice, str))
    paths = [choice.path for choice in choices if isinstance(choice, AliasPath)]
    annotation = rootless(info.annotation)
    return ModelField(
        name,
        aliases,
        annotation,
        _is_many(annotation, info.metadata),
        by_name,
        info.is_required(),
        as_written(info.metadata),
        indexed=tuple(str(path[0]) for path in paths),
        nested=any(len(path) != 2 or not isinstance(path[1], int) for path in paths),
    )


def _plain(name: str, annotation: Any, required: bool) -> ModelField:
    annotation = rootless(annotation)
    metadata = as_written(metadata_of(annotation))
    return ModelField(name, (), annotation, _is_many(annotation, metadata), False, required, metadata)


def _is_many(annotation: Any, metadata: Iterable[Any]) -> bool:
    """Whether it takes several values. pydantic keeps the `Json` of `Json[list[int]]` beside the type."""
    return is_collection(annotation) and not is_json_text(annotation) and not says_json(metadata)
