"""Serialization styles: how the values of a parameter are written, by its marker's `style` and `explode`."""

from collections.abc import Mapping
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.adapters.model_fields import ModelField
from signette.declarative.errors import parameters as parameter_errors
from signette.declarative.signature.annotations import is_collection, models_in
from signette.declarative.signature.markers import Form, Marker, Styled
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.signature.uploads import is_upload
from signette.declarative.sources.shapes import Shape, is_flat, is_object, shape_of, takes_text
from signette.declarative.sources.source import Source

DEEP = "deepObject"

# The delimiters between the items of a list in one text, by place, style and explode (OpenAPI 3.1 §4.8.12.4).
DELIMITERS: Mapping[tuple[str, str, bool], str] = {
    ("query", "form", False): ",",
    ("query", "spaceDelimited", False): " ",
    ("query", "pipeDelimited", False): "|",
    ("path", "simple", False): ",",
    ("header", "simple", False): ",",
    ("cookie", "form", False): ",",
}


@dataclass(frozen=True, slots=True)
class ParameterStyle:
    """A shape, a delimiter, or neither: each value is one text of the name."""

    shape: Shape | None = None
    delimiter: str = ""


def style_of(
    annotation: Any, source: Source, marker: Marker | None, where: SourceLocation, name: str
) -> ParameterStyle:
    """The style of a parameter.

    Raises SignatureError if its `style` and `explode` do not apply to its type.
    """
    if source.place == "form":
        return ParameterStyle() if models_in(annotation) else _in_form(annotation, source, marker)
    style, explode = getattr(marker, "style", None), getattr(marker, "explode", None)
    if style is None and explode is None:
        return ParameterStyle()
    style = style or ("form" if source.place in ("query", "cookie") else "simple")
    explode = style in ("form", DEEP) if explode is None else explode
    delimiter = DELIMITERS.get((source.place, style, explode), "")
    if style == DEEP and explode and source.has_brackets and is_object(annotation):
        return ParameterStyle(shape_of(annotation, drops_blank=False))
    if delimiter and is_collection(annotation) and is_flat(annotation):
        return ParameterStyle(delimiter=delimiter)
    if (source.place, style, explode) == ("query", "form", True) and is_flat(annotation):
        return ParameterStyle()
    raise parameter_errors.unsupported_style(where, name, marker, source.place, _known(source.place))


def field_style_of(
    field: ModelField, spread: Parameter, source: Source, marker: Marker | None, where: SourceLocation
) -> ParameterStyle:
    """The style of a field of a spread model: by its own marker, or brackets for an object.

    Raises SignatureError if the field is an object, and the source has no names with brackets.
    """
    annotation, name = field.annotation, f"{spread.name}.{field.name}"
    own = next((item for item in field.metadata if isinstance(item, Styled)), None)
    if own is not None:
        found = style_of(annotation, source, own, where, name)
        if found != ParameterStyle():
            return found
    if source.place == "form":
        return _in_form(annotation, source, marker)
    if is_object(annotation) and source.has_brackets:
        return ParameterStyle(shape_of(annotation, drops_blank=False))
    if not is_flat(annotation) and not takes_text(spread.annotation, field):
        raise parameter_errors.nested_field(where, name, annotation, source.place)
    return ParameterStyle()


def _in_form(annotation: Any, source: Source, marker: Marker | None) -> ParameterStyle:
    if not source.has_brackets or (is_flat(annotation) and not is_collection(annotation)):
        return ParameterStyle()
    if is_upload(annotation):
        return ParameterStyle()
    return ParameterStyle(shape_of(annotation, drops_blank=not (isinstance(marker, Form) and marker.allow_empty)))


def declared_style(place: str, shape: Shape | None, delimiter: str) -> tuple[str, bool] | None:
    """Style and explode as in the OpenAPI document; None for OpenAPI's defaults."""
    if delimiter:
        return next((style, explode) for (where, style, explode), each in DELIMITERS.items()
                    if (where, each) == (place, delimiter))  # fmt: skip
    return (DEEP, True) if shape is not None and shape.kind in ("record", "mapping") else None


def _known(place: str) -> list[str]:
    styles = [f"style={style!r}, explode={explode}" for where, style, explode in DELIMITERS if where == place]
    return [f"{each} for a list" for each in styles] + (
        [f"style={DEEP!r} for a model or a mapping"] if place == "query" else []
    )
