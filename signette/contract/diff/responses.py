"""Responses and problems: what clients get may only narrow. Errors are responses, too."""

from collections.abc import Iterator, Mapping
from typing import Any

from signette.contract.diff.context import At, Context, compare_schemas, names
from signette.contract.diff.findings import Finding
from signette.contract.diff.problems import compare_errors
from signette.contract.diff.statuses import CONDITIONAL, has_range, is_specified, is_success, range_of


def compare_responses(context: Context, at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    """The findings for the responses and problems of two operations."""
    before, after = old["responses"], new["responses"]
    yield from _success(at, before, after)
    yield from compare_errors(context, at, old, new)
    for status, response in after.items():
        wider = status if status in before else range_of(status, before)
        if wider is not None:
            part = at.below(f"response {status}", "responses", status)
            yield from _contents(context, part, before[wider], response, (*at.path, "responses", wider))
            yield from _headers(context, part, before[wider]["headers"], response["headers"])
    yield from _formats(at, old, new)


def _success(at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    gone, added, both = names(old, new)
    left = [status for status in (*both, *added) if is_success(status) and (status in old or range_of(status, old))]
    for status in gone:
        part = at.below(f"response {status}", "responses", status)
        if status in CONDITIONAL:
            yield part.finding("conditional-status-removed", f"the status {status} is no longer sent", status)
        elif is_success(status) and not has_range(status, new) and not is_specified(status, new):
            rule = "success-status-removed" if left else "success-status-replaced"
            yield part.finding(rule, f"the status {status} is no longer sent", status)
    for status in added:
        part = at.below(f"response {status}", "responses", status)
        if status in CONDITIONAL:
            yield part.finding("conditional-status-added", f"the status {status} may be sent", None, status)
        elif is_success(status) and range_of(status, old) is None:
            yield part.finding("success-status-added", f"the status {status} may be sent", None, status)


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
