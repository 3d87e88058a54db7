"""The account of a marker's arguments: each has an effect on how its parameter is read, or in the OpenAPI document.

Which arguments have none depends on what the parameter turns out to be: a spread model has no name of its own, a whole
body no member to embed.
"""

from collections.abc import Mapping
from typing import Any, Literal

from signette.declarative.errors import metadata as metadata_errors
from signette.declarative.plan.steps import Read, ReadModel
from signette.declarative.signature.markers import Body, File, Marker
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.sources.body import RAW_BODY
from signette.declarative.sources.form import CONTENT, FILE
from signette.declarative.sources.path import PATH

Role = Literal["value", "path", "spread", "bytes", "body", "member", "part", "file", "files"]

_NAMES = ("alias", "validation_alias")
_WORDS = ("title", "description", "examples", "json_schema_extra", "deprecated")
_ALIAS_HINT = "embed it, `Body(embed=True, alias=...)`, or remove the alias"
_MODEL_HINT = "say it of the model's fields, or of the model: its docstring, its `model_config`"

# What an argument would have to be about, and how to say it: by role.
_UNHEARD: Mapping[Role, tuple[tuple[str, ...], str]] = {
    "spread": ((*_NAMES, *_WORDS, "openapi_examples"), _MODEL_HINT),
    "path": (("include_in_schema",), "remove it: OpenAPI requires each parameter that the path names"),
    "body": ((*_NAMES,), _ALIAS_HINT),
    "bytes": ((*_NAMES, "embed"), "remove it: bytes are the whole body, which has no name"),
    "member": (("openapi_examples", "media_type"), "remove it, or write `examples=[...]`: a member is part of JSON"),
    "part": (("embed", "media_type"), "remove it: JSON beside a form is a part under its own name, sent as JSON"),
    "file": (("media_type",), "remove it: files are sent as `multipart/form-data`"),
    "files": (("media_type", "allow_empty"), "remove it: files are sent as multipart, and an empty part is no file"),
}  # fmt: skip


def role_of(read: Read | ReadModel) -> Role:
    """What a parameter turned out to be, where it is not part of a JSON body."""
    if isinstance(read, ReadModel):
        return "spread"
    if read.source == PATH:
        return "path"
    if read.source == RAW_BODY:
        return "bytes"
    if read.source in (FILE, CONTENT):
        return "files" if read.many else "file"
    return "value"


def check_arguments(parameter: Parameter, role: Role, where: SourceLocation) -> None:
    """Raises PlanError for the first argument of a marker that has no effect on a parameter of this role."""
    marker = parameter.marker
    if not isinstance(marker, Marker) or role not in _UNHEARD:
        return
    names, hint = _UNHEARD[role]
    said = _said(marker)
    unheard = next((name for name in names if said.get(name)), None)
    if unheard is None and role in ("body", "bytes") and said["deprecated"]:
        unheard, hint = "deprecated", "remove it: OpenAPI has no word for a deprecated request body"
    if unheard is not None:
        raise metadata_errors.ignored_argument(where, parameter.name, marker, unheard, hint)


def _said(marker: Marker) -> dict[str, Any]:
    """The arguments that were given, by name: whether they say something else than their default."""
    return {
        **{name: name in marker.field_options for name in _WORDS},
        **{name: getattr(marker, name) is not None for name in (*_NAMES, "openapi_examples")},
        "deprecated": bool(marker.field_options.get("deprecated")),
        "include_in_schema": not marker.include_in_schema,
        "embed": bool(getattr(marker, "embed", None)),
        "media_type": isinstance(marker, Body | File) and marker.media_type != type(marker)().media_type,
        "allow_empty": bool(getattr(marker, "allow_empty", False)),
    }
