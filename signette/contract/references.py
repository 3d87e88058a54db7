"""References in OpenAPI documents: JSON Pointers (RFC 6901) into the document."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from signette.contract.errors import ContractError

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_COMPONENT = "/components/schemas/"


def found_at(document: Mapping[str, Any], reference: Any) -> Any:
    """The value that a `$ref` points to.

    Raises:
        ContractError: it is in another file, or there is nothing.
    """
    if not isinstance(reference, str) or not reference.startswith("#"):
        raise ContractError(f"`$ref: {reference}` is not in the document", "bundle the document into one file")
    value: Any = document
    for word in pointer_of(reference).split("/")[1:]:
        key = word.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, Mapping) and key in value:
            value = value[key]
        else:
            raise ContractError(f"`$ref: {reference}` points to nothing", "fix the reference, or add the component")
    return value


def followed(document: Mapping[str, Any], value: Any) -> Mapping[str, Any]:
    """An object of the document, after its references. Members next to a reference are ignored.

    Raises:
        ContractError: it is not an object, or a reference does not lead to one.
    """
    met: list[Any] = []
    while isinstance(value, Mapping) and "$ref" in value:
        if value["$ref"] in met:
            raise ContractError(f"`$ref: {value['$ref']}` refers to itself", "remove the reference")
        met.append(value["$ref"])
        value = found_at(document, value["$ref"])
    return members_of(value, is_needed=True)


def members_of(value: Any, *, is_needed: bool = False) -> Mapping[str, Any]:
    """An object of the document; empty for a member that is missing. Raises ContractError for another value."""
    if value is None and not is_needed:
        return {}
    if not isinstance(value, Mapping):
        raise _unexpected(value, "an object")
    return value


def items_of(value: Any) -> Sequence[Any]:
    """A list of the document; empty for a member that is missing. Raises ContractError for another value."""
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise _unexpected(value, "a list")
    return value


def _unexpected(value: Any, expected: str) -> ContractError:
    return ContractError(f"{value!r:.80} is not {expected}", "validate the document against OpenAPI's schema")


def pointer_of(reference: str) -> str:
    """The JSON Pointer in a reference: its fragment, decoded."""
    return unquote(reference.removeprefix("#"))


def schema_name(reference: str) -> str:
    """The name of a schema in a contract: that of the component, or the words of another pointer."""
    pointer = pointer_of(reference)
    name = pointer.removeprefix(_COMPONENT)
    return name if _NAME.fullmatch(name) else re.sub(r"[^A-Za-z0-9._-]+", ".", pointer.strip("/"))
