"""`ValidationError` -> entries of the problem that a client receives. Binders call these functions when a check fails.

An entry contains neither the value nor a link, and its pointer follows only steps that exist in the value: pydantic's
locations also name the members of unions that it tried, and `[key]`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast, get_args

from pydantic import PydanticUserError, TypeAdapter, ValidationError
from pydantic_core import PydanticKnownError, SchemaValidator, core_schema

from signette._http.encodings import content_codings
from signette._http.json import loads
from signette.declarative.adapters.validators import MOST_READ, cached_by_adapter, check_text
from signette.declarative.core_schema.non_finite import reject_non_finite
from signette.error_entries import ECHOING, DetailedEntry, pointer_of, without_input
from signette.exceptions import ErrorEntry, HTTPException
from signette.middleware.decompression import unsupported_encoding
from signette.problems import MAX_ERRORS

__all__ = [
    "as_validation_error",
    "body_errors",
    "integer_error",
    "model_errors",
    "union_errors",
    "value_error",
    "value_errors",
]

# The location of an error, as members of its entry: from pydantic's steps, and whether the last of them is missing.
Locate = Callable[[Sequence[Any], bool], dict[str, str]]

# The error of an unknown tag is located at the union, and only its message names the field.
_TAG = re.compile(r" using (?:discriminator )?'(\w+)'")
_NOWHERE = object()


def value_error(exc: ValidationError, place: str, name: str, value: Any, *, detailed: bool = False) -> ErrorEntry:
    """The entry for a value of a type for which `has_one_error` is true. PERF: the least that an entry can take."""
    if detailed:
        return value_errors(exc, place, name, value, detailed=True)[0]
    (error,) = exc.errors(include_url=False, include_context=False, include_input=False)
    return {"in": place, "name": name, "code": error["type"], "message": error["msg"]}


def value_errors(
    exc: ValidationError, place: str, name: str, value: Any, *, detailed: bool = False
) -> list[ErrorEntry]:
    """Entries for a value that was sent as `name`."""
    if exc.error_count() == 1 and not detailed:  # PERF: nearly always
        error = exc.errors(include_url=False, include_context=False, include_input=False)[0]
        code = error["type"]
        if not error["loc"] and code not in ECHOING:
            return [{"in": place, "name": name, "code": code, "message": error["msg"]}]
    sent = _Sent(value)

    def locate(steps: Sequence[Any], is_missing: bool) -> dict[str, str]:
        found = sent.steps(None, steps, is_missing)
        return {"in": place, "name": name} | ({"pointer": pointer_of(found)} if found else {})

    return _entries(exc, locate, (lambda steps: (place, name, *steps)) if detailed else None)


def model_errors(
    exc: ValidationError,
    place: str,
    wire_names: Mapping[str, str],
    values: Any,
    *,
    skip: int = 0,
    detailed: bool = False,
) -> list[ErrorEntry]:
    """Entries for a model whose fields are values of a source. `wire_names` maps each field to the name that is sent.

    The first `skip` steps of each location are left out.
    """
    sent = _Sent(values)

    def locate(steps: Sequence[Any], is_missing: bool) -> dict[str, str]:
        if not steps[skip:]:  # the model as a whole is not valid
            return {"in": place}
        field, *inner = steps[skip:]
        found = sent.steps(field, inner, is_missing)
        pointer = {"pointer": pointer_of(found)} if found else {}
        return {"in": place, "name": wire_names.get(str(field), str(field))} | pointer

    def whole(steps: Sequence[Any]) -> tuple[Any, ...]:
        named = [wire_names.get(str(step), step) if index == skip else step for index, step in enumerate(steps)]
        return (place, *named)

    return _entries(exc, locate, whole if detailed else None)


def union_errors(
    exc: ValidationError, place: str, wire_names: Mapping[str, str], values: Any, *, detailed: bool = False
) -> list[ErrorEntry]:
    """Entries for a union of such models. Each location begins with the model that pydantic tried."""
    found = model_errors(exc, place, wire_names, values, skip=1, detailed=detailed)
    for entry in found:
        tag = _TAG.search(entry["message"]) if "name" not in entry else None
        if tag is not None and tag[1] in wire_names:
            entry["name"] = wire_names[tag[1]]
    return found


def body_errors(
    exc: ValidationError,
    body: Any,
    headers: Mapping[bytes, bytes] | None = None,
    *,
    within: tuple[int, ...] = (),
    detailed: bool = False,
) -> list[ErrorEntry]:
    """Entries for a JSON body, or for an item of it: `within` is the location of the item.

    Raises HTTPException: 400 if the body is not JSON (decision 4; NaN is not), 415 if encoded (RFC 9110 §15.5.16).
    """
    sent = _Sent(body)

    def locate(steps: Sequence[Any], is_missing: bool) -> dict[str, str]:
        return {"in": "body", "pointer": pointer_of([*within, *sent.steps(None, steps, is_missing)])}

    found = _entries(exc, locate, (lambda steps: ("body", *within, *steps)) if detailed else None)
    if found[0]["code"] == "json_invalid" and found[0]["pointer"] == pointer_of(within) and _is_about_bytes(exc):
        if headers is not None and content_codings([headers.get(b"content-encoding", b"")]):
            raise unsupported_encoding(())
        raise HTTPException(400, found[0]["message"])
    if isinstance(body, bytes):  # of a type without floats, whose validator has not looked for NaN
        reject_non_finite(body, may_be_float=False)
    return found


# pydantic's own errors, whose context is about the type and not about the value.
_CODES = frozenset(get_args(core_schema.ErrorType)) - ECHOING.keys() - {"json_invalid"}


# The messages that pydantic has for JSON only.
_IN_JSON = frozenset({"Input should be a valid array", "Input should be an object", "Input should be null"})


def context_without_input(error: Mapping[str, Any]) -> dict[str, Any]:
    """The context of pydantic's error (`{"gt": 0}`), without what may contain a part of the value."""
    found = error.get("ctx") or {} if error.get("type") in _CODES else {}
    return {name: {} if isinstance(value, Exception) else value for name, value in found.items()}


