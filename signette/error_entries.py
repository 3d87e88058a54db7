"""Converts the errors of pydantic and FastAPI to entries of a 422, without the invalid values and without links."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

_SOURCES = frozenset({"path", "query", "header", "cookie", "form"})
_MEMBERS = frozenset({"in", "name", "pointer", "code", "message"})
# Keys of pydantic's errors that are dropped (the value, a link, the context) or renamed.
_NOT_SENT = frozenset({"input", "url", "ctx", "loc", "type", "msg"})

# Messages of pydantic that contain a part of the value, and how to remove it.
ECHOING: dict[str, Callable[[str], str]] = {
    "union_tag_invalid": lambda text: "Input tag" + text[max(text.rfind(" found using "), 0) :],
    "uuid_parsing": lambda text: text.partition(",")[0],
    "zoneinfo_str": lambda text: text.partition(":")[0],
    "byte_size_unit": lambda text: text.partition(":")[0],
    "import_error": lambda text: text.partition(":")[0],
}


class DetailedEntry(dict[str, Any]):
    """An entry with the error that it was made of, for formats that send more of it than entries have.

    `error` has pydantic's `type`, `msg`, `ctx` and `input`, and a `loc` that begins with the source.
    """

    error: Mapping[str, Any]

    def __init__(self, entry: Mapping[str, Any], error: Mapping[str, Any]) -> None:
        super().__init__(entry)
        self.error = error

    def __reduce__(self) -> tuple[Any, ...]:
        return DetailedEntry, (dict(self), self.error)


def pointer_of(steps: Sequence[Any]) -> str:
    """The JSON pointer of a location (RFC 6901 §3): `/` before each step, `~` and `/` in a step escaped."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def without_input(code: str, message: str) -> str:
    """pydantic's message, without the part of the value that it may contain."""
    return ECHOING[code](message) if code in ECHOING else message


def is_entry(error: Any) -> bool:
    """Whether an error is an entry without other keys."""
    return isinstance(error, dict) and _MEMBERS.issuperset(error) and "in" in error and len(error) > 2


def entry_of(error: Any) -> dict[str, Any]:
    """The entry for an error: an entry, an error of pydantic (`loc`, `type`, `msg`), or any object as a message.

    A `loc` that begins with a source, as in FastAPI, becomes `in` and `name`. Any other `loc` is one in the body.
    """
    if not isinstance(error, Mapping):
        return {"in": "body", "code": "value_error", "message": str(error)}
    code = str(error.get("code") or error.get("type") or "value_error")
    message = str(error.get("message") or error.get("msg") or "Invalid value")
    location = {"in": str(error["in"])} if "in" in error else _location_of(error.get("loc", ()))
    others = {name: value for name, value in error.items() if name not in _NOT_SENT and name not in location}
    entry = {**location, **others, "code": code, "message": without_input(code, message)}
    return DetailedEntry(entry, error) if "loc" in error else entry


def _location_of(loc: Any) -> dict[str, str]:
    steps = (loc,) if isinstance(loc, str | int) else tuple(loc)
    if len(steps) > 1 and steps[0] in _SOURCES:
        location = {"in": steps[0], "name": str(steps[1])}
        return location | {"pointer": pointer_of(steps[2:])} if len(steps) > 2 else location
    return {"in": "body", "pointer": pointer_of(steps[1:] if steps[:1] == ("body",) else steps)}
