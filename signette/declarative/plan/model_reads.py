"""Models whose fields are values of a source, all validated together: `Annotated[Filters, Query()]`.

pydantic validates a dictionary. Each field is in it under the key by which pydantic looks for it, with the value or the
list of values that its type takes. For a model that sees extra keys (it forbids or keeps them, or has a validator that
runs before its fields are read) the dictionary also has all other values that no parameter reads.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any, Union, get_args

from signette.declarative.adapters.model_fields import ModelField, fields_of, sees_extras
from signette.declarative.adapters.model_schema import keys_of, sees_all
from signette.declarative.adapters.narrowing import narrowed
from signette.declarative.checks.uploads import check_stored
from signette.declarative.errors import parameters as parameter_errors
from signette.declarative.errors import sources as source_errors
from signette.declarative.plan.file_rules import file_rule
from signette.declarative.plan.sourced_parameter import SourcedParameter
from signette.declarative.plan.steps import Field, ReadModel
from signette.declarative.signature.annotations import (
    has_json_marker,
    is_json_text,
    is_union,
    metadata_of,
    models_in,
    strip_annotated,
    union_members,
)
from signette.declarative.signature.markers import MISSING, File, Form, Marker, Path
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.signature.type_info import type_info
from signette.declarative.signature.uploads import is_upload
from signette.declarative.sources.brackets import is_blank
from signette.declarative.sources.form import FILE, FORM
from signette.declarative.sources.row import Row
from signette.declarative.sources.shapes import takes_text
from signette.declarative.sources.source import Source
from signette.declarative.sources.styles import field_style_of
from signette.declarative.sources.table import source_of_marker
from signette.forms.sinks import To


def keeps_empty(source: Source, marker: Marker | None) -> bool:
    """Whether an empty value is a value, and does not count as not sent."""
    return not source.has_empty or (isinstance(marker, Form) and marker.allow_empty)


def read_model(found: SourcedParameter, annotation: Any, default: Any, factory: Callable[[], Any] | None) -> ReadModel:
    """The step that reads a parameter whose type is a model, or a union of models."""
    parameter, source, marker, where = found.parameter, found.source, found.marker, found.where
    if isinstance(marker, File | Path) or (marker is None and isinstance(source, Row)):
        raise parameter_errors.not_a_model(where, parameter.name, parameter.annotation, marker or Path())
    models = models_in(parameter.annotation)
    of_models = [_fields(model, found) for model in models]
    keeps = keeps_empty(source, marker)
    fields, apart = _together(of_models, parameter.name, where)
    fields = tuple(replace(each, drops_empty=not keeps and _has_empty(each, source)) for each in fields)
    if any(apart):
        annotation = _narrowed(annotation, dict(zip(models, apart, strict=True)), source, marker)
    decides = any(map(sees_extras, models))
    if decides and not source.has_names:
        raise source_errors.source_without_names(where, parameter.name, parameter.annotation, source)
    extras = decides or (source.has_names and sees_all(annotation))
    optional = len(models) < len(union_members(parameter.annotation)) or default is not MISSING or factory is not None
    only_fields = any(keys_of(model).takes_fields_only for model in models)
    return ReadModel(
        found.variable,
        source,
        parameter.name,
        annotation,
        fields,
        whole=_takes_whole(source, fields) and not extras and not optional and not only_fields,
        extras=extras,
        decides_unknown=decides,
        union=len(models) > 1,
        optional=optional,
        default=default,
        default_factory=factory,
        marker=marker,
        keeps_empty=keeps,
        is_sent_empty=optional and not keeps and source.has_names,
    )


def _fields(model: Any, sourced: SourcedParameter) -> list[Field]:
    """The fields of a model with their names in the source. A list that several fields index is one field."""
    parameter, source, marker, where = sourced.parameter, sourced.source, sourced.marker, sourced.where
    found: dict[Field, None] = {}
    errors_by_name = keys_of(model).errors_by_name
    for field in fields_of(model):
        name = f"{parameter.name}.{field.name}"
        if field.nested or (field.indexed and not source.has_lists):
            raise parameter_errors.unsupported_alias_path(where, name)
        if field.aliases or field.by_name or not field.indexed:
            check_stored(field.annotation, field.metadata, name, where)
            made = replace(_field(field, source, marker), name=field.name if errors_by_name else "")
            if made.file_rule is None and not has_json_marker(field.metadata) and not is_json_text(field.annotation):
                style = field_style_of(field, parameter, source, marker, where)
                made = replace(made, shape=style.shape, delimiter=style.delimiter)
            alone = made.many and not source.has_lists and not made.delimiter
            if alone and not takes_text(parameter.annotation, field):
                raise parameter_errors.list_not_supported(where, name, source.place)
            found[made] = None
        found |= {Field(((key, key),), many=True, indexed=True): None for key in field.indexed}
    return _disambiguate(list(found), parameter.name, where)


def _field(field: ModelField, source: Source, marker: Marker | None) -> Field:
    # Only the name of the field is converted to the spelling of the source. An alias is used as written.
    own_marker = next((each for each in field.metadata if isinstance(each, Marker)), marker)
    own = (source.wire_name(field.name, own_marker), field.name)
    aliases = tuple((alias, alias) for alias in field.aliases)
    choices = (*aliases, own) if field.by_name or not aliases else aliases
    own_source = _own_source(field, source)
    sinks = [*(each for each in field.metadata if isinstance(each, To)), *type_info(field.annotation).sinks]
    rule = file_rule(next((each for each in field.metadata if isinstance(each, File)), None), sinks)
    return Field(choices, field.many, rule, source=own_source, schema_name=field.documented)


def _own_source(field: ModelField, source: Source) -> Source | None:
    """The source of a field of a form that takes files. A file input that was left empty is not a file."""
    if source != FORM:
        return None
    marker = next((each for each in field.metadata if isinstance(each, File)), None)
    if marker is None:
        return FILE if is_upload(field.annotation) else None
    return source_of_marker(marker, Parameter(field.name, field.annotation, marker))


def _disambiguate(fields: list[Field], name: str, where: SourceLocation) -> list[Field]:
    """Give each field its own key, if fields share an alias and only some of them take a list."""
    kinds: dict[str, set[bool]] = {}
    for field in fields:
        for key in field.keys:
            kinds.setdefault(key, set()).add(field.many)
    shared = {key for key, found in kinds.items() if len(found) > 1}
    for field in fields:
        if field.key in shared:
            raise parameter_errors.conflicting_fields(where, name, field.key)
    return [
        replace(field, choices=tuple((wire, field.key if key in shared else key) for wire, key in field.choices))
        for field in fields
    ]


def _together(
    of_models: Sequence[Sequence[Field]], name: str, where: SourceLocation
) -> tuple[tuple[Field, ...], list[set[str]]]:
    """The fields of all models, and for each model the keys of lists of which it takes one value.

    The models of a union share the dictionary, so a key has a list if one of them takes a list.
    """
    every = [field for fields in of_models for field in fields]
    lists = {key for field in every if field.many for key in field.keys}
    # All keys of a field have lists, or none of them has.
    while more := {key for field in every if not lists.isdisjoint(field.keys) for key in field.keys} - lists:
        lists |= more
    shapes: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    for field in every:
        for key in field.keys:
            shape = shapes.get(key) or field.shape
            if shape is not None and shape.kind != (field.shape or shape).kind:
                raise parameter_errors.conflicting_fields(where, name, key)
            shapes[key] = shape
            if field.source is not None:
                sources[key] = field.source
    joined = (
        replace(
            field,
            many=field.key in lists,
            shape=next((shapes[key] for key in field.keys if shapes[key] is not None), None),
            source=next((sources[key] for key in field.keys if key in sources), None),
        )
        for field in every
    )
    ones = [[key for field in fields if not field.many for key in field.keys] for fields in of_models]
    return tuple(dict.fromkeys(joined)), [lists.intersection(keys) for keys in ones]


def _has_empty(field: Field, source: Source) -> bool:
    """Whether some value of a field is empty."""
    return not field.many and field.shape is None and (field.source or source).has_empty


def _narrowed(annotation: Any, apart: dict[Any, set[str]], source: Source, marker: Marker | None) -> Any:
    """The annotation, with models that take one value of the lists under these keys."""
    if is_union(strip_annotated(annotation)):
        members = tuple(_narrowed(each, apart, source, marker) for each in get_args(strip_annotated(annotation)))
        made: Any = Union[members]  # noqa: UP007 - the members are known only now
        return Annotated[(made, *metadata)] if (metadata := metadata_of(annotation)) else made
    keys = apart.get(annotation)
    if not keys:
        return annotation
    is_empty = None if keeps_empty(source, marker) else is_blank
    return narrowed(annotation, frozenset(keys), last=not source.uses_first, is_empty=is_empty)


def _takes_whole(source: Source, fields: Sequence[Field]) -> bool:
    single = all(
        len(field.wire) == 1 and field.wire[0] == field.key and not field.many and field.shape is None
        for field in fields
    )
    return single and source.opens_mapping
