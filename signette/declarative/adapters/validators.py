"""Annotation -> a function that checks a value. Made once, kept as long as the annotation lives."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import PydanticUserError, TypeAdapter, ValidationError
from pydantic_core import SchemaError

from signette._http.json import loads
from signette.declarative.core_schema.discriminator import discriminated, member_names
from signette.declarative.core_schema.fail_fast import Cost, cost_of, cost_of_one, fail_fast_schema
from signette.declarative.core_schema.missing import ENDED, ending_at_missing, has_many_fields
from signette.declarative.core_schema.non_finite import may_keep_one, refuse_not_finite
from signette.declarative.core_schema.received import received_schema, validator_of

__all__ = [
    "Invalid",
    "accepts_any_text",
    "adapter_of",
    "check_json",
    "check_python",
    "check_text",
    "kept_by_adapter",
]

Invalid = ValidationError
Check = Callable[[Any], Any]
Answer = TypeVar("Answer")
EveryError = Callable[[ValidationError, Any], ValidationError]

# pydantic may collect so many errors for one value, some 400 bytes each, ...
MOST_COLLECTED = 20_000
# ... and so many may be made into dictionaries, of which an answer tells the first `MAX_ERRORS`.
MOST_READ = 2_000
# Errors for JSON hold copies of parsed values, 30 ns and 32 bytes each.
MOST_COPIED = 1_000_000

# What pydantic itself raises for an annotation that it cannot make sense of.
Unusable = PydanticUserError
# And where it has a schema that nothing can be checked by: a bound or a pattern that is none.
Unbuildable = SchemaError


def adapter_of(annotation: Any) -> TypeAdapter[Any]:
    """The pydantic adapter of an annotation, the same one for equal annotations.

    Raises `PydanticUserError` where pydantic has no schema for it.
    """
    try:
        return _kept_adapter(annotation, _fingerprint(annotation))
    except TypeError:  # metadata that cannot be hashed
        return TypeAdapter(annotation)


# A cache, not state: an entry says what its key says. `fingerprint` is there as `Literal[1] == Literal[True]`.
@lru_cache(maxsize=4096)
def _kept_adapter(annotation: Any, fingerprint: str) -> TypeAdapter[Any]:  # noqa: ARG001 - part of the key
    return TypeAdapter(annotation)


def _fingerprint(annotation: Any) -> str:
    return repr(annotation)


def kept_by_adapter(ask: Callable[..., Answer]) -> Callable[..., Answer]:
    """Remember what is asked of an adapter, which routes with equal annotations share. Takes the annotation."""
    remembered = lru_cache(maxsize=8192)(ask)

    @wraps(ask)
    def answer(annotation: Any, *said: Any, **options: Any) -> Answer:
        adapter = adapter_of(annotation)
        # A model that names what is not defined yet is another one when the application starts.
        return (remembered if adapter.pydantic_complete else ask)(adapter, *said, **options)

    return answer


@dataclass(frozen=True, slots=True)
class Validators:
    """What validates the values of an annotation that a client sends, as texts or as JSON."""

    first: Any
    """Reports the first error of each collection. Requests are validated by this one."""
    every: Any
    """Reports every error. Where a value cannot have many, it is the same one."""
    cost: Cost | None
    """How many errors a value may have; None where it cannot have many."""
    placing: Any = None
    """Says where the first errors are, from what JSON was parsed to, where `first` has ended without saying it."""


def _validators(annotation: Any, *, texts: bool) -> Validators:
    try:
        return _kept_validators(annotation, _fingerprint(annotation), texts)
    except TypeError:  # metadata that cannot be hashed
        return _made_validators(annotation, texts)


@lru_cache(maxsize=4096)
def _kept_validators(annotation: Any, fingerprint: str, texts: bool) -> Validators:  # noqa: ARG001 - part of the key
    return _made_validators(annotation, texts)


def _made_validators(annotation: Any, texts: bool) -> Validators:
    adapter = adapter_of(annotation)
    plain = adapter.core_schema
    schema = received_schema(discriminated(plain).schema, texts=texts)
    every = adapter.validator if schema is plain else validator_of(schema)
    cost = cost_of(schema)
    ends = not texts and (cost is not None or has_many_fields(schema))
    if cost is None and not ends:
        return Validators(every, every, None)
    first = fail_fast_schema(schema)
    placing = validator_of(first)
    return Validators(
        validator_of(ending_at_missing(first)) if ends else placing, every, cost or cost_of_one(schema), placing
    )


@kept_by_adapter
def exponential_union(adapter: TypeAdapter[Any]) -> list[str]:
    """The members, by their names, of a union that it would take exponential time to validate; mostly none.

    A union that its members' `Literal`s tell apart gets a discriminator, and is none of these.
    """
    try:
        union = discriminated(adapter.core_schema).exponential
    except Unusable:  # a model that names another one, defined later
        return []
    return [] if union is None else member_names(union)


def check_python(annotation: Any) -> Check:
    """A function that makes a Python value into the annotated type, or raises `Invalid`."""
    check: Check = adapter_of(annotation).validator.validate_python
    return check


def check_text(annotation: Any) -> Check:
    """The same for what is read from texts: they also stand for the numbers of literals and for members of enums."""
    check: Check = _validators(annotation, texts=True).first.validate_python
    return check


def check_json(annotation: Any) -> Check:
    """A function that makes JSON bytes into the annotated type in one pass, or raises `Invalid`.

    Raises HTTPException 400, too, where the type could keep a float that is no number.
    """
    check: Check = _validators(annotation, texts=False).first.validate_json
    if not may_keep_one(adapter_of(annotation).core_schema):
        return check

    def check_finite(body: bytes) -> Any:
        refuse_not_finite(body)
        return check(body)

    return check_finite


def every_error(annotation: Any, *, json: bool) -> EveryError | None:
    """A function from an `Invalid` of `check_json` or `check_text`, and the value, to one that has every error.

    None where it has every error already. A value that may have too many errors keeps the `Invalid` that it has.
    """
    found = _validators(annotation, texts=not json)
    if found.cost is None:
        return None
    cost, validate = found.cost, found.every.validate_json if json else found.every.validate_python
    place = found.placing.validate_python

    def with_every_error(refused: ValidationError, value: Any) -> ValidationError:
        try:
            if cost.of(value) <= MOST_COLLECTED and cost.copied(value) <= MOST_COPIED:
                validate(value)
            elif refused.title == ENDED:  # Python's values are not copied for each error
                place(loads(value))
        except ValidationError as exc:
            return exc if exc.error_count() <= MOST_READ else refused
        except ValueError:
            return refused
        return refused  # a validator of the application's own has changed its mind

    return with_every_error


def accepts_any_text(annotation: Any) -> bool:
    """Whether each `str` is a value of this type as it stands, so that it needs no check."""
    if annotation in (str, Any):
        return True
    origin = get_origin(annotation)
    # `str | None` takes any text too; of two text-like members the first one is what the text becomes.
    if origin is Union or type(annotation).__name__ == "UnionType":
        return set(get_args(annotation)) == {str, type(None)}
    return False
