"""Entries for text that is no valid integer, without pydantic's list of errors.

Most of what clients send in place of an integer is a word, or an integer outside of the range. Both can be seen in the
text, and pydantic has one message for each, which it is asked for when the route is made. All other text has the entry
that pydantic makes at the request.

PERF: pydantic makes a dictionary for each error, and formats its message; this takes a third of that.
"""

from collections.abc import Callable
from typing import Any

from pydantic import PydanticUserError, TypeAdapter, ValidationError

from signette.declarative.adapters.error_entries import value_error
from signette.declarative.adapters.validators import cached_by_adapter, check_text
from signette.exceptions import ErrorEntry

ToEntry = Callable[[ValidationError, str, str, Any], ErrorEntry]

_KNOWN_KEYS = frozenset({"type", "ge", "gt", "le", "lt", "ref", "metadata"})
# Texts of so many digits are converted in constant time, and a range of such numbers is far from that of 64 bits.
_MOST_DIGITS = 15


def integer_error(annotation: Any) -> ToEntry | None:
    """A function that makes the entry of an invalid integer; None if the type is not just an integer in a range."""
    range_ = _range_of(annotation)
    if range_ is None:
        return None
    least, greatest = range_
    word = _error_of(annotation, "a")
    below = None if least is None else _error_of(annotation, str(least - 1))
    above = None if greatest is None else _error_of(annotation, str(greatest + 1))

    def to_entry(exc: ValidationError, place: str, name: str, value: Any) -> ErrorEntry:
        if type(value) is str and value.isascii() and len(value) <= _MOST_DIGITS:
            found = None
            if value.isalpha():
                found = word
            elif value.isdigit() or (value[:1] == "-" and value[1:].isdigit()):
                number = int(value)
                if least is not None and number < least:
                    found = below
                elif greatest is not None and number > greatest:
                    found = above
            if found is not None:
                return {"in": place, "name": name, "code": found[0], "message": found[1]}
        return value_error(exc, place, name, value)

    return to_entry


@cached_by_adapter
def _range_of(adapter: TypeAdapter[Any]) -> tuple[int | None, int | None] | None:
    """The least and the greatest integer of the type; None if there is more to it."""
    try:
        schema: Any = adapter.core_schema
        if schema["type"] == "nullable":
            schema = schema["schema"]
    except PydanticUserError:  # an unresolved forward reference
        return None
    has_two = schema.keys() >= {"ge", "gt"} or schema.keys() >= {"le", "lt"}
    if schema["type"] != "int" or not _KNOWN_KEYS.issuperset(schema) or has_two:
        return None
    least = schema["gt"] + 1 if "gt" in schema else schema.get("ge")
    greatest = schema["lt"] - 1 if "lt" in schema else schema.get("le")
    limit = 10**_MOST_DIGITS
    return None if any(each is not None and abs(each) > limit for each in (least, greatest)) else (least, greatest)


def _error_of(annotation: Any, text: str) -> tuple[str, str]:
    """The code and the message of the error of a text."""
    try:
        check_text(annotation)(text)
    except ValidationError as exc:
        entry = value_error(exc, "", "", text)
        return entry["code"], entry["message"]
    raise AssertionError(f"{text!r} is valid")
