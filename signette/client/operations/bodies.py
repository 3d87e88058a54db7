"""Reads of a body -> how a client writes it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from signette.client.operations.arguments import (
    CannotEncode,
    body_argument,
    combined,
    form_inputs,
    member_inputs,
    sent_reads,
)
from signette.client.runtime.spec import BodySpec, InputSpec, NameSpec
from signette.declarative.adapters.model_fields import fields_of_all
from signette.declarative.adapters.patch import patched_type
from signette.declarative.formats.form import FormEncoded
from signette.declarative.formats.json import JSON
from signette.declarative.formats.messagepack import MessagePack
from signette.declarative.plan.content import is_plain_json
from signette.declarative.plan.steps import Plan, Read, ReadModel, Split
from signette.declarative.signature.annotations import union_members
from signette.declarative.signature.markers import File
from signette.declarative.sources.body import KEYED_BODY, RAW_BODY
from signette.declarative.sources.parts import PARTS
from signette.declarative.sources.patch import JSON_PATCH, PATCH, PATCH_TYPES
from signette.declarative.sources.row import Row
from signette.declarative.sources.source import Phase

_JSON = "application/json"
_BYTES = "application/octet-stream"
_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


def body_of(plan: Plan) -> BodySpec | None:
    """The body of an operation; None if it reads none.

    Raises CannotEncode.
    """
    reads = [read for read in sent_reads(plan) if read.source.phase is Phase.BODY]
    if not reads:
        return None
    forms = [read for read in reads if read.source.place == "form"]
    if forms:
        return _form(plan, forms)
    read = reads[0]
    if not isinstance(read.source, Row) or isinstance(read, ReadModel):
        raise CannotEncode(f"parameter `{read.name}` is read by the source {read.source!r} of the application")
    if read.source is KEYED_BODY or read.source == KEYED_BODY:
        split = next(step for step in plan.steps if isinstance(step, Split) and step.source == read.into)
        inputs = combined(member_inputs(plan, read, split))
        return BodySpec("members", tuple(inputs), (_JSON,), any(each.required for each in inputs))
    return _whole(plan, read)


def _whole(plan: Plan, read: Read) -> BodySpec:
    argument = body_argument(plan, read)
    media_type: str = getattr(read.marker, "media_type", _JSON)
    if read.stream is not None:
        items = replace(argument, type=read.stream.item)
        return BodySpec("items", (items,), tuple(read.stream.media_types))
    if read.source in (PATCH, JSON_PATCH):
        patched = next(filter(None, map(patched_type, union_members(read.annotation))), Any)
        types = tuple(name for each in read.formats for name in each.names) or PATCH_TYPES
        return BodySpec("patch", (replace(argument, type=patched),), types, read.required)
    if read.formats:
        return _of_formats(read, argument)
    if read.source == RAW_BODY:
        # JSON is the default of `Body()`, which says nothing about raw bytes.
        return BodySpec("bytes", (argument,), (_BYTES if media_type == _JSON else media_type,), read.required)
    return BodySpec("json", (argument,), (media_type if media_type.endswith("+json") else _JSON,), read.required)


def _of_formats(read: Read, argument: InputSpec) -> BodySpec:
    """A body in one of several formats: as JSON if it may be, else as MessagePack, or a form.

    Raises CannotEncode for other formats.
    """
    names = tuple(name for each in read.formats for name in each.names)
    plain = next((each for each in read.formats if is_plain_json(each) or isinstance(each, JSON)), None)
    if plain is not None:
        return BodySpec("content", (argument,), _first(plain.names[0], names), read.required)
    binary = next((each for each in read.formats if isinstance(each, MessagePack)), None)
    if binary is not None:
        return BodySpec("content", (argument,), _first(binary.names[0], names), read.required)
    form = next((each for each in read.formats if isinstance(each, FormEncoded)), None)
    if form is None:
        raise CannotEncode(f"parameter `{read.name}` has no format that a client can write, but {read.formats}")
    fields = [
        NameSpec(alias, "brackets", member=alias, sends_empty=False)
        for alias in dict.fromkeys((each.aliases or (each.name,))[0] for each in fields_of_all(read.annotation))
    ]
    made = replace(argument, names=tuple(fields), is_model=True)
    return BodySpec("content", (made,), _first(_URLENCODED, names), read.required)


def _first(name: str, names: Sequence[str]) -> tuple[str, ...]:
    return name, *(each for each in names if each != name)


def _form(plan: Plan, reads: Sequence[Read | ReadModel]) -> BodySpec:
    if reads[0].source == PARTS:
        first = reads[0]
        assert isinstance(first, Read)
        return BodySpec("parts", (body_argument(plan, first),), (_MULTIPART,))
    inputs = combined(form_inputs(reads))
    has_parts = any(name.style in ("file", "json") for each in inputs for name in each.names)
    declared = {getattr(read.marker, "media_type", _URLENCODED) for read in reads}
    is_multipart = has_parts or _MULTIPART in declared or any(isinstance(read.marker, File) for read in reads)
    required = any(each.required for each in inputs)
    if is_multipart:
        return BodySpec("multipart", tuple(inputs), (_MULTIPART,), required)
    return BodySpec("form", tuple(inputs), (_URLENCODED,), required)
