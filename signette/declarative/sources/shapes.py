"""How a value is written in a query or a form: several values of a name, delimiters, or names with brackets.

The *shape* of an annotation describes names with brackets, `address[zip]=1` and `rows[0][zip]=1`: which of them are
texts, lists or records. It is made once, with the plan, and `sources/brackets.py` reads by it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any, Literal, get_args

from signette._dataclasses import dataclass
from signette.declarative.adapters.model_fields import ModelField, fields_of_all, sees_others
from signette.declarative.signature.annotations import (
    alias_of,
    class_of,
    has_json_marker,
    is_collection,
    is_json_text,
    is_scalar,
    item_type,
    models_in,
    strip_annotated,
    union_members,
)

Kind = Literal["text", "list", "record", "mapping"]


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A node of a shape. The shape of a recursive model is circular, so nodes are compared by identity."""

    kind: Kind
    drops_blank: bool = False
    """An empty text counts as missing."""
    item: "Shape | None" = field(default=None, repr=False)
    """The items of a list, or the values of a mapping."""
    members: "dict[str, Shape]" = field(default_factory=dict, repr=False)
    """The members of a record, by their names in brackets."""
    loose: bool = False
    """The record is given unknown names, too."""


def shape_of(annotation: Any, drops_blank: bool) -> Shape:
    """The shape of an annotation. `drops_blank`: empty texts count as missing."""
    return _Shaper(drops_blank).shape(annotation)


class _Shaper:
    def __init__(self, drops_blank: bool) -> None:
        self.drops_blank = drops_blank
        self.records: dict[tuple[Any, ...], Shape] = {}
        self.aliases: dict[Any, Shape] = {}

    def shape(self, annotation: Any, metadata: Iterable[Any] = ()) -> Shape:
        if is_json_text(annotation) or has_json_marker(metadata):
            return Shape("text", self.drops_blank)
        models = models_in(annotation)
        if models:
            return self.record(models, annotation)
        if is_collection(annotation):
            return self.many("list", annotation, item_type(annotation))
        values = mapped_type(annotation)
        if values is not None:
            return self.many("mapping", annotation, values)
        return Shape("text", self.drops_blank)

    def many(self, kind: Kind, annotation: Any, item: Any) -> Shape:
        """The shape of a list or a mapping. One with a type alias may be recursive."""
        if alias_of(annotation) is None:
            return Shape(kind, self.drops_blank, self.shape(item))
        if annotation not in self.aliases:
            made = self.aliases[annotation] = Shape(kind, self.drops_blank)
            object.__setattr__(made, "item", self.shape(item))  # frozen from here on
        return self.aliases[annotation]

    def record(self, models: tuple[Any, ...], annotation: Any) -> Shape:
        if models not in self.records:
            made = self.records[models] = Shape("record", self.drops_blank, loose=any(map(sees_others, models)))
            for each in fields_of_all(annotation):
                inner = self.shape(each.annotation, each.metadata)
                for name in (
                    *each.aliases,
                    *(() if (each.aliases or each.indexed) and not each.by_name else (each.name,)),
                ):
                    if name not in made.members or inner.kind != "text":  # another model of a union may be nested
                        made.members[name] = inner
                for name in each.indexed:
                    made.members[name] = Shape("list", self.drops_blank, Shape("text", self.drops_blank))
        return self.records[models]


def mapped_type(annotation: Any) -> Any:
    """The type of a mapping's values, Any if it is not annotated; None for other annotations."""
    for member in union_members(annotation):
        cls = class_of(member)
        if cls is not None and issubclass(cls, Mapping) and not models_in(member):
            args = get_args(strip_annotated(member))
            return args[1] if len(args) == 2 else Any
    return None


def is_flat(annotation: Any) -> bool:
    """Whether a value is one text, or a list of texts, and needs no brackets."""
    if is_json_text(annotation):
        return True
    return all(
        all(map(_is_one_text, get_args(strip_annotated(member)) or (Any,)))
        if is_collection(member)
        else is_scalar(member)
        for member in union_members(annotation)
    )


def _is_one_text(annotation: Any) -> bool:
    return is_scalar(annotation) or is_json_text(annotation)


def is_object(annotation: Any) -> bool:
    """Whether a value has members: a model, a union of models, a mapping."""
    return bool(models_in(annotation)) or mapped_type(annotation) is not None


def takes_text(owner: Any, each: ModelField) -> bool:
    """Whether a validator of the application may convert a text, before pydantic expects an object."""
    if any(type(item).__name__ in ("BeforeValidator", "PlainValidator", "WrapValidator") for item in each.metadata):
        return True
    classes = [strip_annotated(model) for model in (*models_in(owner), *models_in(each.annotation))]
    decorators = [getattr(cls, "__pydantic_decorators__", None) for cls in classes]
    return any(found.field_validators or found.model_validators for found in decorators if found is not None)
