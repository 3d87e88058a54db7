"""Check parameters that are merge patches: `patch: Patch[User]`."""

from collections.abc import Iterable

from signette.declarative.adapters.patch import Patch, patched_type
from signette.declarative.adapters.patch_schema import is_patchable, unpatchable
from signette.declarative.adapters.validators import PydanticUserError
from signette.declarative.errors import metadata as metadata_errors
from signette.declarative.errors import patches as patch_errors
from signette.declarative.signature.markers import MISSING, Marker
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.sources.body import PATCH
from signette.declarative.sources.source import Source

# The arguments of `Body()` that describe a patch; all others are rules for a value.
_TEXTS = frozenset({"title", "description", "examples", "deprecated", "json_schema_extra"})


def check_patch(parameter: Parameter, source: Source, location: SourceLocation, methods: Iterable[str]) -> None:
    """Reject a patch that is not a whole body, and one that cannot be applied."""
    is_plain = type(parameter.annotation) is type and parameter.annotation is not Patch
    if is_plain or not any(part.cls is Patch for part in parameter.type.walk()):
        return
    name, annotation, marker = parameter.name, parameter.annotation, parameter.marker
    if source != PATCH:
        place = (
            "it is inside another type" if parameter.type.cls is not Patch else f"it is read from the {source.place}"
        )
        raise patch_errors.misplaced_patch(location, name, annotation, place)
    if parameter.type.cls is not Patch:
        raise patch_errors.misplaced_patch(location, name, annotation, "it is inside another type")
    if parameter.default is not MISSING or (isinstance(marker, Marker) and marker.default_factory is not None):
        raise patch_errors.misplaced_patch(location, name, annotation, "it has a default")
    if methods and set(methods) != {"PATCH"}:
        raise patch_errors.patch_for_another_method(location, name, annotation, methods)
    if isinstance(marker, Marker) and (rules := sorted(marker.field_options.keys() - _TEXTS)):
        raise metadata_errors.ignored_argument(location, name, marker, rules[0], "set it on the fields of the model")
    patched = patched_type(annotation)
    if patched is None or not is_patchable(patched):
        raise patch_errors.patch_without_model(location, name, annotation)
    try:
        found = unpatchable(patched)
    except PydanticUserError:  # reported when pydantic makes the validator
        return
    if found is not None:
        raise patch_errors.unpatchable_field(location, name, found.field, found.why, found.hint)
