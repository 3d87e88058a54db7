"""Values that the declared type does not have: found while pydantic serializes a result, and removed.

pydantic validates a model by `isinstance` and does not validate its fields again. A `dict` that was appended to a list
of models, or passed to a dataclass, which validates nothing, is serialized with all its keys, and pydantic only warns.
Here the warning is an error. Each instance with such a value is replaced by its fields and validated again, so that the
value is converted to the declared type. If that fails, the result is a ResponseValidationError.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel, RootModel, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from signette._patterns import lazy_pattern
from signette.declarative.adapters.validators import MOST_READ, adapter_of
from signette.error_entries import pointer_of
from signette.exceptions import ErrorEntry, ResponseValidationError

_COLLECTIONS = (list, tuple, set, frozenset, deque)

# pydantic has the types of unexpected values only in its message, at the end of each line.
_INPUT_TYPE = lazy_pattern(r"^(?P<line>.*)input_type=(?P<name>\w+)\]\)?$", re.MULTILINE)
# No tag was found, so pydantic tried each member of the union. Other lines report members that do not match.
_UNION_FALLBACK = "PydanticSerializationUnexpectedValue(Defaulting to left to right union serialization"
_WITHOUT_FIELDS = frozenset({
    "NoneType", "bool", "int", "float", "complex", "str", "bytes", "bytearray", "Decimal", "UUID",
    "datetime", "date", "time", "timedelta", "PosixPath", "WindowsPath",
})  # fmt: skip


def without_undeclared(
    annotation: Any, value: Any, checked: Any, exc: PydanticSerializationError, serialize: Callable[..., Any]
) -> Any:
    """The value to serialize in place of `checked`, for which `serialize` raised `exc` with warnings as errors.

    Raises ResponseValidationError if a part of the result cannot be converted to its declared type.
    """
    if is_harmless(exc):
        return checked
    # An iterator is exhausted by now.
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
    """Whether all unexpected values are scalars, which have no fields, such as a default of `None` for a `str`.

    Other errors, and messages of unknown wording, are not harmless.
    """
    found = list(_INPUT_TYPE.finditer(str(exc)))
    return bool(found) and all(
        each["name"] in _WITHOUT_FIELDS or each["line"].lstrip().startswith(_UNION_FALLBACK) for each in found
    )


def invalid_result(annotation: Any, exc: ValidationError, value: Any) -> ResponseValidationError:
    """The error of an invalid result: its first validation error, and where it is (a JSON Pointer, RFC 6901)."""
    if exc.error_count() > MOST_READ:
        return ResponseValidationError(annotation, f"it has {exc.error_count()} errors", body=value)
    errors: list[ErrorEntry] = [
        {"in": "response", "pointer": pointer_of(each["loc"]), "code": each["type"], "message": each["msg"]}
        for each in exc.errors(include_url=False, include_input=False)
    ]
    place = f" at {errors[0]['pointer']}" if errors[0]["pointer"] else ""
    return ResponseValidationError(annotation, f"{errors[0]['message']}{place}", errors=errors, body=value)


def _opened(value: Any) -> Any:
    """The value, with each instance in it that has an undeclared value replaced by a mapping of its fields."""
    if isinstance(value, BaseModel):
        if _is_declared(value, type(value)):
            return value
        if isinstance(value, RootModel):
            return _opened(value.root)
        current = {name: value.__dict__[name] for name in type(value).model_fields if name in value.__dict__}
        return _opened_each({**current, **(value.__pydantic_extra__ or {})})
    if is_dataclass(value) and not isinstance(value, type):
        if _is_declared(value, adapter_of(type(value))):
            return value
        names = [field.name for field in fields(value) if field.init and hasattr(value, field.name)]
        return _opened_each({name: getattr(value, name) for name in names})
    if isinstance(value, dict):
        return _opened_each(value)
    return [_opened(each) for each in value] if isinstance(value, _COLLECTIONS) else value


def _opened_each(values: Mapping[Any, Any]) -> dict[Any, Any]:
    return {key: _opened(value) for key, value in values.items()}


def _is_declared(value: Any, own: type[BaseModel] | TypeAdapter[Any]) -> bool:
    """Whether an instance has only values that its own class declares."""
    serializer = own.serializer if isinstance(own, TypeAdapter) else own.__pydantic_serializer__
    try:
        serializer.to_python(value, mode="json", warnings="error")
    except PydanticSerializationError as exc:
        return is_harmless(exc)
    return True
