"""Responses and problems: what clients get may only narrow. Errors are responses, too."""

from collections.abc import Iterator, Mapping
from typing import Any

from signette.contract.diff.context import At, Context, compare_schemas, names
from signette.contract.diff.findings import Finding

# Only requests with conditions or ranges get these (RFC 9110 §13 and §14).
_CONDITIONAL = frozenset({"206", "304", "412", "416"})
# Only invalid requests get these. A request that was valid before is a matter of the inputs.
_INVALID = frozenset({"400", "406", "411", "413", "414", "415", "417", "422", "431"})


def compare_responses(context: Context, at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    """The findings for the responses and problems of two operations."""
    before, after = old["responses"], new["responses"]
    yield from _success(at, before, after)
    yield from _errors(context, at, old, new)
    for status, response in after.items():
        wider = status if status in before else _range_of(status, before)
        if wider is not None:
            part = at.below(f"response {status}", "responses", status)
            yield from _contents(context, part, before[wider], response, (*at.path, "responses", wider))
            yield from _headers(context, part, before[wider]["headers"], response["headers"])
    yield from _formats(at, old, new)


def _is_success(status: str) -> bool:
    return status[0] in "123" and status not in _CONDITIONAL


def _range_of(status: str, responses: Mapping[str, Any]) -> str | None:
    """The response of a contract that includes a status: `4XX`, or `default`."""
    return next((one for one in (f"{status[0]}XX", "default") if one in responses and one != status), None)


def _success(at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    gone, added, both = names(old, new)
    left = [status for status in (*both, *added) if _is_success(status) and (status in old or _range_of(status, old))]
    for status in gone:
        part = at.below(f"response {status}", "responses", status)
        if status in _CONDITIONAL:
            yield part.finding("conditional-status-removed", f"the status {status} is no longer sent", status)
        elif _is_success(status) and not _has_range(status, new) and not _is_specified(status, new):
            rule = "success-status-removed" if left else "success-status-replaced"
            yield part.finding(rule, f"the status {status} is no longer sent", status)
    for status in added:
        part = at.below(f"response {status}", "responses", status)
        if status in _CONDITIONAL:
            yield part.finding("conditional-status-added", f"the status {status} may be sent", None, status)
        elif _is_success(status) and _range_of(status, old) is None:
            yield part.finding("success-status-added", f"the status {status} may be sent", None, status)


def _is_specified(status: str, responses: Mapping[str, Any]) -> bool:
    """Whether a range or `default` is replaced by statuses in it."""
    return any(_range_of(one, {status: None}) for one in responses)


def _has_range(status: str, responses: Mapping[str, Any]) -> bool:
    return _range_of(status, responses) is not None


def _errors(context: Context, at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    """Error statuses, and the problem types of each."""
    gone, added, _ = names(old["responses"], new["responses"])
    for status in gone:
        if status[0] in "45d" and status not in _CONDITIONAL and not _is_specified(status, new["responses"]):
            part = at.below(f"response {status}", "responses", status)
            yield part.finding("error-status-removed", f"the status {status} is no longer sent", status)
    for status in added:
        if status[0] in "45d" and status not in _CONDITIONAL and _range_of(status, old["responses"]) is None:
            part = at.below(f"response {status}", "responses", status)
            problems = [one for one in new["problems"].values() if one["status"] == status]
            types = [f"`{one['type']}`" for one in problems if one["type"]]
            about = f" ({', '.join(types)})" if types else ""
            rule = _unless_idempotent(_rule_of_error(status), problems, old, new)
            if status in ("401", "403") and old["security"] != new["security"]:
                rule = "request-error-added"  # the security requirement is a finding
            yield part.finding(rule, f"the status {status} may be sent{about}", None, status)
    yield from _problems(context, at, old, new)


def _rule_of_error(status: str) -> str:
    if status in _INVALID:
        return "request-error-added"
    return "server-error-added" if status[0] == "5" else "error-status-added"


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
    wider = status if status in old["responses"] else _range_of(status, old["responses"])
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
    rule = _rule_of_error(status)
    rule = "problem-added" if rule == "error-status-added" else rule
    yield part.finding(_unless_idempotent(rule, [problem], old, new), f"the problem {key} may be sent", None, key)


def _unless_idempotent(rule: str, problems: list[Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Only requests with an `Idempotency-Key` get the problems of keys; clients of the old contract send none."""
    header = new["inputs"].get("header idempotency-key")
    if header is None or header["required"] or "header idempotency-key" in old["inputs"]:
        return rule
    is_about_keys = problems and all(
        "idempotent" in str(one["type"]) or "idempotency" in str(one["type"]) for one in problems
    )
    return "request-error-added" if is_about_keys else rule


def _contents(
    context: Context, at: At, old: Mapping[str, Any], new: Mapping[str, Any], old_path: tuple[str | int, ...]
) -> Iterator[Finding]:
    before, after = old["contents"], new["contents"]
    gone, added, both = names(before, after)
    for media_type in both:
        part = at.below(at.where if len(after) == 1 else f"{at.where} `{media_type}`", "contents", media_type, "schema")
        schemas = before[media_type]["schema"], after[media_type]["schema"]
        yield from compare_schemas(context, "output", part, *schemas, (*old_path, "contents", media_type, "schema"))
    for media_type in added:
        part = at.below(at.where, "contents", media_type)
        wider = _wider(media_type, before)
        if wider is not None:
            schemas = before[wider]["schema"], after[media_type]["schema"]
            yield from compare_schemas(
                context, "output", part.below(at.where, "schema"), *schemas, (*old_path, "contents", wider, "schema")
            )
        elif "*" in media_type:
            yield part.finding("response-media-type-any", f"the {at.where} may be of `{media_type}`", None, media_type)
        else:
            yield part.finding(
                "response-media-type-added", f"the {at.where} may be of `{media_type}`", None, media_type
            )
    for media_type in gone:
        if not ("*" in media_type and any(_wider(one, {media_type: None}) for one in after)):
            part = at.below(at.where, "contents", media_type)
            change = f"the {at.where} is no longer of `{media_type}`"
            yield part.finding("response-media-type-removed", change, media_type)


def _wider(media_type: str, contents: Mapping[str, Any]) -> str | None:
    return next(
        (one for one in (f"{media_type.partition('/')[0]}/*", "*/*") if one in contents and one != media_type), None
    )


def _headers(context: Context, at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    gone, added, both = names(old, new)
    for name in gone:
        rule = "required-response-header-removed" if old[name]["required"] else "response-header-removed"
        part = at.below(at.where, "headers", name)
        yield part.finding(rule, f"the {at.where} no longer has the header `{name}`", name)
    for name in added:
        part = at.below(at.where, "headers", name)
        yield part.finding("response-header-added", f"the {at.where} has the header `{name}`", None, name)
    for name in both:
        part = at.below(f"header `{name}` of the {at.where}", "headers", name)
        before, after = old[name], new[name]
        if before["required"] and not after["required"]:
            yield part.finding(
                "response-header-optional", f"the {part.where} is not always sent", "required", "optional"
            )
        if after["required"] and not before["required"]:
            yield part.finding("response-header-required", f"the {part.where} is always sent", "optional", "required")
        schemas = before["schema"], after["schema"]
        yield from compare_schemas(context, "output", part.below(part.where, "schema"), *schemas, textual=True)


def _formats(at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    before, after = old.get("formats"), new.get("formats")
    if before and after and before[0] != after[0]:
        change = f"requests without `Accept` get `{after[0]}` instead of `{before[0]}`"
        yield at.below("response", "formats").finding("default-format-changed", change, before[0], after[0])
