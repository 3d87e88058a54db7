"""Why values will not do, as entries of the problem that a client reads. Called by binders when a check has failed."""

import re
from collections.abc import Mapping
from typing import Any

from signette.declarative.adapters.validators import Invalid, entries
from signette.exceptions import ErrorEntry, HTTPException

# pydantic's complaint about a tag stands at the model as a whole, and names the field in its words alone.
_TAG = re.compile(r" using (?:discriminator )?'(\w+)'")


def model_errors(refused: Invalid, place: str, renames: dict[str, str], value: Any) -> list[ErrorEntry]:
    """The complaints about a model spread over a source; `renames` gives each field its name on the wire."""
    return entries(refused, place, None, renames, value)


def union_errors(refused: Invalid, place: str, renames: dict[str, str], value: Any) -> list[ErrorEntry]:
    """The complaints about a union of models spread over a source: each begins with the model that was tried."""
    found = entries(refused, place, None, renames, value, skip=1)
    for entry in found:
        tag = _TAG.search(entry["message"]) if "name" not in entry else None
        if tag is not None and tag[1] in renames:
            entry["name"] = renames[tag[1]]
    return found


def body_errors(refused: Invalid, body: bytes) -> list[ErrorEntry]:
    """The complaints about a JSON body.

    Raises HTTPException 400 where it is no JSON at all (decision 4).
    """
    found = entries(refused, "body", None, None, body)
    if found[0]["code"] == "json_invalid" and not found[0]["pointer"] and _is_whole(refused):
        raise HTTPException(400, found[0]["message"])
    return found


def _is_whole(refused: Invalid) -> bool:
    """Whether the bytes of the body are no JSON; else it is a text in it, of the type `Json`, that is none."""
    return isinstance(refused.errors(include_url=False, include_context=False)[0]["input"], bytes)


def collect_extras(
    model: dict[str, Any], found: Mapping[Any, Any], known: frozenset[str], *, folds_case: bool = False
) -> None:
    """Give a model that asks for it the names that nobody else owns: one value as it is, several as a list.

    `folds_case`: the known names are in lower case, and case makes no difference.
    """
    for name, values in found.items():
        text = name.decode("latin-1") if isinstance(name, bytes) else name
        own = text.lower() if folds_case else text
        if own in known or own[: own.find("[") + 1] in known:
            continue
        several = [value.decode("latin-1") if isinstance(value, bytes) else value for value in _as_list(values)]
        model[text] = several[0] if len(several) == 1 else several


def _as_list(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]
