"""Annotation -> a function that serializes a result as JSON bytes, with only the fields that the annotation declares.

Theory of operation: there are three ways, with the same output. orjson writes the fields of plain models; orjson writes
plain types, and calls pydantic for all others; pydantic's serializer makes plain types, and then orjson writes them.
The annotation decides which way is used; the fast ones also depend on the exact types of the values.
"""

from collections.abc import Callable, Mapping
from functools import partial
from operator import attrgetter
from typing import Any, get_args, get_origin
from weakref import ref

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

from signette._dataclasses import dataclass
from signette._frameworks import is_response
from signette._http.json import AS_GIVEN, dumps, lenient_dumper, loads, raw_dumps
from signette._per_class import PerClass
from signette.declarative.adapters.plain_models import Shapes, default_for, plain_classes
from signette.declarative.adapters.undeclared import invalid_result, without_undeclared
from signette.declarative.adapters.validators import adapter_of
from signette.declarative.core_schema.walk import descendants
from signette.declarative.signature.annotations import is_union, metadata_of, resolve_alias
from signette.exceptions import ResponseValidationError

Dump = Callable[[Any], bytes]


class NotRendered(Exception):
    """The result is a `Response` or an exception, which is not serialized."""


def dumper(
    annotation: Any,
    options: Mapping[str, Any] | None = None,
    special: tuple[type, ...] = (),
) -> Dump:
    """A function from results of this annotation to JSON bytes. `options` are those of pydantic's serializer.

    The function raises NotRendered for instances of the `special` classes, which it checks for only after the fast
    ways.
    """
    checked = _checked_dumper(annotation, options or {}, special)
    if options:
        return checked
    if metadata_of(annotation):
        return checked
    cls = resolve_alias(annotation)
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


def to_jsonable(value: Any, fallback: Callable[[Any], Any] | None = None) -> Any:
    """Convert a value of a type that orjson does not know, by pydantic's serializer.

    `fallback` converts values of types that pydantic does not know.
    """
    if isinstance(value, BaseModel) and _nan_strings[ref(type(value))]:
        return loads(to_json(value, by_alias=True, inf_nan_mode="null", fallback=fallback))
    return to_jsonable_python(value, by_alias=True, inf_nan_mode="null", fallback=fallback)


# PERF: a binder that calls orjson directly saves two calls per request. On TypeError or ValueError it calls the dumper,
# which has the slower ways.
_QUICK = "k_dumps({value}, k_jsonable, k_as_given)"
# Where each value is of an exact type that orjson writes itself: a tenth of the smallest request less.
_QUICKEST = "k_dumps({value})"


@dataclass(frozen=True, slots=True)
class NativeDump:
    """Serializes results of plain types. The binder uses the expression `quick` if the expression `fits` is true.

    All other results are passed to this object: for `Any`, each part is serialized by its own type; for other
    annotations pydantic validates the result.
    """

    special: tuple[type, ...]
    types: frozenset[type]
    checked: Dump
    fits: str
    jsonable: Callable[[Any], Any] = to_jsonable
    """Converts a value that orjson cannot write; orjson converts the items of what it returns in the same way."""
    whole: Callable[[Any], Any] = to_jsonable
    """Converts a value with all its items."""
    loose: bool = False

    @property
    def quick(self) -> str:
        """The expression for a result that fits."""
        return _QUICKEST if self.types and self.types <= _SCALARS else _QUICK

    @property
    def uses(self) -> dict[str, Any]:
        """The values of the names in `quick` and `condition`."""
        names = {"k_dumps": raw_dumps, "k_jsonable": self.jsonable, "k_as_given": AS_GIVEN, "k_types": self.types}
        return names if self.loop is None else {**names, "k_item_type": next(iter(self.types))}

    @property
    def condition(self) -> str:
        """`fits`, or a comparison if that is the same."""
        only = next(iter(self.types)) if len(self.types) == 1 and self.fits == _TYPE else None
        return f"type({{value}}) is {only.__name__}" if only in _NAMED else self.fits

    @property
    def loop(self) -> tuple[str, str] | None:
        """In place of `fits`, if all items are of the type `k_item_type`: a condition, and the items."""
        return _LOOPS.get(self.fits) if len(self.types) == 1 else None

    def __call__(self, value: Any) -> bytes:
        if isinstance(value, self.special) or (self.special and is_response(value)):
            raise NotRendered
        if self.loose and (not self.fits or type(value) in self.types):
            return self._dump_loose(value)
        return self.checked(value)

    def _dump_loose(self, value: Any) -> bytes:
        try:
            return dump_any(value, self.jsonable, self.whole)
        except (TypeError, ValueError, RecursionError) as exc:
            why = f"{exc}. Annotate the result with a model that names its fields"
            raise ResponseValidationError("JSON value", why, body=value) from exc


