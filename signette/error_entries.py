"""Entries of a 422 from what pydantic or FastAPI report of a wrong value: without the value, and without links."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

_SOURCES = frozenset({"path", "query", "header", "cookie", "form"})
_MEMBERS = frozenset({"in", "name", "pointer", "code", "message"})
# Members of other libraries' entries: the value, a link, what a message was made of, and what is translated.
_NOT_SENT = frozenset({"input", "url", "ctx", "loc", "type", "msg"})

# The messages that repeat a piece of what was sent, and what is left of them without it.
ECHOING: dict[str, Callable[[str], str]] = {
    "union_tag_invalid": lambda text: "Input tag" + text[max(text.rfind(" found using "), 0) :],
    "uuid_parsing": lambda text: text.partition(",")[0],
    "zoneinfo_str": lambda text: text.partition(":")[0],
    "byte_size_unit": lambda text: text.partition(":")[0],
    "import_error": lambda text: text.partition(":")[0],
}


def pointer_of(steps: Sequence[Any]) -> str:
    """RFC 6901 §3: each step after a `/`, `~` and `/` inside it escaped."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def without_input(code: str, message: str) -> str:
    """pydantic's message, without the piece of the value that it may repeat."""
    return ECHOING[code](message) if code in ECHOING else message


def is_entry(error: Any) -> bool:
    """Whether an error is an entry already, and has nothing more in it."""
    return type(error) is dict and _MEMBERS.issuperset(error) and "in" in error and len(error) > 2


def entry_of(error: Any) -> dict[str, Any]:
    """An entry from an entry, from an error of pydantic (`loc`, `type`, `msg`), or from anything else as a text.

    A `loc` that begins with a source, as FastAPI's do, gives `in` and `name`. Another one leads into the body.
    """
    if not isinstance(error, Mapping):
        return {"in": "body", "code": "value_error", "message": str(error)}
    code = str(error.get("code") or error.get("type") or "value_error")
    message = str(error.get("message") or error.get("msg") or "Invalid value")
    place = {"in": str(error["in"])} if "in" in error else _place_of(error.get("loc", ()))
    others = {name: value for name, value in error.items() if name not in _NOT_SENT and name not in place}
    return {**place, **others, "code": code, "message": without_input(code, message)}


def _place_of(loc: Any) -> dict[str, str]:
    steps = (loc,) if isinstance(loc, str | int) else tuple(loc)
    if len(steps) > 1 and steps[0] in _SOURCES:
        place = {"in": steps[0], "name": str(steps[1])}
        return place | {"pointer": pointer_of(steps[2:])} if len(steps) > 2 else place
    return {"in": "body", "pointer": pointer_of(steps[1:] if steps[:1] == ("body",) else steps)}
