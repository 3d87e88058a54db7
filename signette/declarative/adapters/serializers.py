"""Annotation -> a function that writes a result as JSON bytes, with nothing in it that the annotation does not have.

There are three ways, and they give the same bytes: orjson straight from the fields of plain models, orjson with
pydantic asked for what orjson does not know, and pydantic's serializer first and orjson behind it. Which one is
decided by the annotation; the exact types of the values decide whether the fast one may be taken.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

from signette._http.json import AS_GIVEN, dumps, lenient_dumper, loads, raw_dumps
from signette.declarative.adapters.plain_models import default_for, plain_classes
from signette.declarative.adapters.undeclared import invalid_result, without_undeclared
from signette.declarative.adapters.validators import adapter_of
from signette.declarative.core_schema.walk import descendants
from signette.declarative.signature.annotations import is_union, metadata_of, resolve_alias
from signette.exceptions import ResponseValidationError

Dump = Callable[[Any], bytes]
_fields = attrgetter("__dict__")


class NotRendered(Exception):
    """The result is no value at all: a `Response`, or an exception that was returned."""


def dumper(
    annotation: Any,
    options: Mapping[str, Any] | None = None,
    special: tuple[type, ...] = (),
    fallback: Callable[[Any], Any] | None = None,
) -> Dump:
    """A function from results of this annotation to JSON bytes. `options` are those of pydantic's serializer.

    What it gives raises NotRendered for instances of the `special` classes: they are looked for only where the fast
    ways end, so that ordinary results do not pay for them. `fallback` is given each value that pydantic does not know,
    and returns one that it does.
    """
    checked = _checked_dumper(annotation, options or {}, special, fallback)
    if options:
        return checked
    if metadata_of(annotation):
        return checked
    cls = resolve_alias(annotation)
    args = get_args(cls)
    if (types := _loose_types(cls)) is not None:
        jsonable = to_jsonable if fallback is None else partial(to_jsonable, fallback=fallback)
        return NativeDump(special, types, checked, _TYPE if types else "", jsonable, loose=True)
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
    """A value that orjson does not know as one that it does, by pydantic's serializer."""
    if isinstance(value, BaseModel) and _spells_numbers(type(value)):
        return loads(to_json(value, by_alias=True, inf_nan_mode="null", fallback=fallback))
    return to_jsonable_python(value, by_alias=True, inf_nan_mode="null", fallback=fallback)


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
    jsonable: Callable[[Any], Any] = to_jsonable
    loose: bool = False

    @property
    def uses(self) -> dict[str, Any]:
        """What the names in `QUICK` and `fits` mean."""
        return {"k_dumps": raw_dumps, "k_jsonable": self.jsonable, "k_as_given": AS_GIVEN, "k_types": self.types}

    def __call__(self, value: Any) -> bytes:
        if isinstance(value, self.special):
            raise NotRendered
        if self.loose and (not self.fits or type(value) in self.types):
            return self._loosely(value)
        return self.checked(value)

    def _loosely(self, value: Any) -> bytes:
        try:
            return dump_any(value, self.jsonable)
        except (TypeError, ValueError, RecursionError) as exc:
            why = f"{exc}. Annotate the result with a model that names its fields"
            raise ResponseValidationError("value of JSON", why, body=value) from exc


def dump_any(value: Any, jsonable: Callable[[Any], Any] = to_jsonable) -> bytes:
    """Any value as JSON, each part by its own type."""
    try:
        return raw_dumps(value, jsonable, AS_GIVEN)
    except (TypeError, ValueError):  # keys that are no text, numbers over 64 bits, lone surrogates
        return dumps(jsonable(value))


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


