"""What only plans know: limits, policies, pages, files. A fact that one contract does not have is not compared."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from signette.contract.diff.context import At, names
from signette.contract.diff.findings import Finding

_Facts = Mapping[str, Any]


def compare_facts(at: At, old: _Facts, new: _Facts) -> Iterator[Finding]:
    """The findings for what the plans of two operations know."""
    if "policies" not in old or "policies" not in new:
        return
    yield from compare_limits(at.below("limits", "limits"), old.get("limits", {}), new.get("limits", {}))
    yield from compare_policies(at, old["policies"], new["policies"])
    yield from _conditional(
        at.below("conditional requests", "conditional"), old.get("conditional"), new.get("conditional")
    )
    yield from _paging(at.below("pages", "paging"), old.get("paging"), new.get("paging"))
    yield from _stream(at.below("request stream", "stream"), old.get("stream"), new.get("stream"))
    yield from _files(at, old.get("files", {}), new.get("files", {}))
    if old.get("resumes", False) != new.get("resumes", False):
        rule = "resume-added" if new.get("resumes") else "resume-removed"
        words = "continues" if new.get("resumes") else "no longer continues"
        yield at.below("events", "resumes").finding(rule, f"the stream of events {words} after `Last-Event-ID`")


def compare_limits(at: At, old: _Facts, new: _Facts) -> Iterator[Finding]:
    """The findings for limits by name: None is no limit."""
    for name in old:
        if name in new:
            yield from _limit(at.below(at.where, name), name, old[name], new[name])


def _limit(at: At, name: str, old: int | None, new: int | None) -> Iterator[Finding]:
    before, after = (math.inf if one is None else one for one in (old, new))
    if before == after:
        return
    change = f"the limit `{name}` is {_number(new)} instead of {_number(old)}"
    yield at.finding("limit-lowered" if after < before else "limit-raised", change, old, new)


def _number(limit: int | None) -> str:
    return "unlimited" if limit is None else str(limit)


def compare_policies(at: At, old: _Facts, new: _Facts) -> Iterator[Finding]:
    """The findings for the policies of two operations, by the names of their classes."""
    gone, added, both = names(old, new)
    for name in added:
        part = at.below(f"policy `{name}`", "policies", name)
        if name == "RateLimit":
            yield part.finding(
                "rate-limit-added", f"requests are limited to {_windows(new[name])}", None, _windows(new[name])
            )
        elif name == "Idempotent":
            yield part.finding("idempotency-added", "requests may be repeated with an idempotency key")
        else:
            yield part.finding("policy-added", f"the operation has the policy `{name}`", None, new[name]["arguments"])
    for name in gone:
        part = at.below(f"policy `{name}`", "policies", name)
        rule = {"RateLimit": "rate-limit-raised", "Idempotent": "idempotency-removed"}.get(name, "policy-removed")
        yield part.finding(rule, f"the operation no longer has the policy `{name}`", old[name]["arguments"], None)
    for name in both:
        part = at.below(f"policy `{name}`", "policies", name)
        before, after = dict(old[name]["arguments"]), dict(new[name]["arguments"])
        if name == "RateLimit":
            yield from _rate_limit(part, before, after)
        if name == "Idempotent":  # the header of the key is an input
            before.pop("required", None)
            after.pop("required", None)
        if before != after:
            changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
            change = f"the policy `{name}` has other arguments: {', '.join(changed)}"
            yield part.finding("policy-changed", change, _only(before, changed), _only(after, changed))


def _only(arguments: _Facts, keys: list[str]) -> dict[str, Any]:
    return {key: arguments[key] for key in keys if key in arguments}


def _rate_limit(at: At, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Finding]:
    before, after = old.pop("windows", []), new.pop("windows", [])
    if before == after:
        return
    lowered = any(window["amount"] < _most_in(before, window["seconds"]) for window in after)
    rule = "rate-limit-lowered" if lowered else "rate-limit-raised"
    words = _windows({"arguments": {"windows": before}}), _windows({"arguments": {"windows": after}})
    yield at.finding(rule, f"requests are limited to {words[1]} instead of {words[0]}", *words)


def _most_in(windows: list[Any], seconds: float) -> float:
    """How many requests windows allow in a time."""
    return min((one["amount"] * math.ceil(seconds / one["seconds"]) for one in windows), default=math.inf)


def _windows(policy: _Facts) -> str:
    windows = policy["arguments"].get("windows", [])
    return ", ".join(f"{one['amount']} in {one['seconds']} s" for one in windows) or "any number"


def _conditional(at: At, old: _Facts | None, new: _Facts | None) -> Iterator[Finding]:
    needed, needs = (bool(one and one["precondition_required"]) for one in (old, new))
    if needed != needs:
        rule = "precondition-required" if needs else "precondition-optional"
        yield at.finding(rule, f"requests need {'a' if needs else 'no'} precondition such as `If-Match`")
    before, after = (list(one["tagged"]) if one else [] for one in (old, new))
    gone, added, _ = names(before, after)
    for status in gone:
        yield at.finding("validators-removed", f"the response {status} has no `ETag` or `Last-Modified`", status, None)
    for status in added:
        yield at.finding("validators-added", f"the response {status} has `ETag` or `Last-Modified`", None, status)


def _paging(at: At, old: _Facts | None, new: _Facts | None) -> Iterator[Finding]:
    if old is None or new is None:
        if old is not None:
            yield at.finding("paging-removed", "the list no longer has pages")
        if new is not None:
            yield at.finding("paging-added", "the list has pages")
        return
    for name in ("parameter", "items", "next"):
        if old[name] != new[name]:
            change = f"`{name}` of the pages is `{new[name]}` instead of `{old[name]}`"
            yield at.below(at.where, name).finding("paging-changed", change, old[name], new[name])
    if old["default_limit"] != new["default_limit"]:
        change = f"pages have {new['default_limit']} items instead of {old['default_limit']}, unless clients choose"
        place = at.below(at.where, "default_limit")
        yield place.finding("page-size-changed", change, old["default_limit"], new["default_limit"])
    for name in ("max_limit", "max_offset"):
        yield from _limit(at.below(at.where, name), name, old[name], new[name])


def _stream(at: At, old: _Facts | None, new: _Facts | None) -> Iterator[Finding]:
    if old is None or new is None:
        return  # another kind of body, which its schema shows
    if old["on_error"] != new["on_error"]:
        change = f"`on_error` of the stream is `{new['on_error']}` instead of `{old['on_error']}`"
        yield at.below(at.where, "on_error").finding("stream-errors-changed", change, old["on_error"], new["on_error"])
    for name in ("max_errors", "max_items", "max_item_bytes", "max_bytes"):
        yield from _limit(at.below(at.where, name), name, old[name], new[name])


_ANY_FILE: _Facts = {"max_bytes": None, "media_types": [], "sniff": False}


def _files(at: At, old: _Facts, new: _Facts) -> Iterator[Finding]:
    for name in sorted(old.keys() | new.keys()):
        part = at.below(f"file `{name}`", "files", name)
        before, after = old.get(name, _ANY_FILE), new.get(name, _ANY_FILE)
        yield from _limit(part.below(part.where, "max_bytes"), "max_bytes", before["max_bytes"], after["max_bytes"])
        types = part.below(part.where, "media_types")
        gone, added, _ = names(before["media_types"], after["media_types"])
        if not before["media_types"] and after["media_types"]:
            change = f"the {part.where} must be of {', '.join(f'`{one}`' for one in after['media_types'])}"
            yield types.finding("file-media-type-removed", change, [], after["media_types"])
        elif before["media_types"] and not after["media_types"]:
            yield types.finding("file-media-type-added", f"the {part.where} may be of any media type", gone, [])
        else:
            for one in gone:
                yield types.finding(
                    "file-media-type-removed", f"the {part.where} can no longer be of `{one}`", one, None
                )
            for one in added:
                yield types.finding("file-media-type-added", f"the {part.where} may be of `{one}`", None, one)
        if before["sniff"] != after["sniff"]:
            rule = "file-contents-checked" if after["sniff"] else "file-contents-unchecked"
            words = "are checked" if after["sniff"] else "are no longer checked"
            yield part.below(part.where, "sniff").finding(rule, f"the contents of the {part.where} {words}")
