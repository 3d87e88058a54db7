"""Annotation -> a function that writes a result as JSON bytes, with nothing in it that the annotation does not have.

There are three ways, and they give the same bytes: orjson straight from the fields of plain models, orjson with
pydantic asked for what orjson does not know, and pydantic's serializer first and orjson behind it. Which one is
decided by the annotation; the exact types of the values decide whether the fast one may be taken.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError, to_jsonable_python

from signette._http.json import dumps_lenient
from signette.declarative.adapters.check import adapter_of
from signette.declarative.adapters.plain import NotPlain, default_for, plain_classes
from signette.declarative.introspect import bare, class_of, is_union, metadata_of

Dump = Callable[[Any], bytes]
_fields = attrgetter("__dict__")


class ResponseValidationError(Exception):
    """What an endpoint returned is not what it declared. The client gets a 500 that tells nothing of it."""

    def __init__(self, annotation: Any, why: str) -> None:
        self.annotation = annotation
        super().__init__(f"the result is no `{annotation}`: {why}")


def dumper(annotation: Any, options: Mapping[str, Any] | None = None) -> Dump:
    """A function from results of this annotation to JSON bytes. `options` are those of pydantic's serializer."""
    if options:
        return _checked_dumper(annotation, options)
    if _is_json_native(annotation):
        return dump_any
    cls = bare(annotation)
    if isinstance(cls, type) and issubclass(cls, BaseModel):
        return _model_dumper(cls, annotation)
    args = get_args(cls)
    if get_origin(cls) is list and isinstance(bare(args[0]), type) and issubclass(bare(args[0]), BaseModel):
        return _models_dumper(bare(args[0]), annotation)
    return _checked_dumper(annotation, {})


def dump_any(value: Any) -> bytes:
    """Any value as JSON, each part by its own type."""
    try:
        return dumps_lenient(value, to_jsonable)
    except (TypeError, ValueError):  # keys that are no text, numbers over 64 bits, a model in a circle
        return dumps_lenient(to_jsonable(value), to_jsonable)


def to_jsonable(value: Any) -> Any:
    """A value that orjson does not know as one that it does, by pydantic's serializer."""
    return to_jsonable_python(value, by_alias=True, inf_nan_mode="null", serialize_unknown=False)


def _model_dumper(cls: type[BaseModel], annotation: Any) -> Dump:
    classes = None if metadata_of(annotation) else plain_classes(cls)
    checked = _checked_dumper(annotation, {})
    if classes is None:
        return checked
    default = default_for(classes)

    def dump(value: Any) -> bytes:
        if type(value) is cls:
            try:
                return dumps_lenient(value, default)
            except (NotPlain, TypeError, ValueError):
                pass
        return checked(value)

    return dump


def _models_dumper(cls: type[BaseModel], annotation: Any) -> Dump:
    classes = plain_classes(cls)
    checked = _checked_dumper(annotation, {})
    if classes is None or metadata_of(annotation) or metadata_of(get_args(bare(annotation))[0]):
        return checked
    default = default_for(classes)
    exactly, shape = {cls}, classes[cls]

    def dump(values: Any) -> bytes:
        # PERF: the outer models are looked at and opened in bulk, without a call in Python for each.
        if type(values) is list and set(map(type, values)) == exactly:
            rows = list(map(_fields, values))
            if shape.fits_all(rows):
                try:
                    return dumps_lenient(rows, default)
                except (NotPlain, TypeError, ValueError):
                    pass
        return checked(values)

    return dump


def _checked_dumper(annotation: Any, options: Mapping[str, Any]) -> Dump:
    """The plain way: check unless it is an instance already, let pydantic prepare, let orjson write."""
    adapter = adapter_of(annotation)
    validate = adapter.validator.validate_python
    serialize = adapter.serializer.to_python
    said = {"by_alias": True} | dict(options)

    def dump(value: Any) -> bytes:
        try:
            checked = validate(value, from_attributes=True)
            ready = serialize(checked, mode="json", warnings=False, **said)
        except ValidationError as exc:
            first = exc.errors(include_url=False, include_input=False)[0]
            raise ResponseValidationError(annotation, f"{first['msg']} at {list(first['loc'])}") from exc
        except PydanticSerializationError as exc:
            raise ResponseValidationError(annotation, str(exc)) from exc
        return dumps_lenient(ready, to_jsonable)

    return dump


_NATIVE = frozenset({str, int, float, bool, type(None), Any, object})


def _is_json_native(annotation: Any) -> bool:
    """Whether the annotation says no more of a value than JSON itself does, so that nothing is to be filtered."""
    cls = bare(annotation)
    if cls in _NATIVE or cls in (dict, list):
        return True
    args = get_args(cls)
    if is_union(cls):
        return all(_is_json_native(member) for member in args)
    if class_of(cls) in (dict, list, Mapping):
        return all(_is_json_native(member) for member in args)
    return False
