"""JSON values -> the texts of paths, queries, headers, cookies and forms."""

import math
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import quote, quote_plus

from signette.client.runtime.schemas import Unwritable
from signette.client.runtime.spec import InputSpec, NameSpec, OperationSpec

# RFC 6265 section 4.1.1: what a cookie may contain without quotes.
COOKIE_TEXT = re.compile(r"[!#-+\--:<-\[\]-~]*")
# RFC 9110 section 5.5: visible characters, and spaces inside; obsolete text is Latin-1.
HEADER_TEXT = re.compile(r"(?:[!-~\x80-\xff](?:[ \t!-~\x80-\xff]*[!-~\x80-\xff])?)?")
# RFC 3986 section 3.3: what a path has besides letters, digits and escapes.
PATH_CHARACTERS = "/:@!$&'()*+,;=~"
PARAMETER = re.compile(r"\{([^\W\d]\w*)\}")
HOST_TEXT = re.compile(r"[A-Za-z0-9_.-]+")
COOKIE_ESCAPES = {code: f"\\{code:03o}" for code in range(256) if not COOKIE_TEXT.fullmatch(chr(code))}
COOKIE_ESCAPES |= {ord(" "): " "}

TextPairs = list[tuple[str, str]]
ValuePath = tuple[str | int, ...]
"""Where a value is in the JSON value of an argument."""


