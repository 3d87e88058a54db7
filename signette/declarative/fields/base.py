"""The base of markers is pydantic's `Field`, so that markers can declare the fields of models, as in FastAPI."""

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
    "ignored_argument_in",
    "is_pydantics",
    "names_in",
]

UNDEFINED = PydanticUndefined
# The class is `@final` for type checkers only. FastAPI subclasses it, too.
_FieldInfo: Any = FieldInfo


class FieldMark:
    """The marker of a model's field, in the field's metadata.

    pydantic merges all declarations of a field into one `FieldInfo`, and keeps only their metadata.
    """

    __slots__ = ("marker",)

    def __init__(self, marker: Any) -> None:
        self.marker = marker

    def __repr__(self) -> str:
        return repr(self.marker)


class FieldBase(_FieldInfo):  # type: ignore[misc]  # its base is Any to checkers
    """A `FieldInfo` that can be found after pydantic has merged it into another."""

    field_options: Mapping[str, Any]
    """The given arguments that pydantic's `Field` has."""

    def __init__(self, **options: Any) -> None:
        # As in `pydantic.Field`, an alias applies to validation and serialization.
        if isinstance(options.get("alias"), str):
            options.setdefault("validation_alias", options["alias"])
            options.setdefault("serialization_alias", options["alias"])
        super().__init__(**options)
        self.metadata.append(FieldMark(self))


def as_written(metadata: Iterable[Any]) -> tuple[Any, ...]:
    """The metadata of a model's field, with its markers."""
    return tuple(each.marker if isinstance(each, FieldMark) else each for each in metadata)


NAMES = ("alias", "validation_alias", "serialization_alias", "alias_priority", "default_factory", "validate_default",
         "deprecated")  # fmt: skip
_TEXTS = ("title", "description", "examples", "discriminator", "json_schema_extra", "field_title_generator")
# The arguments of `Field` that apply to fields of models only.
_MODEL_ONLY = ("exclude", "exclude_if", "frozen", "init", "init_var", "kw_only")


def names_in(info: FieldInfo) -> dict[str, Any]:
    """The names and default options of a `Field`, which pydantic ignores outside of models."""
    options = {name: getattr(info, name, None) for name in NAMES}
    return {name: value for name, value in options.items() if value is not None}


def constraints_in(info: FieldInfo) -> list[Any]:
    """The other options of a `Field`: constraints, and texts for the schema."""
    texts = {name: value for name in _TEXTS if (value := getattr(info, name, None)) is not None}
    return [*info.metadata, *([Field(**texts)] if texts else ())]


def ignored_argument_in(info: FieldInfo) -> str | None:
    """The first argument of a `Field` that has no effect on a parameter."""
    return next((name for name in _MODEL_ONLY if getattr(info, name, None) is not None), None)


# Classes of `annotated_types` that pydantic ignores.
_UNCHECKED = ("Timezone", "Unit", "DocInfo")
_HOOKS = ("__get_pydantic_core_schema__", "__get_pydantic_json_schema__", "__prepare_pydantic_annotations__")


def is_pydantics(metadata: Any) -> bool:
    """Whether pydantic uses an object in `Annotated[...]`: a `Field`, a constraint, a validator, a hook."""
    if get_origin(metadata) is not None:  # a generic type, which has the attributes of its origin
        return False
    if isinstance(metadata, FieldInfo) or any(hasattr(metadata, hook) for hook in _HOOKS):
        return True
    if getattr(metadata, "__is_annotated_types_grouped_metadata__", False) and not isinstance(metadata, type):
        return True
    classes = {(each.__module__.partition(".")[0], each.__name__) for each in type(metadata).__mro__}
    if any(package == "annotated_types" and name not in ("BaseMetadata", *_UNCHECKED) for package, name in classes):
        return not any(name in _UNCHECKED for _, name in classes)
    return any(package in ("pydantic", "pydantic_core") for package, _ in classes)
