"""Two contracts -> findings: what changed, and whether it breaks clients."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from signette.contract.diff.context import At, Context, has_passed, names
from signette.contract.diff.facts import compare_facts, compare_limits
from signette.contract.diff.findings import VERDICTS, Finding
from signette.contract.diff.inputs import compare_bodies, compare_inputs
from signette.contract.diff.lifecycle import compare_deprecations
from signette.contract.diff.responses import compare_responses
from signette.contract.diff.security import compare_security
from signette.contract.diff.sockets import compare_sockets
from signette.contract.diff.webhooks import compare_webhooks
from signette.contract.model import Contract


def compare(old: Contract, new: Contract, *, today: date | None = None) -> list[Finding]:
    """What changed between two contracts, with the breaking changes first.

    `today` decides whether a sunset date has passed; the default is the current date in UTC.
    """
    context = Context(old, new, today or datetime.now(UTC).date())
    found = [*_whole(context), *_operations(context), *compare_sockets(context)]
    found += compare_webhooks(context, old["webhooks"], new["webhooks"], ("webhooks",), "webhook ")
    unique: list[Finding] = []
    for finding in found:
        if finding not in unique:
            unique.append(finding)
    return sorted(
        unique, key=lambda one: (VERDICTS.index(one.verdict), one.operation, one.where, one.pointer, one.rule)
    )


def _whole(context: Context) -> Iterator[Finding]:
    old, new = context.old, context.new
    at = At("", "API", ())
    if old["made_from"] != new["made_from"]:
        side = "old" if old["made_from"] == "openapi" else "new"
        yield at.finding("facts-not-compared", f"the {side} contract is made from an OpenAPI document")
    gone, added, _ = names(old["servers"], new["servers"])
    for url in gone:
        yield at.below("servers", "servers").finding("server-removed", f"the server `{url}` is gone", url, None)
    for url in added:
        yield at.below("servers", "servers").finding("server-added", f"the server `{url}` is new", None, url)
    yield from compare_limits(at.below("limits", "limits"), old["limits"], new["limits"])


def _operations(context: Context) -> Iterator[Finding]:
    old, new = context.old["operations"], context.new["operations"]
    gone, added, both = names(old, new)
    for key in gone:
        yield _removed(At(key, "operation", ("operations", key)), old[key]["deprecated"], context.today)
    for key in added:
        yield At(key, "operation", ("operations", key)).finding("operation-added", "the operation is new")
    for key in both:
        yield from _operation(context, At(key, "operation", ("operations", key)), old[key], new[key])


def _removed(at: At, deprecated: Mapping[str, Any] | None, today: date) -> Finding:
    if deprecated is None:
        return at.finding("operation-removed", "the operation is gone, and was not deprecated")
    sunset = deprecated["sunset"]
    if has_passed(sunset, today):
        return at.finding(
            "operation-removed-after-sunset", f"the operation is gone after its sunset date {sunset[:10]}"
        )
    words = "and had no sunset date" if sunset is None else f"before its sunset date {sunset[:10]}"
    return at.finding("operation-removed-before-sunset", f"the deprecated operation is gone, {words}", sunset)


def _operation(context: Context, at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    if old["name"] != new["name"]:
        change = f"the name is `{new['name']}` instead of `{old['name']}`"
        yield at.below("operation", "name").finding("operation-renamed", change, old["name"], new["name"])
    yield from compare_deprecations(at, old["deprecated"], new["deprecated"])
    yield from compare_inputs(context, at, old, new)
    yield from compare_bodies(context, at, old["body"], new["body"])
    yield from compare_responses(context, at, old, new)
    yield from compare_security(context, at, old["security"], new["security"])
    yield from compare_facts(at, old, new)
    callbacks = old.get("callbacks", {}), new.get("callbacks", {})
    yield from compare_webhooks(context, *callbacks, (*at.path, "callbacks"), f"{at.operation}: callback ")
