"""Response validation: `validate_responses=`.

Without it, a result that is not an instance of the declared type is validated and converted, and an instance is
serialized as it is. An instance may still be invalid: made without validation (`model_construct`), or changed since.
Here every model in a result is validated again, with its current values.
"""

import logging
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel, RootModel, ValidationError

from signette._dataclasses import dataclass
from signette.declarative.adapters.serializers import Dump
from signette.declarative.adapters.undeclared import invalid_result
from signette.declarative.adapters.validators import adapter_of

_log = logging.getLogger("signette.responses")


@dataclass(frozen=True, slots=True)
class ResponseValidation:
    """How the results of an operation are validated before they are sent."""

    operation: str
    """The operation's name in the log."""
    raises: bool
    """An invalid result is a 500. False: it is sent, and logged."""
    share: float = 1
    """The share of results that is validated, from 0 to 1."""


def with_response_validation(dump: Dump, annotation: Any, validation: ResponseValidation | None) -> Dump:
    """`dump` with response validation; unchanged without one.

    The function that is returned raises ResponseValidationError if `validation.raises`.
    """
    if validation is None:
        return dump
    validate = instance_validator(annotation)

    def dump_strictly(value: Any) -> bytes:
        body = dump(value)  # first, because it raises for a `Response`, which has no type to validate
        validate(value)
        return body

    def dump_and_log(value: Any) -> bytes:
        body = dump(value)
        if validation.share >= 1 or random.random() < validation.share:  # noqa: S311 - a sample, no secret
            try:
                validate(value)
            except Exception as exc:  # noqa: BLE001 - the application's validators may raise anything
                _log.warning("%s: %r", validation.operation, exc)
        return body

    return dump_strictly if validation.raises else dump_and_log


def instance_validator(annotation: Any) -> Callable[[Any], None]:
    """A function that raises ResponseValidationError if a value, or a model at any depth in it, is invalid."""
    validate = adapter_of(annotation).validator.validate_python

    def validate_all(value: Any) -> None:
        try:
            _validate_instance(validate(value, from_attributes=True))
        except ValidationError as exc:
            raise invalid_result(annotation, exc, value) from exc

    return validate_all


def _validate_instance(value: Any) -> None:
    """Validate each model in a value with its current values."""
    if isinstance(value, RootModel):
        type(value).__pydantic_validator__.validate_python(value.root)
        _validate_instance(value.root)
    elif isinstance(value, BaseModel):
        current = {**value.__dict__, **(value.__pydantic_extra__ or {})}
        # By name: aliases are only for JSON. Models in the fields are instances, and are validated on their own.
        type(value).__pydantic_validator__.validate_python(current, by_name=True, by_alias=False)
        _validate_each(current.values())
    elif is_dataclass(value) and not isinstance(value, type):
        current = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
        adapter_of(type(value)).validator.validate_python(current)
        _validate_each(current.values())
    elif isinstance(value, Mapping):
        _validate_each(value.values())
    elif isinstance(value, list | tuple | set | frozenset):
        _validate_each(value)


def _validate_each(values: Iterable[Any]) -> None:
    for value in values:
        _validate_instance(value)
