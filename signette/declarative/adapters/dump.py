"""Annotation -> a function that writes a result as JSON bytes, with nothing in it that the annotation does not have.

There are three ways, and they give the same bytes: orjson straight from the fields of plain models, orjson with
pydantic asked for what orjson does not know, and pydantic's serializer first and orjson behind it. Which one is
decided by the annotation; the exact types of the values decide whether the fast one may be taken.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError, to_jsonable_python

from signette._http.json import AS_GIVEN, dumps, lenient_dumper, raw_dumps
from signette.declarative.adapters.check import adapter_of
from signette.declarative.adapters.plain import NotPlain, default_for, plain_classes
from signette.declarative.introspect import bare, class_of, is_union, metadata_of

Dump = Callable[[Any], bytes]
_fields = attrgetter("__dict__")


class NotRendered(Exception):
    """The result is no value at all: a `Response`, or an exception that was returned."""


class ResponseValidationError(Exception):
    """What an endpoint returned is not what it declared. The client gets a 500 that tells nothing of it."""

    def __init__(self, annotation: Any, why: str) -> None:
        self.annotation = annotation
        super().__init__(f"the result is no `{annotation}`: {why}")


def dumper(annotation: Any, options: Mapping[str, Any] | None = None, special: tuple[type, ...] = ()) -> Dump:
    """A function from results of this annotation to JSON bytes. `options` are those of pydantic's serializer.

    What it gives raises NotRendered for instances of the `special` classes: they are looked for only where the fast
    ways end, so that ordinary results do not pay for them.
    """
    checked = _checked_dumper(annotation, options or {}, special)
    if options:
        return checked
    if _is_json_native(annotation):
        # Where `Any` stands, each value is written by its own type; elsewhere an object is no such value.
        return NativeDump(special) if _says_any(annotation) else NativeDump(special, refuse_objects, checked)
    if metadata_of(annotation):
        return checked
    cls = bare(annotation)
    args = get_args(cls)
    if _is_model_class(cls):
        return _model_dumper(cls, checked)
    if get_origin(cls) is list and _is_model_class(args[0]):
        return _models_dumper(args[0], checked)
    return checked


def _is_model_class(annotation: Any) -> bool:
    return isinstance(annotation, type) and get_origin(annotation) is None and issubclass(annotation, BaseModel)


def to_jsonable(value: Any) -> Any:
    """A value that orjson does not know as one that it does, by pydantic's serializer."""
    return to_jsonable_python(value, by_alias=True, inf_nan_mode="null", serialize_unknown=False)


_dump_leniently = lenient_dumper(to_jsonable)

# PERF: a binder that calls orjson by itself saves two calls a request. What raises TypeError or ValueError here is
# given to the dumper, which knows the slow ways.
QUICK = "k_dumps({value}, k_jsonable, k_as_given)"


def refuse_objects(value: Any) -> Any:
    """In place of `to_jsonable` where the declared type has no room for objects: no model slips out as a number."""
    raise NotPlain(type(value).__name__)


@dataclass(frozen=True, slots=True)
class NativeDump:
    """Writes results whose annotation filters nothing. `quick` is the expression that does it for most of them."""

    special: tuple[type, ...]
    jsonable: Callable[[Any], Any] = to_jsonable
    checked: Dump | None = None
    quick: str = QUICK

    @property
    def uses(self) -> dict[str, Any]:
        """What the names in `quick` mean."""
        return {"k_dumps": raw_dumps, "k_jsonable": self.jsonable, "k_as_given": AS_GIVEN}

    def __call__(self, value: Any) -> bytes:
        if isinstance(value, self.special):
            raise NotRendered
        if self.checked is None:
            return dump_any(value)
        try:
            return raw_dumps(value, self.jsonable, AS_GIVEN)
        except (TypeError, ValueError):
            return self.checked(value)


def dump_any(value: Any) -> bytes:
    """Any value as JSON, each part by its own type."""
    try:
        return _dump_leniently(value)
    except (TypeError, ValueError):  # keys that are no text, numbers over 64 bits, lone surrogates
        return dumps(to_jsonable(value))


def _model_dumper(cls: type[BaseModel], checked: Dump) -> Dump:
    classes = plain_classes(cls)
    if classes is None:
        return checked
    dump_plainly = lenient_dumper(default_for(classes))

    def dump(value: Any) -> bytes:
        if type(value) is cls:
            try:
                return dump_plainly(value)
            except (TypeError, ValueError):  # a part of it is not what its class says
                return checked(value)
        return checked(value)

    return dump


def _models_dumper(cls: type[BaseModel], checked: Dump) -> Dump:
    classes = plain_classes(cls)
    if classes is None:
        return checked
    dump_plainly = lenient_dumper(default_for(classes))
    exactly, shape = {cls}, classes[cls]

    def dump(values: Any) -> bytes:
        # PERF: the outer models are looked at and opened in bulk, without a call in Python for each.
        if type(values) is list and set(map(type, values)) == exactly:
            rows = list(map(_fields, values))
            if shape.fits_all(rows):
                try:
                    return dump_plainly(rows)
                except (TypeError, ValueError):
                    return checked(values)
        return checked(values)

    return dump


def _checked_dumper(annotation: Any, options: Mapping[str, Any], special: tuple[type, ...]) -> Dump:
    """The plain way: check unless it is an instance already, let pydantic prepare, let orjson write."""
    adapter = adapter_of(annotation)
    validate = adapter.validator.validate_python
    serialize = adapter.serializer.to_python
    said = {"by_alias": True} | dict(options)

    def dump(value: Any) -> bytes:
        if isinstance(value, special):
            raise NotRendered
        try:
            checked = validate(value, from_attributes=True)
            ready = serialize(checked, mode="json", warnings=False, **said)
        except ValidationError as exc:
            first = exc.errors(include_url=False, include_input=False)[0]
            raise ResponseValidationError(annotation, f"{first['msg']} at {list(first['loc'])}") from exc
        except PydanticSerializationError as exc:
            raise ResponseValidationError(annotation, str(exc)) from exc
        return dump_any(ready)

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


def _says_any(annotation: Any) -> bool:
    cls = bare(annotation)
    return cls in (Any, object, dict, list) or any(_says_any(part) for part in get_args(cls))