def dump_any(
    value: Any, jsonable: Callable[[Any], Any] = to_jsonable, whole: Callable[[Any], Any] = to_jsonable
) -> bytes:
    """Serialize any value as JSON, each part by its own type."""
    try:
        return raw_dumps(value, jsonable, AS_GIVEN)
    except (TypeError, ValueError):  # keys that are not strings, numbers over 64 bits, lone surrogates
        return dumps(whole(value))


@dataclass(frozen=True, slots=True)
class PlainDump:
    """Serializes models of one plain class. A binder uses `PLAIN` if a model and all its parts fit the `shapes`."""

    cls: type[BaseModel]
    shapes: Shapes
    checked: Dump
    plainly: Dump

    def __call__(self, value: Any) -> bytes:
        if type(value) is self.cls:
            try:
                return self.plainly(value)
            except (TypeError, ValueError):  # a field is not of its declared type
                return self.checked(value)
        return self.checked(value)


PLAIN = "k_dumps({value}.__dict__, k_fields_of, k_as_given)"
PLAIN_USES = {"k_dumps": raw_dumps, "k_fields_of": attrgetter("__dict__"), "k_as_given": AS_GIVEN}


def _model_dumper(cls: type[BaseModel], checked: Dump) -> Dump:
    shapes = plain_classes(cls)
    return checked if shapes is None else PlainDump(cls, shapes, checked, lenient_dumper(default_for(shapes)))


def _models_dumper(cls: type[BaseModel], checked: Dump) -> Dump:
    if plain_classes(cls) is None:
        return checked
    exactly = {cls}
    serialize = adapter_of(list[cls]).serializer.to_json  # type: ignore[valid-type]

    def dump(values: Any) -> bytes:
        # PERF: of plain models pydantic writes what orjson does, and checks each field as it goes: in two thirds of the
        # time that the checks take in Python. For one model its options take longer than that.
        if type(values) is list and set(map(type, values)) == exactly:
            try:
                return serialize(values, warnings="error")
            except (PydanticSerializationError, UnicodeDecodeError, ValueError):  # a field is not of its declared type
                return checked(values)
        return checked(values)

    return dump


def item_dumper(annotation: Any, options: Mapping[str, Any] | None = None) -> Dump:
    """`dumper` for the items of a list that `validated` has returned: they are not validated again."""
    cls = resolve_alias(annotation)
    if _loose_types(cls) is not None:
        return dumper(annotation, options)
    checked = _checked_dumper(annotation, options or {}, (), validate=_unchanged)
    is_plain = not options and not metadata_of(annotation) and _is_model_class(cls)
    return _model_dumper(cls, checked) if is_plain else checked


def _unchanged(value: Any, **_: Any) -> Any:
    return value


def _checked_dumper(
    annotation: Any,
    options: Mapping[str, Any],
    special: tuple[type, ...],
    validate: Callable[..., Any] | None = None,
) -> Dump:
    """The general way: pydantic validates, unless the result is an instance, and converts; orjson writes."""
    adapter = adapter_of(annotation)
    validate = validate or adapter.validator.validate_python
    arguments: dict[str, Any] = {"by_alias": True, **options}
    serializer: Any = adapter.serializer
    serialize = partial(serializer.to_python, mode="json", **arguments)
    has_nan_strings = _sets_nan_strings(adapter.core_schema)
    to_text = partial(serializer.to_json, warnings=False, **arguments) if has_nan_strings else None

    def dump(value: Any) -> bytes:
        if isinstance(value, special) or (callable(value) and special and is_response(value)):
            raise NotRendered
        try:
            checked = validate(value, from_attributes=True)
            try:
                ready = serialize(checked, warnings="error")
            except PydanticSerializationError as exc:
                checked = without_undeclared(annotation, value, checked, exc, serialize)
                ready = serialize(checked, warnings=False)
        except ValidationError as exc:
            raise invalid_result(annotation, exc, value) from exc
        except (PydanticSerializationError, UnicodeDecodeError) as exc:  # the latter for bytes that are not UTF-8
            raise ResponseValidationError(annotation, str(exc), body=value) from exc
        return dump_any(ready) if to_text is None else _dump_nan_strings(ready, lambda: to_text(checked))

    return dump


