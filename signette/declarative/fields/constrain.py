"""The constraints of a marker as pydantic's own metadata."""

from typing import Annotated, Any

from pydantic import Field

from signette.declarative.fields.base import FieldBase

# What pydantic makes into objects that are equal where they say the same.
_BOUNDS = frozenset({"strict", "gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "allow_inf_nan"})


def constrain(annotation: Any, marker: FieldBase | None) -> Any:
    """The annotation with the marker's bounds and words, as pydantic reads them."""
    if marker is None or not marker.field_options:
        return annotation
    said = marker.field_options
    # PERF: so routes with equal bounds share one adapter; a `Field` is equal to no other.
    bounds = list(Field(**{key: each for key, each in said.items() if key in _BOUNDS}).metadata)
    # `deprecated` speaks to the document alone; on a bare type pydantic has no use for it, and warns.
    words = {key: each for key, each in said.items() if key not in _BOUNDS and key != "deprecated"}
    if words:
        bounds.append(Field(**words))
    return Annotated[(annotation, *bounds)] if bounds else annotation
