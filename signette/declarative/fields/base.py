"""What a marker is to pydantic: a `Field`, so that models may declare their fields with markers, as FastAPI's do."""

from collections.abc import Iterable, Mapping
from typing import Any, get_origin

from pydantic import Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

__all__ = [
    "NAMES",
    "UNDEFINED",
    "FieldBase",
    "FieldInfo",
    "FieldMark",
    "as_written",
    "constraints_in",
    "is_pydantics",
    "names_in",
    "unheard_in",
]

UNDEFINED = PydanticUndefined
# pydantic calls the class final, to checkers alone; FastAPI's parameters derive from it, too.
_FieldInfo: Any = FieldInfo


class FieldMark:
    """Stands in the metadata of a model's field for the marker that declared it.

    pydantic merges what declares a field into one `FieldInfo`, and keeps of each its metadata alone.
    """

    __slots__ = ("marker",)

    def __init__(self, marker: Any) -> None:
        self.marker = marker

    def __repr__(self) -> str:
        return repr(self.marker)


class FieldBase(_FieldInfo):  # type: ignore[misc]  # its base is Any to checkers
    """A `FieldInfo` that is still known for itself where pydantic has merged it into another."""

    field_options: Mapping[str, Any]
    """The arguments that pydantic's `Field` takes, as far as they were given."""

    def __init__(self, **said: Any) -> None:
        # As `pydantic.Field` does: an alias stands for both directions.
        if isinstance(said.get("alias"), str):
            said.setdefault("validation_alias", said["alias"])
            said.setdefault("serialization_alias", said["alias"])
        super().__init__(**said)
        self.metadata.append(FieldMark(self))


def as_written(metadata: Iterable[Any]) -> tuple[Any, ...]:
    """The metadata of a model's field, with the markers that declared it."""
    return tuple(each.marker if isinstance(each, FieldMark) else each for each in metadata)


NAMES = ("alias", "validation_alias", "serialization_alias", "alias_priority", "default_factory", "validate_default",
         "deprecated")  # fmt: skip
_WORDS = ("title", "description", "examples", "discriminator", "json_schema_extra", "field_title_generator")
# What a `Field` says of a model's field alone.
_OF_FIELDS = ("exclude", "exclude_if", "frozen", "init", "init_var", "kw_only")


def names_in(info: FieldInfo) -> dict[str, Any]:
    """What a `Field` says of a parameter's names and default, which is not pydantic's to read where no model is."""
    said = {name: getattr(info, name, None) for name in NAMES}
    return {name: value for name, value in said.items() if value is not None}


def constraints_in(info: FieldInfo) -> list[Any]:
    """The rest of a `Field`: constraints, and words for the schema."""
    words = {name: value for name in _WORDS if (value := getattr(info, name, None)) is not None}
    return [*info.metadata, *([Field(**words)] if words else ())]


def unheard_in(info: FieldInfo) -> str | None:
    """The first argument of a `Field` that says something of a model's field, and nothing of a parameter."""
    return next((name for name in _OF_FIELDS if getattr(info, name, None) is not None), None)


# Constraints of `annotated_types` that pydantic has no check for.
_UNCHECKED = ("Timezone", "Unit", "DocInfo")
_HOOKS = ("__get_pydantic_core_schema__", "__get_pydantic_json_schema__", "__prepare_pydantic_annotations__")


def is_pydantics(said: Any) -> bool:
    """Whether pydantic reads an object in `Annotated[...]`: a `Field`, a constraint, a validator, a hook."""
    if get_origin(said) is not None:  # a type, which answers for the attributes of its origin
        return False
    if isinstance(said, FieldInfo) or any(hasattr(said, hook) for hook in _HOOKS):
        return True
    if getattr(said, "__is_annotated_types_grouped_metadata__", False) and not isinstance(said, type):
        return True
    homes = {(each.__module__.partition(".")[0], each.__name__) for each in type(said).__mro__}
    if any(home == "annotated_types" and name not in ("BaseMetadata", *_UNCHECKED) for home, name in homes):
        return not any(name in _UNCHECKED for _, name in homes)
    return any(home in ("pydantic", "pydantic_core") for home, _ in homes)
