"""Results held to what their type declares, where that was asked for: `validate_responses=`.

What an endpoint returns is made into the declared type where it is something else, and written as it is where it is an
instance already. An instance may still break its own rules: made without validation (`model_construct`), or changed
since. Here every model in a result is checked again, with the values that it has now.
"""

import logging
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from pydantic import BaseModel, RootModel, ValidationError

from signette.declarative.adapters.serializers import Dump
from signette.declarative.adapters.undeclared import broken
from signette.declarative.adapters.validators import adapter_of

_log = logging.getLogger("signette.responses")


@dataclass(frozen=True, slots=True)
class ResponseValidation:
    """Results are looked at once more before they leave: whether instances still keep the rules of their type."""

    operation: str
    """What is named in the log."""
    raises: bool
    """A result that breaks a rule is a 500; else it leaves, and the log tells."""
    share: float = 1
    """How many of the results are looked at, of one."""


def with_response_validation(dump: Dump, annotation: Any, watch: ResponseValidation | None) -> Dump:
    """The same function, which looks at what it writes as `watch` says. Without one, the function itself.

    What it gives raises ResponseValidationError where the watch is strict.
    """
    if watch is None:
        return dump
    conform = instance_validator(annotation)

    def dump_strictly(value: Any) -> bytes:
        body = dump(value)  # first: a `Response` is no value to look at
        conform(value)
        return body

    def dump_and_tell(value: Any) -> bytes:
        body = dump(value)
        if watch.share >= 1 or random.random() < watch.share:  # noqa: S311 - a sample, no secret
            try:
                conform(value)
            except Exception as exc:  # noqa: BLE001 - a validator of the application's own may fail in any way
                _log.warning("%s: %r", watch.operation, exc)
        return body

    return dump_strictly if watch.raises else dump_and_tell


def instance_validator(annotation: Any) -> Callable[[Any], None]:
    """A function that raises ResponseValidationError for a value that breaks a rule of its type, however deep."""
    validate = adapter_of(annotation).validator.validate_python

    def conform(value: Any) -> None:
        try:
            _validate_instance(validate(value, from_attributes=True))
        except ValidationError as exc:
            raise broken(annotation, exc, value) from exc

    return conform


def _validate_instance(value: Any) -> None:
    """Check each model in a value with the values that it has, as if it were made now."""
    if isinstance(value, RootModel):
        type(value).__pydantic_validator__.validate_python(value.root)
        _validate_instance(value.root)
    elif isinstance(value, BaseModel):
        now = {**value.__dict__, **(value.__pydantic_extra__ or {})}
        # By name: aliases are for the wire. Models inside are instances, and get their own turn.
        type(value).__pydantic_validator__.validate_python(now, by_name=True, by_alias=False)
        _validate_each(now.values())
    elif is_dataclass(value) and not isinstance(value, type):
        now = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
        adapter_of(type(value)).validator.validate_python(now)
        _validate_each(now.values())
    elif isinstance(value, Mapping):
        _validate_each(value.values())
    elif isinstance(value, list | tuple | set | frozenset):
        _validate_each(value)


def _validate_each(values: Iterable[Any]) -> None:
    for value in values:
        _validate_instance(value)
