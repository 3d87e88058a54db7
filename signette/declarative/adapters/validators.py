"""Annotation -> a function that validates values. Made once, and cached by annotation."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import PydanticUserError, TypeAdapter, ValidationError
from pydantic_core import SchemaError

from signette._dataclasses import dataclass
from signette._http.json import loads
from signette.declarative.core_schema.discriminator import discriminated, member_names
from signette.declarative.core_schema.fail_fast import Cost, cost_of, cost_of_one, fail_fast_schema
from signette.declarative.core_schema.missing import ENDED, ending_at_missing, has_many_fields
from signette.declarative.core_schema.non_finite import has_suspect_number, may_contain_non_finite, reject_non_finite
from signette.declarative.core_schema.received import received_schema, validator_of
from signette.declarative.core_schema.walk import descendants

# Of pydantic's exceptions, `PydanticUserError` means that it has no schema for an annotation, and `SchemaError` that
# the schema cannot be used: a constraint or a pattern in it is not valid.
__all__ = [
    "MOST_READ",
    "PydanticUserError",
    "SchemaError",
    "ValidationError",
    "accepts_any_text",
    "adapter_of",
    "cached_by_adapter",
    "check_finite_json",
    "check_json",
    "check_object",
    "check_python",
    "check_text",
    "every_error",
    "exponential_union",
    "fail_fast_python",
    "has_one_error",
    "has_suspect_number",
]

Check = Callable[[Any], Any]
Result = TypeVar("Result")
EveryError = Callable[[ValidationError, Any], ValidationError]

# The most errors that pydantic may collect for one value, some 400 bytes each, ...
MOST_COLLECTED = 20_000
# ... the most that are made into dictionaries, of which a response lists the first `MOST_ERRORS`, ...
MOST_READ = 2_000
# ... and the most parsed values that errors in JSON may copy, 30 ns and 32 bytes each.
MOST_COPIED = 1_000_000


def adapter_of(annotation: Any) -> TypeAdapter[Any]:
    """The pydantic adapter of an annotation. Equal annotations have the same adapter.

    Raises PydanticUserError if pydantic has no schema for the annotation.
    """
    try:
        return _cached_adapter(annotation, _fingerprint(annotation))
    except TypeError:  # metadata that cannot be hashed
        return TypeAdapter(annotation)


# `fingerprint` is part of the key because `Literal[1] == Literal[True]`.
@lru_cache(maxsize=4096)
def _cached_adapter(annotation: Any, fingerprint: str) -> TypeAdapter[Any]:  # noqa: ARG001
    return TypeAdapter(annotation)


def _fingerprint(annotation: Any) -> str:
    # PERF: equal classes are the same class. A class whose metaclass may define `==` has another type.
    return "" if type(annotation) is type else repr(annotation)


def cached_by_adapter(function: Callable[..., Result]) -> Callable[..., Result]:
    """Cache a function of an adapter, so that routes with equal annotations share its results.

    The decorated function takes the annotation in place of the adapter.
    """
    cached = lru_cache(maxsize=8192)(function)

    @wraps(function)
    def call(annotation: Any, *args: Any, **kwargs: Any) -> Result:
        adapter = adapter_of(annotation)
        # The result for a model with an unresolved forward reference changes when the reference is resolved.
        return (cached if adapter.pydantic_complete else function)(adapter, *args, **kwargs)

    return call


@dataclass(frozen=True, slots=True)
class Validators:
    """The validators of an annotation for values that a client sends, as text or as JSON."""

    fail_fast: Any
    """Validates requests. It reports the first error of each collection."""
    complete: Any
    """Reports every error. It is `fail_fast` itself if a value cannot have many errors."""
    cost: Cost | None
    """How many errors a value may have; None if it cannot have many."""
    locating: Any = None
    """Locates the first errors in parsed JSON, after `fail_fast` has ended at a missing field."""


def _validators(annotation: Any, *, texts: bool) -> Validators:
    try:
        return _cached_validators(annotation, _fingerprint(annotation), texts)
    except TypeError:  # metadata that cannot be hashed
        return _make_validators(annotation, texts)


@lru_cache(maxsize=4096)
def _cached_validators(annotation: Any, fingerprint: str, texts: bool) -> Validators:  # noqa: ARG001 - part of the key
    return _make_validators(annotation, texts)


def _make_validators(annotation: Any, texts: bool) -> Validators:
    adapter = adapter_of(annotation)
    plain = adapter.core_schema
    schema = received_schema(discriminated(plain).schema, texts=texts)
    complete = adapter.validator if schema is plain else validator_of(schema)
    cost = cost_of(schema)
    ends = not texts and (cost is not None or has_many_fields(schema))
    if cost is None and not ends:
        return Validators(complete, complete, None)
    fail_fast = fail_fast_schema(schema)
    locating = validator_of(fail_fast)
    return Validators(
        validator_of(ending_at_missing(fail_fast)) if ends else locating,
        complete,
        cost or cost_of_one(schema),
        locating,
    )


@cached_by_adapter
def exponential_union(adapter: TypeAdapter[Any]) -> list[str]:
    """The names of the members of a union that takes exponential time to validate, or an empty list.

    A union whose members differ in a `Literal` field is validated by that field as its discriminator, in linear time.
    """
    try:
        union = discriminated(adapter.core_schema).exponential
    except PydanticUserError:  # an unresolved forward reference
        return []
    return [] if union is None else member_names(union)


def check_python(annotation: Any) -> Check:
    """A function that converts a Python value to the annotated type, or raises ValidationError."""
    check: Check = adapter_of(annotation).validator.validate_python
    return check


def check_text(annotation: Any) -> Check:
    """A function that converts text to the annotated type, or raises ValidationError.

    Numbers in literals, and members of enums, are also accepted as text.
    """
    check: Check = _validators(annotation, texts=True).fail_fast.validate_python
    return check


def check_json(annotation: Any) -> Check:
    """A function that converts JSON bytes to the annotated type in one pass, or raises ValidationError.

    It raises HTTPException 400 for NaN and infinities, where the type would accept them.
    """
    check = check_finite_json(annotation)
    if not may_contain_non_finite(adapter_of(annotation).core_schema):
        return check

    def check_finite(body: bytes) -> Any:
        reject_non_finite(body)
        return check(body)

    return check_finite


def fail_fast_python(annotation: Any) -> Check:
    """A function that converts parsed JSON to the annotated type, or raises ValidationError with the first errors."""
    check: Check = _validators(annotation, texts=False).fail_fast.validate_python
    return check


def check_finite_json(annotation: Any) -> Check:
    """`check_json` for JSON without a number for which `has_suspect_number` is true."""
    check: Check = _validators(annotation, texts=False).fail_fast.validate_json
    return check


def check_object(annotation: Any) -> Check:
    """A function that converts an object of JSON, some of whose values are Python's already, or raises ValidationError.

    It reports the first error of each collection if there may be too many errors.
    """
    validators = _validators(annotation, texts=False)
    cost, validate = validators.cost, validators.complete.validate_python
    if cost is None:
        only: Check = validate
        return only
    first = validators.locating.validate_python

    def check(value: Any) -> Any:
        try:
            return first(value)
        except ValidationError:
            if cost.of(value) > MOST_COLLECTED:
                raise
        return validate(value)

    return check


def every_error(annotation: Any, *, json: bool) -> EveryError | None:
    """A function from a ValidationError of `check_json` or `check_text`, and the value, to one that has every error.

    None if the first one always has every error. The function returns the first one if there may be too many errors.
    """
    validators = _validators(annotation, texts=not json)
    if validators.cost is None:
        return None
    cost = validators.cost
    validate = validators.complete.validate_json if json else validators.complete.validate_python
    locate = validators.locating.validate_python

    def with_every_error(first: ValidationError, value: Any) -> ValidationError:
        try:
            if cost.of(value) <= MOST_COLLECTED and cost.copied(value) <= MOST_COPIED:
                validate(value)
            elif first.title == ENDED:  # unlike parsed JSON, Python values are not copied for each error
                locate(loads(value))
        except ValidationError as exc:
            return exc if exc.error_count() <= MOST_READ else first
        except ValueError:
            return first
        return first  # a validator of the application accepts the value the second time

    return with_every_error


# Schemas whose values have one error at most, located at the value, with a message that does not contain it.
_SINGLE = frozenset({"int", "float", "str", "bool", "date", "datetime", "time", "timedelta", "nullable", "default"})


@cached_by_adapter
def has_one_error(adapter: TypeAdapter[Any]) -> bool:
    """Whether text that is no value of this type has exactly one error, which is about all of the text."""
    try:
        return all(node["type"] in _SINGLE for node in descendants(adapter.core_schema))
    except PydanticUserError:  # an unresolved forward reference
        return False


def accepts_any_text(annotation: Any) -> bool:
    """Whether each `str` is a value of this type, unchanged, and needs no validation."""
    if annotation in (str, Any):
        return True
    origin = get_origin(annotation)
    # `str | None`, but no other union: text may become its other members.
    if origin is Union or type(annotation).__name__ == "UnionType":
        return set(get_args(annotation)) == {str, type(None)}
    return False
