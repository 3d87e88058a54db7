"""Patches: JSON Merge Patches (RFC 7396) and JSON Patches (RFC 6902), by their media types."""

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from signette._http.media import parse_media_type
from signette.declarative.adapters.json_patch import JSONPatch
from signette.declarative.adapters.patch import Patch
from signette.declarative.formats.json import JSON
from signette.declarative.signature.annotations import union_members
from signette.declarative.signature.markers import Body
from signette.declarative.signature.model import Parameter
from signette.declarative.signature.type_info import type_info
from signette.declarative.sources.body import read_json, read_request_json, unsupported
from signette.declarative.sources.content import CONTENT, Readers, accept_of, json_reader
from signette.declarative.sources.header import HEADER
from signette.declarative.sources.row import Row
from signette.declarative.sources.source import Phase, Source
from signette.limits import Limits
from signette.middleware.failed_request import keep_body
from signette.requests import Request
from signette.types import Receive, Scope

Headers = Mapping[bytes, bytes]


class PatchFormat(JSON):
    """A kind of patch. A plan shows its media type."""

    def __repr__(self) -> str:
        return self.media_type


class MergePatchFormat(PatchFormat):
    """A JSON Merge Patch (RFC 7396 section 4)."""

    media_type = "application/merge-patch+json"
    media_types = ("application/json",)


class JSONPatchFormat(PatchFormat):
    """A JSON Patch (RFC 6902 section 6). Operations have no other media type: JSON says nothing about a change."""

    media_type = "application/json-patch+json"


PATCH_FORMATS: Mapping[Any, JSON] = {Patch: MergePatchFormat(), JSONPatch: JSONPatchFormat()}
"""The format of each class of patches."""
PATCH_TYPES = PATCH_FORMATS[Patch].names
"""The media types of a merge patch."""
ACCEPT_PATCH = ", ".join(PATCH_TYPES)


def check_patch_type(headers: Headers) -> bytes | None:
    """Raise HTTPException 415 if the Content-Type is not that of a merge patch (RFC 5789 section 2.2)."""
    media_type = headers.get(b"content-type")
    if media_type is not None and parse_media_type(media_type.decode("latin-1"))[0] not in PATCH_TYPES:
        raise unsupported(media_type, ACCEPT_PATCH, "Accept-Patch")
    return media_type


async def read_patch(scope: Scope, receive: Receive, headers: Headers, limits: Limits, *, strict: bool = True) -> bytes:
    """Read the bytes of a merge patch."""
    media_type = check_patch_type(headers)
    body = await read_json(scope, receive, headers, limits, strict=False)
    if media_type is None and body and strict:
        keep_body(scope, receive, body)
        raise unsupported(media_type, ACCEPT_PATCH, "Accept-Patch")
    return body


async def read_request_patch(request: Request, headers: Headers, limits: Limits, *, strict: bool = True) -> bytes:
    """Read a merge patch through a `Request`, so that its `body()` returns the same bytes."""
    media_type = check_patch_type(headers)
    body = await read_request_json(request, headers, limits, strict=False)
    if media_type is None and body and strict:
        raise unsupported(media_type, ACCEPT_PATCH, "Accept-Patch")
    return body


# The functions for applications in which a body needs no Content-Type.
LENIENT_PATCH = {
    "k_read_patch": functools.partial(read_patch, strict=False),
    "k_read_request_patch": functools.partial(read_request_patch, strict=False),
}


def is_patch(parameter: Parameter) -> bool:
    """Whether a parameter is a patch of any kind, or a union with one."""
    return any(part.cls in PATCH_FORMATS for part in (parameter.type, *parameter.type.parts))


def _is_merge_patch(parameter: Parameter) -> bool:
    return is_patch(parameter) and not _has_operations(parameter)


def _has_operations(parameter: Parameter) -> bool:
    return any(part.cls is JSONPatch for part in (parameter.type, *parameter.type.parts))


PATCH = Row(
    name="patch",
    place="body",
    marker=Body,
    claims_if=_is_merge_patch,
    accepts_if=_is_merge_patch,
    phase=Phase.BODY,
    after=(HEADER,),
    container="body",
    opening="body = await k_read_patch(scope, receive, headers, k_limits)",
    opening_request="body = await k_read_request_patch(request, headers, k_limits)",
    one="body or MISSING",
    checks="json",
    error_statuses=(400, 413, 415),
    uses={"k_read_patch": read_patch, "k_read_request_patch": read_request_patch},
)

JSON_PATCH = replace(
    CONTENT,
    name="JSON Patch",
    marker=Body,
    claims_if=_has_operations,
    accepts_if=_has_operations,
    error_statuses=(400, 409, 413, 415),
    opening="""\
content = await k_read_content(scope, receive, headers, k_limits, k_readers)
body = content.sent""",
    opening_request="""\
content = await k_read_request_content(request, headers, k_limits, k_readers)
body = content.sent""",
    uses={**CONTENT.uses, "k_readers": None},  # made with the plan
)
"""The row of a patch of operations, or of either kind. The one of a plan has readers for the media types."""


def patch_formats(annotation: Any) -> tuple[JSON, ...]:
    """The formats of a parameter with `JSON_PATCH`."""
    return tuple(PATCH_FORMATS[type_info(each).cls] for each in union_members(annotation))


def json_patch_row(annotation: Any) -> Row:
    """The row of a `JSONPatch[User]`, or of `Patch[User] | JSONPatch[User]`."""
    readers = {
        name: json_reader(each, name, member, decimal=False)
        for member, each in zip(union_members(annotation), patch_formats(annotation), strict=True)
        for name in each.names
    }
    return replace(JSON_PATCH, uses={**CONTENT.uses, "k_readers": Readers(readers, "Accept-Patch")})


def accept_patch_of(source: Source) -> str:
    """The media types of the patches that a source reads, for `Accept-Patch`; "" for other sources."""
    if source == JSON_PATCH:
        return accept_of(source)
    return ACCEPT_PATCH if source == PATCH else ""
