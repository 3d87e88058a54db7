"""Values that the declared type does not have, found while pydantic serializes a result, and taken out of it.

pydantic validates a model by `isinstance` and does not look at its fields again. A `dict` that was appended to a list
of models, or given to a dataclass, which checks nothing, is serialized with all its keys, and pydantic only warns. Here
the warning is an error. Each instance that holds such a value is opened into its fields and validated again, so that
the value becomes what the type declares; where that is not possible the result is a ResponseValidationError.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel, RootModel, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from signette.declarative.adapters.validators import MOST_READ, adapter_of
from signette.error_entries import pointer_of
from signette.exceptions import ErrorEntry, ResponseValidationError

_COLLECTIONS = (list, tuple, set, frozenset, deque)

# pydantic tells the types of unexpected values in its message alone: each of its lines ends with one.
_INPUT_TYPE = re.compile(r"^(?P<line>.*)input_type=(?P<name>\w+)\]\)?$", re.MULTILINE)
# A tag was not found, so each member of the union was tried. Whether one of them fits is told on lines of its own.
_UNION_FALLBACK = "PydanticSerializationUnexpectedValue(Defaulting to left to right union serialization"
_WITHOUT_FIELDS = frozenset({
    "NoneType", "bool", "int", "float", "complex", "str", "bytes", "bytearray", "Decimal", "UUID",
    "datetime", "date", "time", "timedelta", "PosixPath", "WindowsPath",
})  # fmt: skip


def without_undeclared(
    annotation: Any, value: Any, checked: Any, exc: PydanticSerializationError, serialize: Callable[..., Any]
) -> Any:
    """What may be serialized in place of `checked`, at which `serialize` has raised `exc` with warnings as errors.

    Raises ResponseValidationError where a part of the result is not what its type declares.
    """
    if is_harmless(exc):
        return checked
    # What was an iterator has been read to its end by now.
    opened = _opened(checked if isinstance(value, Iterator) else value)
    try:
        again = adapter_of(annotation).validator.validate_python(
            opened, from_attributes=True, by_name=True, by_alias=True
        )
        serialize(again, warnings="error")
    except ValidationError as error:
        raise invalid_result(annotation, error, value) from error
    except PydanticSerializationError as error:
        if not is_harmless(error):
            raise ResponseValidationError(annotation, str(error), body=value) from error
    return again


def is_harmless(exc: PydanticSerializationError) -> bool:
    """Whether all unexpected values are scalars, as a default of `None` where a `str` is declared: they have no fields.

    An error of another kind, or in words that are not known, is not harmless.
    """
    found = list(_INPUT_TYPE.finditer(str(exc)))
    return bool(found) and all(
        each["name"] in _WITHOUT_FIELDS or each["line"].lstrip().startswith(_UNION_FALLBACK) for each in found
    )


def invalid_result(annotation: Any, exc: ValidationError, value: Any) -> ResponseValidationError:
    """What is told of a result that does not fit: its first fault, and where it is (a JSON Pointer, RFC 6901)."""
    if exc.error_count() > MOST_READ:
        return ResponseValidationError(annotation, f"it has {exc.error_count()} errors", body=value)
    errors: list[ErrorEntry] = [
        {"in": "response", "pointer": pointer_of(each["loc"]), "code": each["type"], "message": each["msg"]}
        for each in exc.errors(include_url=False, include_input=False)
    ]
    place = f" at {errors[0]['pointer']}" if errors[0]["pointer"] else ""
    return ResponseValidationError(annotation, f"{errors[0]['message']}{place}", errors=errors, body=value)


def _opened(value: Any) -> Any:
    """The value, with each instance in it that holds something undeclared as a mapping of its fields."""
    if isinstance(value, BaseModel):
        if _is_sound(value, type(value)):
            return value
        if isinstance(value, RootModel):
            return _opened(value.root)
        now = {name: value.__dict__[name] for name in type(value).model_fields if name in value.__dict__}
        return _opened_each({**now, **(value.__pydantic_extra__ or {})})
    if is_dataclass(value) and not isinstance(value, type):
        if _is_sound(value, adapter_of(type(value))):
            return value
        names = [field.name for field in fields(value) if field.init and hasattr(value, field.name)]
        return _opened_each({name: getattr(value, name) for name in names})
    if isinstance(value, dict):
        return _opened_each(value)
    return [_opened(each) for each in value] if isinstance(value, _COLLECTIONS) else value


def _opened_each(values: Mapping[Any, Any]) -> dict[Any, Any]:
    return {key: _opened(value) for key, value in values.items()}


def _is_sound(value: Any, own: type[BaseModel] | TypeAdapter[Any]) -> bool:
    """Whether an instance holds nothing but what its own class declares."""
    serializer = own.serializer if isinstance(own, TypeAdapter) else own.__pydantic_serializer__
    try:
        serializer.to_python(value, mode="json", warnings="error")
    except PydanticSerializationError as exc:
        return is_harmless(exc)
    return True