def _checked_dumper(
    annotation: Any,
    options: Mapping[str, Any],
    special: tuple[type, ...],
    fallback: Callable[[Any], Any] | None,
) -> Dump:
    """The plain way: check unless it is an instance already, let pydantic prepare, let orjson write."""
    adapter = adapter_of(annotation)
    validate = adapter.validator.validate_python
    said: dict[str, Any] = {"by_alias": True, "fallback": fallback, **options}
    serializer: Any = adapter.serializer
    serialize = partial(serializer.to_python, mode="json", **said)
    to_text = partial(serializer.to_json, warnings=False, **said) if _says_strings(adapter.core_schema) else None

    def dump(value: Any) -> bytes:
        if isinstance(value, special):
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
        except PydanticSerializationError as exc:
            raise ResponseValidationError(annotation, str(exc), body=value) from exc
        return dump_any(ready) if to_text is None else _spelled(ready, lambda: to_text(checked))

    return dump


def _spelled(ready: Any, to_text: Callable[[], bytes]) -> bytes:
    """The JSON of a value in which NaN and the infinities may be texts, which pydantic makes in bytes alone."""
    try:
        return dumps(ready)
    except ValueError:  # there is one
        pass
    try:
        return dump_any(loads(to_text()))
    except ValueError:  # `ser_json_inf_nan="constants"` beside it: what pydantic writes is no JSON
        return dump_any(ready)


@lru_cache(maxsize=1024)
def _spells_numbers(cls: type[BaseModel]) -> bool:
    try:
        return _says_strings(cls.__pydantic_core_schema__)
    except AttributeError:  # it waits for a name
        return False


def _says_strings(schema: Any) -> bool:
    """Whether a model in a core schema says `ser_json_inf_nan="strings"`: `"NaN"` in place of `null`."""
    return any((node.get("config") or {}).get("ser_json_inf_nan") == "strings" for node in descendants(schema))


def validated(annotation: Any) -> Callable[[Any], Any]:
    """A function from results to values of the annotated type. It raises ResponseValidationError for all others."""
    validate = adapter_of(annotation).validator.validate_python

    def value_of(value: Any) -> Any:
        try:
            return validate(value, from_attributes=True)
        except ValidationError as exc:
            raise invalid_result(annotation, exc, value) from exc

    return value_of


def chunk_of_item(annotation: Any) -> Callable[[Any], str | bytes]:
    """A function from results that are a text, or bytes, to what is sent: with the validators, the bounds and the
    serializers that stand beside the type. Raises ResponseValidationError for all that is neither."""
    adapter, value_of = adapter_of(annotation), validated(annotation)
    # Without a serializer of its own a value stays as it is: in mode "json" bytes would have to be UTF-8.
    is_serialized = "function" in str(adapter.core_schema.get("serialization", {}).get("type", ""))
    serializer: Any = adapter.serializer
    serialize = partial(serializer.to_python, mode="json" if is_serialized else "python", warnings=False)

    def piece(value: Any) -> str | bytes:
        try:
            ready = serialize(value_of(value))
        except PydanticSerializationError as exc:
            raise ResponseValidationError(annotation, str(exc), body=value) from exc
        if isinstance(ready, str):
            return ready
        return bytes_of(annotation, ready)

    return piece


def bytes_of(annotation: Any, value: Any) -> bytes:
    """The bytes of a result that is bytes, or lies in memory. Raises ResponseValidationError for all else."""
    if not isinstance(value, bytes | bytearray | memoryview):  # `bytes(3)` would be three zeros
        raise ResponseValidationError(annotation, f"it is of type `{type(value).__name__}`", body=value)
    return bytes(value)


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
    """Types and the expression that sees whether a result is of just these; None where the annotation says more."""
    if (scalars := _scalars(cls)) is not None:
        return scalars, _TYPE
    origin, args = get_origin(cls), get_args(cls)
    if origin is dict and args[0] is str and (values := _scalars(args[1])) is not None:
        return values, _VALUES
    if origin is list and (items := _scalars(args[0])) is not None:
        return items, _ITEMS
    return None


def _scalars(cls: Any) -> frozenset[type] | None:
    """The scalar types that an annotation stands for, alone or in a union; None where it says more, as by metadata."""
    members = get_args(cls) if is_union(cls) else (type(None) if cls is None else cls,)
    return frozenset(members) if all(isinstance(each, type) and each in _SCALARS for each in members) else None