def message_in_python(error: Mapping[str, Any]) -> str:
    """The message that pydantic has for a Python value, where the error is about JSON: a list, and not an array."""
    text = str(error.get("msg", ""))
    if text not in _IN_JSON or error.get("type") not in _CODES:
        return text
    return PydanticKnownError(error["type"], error.get("ctx")).message()


def as_validation_error(exc: Exception) -> ValidationError:
    """An exception of a validator, as pydantic reports it. Other exceptions are raised again."""
    if isinstance(exc, ValidationError):
        return exc

    def raise_it(_: Any) -> None:
        raise exc

    try:
        SchemaValidator(core_schema.no_info_plain_validator_function(raise_it)).validate_python(None)
    except ValidationError as found:
        return found
    raise exc


def _is_about_bytes(exc: ValidationError) -> bool:
    """Whether the first error is about the body itself, and not about a text in it that a `Json` field reads."""
    return isinstance(exc.errors(include_url=False, include_context=False)[0]["input"], bytes)


def _entries(
    exc: ValidationError, locate: Locate, whole: Callable[[Sequence[Any]], tuple[Any, ...]] | None = None
) -> list[ErrorEntry]:
    """At most `MAX_ERRORS` entries: what a client sends does not decide how long the response is.

    With `whole`, which makes the whole location of pydantic's steps, each is a `DetailedEntry`.
    """
    if exc.error_count() > MOST_READ:
        too_many = {"code": "too_many_errors", "message": "There are too many errors to list"}
        return [cast(ErrorEntry, locate((), False) | too_many)]
    found: dict[tuple[Any, ...], ErrorEntry] = {}
    is_detailed = whole is not None
    for error in exc.errors(include_url=False, include_context=is_detailed, include_input=is_detailed):
        entry = _entry(error, locate)
        key: tuple[Any, ...] = tuple(entry.values())
        if whole is not None:
            loc = whole(error["loc"])
            key, entry = (*key, loc), DetailedEntry(entry, {**error, "loc": loc})
        found.setdefault(key, cast(ErrorEntry, entry))  # members of a union may report the same
        if len(found) == MAX_ERRORS:
            break
    return list(found.values())


def _entry(error: Mapping[str, Any], locate: Locate) -> dict[str, str]:
    code = error["type"]
    message = without_input(code, error["msg"]) if code in ECHOING else error["msg"]
    return locate(error["loc"], code == "missing") | {"code": code, "message": message}


class _Sent:
    """A value that was sent, or the values of its fields. JSON is parsed once, however many errors refer to it."""

    def __init__(self, value: Any) -> None:
        self._value = value
        self._parsed: dict[Any, Any] = {}

    def steps(self, field: Any, steps: Sequence[Any], last_is_missing: bool) -> list[Any]:
        """The steps that exist in the value of a field, or in the whole value without a field."""
        if not steps:
            return []
        value = self._parsed_value(field)
        found: list[Any] = []
        for place, step in enumerate(steps if value is not _NOWHERE else ()):
            if isinstance(value, dict) and (step in value or str(step) in value):
                value = value[step] if step in value else value[str(step)]
            elif isinstance(value, list | tuple) and isinstance(step, int) and 0 <= step < len(value):
                value = value[step]
            elif not (last_is_missing and place == len(steps) - 1):
                continue
            found.append(step)
        return found

    def _parsed_value(self, field: Any) -> Any:
        if field not in self._parsed:
            value = self._value if field is None else self._value.get(field)
            if isinstance(value, bytes | str):
                try:
                    value = loads(value)
                except ValueError:
                    value = _NOWHERE
            self._parsed[field] = value
        return self._parsed[field]


# -- integers ----------------------------------------------------------------------------------------------------------
# Most of what clients send in place of an integer is a word, or an integer outside of the range. Both can be seen in
# the text, and pydantic has one message for each, which is asked for when the route is made. All other text has the
# entry that pydantic makes at the request. PERF: its list of errors, with a dictionary and a message for each, takes
# three times as long.

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
