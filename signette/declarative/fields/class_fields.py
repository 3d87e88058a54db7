"""The fields of pydantic's classes as parameters of their constructors: what `Depends()` calls them with."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import AliasChoices, Field, SkipValidation
from pydantic.fields import FieldInfo

_WORDS = ("title", "description", "examples", "deprecated", "discriminator", "json_schema_extra")


@dataclass(frozen=True, slots=True)
class InitField:
    """A field: its annotation with all that is said of it but a default, and the keyword that the constructor takes."""

    annotation: Any
    keyword: str


def init_fields(cls: Any) -> dict[str, InitField]:
    """The fields of a pydantic model or dataclass by their names in its signature; of any other class none."""
    infos: Any = getattr(cls, "__pydantic_fields__", None) or {}
    return {
        _shown(name, info): InitField(_annotation(info), _keyword(name, info))
        for name, info in infos.items()
        if info.init is not False
    }


def has_own_constructor(cls: Any) -> bool:
    """Whether a pydantic class has an `__init__` that somebody wrote."""
    return not getattr(cls.__init__, "__module__", "").startswith("pydantic.")


def _annotation(info: FieldInfo) -> Any:
    said: Any = {name: each for name in _WORDS if (each := getattr(info, name)) is not None}
    if info.validation_alias is not None:
        said["validation_alias"] = info.validation_alias
    elif info.alias is not None:
        said["alias"] = info.alias
    metadata: tuple[Any, ...] = (*info.metadata, *((Field(**said),) if said else ()))
    if any(map(_runs_code, info.metadata)) or _holds_code(info.annotation):
        # The class runs it: once is enough, as what it makes of a value need not be a value that it takes.
        metadata = (*metadata, SkipValidation())  # type: ignore[type-arg]
    return Annotated[(info.annotation, *metadata)] if metadata else info.annotation


def _runs_code(said: Any) -> bool:
    """Whether it is a validator or a hook, and not a constraint or a word for the schema."""
    return hasattr(said, "__get_pydantic_core_schema__") and not isinstance(said, FieldInfo)


def _holds_code(annotation: Any) -> bool:
    """Whether a validator stands beside a part of the type."""
    if get_origin(annotation) is Annotated and any(map(_runs_code, annotation.__metadata__)):
        return True
    return get_origin(annotation) is not Literal and any(map(_holds_code, get_args(annotation)))


def _shown(name: str, info: FieldInfo) -> str:
    """As pydantic names the field in the signature."""
    said = (each for each in (info.alias, info.validation_alias) if isinstance(each, str) and each.isidentifier())
    return next(said, name)


def _keyword(name: str, info: FieldInfo) -> str:
    wanted: Any = info.validation_alias if info.validation_alias is not None else info.alias
    choices = wanted.choices if isinstance(wanted, AliasChoices) else (wanted,)
    return next((each for each in choices if isinstance(each, str)), name)
