"""Examples held to the types that they stand beside."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple, get_args

from pydantic import PydanticUserError, ValidationError
from pydantic_core import PydanticSerializationError, SchemaError, to_json

from signette.declarative.adapters.validators import adapter_of
from signette.declarative.signature.annotations import alias_of, cached, strip_annotated, union_members


class Unfitting(NamedTuple):
    """An example that its own type refuses: the field that shows it, "" for the value itself, and why."""

    field: str
    example: Any
    why: str


def why_unfitting(annotation: Any, example: Any) -> str | None:
    """Why the type refuses an example, be it written as Python or as JSON has it; None where it fits, or none can say.
    """  # fmt: skip
    try:
        adapter = adapter_of(annotation)
    except (PydanticUserError, SchemaError, TypeError):
        return None  # told elsewhere, with the place
    try:
        adapter.validate_python(example)
    except ValidationError as exc:
        why = str(exc.errors(include_url=False, include_context=False)[0]["msg"])
    else:
        return None
    try:
        adapter.validate_json(to_json(example))
    except (ValidationError, PydanticSerializationError):
        return why
    return None


@cached
def unfitting_in(model: Any) -> Unfitting | None:
    """The first example in the fields of a model, and of the models in it, that does not fit."""
    seen: set[Any] = set()
    return next(_unfitting_in(model, seen), None)


def _unfitting_in(annotation: Any, seen: set[Any]) -> Iterator[Unfitting]:
    alias = alias_of(annotation)
    if alias is not None:  # it may stand for itself, deeper
        if annotation in seen:
            return
        seen.add(annotation)
    for member in union_members(annotation):
        cls = strip_annotated(member)
        fields: Any = getattr(cls, "model_fields", None)
        if not isinstance(fields, Mapping):
            for argument in get_args(cls):
                yield from _unfitting_in(argument, seen)
            continue
        if cls in seen:
            continue
        seen.add(cls)
        changed = _changed_before(cls)
        for name, info in fields.items():
            for example in info.examples or () if changed is not None and not {name, "*"} & changed else ():
                why = why_unfitting(Annotated[(info.annotation, info)], example)
                if why is not None:
                    yield Unfitting(f"{cls.__name__}.{name}", example, why)
            yield from _unfitting_in(info.annotation, seen)


def _changed_before(model: Any) -> frozenset[str] | None:
    """The fields whose values validators of the model's own see before their types do; None: it sees all of them."""
    decorators = model.__pydantic_decorators__
    if any(each.info.mode != "after" for each in decorators.model_validators.values()):
        return None
    early = (each.info.fields for each in decorators.field_validators.values() if each.info.mode != "after")
    return frozenset(name for fields in early for name in fields)
