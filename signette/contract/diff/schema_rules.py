"""The rules for schemas: a row for each kind of reason, with its rules in both directions.

An input is what clients send: it may only widen. An output is what clients get: it may only narrow. So each kind has
four rules: what was accepted or sent before is so no longer (`lost`), or what was not is so now (`gained`).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from signette.contract.diff.findings import Rule, Verdict
from signette.contract.diff.reasons import Reason

_INPUT_WHY = "Clients that send what was accepted before get an error"
_OUTPUT_WHY = "Clients that follow the old contract do not expect it"
_INPUT_HINT = "Accept the old values, too, or add a new parameter, property or operation next to the old one"
_OUTPUT_HINT = "Keep to the old contract here, and send what is new in a new property, operation or version"


@dataclass(frozen=True)
class SchemaRow:
    """Names and words of one kind of reason.

    `lost` and `gained` are the ends of the rules' names; `changed` is the name if both happen at one place. `phrase`
    names the values that one side has and the other one does not have; `about` names them in general.
    """

    kind: str
    lost: str
    gained: str
    phrase: Callable[[Reason], str]
    about: str
    changed: str | None = None
    input_hint: str = _INPUT_HINT
    output_hint: str = _OUTPUT_HINT


def shown(value: Any) -> str:
    """A JSON value in a message."""
    text = json.dumps(value, ensure_ascii=False)
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"


def listed(values: Any, most: int = 6) -> str:
    """JSON values in a message."""
    values = values if isinstance(values, list) else [values]
    more = f" and {len(values) - most} more" if len(values) > most else ""
    return ", ".join(shown(value) for value in values[:most]) + more


def _types(reason: Reason) -> str:
    missing = [name for name in reason.sub if name not in reason.sup] or reason.sub
    return "values of type " + ", ".join(f"`{name}`" for name in missing)


_LIMITS: Mapping[str, tuple[str, str]] = {
    "minimum": ("numbers less than {}", "numbers of {} or less"),
    "maximum": ("numbers greater than {}", "numbers of {} or more"),
    "minLength": ("texts shorter than {} characters", ""),
    "maxLength": ("texts longer than {} characters", ""),
    "minItems": ("lists with fewer than {} items", ""),
    "maxItems": ("lists with more than {} items", ""),
    "minProperties": ("objects with fewer than {} properties", ""),
    "maxProperties": ("objects with more than {} properties", ""),
}


def _beyond(reason: Reason) -> str:
    inclusive, exclusive = _LIMITS[reason.subject]
    value = reason.sup
    return exclusive.format(f"{value['exclusive']}") if isinstance(value, Mapping) else inclusive.format(value)


_REQUIRED_HINT = "Keep it optional, with a default for clients that do not send it"
_KEEP_HINT = "Keep sending it; deprecate it first, and leave it out in a new version"
_MEMBER_HINT = "Keep the member; clients can get another one in a new property, operation or version"

SCHEMA_ROWS = (
    SchemaRow("type", "type-removed", "type-added", _types, "values of a type", "type-changed"),
    SchemaRow("null", "null-removed", "null-added", lambda _: "`null`", "`null`"),
    SchemaRow(
        "member", "enum-member-removed", "enum-member-added", lambda r: f"the value {listed(r.sub)}", "a listed value",
        None, "Accept the old member, too, as another name of the new one",
        "Send a member that clients know, and the new one in a new property",
    ),
    SchemaRow(
        "enum", "enum-set", "enum-unset", lambda r: f"values other than {listed(r.sup)}", "values that are not listed",
    ),
    SchemaRow("limit", "limit-tightened", "limit-loosened", _beyond, "values beyond a limit"),
    SchemaRow(
        "pattern", "pattern-set", "pattern-unset", lambda r: f"texts that do not match {shown(r.sup)}",
        "texts that do not match a pattern", "pattern-changed",
    ),
    SchemaRow(
        "format", "format-set", "format-unset", lambda r: f"values that are not of the format `{r.sup}`",
        "values that are not of a format", "format-changed",
    ),
    SchemaRow(
        "multipleOf", "multiple-of-set", "multiple-of-unset", lambda r: f"numbers that are not multiples of {r.sup}",
        "numbers that are not multiples of a number", "multiple-of-changed",
    ),
    SchemaRow(
        "uniqueItems", "unique-items-set", "unique-items-unset", lambda _: "lists with equal items",
        "lists with equal items",
    ),
    SchemaRow(
        "contentEncoding", "content-encoding-set", "content-encoding-unset",
        lambda r: f"texts that are not in `{r.sup}`",
        "texts that are not encoded", "content-encoding-changed",
    ),
    SchemaRow(
        "contentMediaType", "content-media-type-set", "content-media-type-unset",
        lambda r: f"contents that are not `{r.sup}`", "contents of other media types", "content-media-type-changed",
    ),
    SchemaRow(
        "required", "property-required", "property-optional", lambda r: f"objects without `{r.subject}`",
        "objects without a property", None, _REQUIRED_HINT, _KEEP_HINT,
    ),
    SchemaRow(
        "others", "other-properties-forbidden", "other-properties-allowed",
        lambda _: "properties that the schema does not list", "properties that the schema does not list",
    ),
    SchemaRow(
        "names", "property-names-limited", "property-names-freed", lambda r: f"the property name `{r.subject}`",
        "names of properties",
    ),
    SchemaRow(
        "dependent", "property-needs-another", "property-needs-no-other",
        lambda r: f"`{r.subject}` without `{r.path[-1].removeprefix('.')}`", "a property without another one", None,
        _REQUIRED_HINT, _KEEP_HINT,
    ),
    SchemaRow(
        "union", "union-member-removed", "union-member-added", lambda r: f"`{r.subject}`", "a member of a union", None,
        _INPUT_HINT, _MEMBER_HINT,
    ),
)  # fmt: skip

_FRAMES = {
    ("input", "lost"): "{what} no longer accepts {values}",
    ("input", "gained"): "{what} now accepts {values}, too",
    ("output", "lost"): "{what} no longer has {values}",
    ("output", "gained"): "{what} may now have {values}",
}
_CHANGED_FRAMES = {
    "input": "{what} no longer accepts {values}, and accepts other values",
    "output": "{what} may now have {values}, and no longer has others",
}
_GENERAL = {"input": "an input", "output": "an output"}


def verdict_of(direction: str, side: str) -> Verdict:
    """An input may only widen, an output may only narrow."""
    return "breaking" if (direction, side) in {("input", "lost"), ("output", "gained")} else "compatible"


def sentence(row: SchemaRow, direction: str, side: str, what: str, reason: Reason) -> str:
    """The change in words."""
    if side == "changed":
        return _CHANGED_FRAMES[direction].format(what=what, values=row.phrase(reason))
    return _FRAMES[direction, side].format(what=what, values=row.phrase(reason))


def _of_row(row: SchemaRow) -> Iterator[Rule]:
    for direction, why, hint in (("input", _INPUT_WHY, row.input_hint), ("output", _OUTPUT_WHY, row.output_hint)):
        for side, name in (("lost", row.lost), ("gained", row.gained)):
            verdict = verdict_of(direction, side)
            change = _FRAMES[direction, side].format(what=_GENERAL[direction], values=row.about)
            breaks = verdict == "breaking"
            yield Rule(f"{direction}-{name}", verdict, change, why if breaks else "", hint if breaks else "")
        if row.changed is not None:
            change = _CHANGED_FRAMES[direction].format(what=_GENERAL[direction], values=row.about)
            yield Rule(f"{direction}-{row.changed}", "breaking", change, why, hint)


# What is no matter of more or fewer values, or has its own words.
_SPECIAL = (
    Rule("input-required-property-added", "breaking", "an input has a new property that is required",
         "Clients that do not know the property do not send it, and get an error", _REQUIRED_HINT),
    Rule("input-property-added", "compatible", "an input has a new property that is optional"),
    Rule("input-property-ignored", "note", "an input no longer lists a property, and ignores it",
         "Clients that send it get no error, but it has no effect", "Deprecate it first"),
    Rule("input-property-rejected", "breaking", "an input no longer lists a property, and rejects others",
         "Clients that send it get an error", "Deprecate it first, and ignore it for a while"),
    Rule("output-property-added", "compatible", "an output has a new property"),
    Rule("output-property-undeclared", "breaking", "an output has a new property, and its schema allowed no others",
         "Clients that validate responses strictly reject it",
         "Allow other properties first (`additionalProperties`), and add it in a later version"),
    Rule("output-required-property-removed", "breaking", "an output no longer has a property that was required",
         "Clients read it without a check", _KEEP_HINT),
    Rule("output-property-removed", "note", "an output no longer has a property that was optional",
         "Clients had to check whether it is there, and no longer find it", "Deprecate it first"),
    Rule("input-default-changed", "breaking", "the default of an input is another value",
         "Clients that leave it out get another result for the same request",
         "Keep the default, and let clients choose the new value"),
    Rule("input-default-set", "note", "an input that had no default has one",
         "It is a new default, or the old behaviour that is now in the contract"),
    Rule("input-default-unset", "note", "an input that had a default has none",
         "Clients that leave it out may get another result"),
    Rule("input-deprecated", "compatible", "an input is deprecated"),
    Rule("input-undeprecated", "compatible", "an input is no longer deprecated"),
    Rule("output-property-deprecated", "compatible", "a property of an output is deprecated"),
    Rule("output-property-undeprecated", "compatible", "a property of an output is no longer deprecated"),
    Rule("input-not-compared", "note", "keywords of an input's schema are not compared",
         "The comparison cannot decide whether old values are still accepted", "Compare them by hand"),
    Rule("output-not-compared", "note", "keywords of an output's schema are not compared",
         "The comparison cannot decide whether there are new values", "Compare them by hand"),
)  # fmt: skip

SCHEMA_RULES: Mapping[str, Rule] = {
    rule.id: rule for rule in (*(rule for row in SCHEMA_ROWS for rule in _of_row(row)), *_SPECIAL)
}
ROWS: Mapping[str, SchemaRow] = {row.kind: row for row in SCHEMA_ROWS}
