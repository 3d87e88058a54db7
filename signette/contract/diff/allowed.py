"""The list of allowed changes: a TOML file with a reason for each change that breaks clients and is meant."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Any

from signette.contract.diff.findings import Finding
from signette.contract.diff.rules import RULES
from signette.contract.errors import ContractError

_MEMBERS = {"rule": True, "operation": True, "reason": True, "pointer": False, "until": False}
_EXAMPLE = 'rule = "operation-removed", operation = "GET /old", reason = "no client uses it"'


@dataclass(frozen=True)
class Allowed:
    """An allowed change: a rule, an operation, and the reason. `*` in the operation is any text.

    `pointer` limits it to one place. `until` is the last day on which it applies.
    """

    rule: str
    operation: str
    reason: str
    pointer: str | None = None
    until: date | None = None

    def fits(self, finding: Finding, today: date) -> bool:
        """Whether it allows a finding."""
        return (
            finding.verdict != "compatible"
            and self.rule == finding.rule
            and fnmatchcase(finding.operation, _literal(self.operation))
            and (self.pointer is None or self.pointer == finding.pointer)
            and (self.until is None or today <= self.until)
        )

    def __str__(self) -> str:
        place = f"{self.operation} {self.pointer}" if self.pointer else self.operation
        return f"{self.rule}: {place}" + (f" (until {self.until})" if self.until else "")


def _literal(pattern: str) -> str:
    """A pattern in which only `*` is special."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


def parse_allowed(text: str, name: str) -> list[Allowed]:
    """The entries of a list of allowed changes.

    Raises:
        ContractError: it is not TOML, or an entry is not valid.
    """
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ContractError(f"`{name}` cannot be parsed: {exc}", f"write `[[allow]]` with {_EXAMPLE}") from None
    entries = value.pop("allow", [])
    if value or not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise ContractError(f"`{name}` has something else than `[[allow]]`", f"write `[[allow]]` with {_EXAMPLE}")
    return [_entry(one, f"`{name}`, entry {number}") for number, one in enumerate(entries, 1)]


def _entry(one: Mapping[str, Any], where: str) -> Allowed:
    for member, is_needed in _MEMBERS.items():
        value = one.get(member)
        if is_needed and (not isinstance(value, str) or not value.strip()):
            raise ContractError(f"{where}: `{member}` is missing", f"each entry has {_EXAMPLE}")
        if member == "pointer" and value is not None and not isinstance(value, str):
            raise ContractError(f"{where}: `pointer` is not a text", "copy it from the report")
    unknown = sorted(one.keys() - _MEMBERS.keys())
    if unknown:
        raise ContractError(
            f"{where}: unknown member `{unknown[0]}`", f"use {', '.join(f'`{each}`' for each in _MEMBERS)}"
        )
    if one["rule"] not in RULES:
        closest = difflib.get_close_matches(one["rule"], RULES, 1)
        hint = f"did you mean `{closest[0]}`?" if closest else "copy it from the report"
        raise ContractError(f"{where}: no rule `{one['rule']}`", hint)
    until = one.get("until")
    if until is not None and (not isinstance(until, date) or isinstance(until, datetime)):
        raise ContractError(f"{where}: `until` is not a date", "write it without quotes: `until = 2026-12-31`")
    return Allowed(one["rule"], one["operation"], one["reason"].strip(), one.get("pointer"), until)


def apply_allowed(
    findings: Iterable[Finding], entries: list[Allowed], today: date
) -> tuple[list[Finding], list[Allowed]]:
    """The findings, those that are allowed with their reason, and the entries that allow none of them."""
    used: set[int] = set()
    marked = []
    for finding in findings:
        chosen = [index for index, entry in enumerate(entries) if entry.fits(finding, today)]
        used.update(chosen)
        marked.append(finding.with_reason(entries[chosen[0]].reason) if chosen else finding)
    return marked, [entry for index, entry in enumerate(entries) if index not in used]
