"""The metadata of annotations as source: constraints, aliases, titles, discriminators.

Validators are left out: the application runs them. What changes the JSON of a value by code of the application has no
source.
"""

import dataclasses
from collections.abc import Iterable
from typing import Any

import annotated_types
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    PlainSerializer,
    PlainValidator,
    Strict,
    WrapSerializer,
    WrapValidator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from signette.client.generate.errors import NotSource
from signette.client.generate.scope import Scope, importable
from signette.client.generate.values import call_of, value_source

__all__ = ["FieldSource", "field_source"]

VALIDATORS = (AfterValidator, BeforeValidator, WrapValidator)
# Attributes of pydantic's `FieldInfo` that are arguments of `Field` with the same name, in the order of the source.
OPTIONS = (
    "alias", "validation_alias", "serialization_alias", "title", "description", "examples", "discriminator",
    "deprecated", "exclude", "frozen", "validate_default", "json_schema_extra", "repr",
)  # fmt: skip
CONSTRAINTS = (
    "strict", "coerce_numbers_to_str", "gt", "ge", "lt", "le", "multiple_of", "allow_inf_nan", "max_digits",
    "decimal_places", "min_length", "max_length", "pattern", "union_mode", "fail_fast",
)  # fmt: skip
UNCHANGED = {"repr": True}
# Metadata that limits values, and changes nothing in how they are written.
LIMITS = frozenset({"StringConstraints", "UrlConstraints", "PathType", "UuidVersion", "Timezone", "FailFast"})


@dataclasses.dataclass
class FieldSource:
    """The metadata of an annotation: the arguments of one `Field`, and further metadata."""

    options: dict[str, str] = dataclasses.field(default_factory=dict)
    others: list[str] = dataclasses.field(default_factory=list)
    is_json: bool = False
    """The value is sent as JSON text: `Json[T]`."""

    def applied_to(self, annotation: str, scope: Scope) -> str:
        """The annotation with this metadata."""
        if self.is_json:
            annotation = f"{scope.imported('pydantic', 'Json')}[{annotation}]"
        parts = list(self.others)
        if self.options:
            options = {name: self.options[name] for name in (*CONSTRAINTS, *OPTIONS) if name in self.options}
            parts.append(call_of(scope.imported("pydantic", "Field"), (), options))
        if not parts:
            return annotation
        return f"{scope.imported('typing', 'Annotated')}[{annotation}, {', '.join(parts)}]"


def field_source(metadata: Iterable[Any], scope: Scope, info: FieldInfo | None = None) -> FieldSource:
    """The source of metadata, and of the other attributes of a field.

    Raises:
        NotSource: a part of it is code of the application that changes the JSON of the value.
    """
    found = FieldSource()
    for each in metadata:
        _add(each, found, scope)
    if info is not None:
        _add_attributes(info, found, scope)
    return found


def _add_attributes(info: FieldInfo, found: FieldSource, scope: Scope) -> None:
    for name in OPTIONS:
        value = getattr(info, name)
        if value is None or value is PydanticUndefined or value == UNCHANGED.get(name, value is None):
            continue
        if name in {"validation_alias", "serialization_alias"} and value == info.alias:
            continue
        if name == "json_schema_extra" and callable(value):
            continue  # it documents the field and changes no value
        if name == "deprecated" and not isinstance(value, str | bool):
            value = value.message  # a `warnings.deprecated`
        if name == "discriminator" and not isinstance(value, str):
            raise NotSource("a discriminator that is a function")
        found.options[name] = value_source(value, scope)


def _add(item: Any, found: FieldSource, scope: Scope) -> None:
    if isinstance(item, FieldInfo):
        for each in item.metadata:
            _add(each, found, scope)
        _add_attributes(item, found, scope)
        return
    if not _add_marker(item, found, scope):
        _add_constraints(item, found, scope)


def _add_marker(item: Any, found: FieldSource, scope: Scope) -> bool:
    """Whether it is a validator, a serializer, a discriminator or `Json`."""
    if isinstance(item, VALIDATORS):
        if getattr(item, "json_schema_input_type", PydanticUndefined) is not PydanticUndefined:
            raise NotSource(f"a `{type(item).__name__}` with `json_schema_input_type=`")
        return True
    if isinstance(item, PlainValidator | PlainSerializer | WrapSerializer):
        raise NotSource(f"a `{type(item).__name__}`")
    if isinstance(item, Discriminator):
        if not isinstance(item.discriminator, str):
            raise NotSource("a discriminator that is a function")
        found.options["discriminator"] = value_source(item.discriminator, scope)
        return True
    if getattr(item, "__name__", type(item).__name__) == "Json":
        found.is_json = True
        return True
    return False


def _add_constraints(item: Any, found: FieldSource, scope: Scope) -> None:
    options = _constraints(item)
    if options is None:
        _add_other(item, found, scope)
        return
    for name, value in options.items():
        if value is None:
            continue
        text = value_source(value, scope)
        if found.options.get(name, text) != text:  # `Annotated[Positive, Field(gt=5)]`: both apply
            found.others.append(call_of(scope.imported("pydantic", "Field"), (), {name: found.options[name]}))
        found.options[name] = text


def _constraints(item: Any) -> dict[str, Any] | None:
    """The constraints of `Field` that the item says; None for other metadata."""
    if isinstance(item, Strict):
        return {"strict": item.strict}
    if isinstance(item, annotated_types.Interval | annotated_types.Len | annotated_types.BaseMetadata):
        given = vars(item) if hasattr(item, "__dict__") else _slots(item)
        return given if given.keys() <= set(CONSTRAINTS) else None
    if type(item).__name__ in {"PydanticGeneralMetadata", "_PydanticGeneralMetadata", "AllowInfNan", "FailFast"}:
        return dict(vars(item))
    return None


def _slots(item: Any) -> dict[str, Any]:
    return {field.name: getattr(item, field.name) for field in dataclasses.fields(item)}


def _add_other(item: Any, found: FieldSource, scope: Scope) -> None:
    kind = type(item)
    if isinstance(item, annotated_types.Predicate) or kind.__module__.startswith("signette."):
        return
    if isinstance(item, annotated_types.GroupedMetadata) and importable(kind) is None:
        for each in item:
            _add(each, found, scope)
        return
    if importable(kind) and dataclasses.is_dataclass(item):
        if scope.detail == "all" or kind.__name__ not in LIMITS:
            found.others.append(value_source(item, scope))
        return
    if isinstance(item, type) and importable(item):  # `Annotated[str, Strict]`
        found.others.append(value_source(item, scope))
        return
    if any(hasattr(item, name) for name in ("__get_pydantic_core_schema__", "__get_pydantic_json_schema__")):
        raise NotSource(f"metadata of the class `{kind.__name__}`")