def _dump_nan_strings(ready: Any, to_text: Callable[[], bytes]) -> bytes:
    """The JSON of a value whose NaN and infinities may be strings. pydantic makes those only when it writes bytes."""
    try:
        return dumps(ready)
    except ValueError:  # it has NaN or an infinity
        pass
    try:
        return dump_any(loads(to_text()))
    except ValueError:  # another model has `ser_json_inf_nan="constants"`: what pydantic writes is not JSON
        return dump_any(ready)


def _has_nan_strings(cls: type[BaseModel]) -> bool:
    try:
        return _sets_nan_strings(cls.__pydantic_core_schema__)
    except AttributeError:  # an unresolved forward reference
        return False


_nan_strings = PerClass(_has_nan_strings)


def _sets_nan_strings(schema: Any) -> bool:
    """Whether a model in a core schema sets `ser_json_inf_nan="strings"`: `"NaN"` in place of `null`."""
    return any((node.get("config") or {}).get("ser_json_inf_nan") == "strings" for node in descendants(schema))


def validated(annotation: Any) -> Callable[[Any], Any]:
    """A function that converts results to the annotated type, or raises ResponseValidationError."""
    validate = adapter_of(annotation).validator.validate_python

    def value_of(value: Any) -> Any:
        try:
            return validate(value, from_attributes=True)
        except ValidationError as exc:
            raise invalid_result(annotation, exc, value) from exc

    return value_of


def chunk_of_item(annotation: Any) -> Callable[[Any], str | bytes]:
    """A function from results to text or bytes, with the annotation's constraints, validators and serializers.

    It raises ResponseValidationError for results that are neither text nor bytes.
    """
    adapter, value_of = adapter_of(annotation), validated(annotation)
    # Without a custom serializer a value is sent unchanged: in mode "json" bytes would have to be UTF-8.
    is_serialized = "function" in str(adapter.core_schema.get("serialization", {}).get("type", ""))
    serializer: Any = adapter.serializer
    serialize = partial(serializer.to_python, mode="json" if is_serialized else "python", warnings=False)

    def chunk(value: Any) -> str | bytes:
        try:
            ready = serialize(value_of(value))
        except PydanticSerializationError as exc:
            raise ResponseValidationError(annotation, str(exc), body=value) from exc
        if isinstance(ready, str):
            return ready
        return bytes_of(annotation, ready)

    return chunk


def bytes_of(annotation: Any, value: Any) -> bytes:
    """The bytes of a result that is `bytes`, `bytearray` or `memoryview`.

    Raises ResponseValidationError for other types.
    """
    if not isinstance(value, bytes | bytearray | memoryview):  # `bytes(3)` would be three zeros
        raise ResponseValidationError(annotation, f"it is of type `{type(value).__name__}`", body=value)
    return bytes(value)


_SCALARS = frozenset({str, int, float, bool, type(None)})
_NAMED = frozenset({dict, list, str, int, float, bool})

# PERF: the conditions for writing a result by orjson; each costs less than a call in Python.
_TYPE = "type({value}) in k_types"
_VALUES = "type({value}) is dict and k_types.issuperset(map(type, {value}.values()))"
_ITEMS = "type({value}) is list and k_types.issuperset(map(type, {value}))"
# PERF: for one type a loop takes half the time for one item, and less for a thousand.
_LOOPS = {_VALUES: ("type({value}) is dict", "{value}.values()"), _ITEMS: ("type({value}) is list", "{value}")}


def _loose_types(cls: Any) -> frozenset[type] | None:
    """The exact types of results whose items may be of any type: `dict[str, Any]`, `list`. Empty for `Any`."""
    if cls in (Any, object):
        return frozenset()
    if is_union(cls):
        members = [_scalars(each) or _loose_types(each) for each in get_args(cls)]
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
    """Types, and the expression that checks for exactly these; None if the annotation is more than types."""
    if (scalars := _scalars(cls)) is not None:
        return scalars, _TYPE
    origin, args = get_origin(cls), get_args(cls)
    if origin is dict and args[0] is str and (values := _scalars(args[1])) is not None:
        return values, _VALUES
    if origin is list and (items := _scalars(args[0])) is not None:
        return items, _ITEMS
    return None


def _scalars(cls: Any) -> frozenset[type] | None:
    """The scalar types of an annotation, one or a union; None for other types, and for types with metadata."""
    members = get_args(cls) if is_union(cls) else (type(None) if cls is None else cls,)
    return frozenset(members) if all(isinstance(each, type) and each in _SCALARS for each in members) else None
