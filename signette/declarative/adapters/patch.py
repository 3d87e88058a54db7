"""`Patch[User]`: a JSON Merge Patch (RFC 7396) for values of a type.

Theory of operation. A patch is a JSON object. `apply` puts its members in place of those of a value, and validates the
whole: members that were not sent stay the objects that they are, so nothing depends on how a value is serialized.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, Generic, TypeVar, get_args, get_origin

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, PydanticUserError, RootModel, ValidationError
from pydantic_core import core_schema

from signette.declarative.adapters.error_entries import body_errors
from signette.declarative.adapters.frozen import Steps, frozen_error, frozen_members
from signette.declarative.adapters.model_fields import ModelField, fields_of
from signette.declarative.adapters.patch_schema import accepts_none, patch_schema, type_of
from signette.declarative.adapters.validators import check_object
from signette.declarative.signature.annotations import (
    class_of,
    is_model,
    models_in,
    strip_annotated,
    without_none,
)
from signette.error_entries import pointer_of
from signette.exceptions import RequestValidationError

__all__ = ["Patch", "check_patched", "merge_patch", "patched_type"]

T = TypeVar("T")


class Patch(Generic[T]):
    """The body of a request that changes a part of a value: `patch: Patch[User]`.

    It is a JSON Merge Patch (RFC 7396): a member that is not sent stays, `null` deletes one, nested objects are merged,
    and lists are replaced. Clients send it as `application/merge-patch+json` or `application/json`.
    """

    __slots__ = ("_type", "document")

    document: dict[str, Any]
    """The patch as it was sent, with the names of JSON. It is validated when it is applied."""

    def __init__(self, annotation: Any, document: dict[str, Any]) -> None:
        self._type = annotation
        self.document = document

    def apply(self, value: T) -> T:
        """Return a changed copy of the value, which is validated as a whole. The value itself is not changed.

        Raises:
            RequestValidationError: the changed value is not valid. The errors point into the patch.
            TypeError: the value has another type.
        """
        check_patched("Patch", self._type, value)
        try:
            patched: T = check_object(self._type)(merge_patch(self._type, value, self.document))
        except ValidationError as exc:
            raise RequestValidationError(body_errors(exc, self.document), body=self.document) from None
        changed = frozen_members(self._type, value, patched)
        sent = [steps for each in changed if (steps := _sent_steps(each, self.document)) is not None]
        if sent:
            raise RequestValidationError([frozen_error(pointer_of(each)) for each in sent], body=self.document)
        return patched

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Patch) and (self._type, self.document) == (other._type, other.document)

    __hash__ = None  # type: ignore[assignment]  # as it contains a dictionary

    def __repr__(self) -> str:
        return f"Patch({self.document!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        if handler.field_name is not None:
            raise PydanticUserError("a `Patch` is a whole request body, and cannot be a field", code=None)
        annotation = patched_type(source)

        def made(document: dict[str, Any]) -> "Patch[Any]":
            return cls(annotation, document)

        def json_schema(_: Any, of: GetJsonSchemaHandler) -> dict[str, Any]:
            return patch_schema(annotation, of)

        received = core_schema.no_info_after_validator_function(
            made, core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema())
        )
        return core_schema.json_or_python_schema(
            received,
            core_schema.union_schema([core_schema.is_instance_schema(cls), received]),  # results are patches
            metadata={"pydantic_js_functions": [json_schema]},
            serialization=core_schema.plain_serializer_function_ser_schema(
                document_of, return_schema=core_schema.dict_schema()
            ),
        )


def check_patched(name: str, annotation: Any, value: Any) -> None:
    """Raise TypeError for a value that a patch is not for. A subclass has more members, which the result would lose."""
    if not _is_instance(value, annotation) or not (type(value) is dict or type(value) is class_of(annotation)):
        wanted = getattr(strip_annotated(annotation), "__name__", annotation)
        raise TypeError(f"a `{name}[{wanted}]` cannot be applied to a `{type(value).__name__}`")


def _sent_steps(names: Steps, document: Any) -> list[str] | None:
    """The names under which a member was sent; None if it was not."""
    found: list[str] = []
    for choices in names:
        name = next((each for each in choices if isinstance(document, dict) and each in document), None)
        if name is None:
            return None
        found.append(name)
        document = document[name]
    return found


def document_of(patch: Patch[Any]) -> dict[str, Any]:
    """The JSON of a patch."""
    return patch.document


def patched_type(annotation: Any) -> Any:
    """`User` for `Patch[User]`; None without a type argument."""
    return next(iter(get_args(strip_annotated(annotation))), None)


def merge_patch(annotation: Any, value: Any, patch: Any) -> Any:
    """The value of this type with the members of a patch (RFC 7396 section 2), before it is validated.

    It is a dictionary with the keys of JSON; what the patch leaves alone are the objects of the value.
    """
    if not isinstance(patch, dict):
        return patch
    while isinstance(value, RootModel):
        value = value.root
    models = models_in(annotation)
    model = next((each for each in models if _is_instance(value, each)), models[0] if len(models) == 1 else None)
    if model is not None:
        return _merge_members(model, value, patch)
    items = get_args(strip_annotated(without_none(annotation)))
    return _merge_mapping(items[1] if len(items) == 2 else Any, value, patch)


def _merge_members(model: Any, value: Any, patch: Mapping[str, Any]) -> dict[str, Any]:
    rest = dict(patch)
    merged: dict[str, Any] = {}
    fields = fields_of(model)
    known = _members(value, fields) if _is_instance(value, model) else {}
    for field in fields:
        keys = (*field.aliases, *((field.name,) if field.by_name or not field.aliases else ()))
        key = next((each for each in keys if each in rest), None)
        if key is None:
            if field.name in known:
                merged[keys[0]] = known[field.name]
            continue
        sent = rest.pop(key)
        if sent is not None:
            merged[key] = merge_patch(type_of(field), known.get(field.name), sent)
        elif field.required and accepts_none(type_of(field)):
            merged[key] = None  # without a default, `None` is the value that is not there
    extra = getattr(value, "__pydantic_extra__", None)
    others = _merge_mapping(Any, extra, rest)
    if extra is None:  # a model that forbids unknown names reports them, also if they would be deleted
        others = dict.fromkeys(rest) | others
    return merged | others


def _members(value: Any, fields: list[ModelField]) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    return {each.name: getattr(value, each.name) for each in fields if hasattr(value, each.name)}


def _merge_mapping(item: Any, value: Any, patch: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(value) if isinstance(value, Mapping) else {}
    for key, sent in patch.items():
        if sent is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(item, merged.get(key), sent)
    return merged


def _is_instance(value: Any, model: Any) -> bool:
    cls = class_of(model)
    if cls is None:
        return False
    if is_model(model) and not dataclasses.is_dataclass(cls) and not hasattr(cls, "model_fields"):
        return isinstance(value, dict)  # a TypedDict
    return isinstance(value, get_origin(cls) or cls)
