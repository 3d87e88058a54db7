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
from signette.declarative.adapters.check import adapter_of, pointer_of
from signette.declarative.adapters.plain import default_for, plain_classes
from signette.declarative.introspect import bare, is_union, metadata_of
from signette.exceptions import ResponseValidationError

Dump = Callable[[Any], bytes]
_fields = attrgetter("__dict__")


class NotRendered(Exception):
    """The result is no value at all: a `Response`, or an exception that was returned."""


def dumper(annotation: Any, options: Mapping[str, Any] | None = None, special: tuple[type, ...] = ()) -> Dump:
    """A function from results of this annotation to JSON bytes. `options` are those of pydantic's serializer.

    What it gives raises NotRendered for instances of the `special` classes: they are looked for only where the fast
    ways end, so that ordinary results do not pay for them.
    """
    checked = _checked_dumper(annotation, options or {}, special)
    if options:
        return checked
    if metadata_of(annotation):
        return checked
    cls = bare(annotation)
    args = get_args(cls)
    if (types := _loose_types(cls)) is not None:
        return NativeDump(special, types, checked, _TYPE if types else "", loose=True)
    if (exact := _exactly(cls)) is not None:
        return NativeDump(special, exact[0], checked, exact[1])
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


@dataclass(frozen=True, slots=True)
class NativeDump:
    """Writes results of plain types. `QUICK` is the expression that does it where the expression `fits` is true.

    Whatever does not fit comes here: where `Any` stands, each part is written by its own type, else pydantic checks it.
    """

    special: tuple[type, ...]
    types: frozenset[type]
    checked: Dump
    fits: str
    loose: bool = False

    @property
    def uses(self) -> dict[str, Any]:
        """What the names in `QUICK` and `fits` mean."""
        return {"k_dumps": raw_dumps, "k_jsonable": to_jsonable, "k_as_given": AS_GIVEN, "k_types": self.types}

    def __call__(self, value: Any) -> bytes:
        if isinstance(value, self.special):
            raise NotRendered
        if self.loose and (not self.fits or type(value) in self.types):
            return dump_any(value)
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


def broken(annotation: Any, exc: ValidationError) -> ResponseValidationError:
    """What is told of a result that does not fit: its first fault, and where it is (a JSON Pointer, RFC 6901)."""
    first = exc.errors(include_url=False, include_input=False)[0]
    place = f" at {pointer_of(first['loc'])}" if first["loc"] else ""
    return ResponseValidationError(annotation, f"{first['msg']}{place}")


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
            raise broken(annotation, exc) from exc
        except PydanticSerializationError as exc:
            raise ResponseValidationError(annotation, str(exc)) from exc
        return dump_any(ready)

    return dump


_SCALARS = frozenset({str, int, float, bool, type(None)})

# What a result is looked at for before orjson gets it; each costs less than a call in Python.
_TYPE = "type({value}) in k_types"
_VALUES = "type({value}) is dict and k_types.issuperset(map(type, {value}.values()))"
_ITEMS = "type({value}) is list and k_types.issuperset(map(type, {value}))"


def _loose_types(cls: Any) -> frozenset[type] | None:
    """The exact types of results of which the annotation says no more: `dict[str, Any]`, `list`; none for `Any`."""
    if cls in (Any, object):
        return frozenset()
    if is_union(cls):
        members = [_scalars(bare(each)) or _loose_types(bare(each)) for each in get_args(cls)]
        if not all(members) or _scalars(cls) is not None:
            return None
        return frozenset(cls for member in members for cls in member or ())
    origin, args = get_origin(cls) or cls, get_args(cls)
    if origin is dict and (not args or (args[0] is str and args[1] in (Any, object))):
        return frozenset({dict})
    if origin is list and (not args or args[0] in (Any, object)):
        return frozenset({list})
    return None


def _exactly(cls: Any) -> tuple[frozenset[type], str] | None:
    """Types and the expression that sees whether a result is of just these; None where the annotation says more."""
    if (scalars := _scalars(cls)) is not None:
        return scalars, _TYPE
    origin, args = get_origin(cls), get_args(cls)
    if origin is dict and args[0] is str and (values := _scalars(bare(args[1]))) is not None:
        return values, _VALUES
    if origin is list and (items := _scalars(bare(args[0]))) is not None:
        return items, _ITEMS
    return None


def _scalars(cls: Any) -> frozenset[type] | None:
    members = [bare(each) for each in get_args(cls)] if is_union(cls) else [type(None) if cls is None else cls]
    return frozenset(members) if _SCALARS.issuperset(members) else None
