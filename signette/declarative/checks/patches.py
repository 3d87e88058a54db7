"""Check parameters that are patches: `patch: Patch[User]`, `patch: JSONPatch[User]`, or a union of both."""

from collections.abc import Iterable
from typing import Any

from signette.declarative.adapters.json_patch import JSONPatch
from signette.declarative.adapters.patch import patched_type
from signette.declarative.adapters.patch_members import has_changeable
from signette.declarative.adapters.patch_schema import is_patchable, unpatchable
from signette.declarative.adapters.validators import PydanticUserError
from signette.declarative.errors import metadata as metadata_errors
from signette.declarative.errors import patches as patch_errors
from signette.declarative.signature.annotations import union_members
from signette.declarative.signature.markers import MISSING, Marker
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.signature.type_info import type_info
from signette.declarative.sources.patch import JSON_PATCH, PATCH, PATCH_FORMATS
from signette.declarative.sources.source import Source

# The arguments of `Body()` that describe a patch; all others are rules for a value.
_TEXTS = frozenset({"title", "description", "examples", "deprecated", "json_schema_extra"})


def check_patch(parameter: Parameter, source: Source, location: SourceLocation, methods: Iterable[str]) -> None:
    """Reject a patch that is not a whole body, and one that cannot be applied."""
    annotation = parameter.annotation
    is_plain = type(annotation) is type and annotation not in PATCH_FORMATS
    if is_plain or not any(part.cls in PATCH_FORMATS for part in parameter.type.walk()):
        return
    _check_place(parameter, source, location, methods)
    _check_type(parameter.name, annotation, location)


def _check_place(parameter: Parameter, source: Source, location: SourceLocation, methods: Iterable[str]) -> None:
    """Reject a patch that is not a whole body of a PATCH."""
    name, annotation, marker = parameter.name, parameter.annotation, parameter.marker
    classes = [type_info(each).cls for each in union_members(annotation)]
    if source not in (PATCH, JSON_PATCH) and all(cls in PATCH_FORMATS for cls in classes):
        raise patch_errors.misplaced_patch(location, name, annotation, f"it is read from the {source.place}")
    if set(classes) & PATCH_FORMATS.keys() and not set(classes) <= {*PATCH_FORMATS, type(None)}:
        raise patch_errors.patch_or_value(location, name, annotation)
    if not all(cls in PATCH_FORMATS for cls in classes):
        raise patch_errors.misplaced_patch(location, name, annotation, "it is inside another type")
    if parameter.default is not MISSING or (isinstance(marker, Marker) and marker.default_factory is not None):
        raise patch_errors.misplaced_patch(location, name, annotation, "it has a default")
    if methods and set(methods) != {"PATCH"}:
        raise patch_errors.patch_for_another_method(location, name, annotation, methods)
    if isinstance(marker, Marker) and (rules := sorted(marker.field_options.keys() - _TEXTS)):
        raise metadata_errors.ignored_argument(location, name, marker, rules[0], "set it on the fields of the model")


def _check_type(name: str, annotation: Any, location: SourceLocation) -> None:
    """Reject a patch of a type that no patch can change."""
    classes = [type_info(each).cls for each in union_members(annotation)]
    patched, *others = map(patched_type, union_members(annotation))
    if others and (others != [patched] or len(set(classes)) != len(classes)):
        raise patch_errors.patches_of_two_types(location, name, annotation)
    if patched is None or not is_patchable(patched):
        raise patch_errors.patch_without_model(location, name, annotation)
    merges, runs = any(cls is not JSONPatch for cls in classes), JSONPatch in classes
    try:
        is_changeable = has_changeable(patched)
        found = unpatchable(patched, merges=merges, runs=runs)
    except PydanticUserError:  # reported when pydantic makes the validator
        return
    if not is_changeable:
        raise patch_errors.nothing_to_patch(location, name, annotation)
    if found is not None:
        raise patch_errors.unpatchable_field(location, name, found.field, found.why, found.hint)
