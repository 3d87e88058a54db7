"""Annotation -> a function that checks a value. Made once, kept as long as the annotation lives."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Annotated, Any, Union, cast, get_args, get_origin

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    PydanticUserError,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic_core import PydanticUndefined, SchemaError

from signette._http.json import loads
from signette.declarative.adapters.finite import may_keep_one, refuse_not_finite
from signette.declarative.adapters.received import received_validator
from signette.declarative.markers import MISSING, Marker
from signette.exceptions import ErrorEntry
from signette.problems import MOST_ERRORS

__all__ = [
    "Invalid",
    "accepts_any_text",
    "adapter_of",
    "check_json",
    "check_python",
    "check_text",
    "constrain",
    "entries",
    "keyed_model",
]

Invalid = ValidationError
Check = Callable[[Any], Any]

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


def check_python(annotation: Any) -> Check:
    """A function that makes a Python value into the annotated type, or raises `Invalid`."""
    check: Check = adapter_of(annotation).validator.validate_python
    return check


def check_text(annotation: Any) -> Check:
    """The same for what is read from texts: they also stand for the numbers of literals and for members of enums."""
    check: Check = _received(annotation, texts=True).validate_python
    return check


def _received(annotation: Any, *, texts: bool) -> Any:
    try:
        return _kept_received(annotation, _fingerprint(annotation), texts)
    except TypeError:  # metadata that cannot be hashed
        adapter = adapter_of(annotation)
        return received_validator(adapter.core_schema, texts=texts) or adapter.validator


@lru_cache(maxsize=4096)
def _kept_received(annotation: Any, fingerprint: str, texts: bool) -> Any:  # noqa: ARG001 - part of the key
    adapter = adapter_of(annotation)
    return received_validator(adapter.core_schema, texts=texts) or adapter.validator


def check_json(annotation: Any) -> Check:
    """A function that makes JSON bytes into the annotated type in one pass, or raises `Invalid`.

    Raises HTTPException 400, too, where the type could keep a float that is no number.
    """
    adapter = adapter_of(annotation)
    check: Check = _received(annotation, texts=False).validate_json
    if not may_keep_one(adapter.core_schema):
        return check

    def check_finite(body: bytes) -> Any:
        refuse_not_finite(body)
        return check(body)

    return check_finite


def accepts_any_text(annotation: Any) -> bool:
    """Whether each `str` is a value of this type as it stands, so that it needs no check."""
    if annotation in (str, Any):
        return True
    origin = get_origin(annotation)
    # `str | None` takes any text too; of two text-like members the first one is what the text becomes.
    if origin is Union or type(annotation).__name__ == "UnionType":
        return set(get_args(annotation)) == {str, type(None)}
    return False


# What pydantic makes into objects that are equal where they say the same.
_BOUNDS = frozenset({"strict", "gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "allow_inf_nan"})


def constrain(annotation: Any, marker: Marker | None) -> Any:
    """The annotation with the marker's bounds and words, as pydantic reads them."""
    if marker is None or not marker.field_options:
        return annotation
    said = marker.field_options
    # PERF: so routes with equal bounds share one adapter; a `Field` is equal to no other.
    bounds = list(Field(**{key: each for key, each in said.items() if key in _BOUNDS}).metadata)
    # `deprecated` speaks to the document alone; on a bare type pydantic has no use for it, and warns.
    words = {key: each for key, each in said.items() if key not in _BOUNDS and key != "deprecated"}
    if words:
        bounds.append(Field(**words))
    return Annotated[(annotation, *bounds)] if bounds else annotation


def keyed_model(name: str, parts: Sequence[tuple[str, Sequence[str], Any, Any, Any]]) -> type[BaseModel]:
    """A model of a body whose members are parameters: (attribute, wire names, annotation, default, factory) each.

    The first of the names that was sent counts. A default that is `MISSING` is none.
    """
    fields: dict[str, Any] = {}
    for attribute, wires, annotation, default, factory in parts:
        alias = AliasChoices(*wires) if len(wires) > 1 else wires[0]
        if factory is not None:
            about = Field(default_factory=factory, validation_alias=alias)
        else:
            about = Field(default=PydanticUndefined if default is MISSING else default, validation_alias=alias)
        fields[attribute] = (annotation, about)
    model: type[BaseModel] = create_model(
        name, __config__=ConfigDict(arbitrary_types_allowed=True, protected_namespaces=()), **fields
    )
    return model


# The messages that repeat a piece of what was sent, and what is left of them without it.
_ECHOING: dict[str, Callable[[str], str]] = {
    "union_tag_invalid": lambda said: "Input tag" + said[said.rindex(" found using ") :],
    "uuid_parsing": lambda said: said.partition(",")[0],
    "zoneinfo_str": lambda said: said.partition(":")[0],
    "byte_size_unit": lambda said: said.partition(":")[0],
    "import_error": lambda said: said.partition(":")[0],
}


def entries(
    exc: ValidationError, place: str, name: str | None, renames: dict[str, str] | None, value: Any, skip: int = 0
) -> list[ErrorEntry]:
    """pydantic's complaints as a client reads them: no input, no link, no place inside our code.

    With `name`, a value of that wire name failed, and `pointer` leads into it. With `renames`, a model spread over a
    source failed, whose first step is a field. With neither, a body failed, and `pointer` leads into it. `value` is
    what was checked: of pydantic's steps only those that lead somewhere in it stand in the pointer. The first `skip`
    steps lead nowhere.
    """
    errors = exc.errors(include_url=False, include_context=False, include_input=False)
    first = errors[0]
    code = first["type"]
    if name is not None and not first["loc"] and len(errors) == 1 and code not in _ECHOING:
        return [{"in": place, "name": name, "code": code, "message": first["msg"]}]  # PERF: as most of them are
    found: list[ErrorEntry] = []
    for error in errors:
        code, said = error["type"], error["msg"]
        if code in _ECHOING:
            said = _ECHOING[code](said)
        place_of_it = _located(place, name, renames, error["loc"][skip:], value, code)
        found.append(cast(ErrorEntry, place_of_it | {"code": code, "message": said}))
        if len(found) == MOST_ERRORS:
            break  # what a client sends must not decide how long an answer is
    return found


def _located(
    place: str, name: str | None, renames: dict[str, str] | None, steps: Sequence[Any], value: Any, code: str
) -> dict[str, str]:
    entry = {"in": place}
    if name is not None:
        entry["name"] = name
    elif renames is not None and steps:  # without a step, it is the model as a whole that will not do
        entry["name"] = renames.get(str(steps[0]), str(steps[0]))
        value, steps = value.get(steps[0]), steps[1:]
    steps = _steps_into(value, steps, code == "missing") if steps else ()
    if steps or (name is None and renames is None):
        entry["pointer"] = pointer_of(steps)
    return entry


def _steps_into(value: Any, steps: Sequence[Any], last_is_missing: bool) -> list[Any]:
    """The steps that lead somewhere in a value. pydantic also names the members of unions it has tried, and `[key]`."""
    if isinstance(value, bytes | str):
        try:
            value = loads(value)
        except ValueError:
            return []
    found: list[Any] = []
    for place, step in enumerate(steps):
        if isinstance(value, dict) and (step in value or str(step) in value):
            value = value[step] if step in value else value[str(step)]
        elif isinstance(value, list | tuple) and isinstance(step, int) and 0 <= step < len(value):
            value = value[step]
        elif not (last_is_missing and place == len(steps) - 1):
            continue
        found.append(step)
    return found


def pointer_of(steps: Sequence[Any]) -> str:
    """RFC 6901 §3: each step after a `/`, `~` and `/` inside it escaped."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
