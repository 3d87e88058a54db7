"""Convert the constraints of a marker to pydantic's metadata."""

from typing import Annotated, Any

from pydantic import Field

from signette.declarative.fields.base import FieldBase

# The options that pydantic converts to objects with `__eq__`.
_CONSTRAINTS = frozenset({"strict", "gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "allow_inf_nan"})


def constrain(annotation: Any, marker: FieldBase | None) -> Any:
    """The annotation with the constraints and texts of a marker, in pydantic's form."""
    if marker is None or not marker.field_options:
        return annotation
    options = marker.field_options
    # PERF: routes with equal constraints share one adapter. A `Field` is never equal to another.
    metadata = list(Field(**{key: each for key, each in options.items() if key in _CONSTRAINTS}).metadata)
    # `deprecated` is used by the OpenAPI document only; pydantic warns about it outside of models.
    texts = {key: each for key, each in options.items() if key not in _CONSTRAINTS and key != "deprecated"}
    if texts:
        metadata.append(Field(**texts))
    return Annotated[(annotation, *metadata)] if metadata else annotation