def text_of_json(value: Any) -> str:
    """The text of a JSON value that is no object and no list.

    Raises Unwritable for another value.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    raise Unwritable(f"cannot be sent as text: it is {'null' if value is None else 'a nested value'}")


def pairs_of(name: NameSpec, value: Any) -> tuple[TextPairs, list[ValuePath]]:
    """The pairs of names and texts of a JSON value, and the places in it that have no text.

    Raises Unwritable for a value that the style of the name cannot write.
    """
    unsent: list[ValuePath] = []
    own: ValuePath = (name.member,) if name.member else ()
    if name.style == "brackets":
        return list(_bracketed(name, name.name, own, value, unsent)), unsent
    if value is None or (name.style == "list" and not value):
        return [], [own]
    if name.style == "list":
        return [(name.name, text_of_json(each)) for each in _items(value)], unsent
    if name.style == "delimited":
        return [(name.name, _delimited(name, [text_of_json(each) for each in _items(value)]))], unsent
    text = text_of_json(value)
    if text == "" and not name.sends_empty:
        return [], [own]
    return [(name.name, text)], unsent


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _delimited(name: NameSpec, items: list[str]) -> str:
    for each in items:
        if name.delimiter in each or each != each.strip(" ") or items == [""]:
            raise Unwritable(
                f"has an item that cannot be written: items are separated by {name.delimiter!r}, and have no spaces"
                " around them"
            )
    return name.delimiter.join(items)


def _bracketed(
    name: NameSpec, key: str, path: ValuePath, value: Any, unsent: list[ValuePath]
) -> Iterator[tuple[str, str]]:
    if value is None or value in ([], {}) or (value == "" and not name.sends_empty):
        unsent.append(path)
    elif isinstance(value, dict):
        for member, each in value.items():
            if "[" in member or "]" in member or (not member and isinstance(each, dict | list)):
                raise Unwritable(f"has the name {member!r}, which cannot be written in brackets")
            yield from _bracketed(name, f"{key}[{member}]", (*path, member), each, unsent)
    elif isinstance(value, list):
        if None in value:
            raise Unwritable("has a list with `None`, which cannot be sent as text")
        if any(isinstance(each, dict | list) for each in value):
            for index, each in enumerate(value):
                if each in ([], {}):
                    raise Unwritable("has an empty item in a list, which cannot be sent as text")
                yield from _bracketed(name, f"{key}[{index}]", (*path, index), each, unsent)
        else:
            for each in value:
                yield key, text_of_json(each)
    else:
        yield key, text_of_json(value)


def is_in(value: Any, path: ValuePath) -> bool:
    """Whether a JSON value has something at a path."""
    for step in path:
        is_inside = step in value if isinstance(value, dict) else isinstance(value, list) and int(step) < len(value)
        if not is_inside:
            return False
        inner: Any = value
        value = inner[step]
    return True


def value_at(value: Any, path: ValuePath) -> Any:
    """The part of a JSON value at a path."""
    for step in path:
        value = value[step]
    return value


def new_pairs(known: TextPairs, pairs: TextPairs) -> TextPairs:
    """The pairs whose names are not known. An argument that writes a known name must write the same.

    Raises Unwritable for two values of one name.
    """
    names = {name for name, _ in known}
    for name in dict.fromkeys(name for name, _ in pairs if name in names):
        if [each for each in known if each[0] == name] != [each for each in pairs if each[0] == name]:
            raise Unwritable(f"has another value for `{name}` than an argument before it")
    return [each for each in pairs if each[0] not in names]


# -- places ------------------------------------------------------------------------------------------------------------


def query_of(pairs: TextPairs) -> str:
    """The query string, or the body of a form."""
    try:
        return "&".join([f"{quote_plus(name)}={quote_plus(text)}" for name, text in pairs])
    except UnicodeEncodeError:
        raise Unwritable("has a lone surrogate, which is not valid text") from None


def template_parts(operation: OperationSpec) -> list[tuple[str, tuple[InputSpec, NameSpec] | None]]:
    """The texts of a path template, percent-encoded, each with the parameter after it."""
    names = {name.name: (each, name) for each in operation.inputs if each.place == "path" for name in each.names}
    parts: list[tuple[str, tuple[InputSpec, NameSpec] | None]] = []
    end = 0
    for found in PARAMETER.finditer(operation.path):
        if found[1] in names:
            parts.append((quote(operation.path[end : found.start()], safe=PATH_CHARACTERS), names[found[1]]))
            end = found.end()
    return [*parts, (quote(operation.path[end:], safe=PATH_CHARACTERS), None)]


def segment_of(name: NameSpec, value: Any) -> str:
    """A value in a path, percent-encoded. A slash is one only under the convertor `path`."""
    text = _path_text(name, value)
    if not text and name.convertor != "path":
        raise Unwritable("is an empty text, which a path cannot have")
    if name.convertor == "path":
        return "/".join(_segment(each) for each in text.split("/"))
    return _segment(text)


def _segment(text: str) -> str:
    if text in (".", ".."):  # servers and proxies would remove it
        return text.replace(".", "%2E")
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise Unwritable("has a lone surrogate, which is not valid text") from None


def _path_text(name: NameSpec, value: Any) -> str:
    if name.style == "delimited":
        return _delimited(name, [text_of_json(each) for each in _items(value)])
    if name.convertor in ("int", "float") and isinstance(value, int | float) and not isinstance(value, bool):
        if value < 0 or not math.isfinite(value):
            raise Unwritable(
                f"cannot be written: the path takes a number without a sign ({{{name.name}:{name.convertor}}})"
            )
        if isinstance(value, float):  # the convertor has no exponents
            return f"{Decimal(repr(abs(value))):f}".removesuffix(".0")
    return text_of_json(value)


def host_text(text: str) -> str:
    """A part of a host name.

    Raises Unwritable for text that is not one.
    """
    if not HOST_TEXT.fullmatch(text):
        raise Unwritable("cannot be sent in a host name: use ASCII letters, digits, hyphens and dots")
    return text


def header_text(text: str) -> str:
    """The text of a header.

    Raises Unwritable for characters that a header cannot have.
    """
    if not HEADER_TEXT.fullmatch(text):
        raise Unwritable("cannot be sent in a header: it has control characters, spaces around it, or is not Latin-1")
    return text


def cookie_text(text: str) -> str:
    """The text of a cookie, in quotes if it has characters that cookies cannot have.

    Raises Unwritable for text that is not Latin-1.
    """
    if COOKIE_TEXT.fullmatch(text):
        return text
    quoted = text.translate(COOKIE_ESCAPES)
    if not quoted.isascii():
        raise Unwritable("cannot be sent in a cookie: it is not Latin-1")
    return f'"{quoted}"'
