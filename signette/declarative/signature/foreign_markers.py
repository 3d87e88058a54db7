"""The markers of FastAPI as those of signette, so that signatures which were written for it mean the same here.

Packages of dependencies for FastAPI are full of `fastapi.Depends(...)` and `fastapi.Query(...)`. All that such a marker
declares is in its attributes. A marker with an attribute that is unknown here is left as it is, and rejected later.
"""

from collections.abc import Mapping
from typing import Any

from signette._frameworks import is_loaded
from signette.declarative.fields.base import UNDEFINED, FieldInfo
from signette.declarative.signature.depends import LIFETIMES, Depends, Security
from signette.declarative.signature.markers import MISSING, Body, Cookie, File, Form, Header, Marker, Path, Query

_CLASSES: Mapping[str, type[Marker]] = {cls.__name__: cls for cls in (Path, Query, Header, Cookie, Body, Form, File)}
_MODULE = "fastapi.params"
_DEPENDS = frozenset({"dependency", "use_cache", "scope", "max_concurrency"})
_SECURITY = frozenset({"dependency", "use_cache", "scopes"})
# Attributes of pydantic's `Field` that are arguments of markers.
_FIELD = ("default_factory", "alias", "alias_priority", "validation_alias", "serialization_alias", "title", "examples",
          "description", "discriminator", "deprecated", "json_schema_extra", "validate_default")  # fmt: skip
_CONSTRAINTS = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern", "strict", "union_mode",
                "fail_fast", "allow_inf_nan", "max_digits", "decimal_places")  # fmt: skip
# Attributes of pydantic's `Field` that have no effect on a parameter.
_MODEL_ONLY = ("exclude", "exclude_if", "frozen", "init", "init_var", "kw_only", "field_title_generator")
# Attributes that are arguments of the markers of both.
_OWN = frozenset({"include_in_schema", "openapi_examples", "convert_underscores", "embed", "media_type", "example"})

# An attribute of a marker: its translation, as all uses of a declaration share its limit. It is freed with the marker.
_TRANSLATED = "_signette_depends"


def own_marker(value: Any) -> Any:
    """The marker or dependency of signette that a marker of FastAPI declares. Other values are returned unchanged."""
    if not is_loaded("fastapi") or isinstance(value, type):
        return value
    names = {cls.__name__ for cls in type(value).__mro__ if cls.__module__ == _MODULE}
    if "Depends" in names:
        return _dependency(value, is_security="Security" in names)
    # `File` is derived from `Form`, and `Form` from `Body`.
    name = next((cls.__name__ for cls in type(value).__mro__ if cls.__module__ == _MODULE), None)
    cls = _CLASSES.get(name or "")
    if cls is None or not isinstance(value, FieldInfo):
        return value
    options = _options(value)
    return value if options is None else cls(**options)


def _dependency(value: Any, *, is_security: bool) -> Any:
    given = {name: each for name, each in vars(value).items() if not name.startswith("_") and each is not None}
    if given.keys() - (_SECURITY if is_security else _DEPENDS) or given.get("scope") not in (None, *LIFETIMES):
        return value
    if is_security:
        return Security(**given)
    if "max_concurrency" not in given:
        return Depends(**given)
    attributes = vars(value)  # of a frozen dataclass
    if _TRANSLATED not in attributes:
        attributes[_TRANSLATED] = Depends(**given)
    return attributes[_TRANSLATED]


def _options(value: Any) -> dict[str, Any] | None:
    """The arguments of the marker. None if an attribute is unknown."""
    options: dict[str, Any] = {}
    for each in value.metadata:
        found = {name: got for name in _CONSTRAINTS if (got := getattr(each, name, None)) is not None}
        if not found:
            return None
        options |= found
    if any(getattr(value, name, None) is not None for name in _MODEL_ONLY):
        return None
    options |= {name: got for name in _FIELD if (got := getattr(value, name, None)) is not None}
    if value.default is not UNDEFINED and value.default is not ...:
        options["default"] = value.default
    for name, got in vars(value).items():
        if name in _OWN and not _is_unset(got):
            options[name] = got
        elif name not in (*_OWN, "in_") and got is not None:
            return None
    if "embed" in options and not options["embed"]:
        del options["embed"]  # forms and files have the attribute, too
    if "example" in options:
        options.setdefault("examples", [options.pop("example")])
    return options


def _is_unset(value: Any) -> bool:
    return value is None or value is MISSING or type(value).__name__ in ("DefaultPlaceholder", "PydanticUndefinedType")
