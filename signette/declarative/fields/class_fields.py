"""The fields of pydantic classes as constructor parameters, for `Depends()`."""

from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import AliasChoices, Field, SkipValidation
from pydantic.fields import FieldInfo

from signette._dataclasses import dataclass

_TEXTS = ("title", "description", "examples", "deprecated", "discriminator", "json_schema_extra")


@dataclass(frozen=True, slots=True)
class InitField:
    """A field: its annotation with all options but the default, and the keyword argument of the constructor."""

    annotation: Any
    keyword: str
    declarations: tuple[Any, ...]
    """The field, and the metadata that is written in its annotation: pydantic merges markers, and loses their class."""


def init_fields(cls: Any) -> dict[str, InitField]:
    """The fields of a pydantic model or dataclass by their names in its signature; {} for other classes."""
    infos: Any = getattr(cls, "__pydantic_fields__", None) or {}
    return {
        _shown(name, info): InitField(_annotation(info), _keyword(name, info), _declarations(info))
        for name, info in infos.items()
        if info.init is not False
    }


def _declarations(info: FieldInfo) -> tuple[Any, ...]:
    written = getattr(info, "_original_annotation", None)
    return (*(get_args(written)[1:] if get_origin(written) is Annotated else ()), info)


def has_own_constructor(cls: Any) -> bool:
    """Whether a pydantic class defines `__init__`."""
    return not getattr(cls.__init__, "__module__", "").startswith("pydantic.")


def _annotation(info: FieldInfo) -> Any:
    options: Any = {name: each for name in _TEXTS if (each := getattr(info, name)) is not None}
    if info.validation_alias is not None:
        options["validation_alias"] = info.validation_alias
    elif info.alias is not None:
        options["alias"] = info.alias
    metadata: tuple[Any, ...] = (*info.metadata, *((Field(**options),) if options else ()))
    if any(map(_runs_code, info.metadata)) or _holds_code(info.annotation):
        # The class validates the value. A second validation may fail, since a validator can return another type.
        metadata = (*metadata, SkipValidation())  # type: ignore[type-arg]
    return Annotated[(info.annotation, *metadata)] if metadata else info.annotation


def _runs_code(metadata: Any) -> bool:
    """Whether it is a validator or a hook, and not a constraint or a text."""
    return hasattr(metadata, "__get_pydantic_core_schema__") and not isinstance(metadata, FieldInfo)


def _holds_code(annotation: Any) -> bool:
    """Whether a part of the type has a validator."""
    if get_origin(annotation) is Annotated and any(map(_runs_code, annotation.__metadata__)):
        return True
    return get_origin(annotation) is not Literal and any(map(_holds_code, get_args(annotation)))


def _shown(name: str, info: FieldInfo) -> str:
    """The name of the field in pydantic's signature."""
    names = (each for each in (info.alias, info.validation_alias) if isinstance(each, str) and each.isidentifier())
    return next(names, name)


def _keyword(name: str, info: FieldInfo) -> str:
    alias: Any = info.validation_alias if info.validation_alias is not None else info.alias
    choices = alias.choices if isinstance(alias, AliasChoices) else (alias,)
    return next((each for each in choices if isinstance(each, str)), name)
