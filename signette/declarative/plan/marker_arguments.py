"""Arguments of markers that have no effect are rejected.

Which ones have none depends on how the parameter is read: a model that is read from a source has no name there, a whole
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
from signette.declarative.sources.parts import PARTS
from signette.declarative.sources.patch import JSON_PATCH, PATCH
from signette.declarative.sources.path import PATH

Role = Literal["value", "path", "model", "bytes", "patch", "body", "member", "part", "file", "files", "parts"]

_NAMES = ("alias", "validation_alias")
_DOCUMENTATION = ("title", "description", "examples", "json_schema_extra", "deprecated")
_ALIAS_HINT = "embed it, `Body(embed=True, alias=...)`, or remove the alias"
_MODEL_HINT = "set it on the fields of the model, or in the model: its docstring, its `model_config`"

_PARTS_HINT = "remove it: `max_bytes=`, `media_types=` and `sniff=` apply to the files of all parts"

# The arguments without an effect and the hint, by role.
_UNUSED: Mapping[Role, tuple[tuple[str, ...], str]] = {
    "model": ((*_NAMES, *_DOCUMENTATION, "openapi_examples"), _MODEL_HINT),
    "path": (("include_in_schema",), "remove it: OpenAPI requires each parameter that the path names"),
    "body": ((*_NAMES,), _ALIAS_HINT),
    "bytes": ((*_NAMES, "embed", "decimal", "media_types"), "remove it: bytes are the whole body, which has no name"),
    "patch": (
        (*_NAMES, "embed", "media_type", "decimal", "media_types"),
        "remove it: a patch is the whole body, whose media types are those of RFC 7396 or RFC 6902",
    ),
    "member": (
        ("openapi_examples", "media_type", "media_types"),
        "remove it, or write `examples=[...]`: a member is part of JSON",
    ),
    "part": (
        ("embed", "media_type", "media_types"),
        "remove it: JSON in a form is a part under its own name, sent as JSON",
    ),
    "file": (("media_type",), "remove it: files are sent as `multipart/form-data`"),
    "parts": ((*_NAMES, *_DOCUMENTATION, "openapi_examples", "media_type", "allow_empty"), _PARTS_HINT),
    "files": (("media_type", "allow_empty"), "remove it: files are sent as multipart, and an empty part is no file"),
}  # fmt: skip


def role_of(read: Read | ReadModel) -> Role:
    """The role of a parameter that is not in a JSON body."""
    if isinstance(read, ReadModel):
        return "model"
    if read.source == PATH:
        return "path"
    if read.source == PARTS:
        return "parts"
    if read.source == RAW_BODY:
        return "bytes"
    if read.source in (PATCH, JSON_PATCH):
        return "patch"
    if read.source in (FILE, CONTENT):
        return "files" if read.many else "file"
    return "value"


def check_arguments(parameter: Parameter, role: Role, where: SourceLocation) -> None:
    """Raises SignatureError for the first argument of a marker that has no effect on a parameter of this role."""
    marker = parameter.marker
    if not isinstance(marker, Marker) or role not in _UNUSED:
        return
    names, hint = _UNUSED[role]
    given = _given(marker)
    unused = next((name for name in names if given.get(name)), None)
    if unused is None and role in ("body", "bytes", "patch") and given["deprecated"]:
        unused, hint = "deprecated", "remove it: OpenAPI has no word for a deprecated request body"
    if unused is None and given["media_types"]:
        unused = next((name for name in ("media_type", "embed") if given[name]), None)
        hint = "remove it, or `media_types`: only JSON could have it" if unused != "media_type" else "remove it"
    if unused == "decimal" and role != "body":
        hint = (
            "remove it: only JSON has numbers" if role == "bytes" else "remove it: a patch keeps JSON as it is parsed"
        )
    if unused is not None:
        raise metadata_errors.ignored_argument(where, parameter.name, marker, unused, hint)


def _given(marker: Marker) -> dict[str, Any]:
    """Whether each argument was given, and is not its default."""
    return {
        **{name: name in marker.field_options for name in _DOCUMENTATION},
        **{name: getattr(marker, name) is not None for name in (*_NAMES, "openapi_examples")},
        "deprecated": bool(marker.field_options.get("deprecated")),
        "include_in_schema": not marker.include_in_schema,
        "embed": bool(getattr(marker, "embed", None)),
        "media_type": isinstance(marker, Body | File) and marker.media_type != type(marker)().media_type,
        "allow_empty": bool(getattr(marker, "allow_empty", False)),
        "decimal": bool(getattr(marker, "decimal", False)),
        "media_types": isinstance(marker, Body) and marker.media_types is not None,
    }
