"""Examples that their types do not accept."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple, get_args

from pydantic import PydanticUserError, ValidationError
from pydantic_core import PydanticSerializationError, SchemaError, to_json

from signette.declarative.adapters.validators import adapter_of
from signette.declarative.signature.annotations import alias_of, cached, strip_annotated, union_members


class InvalidExample(NamedTuple):
    """An example that is not a value of its type."""

    field: str
    """The field with the example: `Item.price`."""
    example: Any
    reason: str


def example_error(annotation: Any, example: Any) -> str | None:
    """Why an example is valid neither as a Python value nor as JSON; None if it is valid, or if the type is unknown."""
    try:
        adapter = adapter_of(annotation)
    except (PydanticUserError, SchemaError, TypeError):
        return None  # another check reports it
    try:
        adapter.validate_python(example)
    except ValidationError as exc:
        reason = str(exc.errors(include_url=False, include_context=False)[0]["msg"])
    else:
        return None
    try:
        adapter.validate_json(to_json(example))
    except (ValidationError, PydanticSerializationError):
        return reason
    return None


@cached
def first_invalid_example(model: Any) -> InvalidExample | None:
    """The first invalid example in the fields of a model, or of the models in it."""
    seen: set[Any] = set()
    return next(_invalid_examples(model, seen), None)


def _invalid_examples(annotation: Any, seen: set[Any]) -> Iterator[InvalidExample]:
    alias = alias_of(annotation)
    if alias is not None:  # it may be recursive
        if annotation in seen:
            return
        seen.add(annotation)
    for member in union_members(annotation):
        cls = strip_annotated(member)
        fields: Any = getattr(cls, "model_fields", None)
        if not isinstance(fields, Mapping):
            for argument in get_args(cls):
                yield from _invalid_examples(argument, seen)
            continue
        if cls in seen:
            continue
        seen.add(cls)
        changed = _fields_changed_before(cls)
        for name, info in fields.items():
            for example in info.examples or () if changed is not None and not {name, "*"} & changed else ():
                reason = example_error(Annotated[(info.annotation, info)], example)
                if reason is not None:
                    yield InvalidExample(f"{cls.__name__}.{name}", example, reason)
            yield from _invalid_examples(info.annotation, seen)


def _fields_changed_before(model: Any) -> frozenset[str] | None:
    """The fields with a validator that runs before the type is validated; None if the model has one for all fields."""
    decorators = model.__pydantic_decorators__
    if any(each.info.mode != "after" for each in decorators.model_validators.values()):
        return None
    early = (each.info.fields for each in decorators.field_validators.values() if each.info.mode != "after")
    return frozenset(name for fields in early for name in fields)
