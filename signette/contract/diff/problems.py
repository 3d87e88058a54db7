"""Errors: new statuses, and new problem types (RFC 9457). Clients get them, so they are outputs."""

from collections.abc import Iterator, Mapping
from typing import Any

from signette.contract.diff.context import At, Context, compare_schemas, names
from signette.contract.diff.findings import Finding
from signette.contract.diff.statuses import CONDITIONAL, INVALID, is_specified, range_of

# Endpoints send these for reasons of their domain, too; then they have a problem type.
_OF_ENDPOINTS = frozenset({"400", "422"})


def compare_errors(context: Context, at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    """Error statuses, and the problem types of each."""
    gone, added, _ = names(old["responses"], new["responses"])
    for status in gone:
        if status[0] in "45d" and status not in CONDITIONAL and not is_specified(status, new["responses"]):
            part = at.below(f"response {status}", "responses", status)
            yield part.finding("error-status-removed", f"the status {status} is no longer sent", status)
    for status in added:
        if status[0] in "45d" and status not in CONDITIONAL and range_of(status, old["responses"]) is None:
            part = at.below(f"response {status}", "responses", status)
            problems = [one for one in new["problems"].values() if one["status"] == status]
            types = [f"`{one['type']}`" for one in problems if one["type"]]
            about = f" ({', '.join(types)})" if types else ""
            rule = _rule_of_error(status, problems, old, new)
            yield part.finding(rule, f"the status {status} may be sent{about}", None, status)
    yield from _problems(context, at, old, new)


def _rule_of_error(status: str, problems: list[Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """The rule for a status, or for problem types of a status, that clients of the old contract do not know."""
    if status in ("401", "403") and old["security"] != new["security"]:
        return "request-error-added"  # the security requirement is a finding
    if status[0] == "5":
        return "server-error-added"
    typed = [str(one["type"]) for one in problems if one["type"]]
    if status in INVALID and (not typed or status not in _OF_ENDPOINTS):
        return "request-error-added"
    if typed and _has_new_key(old, new) and all("idempoten" in name for name in typed):
        return "request-error-added"
    if status in INVALID and (new["inputs"].keys() - old["inputs"].keys() or (new["body"] and not old["body"])):
        return "input-error-added"
    return "error-status-added"


def _has_new_key(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a key of idempotency is new and optional: clients of the old contract get none of its problems."""
    header = new["inputs"].get("header idempotency-key")
    return header is not None and not header["required"] and "header idempotency-key" not in old["inputs"]


def _problems(context: Context, at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    before, after = old["problems"], new["problems"]
    gone, added, both = names(before, after)
    statuses = {one["status"] for one in after.values()}
    for key in both:
        part = at.below(f"problem {key}", "problems", key, "schema")
        yield from compare_schemas(context, "output", part, before[key]["schema"], after[key]["schema"])
    for key in added:
        yield from _new_problem(context, at, key, old, new)
    for key in gone:
        if before[key]["status"] in statuses:
            part = at.below(f"problem {key}", "problems", key)
            yield part.finding("problem-removed", f"the problem {key} is no longer sent", key)


def _new_problem(
    context: Context, at: At, key: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Finding]:
    problem = new["problems"][key]
    status = problem["status"]
    wider = status if status in old["responses"] else range_of(status, old["responses"])
    part = at.below(f"problem {key}", "problems", key)
    if wider is None:
        return  # the status is new, which is a finding
    general = old["problems"].get(wider)
    if general is not None and general["type"] is None:
        schemas = general["schema"], problem["schema"]
        place = part.below(part.where, "schema").place()
        if context.schemas.includes("output", place, *schemas):
            yield part.finding("problem-specified", f"the problem {key} may be sent", None, key)
            return
    rule = _rule_of_error(status, [problem], old, new)
    rule = "problem-added" if rule == "error-status-added" else rule
    yield part.finding(rule, f"the problem {key} may be sent", None, key)
