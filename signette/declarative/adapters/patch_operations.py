"""The operations of a JSON Patch (RFC 6902), validated by the type that they are for.

What no value of the type could have is an error when the request is read. What depends on the value is found when the
patch is applied.
"""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError, core_schema

from signette.declarative.adapters.patch_members import APPEND, Place, has_hidden, places_at, tokens_of
from signette.declarative.adapters.validators import cached_by_adapter, check_object
from signette.declarative.core_schema.walk import descendants

__all__ = ["MAX_OPERATIONS", "Operation", "check_operations", "operations_schema"]

Operation = dict[str, Any]
Tokens = tuple[str, ...]
MAX_OPERATIONS = 1000
"""The most operations of a patch."""

# The members of each operation besides `op` (RFC 6902 section 4). Others are ignored (section 3).
MEMBERS: dict[str, tuple[str, ...]] = {
    "add": ("path", "value"),
    "remove": ("path",),
    "replace": ("path", "value"),
    "move": ("from", "path"),
    "copy": ("from", "path"),
    "test": ("path", "value"),
}
_KNOWN = frozenset(get_args(core_schema.ErrorType))
_ADDING = frozenset({"add", "move", "copy"})
_READING = frozenset({"move", "copy"})


def operations_schema() -> core_schema.CoreSchema:
    """The core schema of the operations, without a type that they are for."""
    members = {
        "path": core_schema.no_info_after_validator_function(_pointer, core_schema.str_schema(strict=True)),
        "from": core_schema.no_info_after_validator_function(_pointer, core_schema.str_schema(strict=True)),
        "value": core_schema.any_schema(),
    }
    choices: dict[Any, Any] = {
        op: core_schema.typed_dict_schema(
            {"op": core_schema.typed_dict_field(core_schema.literal_schema([op]))}
            | {name: core_schema.typed_dict_field(members[name]) for name in names},
            total=True,
        )
        for op, names in MEMBERS.items()
    }
    return core_schema.list_schema(
        core_schema.tagged_union_schema(choices, discriminator="op"), max_length=MAX_OPERATIONS
    )


def _pointer(text: str) -> str:
    if tokens_of(text) is None:
        raise PydanticCustomError("json_pointer", "Input should be a JSON Pointer, such as `/name` or `/tags/0`")
    return text


def check_operations(annotation: Any, operations: Sequence[Operation]) -> None:
    """Raise ValidationError if the operations cannot be those of a patch for any value of the type."""
    is_later = _Later()
    found: list[InitErrorDetails] = []
    for index in reversed(range(len(operations))):
        operation = operations[index]
        tokens: dict[str, Tokens] = {
            name: tokens_of(operation[name]) or () for name in ("path", "from") if name in operation
        }
        errors = list(_errors(annotation, operation, tokens, is_final=not is_later.touches(tokens["path"])))
        for each in errors:
            each["loc"] = (index, *each.get("loc", ()))
        found[:0] = errors
        if operation["op"] != "test":
            is_later.add(tokens.values())
    if found:
        raise ValidationError.from_exception_data("JSONPatch", found, input_type="json")


class _Later:
    """The pointers of later operations, which may change what an earlier one has sent."""

    def __init__(self) -> None:
        self._pointers: set[Tokens] = set()
        self._above: set[Tokens] = set()

    def add(self, pointers: Any) -> None:
        for each in map(_without_indexes, pointers):
            self._pointers.add(each)
            self._above |= {each[:length] for length in range(len(each) + 1)}

    def touches(self, pointer: Tokens) -> bool:
        """Whether one of them is at a pointer, above or below it."""
        known = _without_indexes(pointer)
        return known in self._above or any(known[:length] in self._pointers for length in range(len(known)))


def _without_indexes(pointer: Tokens) -> Tokens:
    """A pointer with all indexes alike, as the items of lists change their places."""
    return tuple("*" if token == APPEND or token.isdigit() else token for token in pointer)


def _errors(
    annotation: Any, operation: Operation, tokens: dict[str, Tokens], *, is_final: bool
) -> Iterator[InitErrorDetails]:
    op, path = operation["op"], tokens["path"]
    source = tokens.get("from")
    if op == "remove" and not path:
        yield _error(("path",), "whole_document", "The whole document cannot be removed")
        return
    if op == "move" and source is not None and source == path[: len(source)] and source != path:
        yield _error(("path",), "move_into_itself", "A value cannot be moved into itself")
        return
    places = places_at(annotation, path, appends=op in _ADDING)
    if not places:
        yield _error(("path",), "no_such_member", "There is no such member")
    elif op == "test":
        if any(place.is_hidden for place in places):
            yield _error(("path",), "hidden_member", "This member cannot be read")
    elif any(place.is_fixed for place in places):
        yield {"type": "frozen_field", "loc": ("path",), "input": None}
    elif "value" in operation and is_final:
        yield from _value_errors(places, operation["value"])
    if op in _READING and source is not None:
        yield from _source_errors(places_at(annotation, source), places, op)


def _source_errors(sources: Sequence[Place], places: Sequence[Place], op: str) -> Iterator[InitErrorDetails]:
    if not sources:
        yield _error(("from",), "no_such_member", "There is no such member")
    elif op == "move" and any(source.is_fixed for source in sources):
        yield {"type": "frozen_field", "loc": ("from",), "input": None}
    elif any(source.is_hidden or _shows_more(source, places) for source in sources):
        yield _error(("from",), "hidden_member", "This member cannot be read")


def _shows_more(source: Place, places: Sequence[Place]) -> bool:
    """Whether a value has members that are hidden where it is, and might not be where it would be."""
    return has_hidden(source.annotation) and any(place.annotation != source.annotation for place in places)


def _value_errors(places: Sequence[Place], value: Any) -> Iterator[InitErrorDetails]:
    if len(places) != 1 or not places[0].is_checkable or not _stands_alone(places[0].annotation):
        return
    try:
        check_object(places[0].annotation)(value)
    except ValidationError as exc:
        for each in exc.errors(include_url=False):
            yield _below_value(each)


@cached_by_adapter
def _stands_alone(adapter: TypeAdapter[Any]) -> bool:
    """Whether values can be validated without the other fields of their model."""
    functions = [node.get("function") for node in descendants(adapter.core_schema)]
    return not any(isinstance(each, dict) and each.get("type") == "with-info" for each in functions)


def _below_value(error: Any) -> InitErrorDetails:
    """An error in a value, located in its operation."""
    found: InitErrorDetails = {"type": error["type"], "loc": ("value", *error["loc"]), "input": error["input"]}
    if error["type"] not in _KNOWN:
        # The message may have braces, which are those of a template.
        found["type"] = PydanticCustomError(error["type"], "{message}", {"message": error["msg"]})
    elif "ctx" in error:
        found["ctx"] = error["ctx"]
    return found


def _error(loc: tuple[str, ...], code: Any, message: Any) -> InitErrorDetails:
    return {"type": PydanticCustomError(code, message), "loc": loc, "input": None}
