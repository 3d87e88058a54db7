"""The fields of a model, as a source that spreads it needs to know them."""

import dataclasses
from dataclasses import dataclass
from typing import Any, get_origin, get_type_hints

from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo

from signette.declarative.introspect import bare, is_collection, metadata_of


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


def _is_required(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def extras_of(model: Any) -> str:
    """What the model does with names that it does not know: "ignore", "forbid" or "allow"."""
    cls = bare(model)
    cls = get_origin(cls) or cls
    config = getattr(cls, "model_config", None) or getattr(cls, "__pydantic_config__", None) or {}
    return config.get("extra") or "ignore"


def _of_info(name: str, info: FieldInfo, by_name: bool) -> ModelField:
    wanted = info.validation_alias if info.validation_alias is not None else info.alias
    choices = wanted.choices if isinstance(wanted, AliasChoices) else [wanted]
    aliases = tuple(choice for choice in choices if isinstance(choice, str))
    return ModelField(
        name,
        aliases,
        info.annotation,
        is_collection(info.annotation),
        by_name,
        info.is_required(),
        tuple(info.metadata),
    )


def _plain(name: str, annotation: Any, required: bool) -> ModelField:
    return ModelField(name, (), annotation, is_collection(annotation), False, required, metadata_of(annotation))
