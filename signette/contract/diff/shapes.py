"""The shapes of keywords: what a schema must have, so that it can be read. A document from elsewhere may be invalid."""

from collections.abc import Callable, Mapping
from typing import Any

from signette.contract.diff.documents import Part
from signette.contract.errors import ContractError


def _is_schema(value: Any) -> bool:
    return isinstance(value, Mapping | bool)


def _is_list(of: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list | tuple) and all(of(one) for one in value)


def _is_map(of: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, Mapping) and all(of(one) for one in value.values())


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_any(value: Any) -> bool:  # noqa: ARG001 - a shape like the others
    return True


def _is_step(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _is_types(value: Any) -> bool:
    return _is_text(value) or _is_list(_is_text)(value)


SHAPES: Mapping[str, Callable[[Any], bool]] = {
    "$ref": _is_text,
    "type": _is_types,
    "enum": _is_list(_is_any),
    "required": lambda value: isinstance(value, bool) or _is_list(_is_text)(value),  # a boolean in draft 3
    "multipleOf": _is_step,
    **dict.fromkeys(("pattern", "format", "contentEncoding", "contentMediaType"), _is_text),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _is_list(_is_schema)),
    **dict.fromkeys(("properties", "patternProperties", "dependentSchemas"), _is_map(_is_schema)),
    **dict.fromkeys(
        ("not", "if", "then", "else", "additionalProperties", "propertyNames", "contentSchema"), _is_schema
    ),
    "items": lambda value: _is_schema(value) or _is_list(_is_schema)(value),  # a list before draft 2020-12
    "dependentRequired": _is_map(_is_list(_is_text)),
}


def check_shapes(part: Part) -> None:
    """Check that a schema can be read.

    Raises:
        ContractError: a keyword has a value of another type.
    """
    for keyword, value in part.schema.items():
        shape = SHAPES.get(keyword)
        if shape is not None and not shape(value):
            place = f"{part.pointer}/{keyword}"
            raise ContractError(f"invalid JSON Schema: `{place}` is {value!r:.60}", "validate the document")
