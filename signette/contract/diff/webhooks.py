"""Webhooks and callbacks: the application makes the request, so its body is an output, and responses are inputs."""

from collections.abc import Iterator, Mapping
from typing import Any

from signette.contract.diff.context import At, Context, compare_schemas, names
from signette.contract.diff.findings import Finding
from signette.contract.diff.lifecycle import compare_deprecations


def compare_webhooks(
    context: Context, old: Mapping[str, Any], new: Mapping[str, Any], path: tuple[str | int, ...], label: str
) -> Iterator[Finding]:
    """The findings for webhooks, or for the callbacks of an operation."""
    gone, added, both = names(old, new)
    for key in gone:
        yield At(f"{label}{key}", "webhook", (*path, key)).finding("webhook-removed", "the webhook is gone")
    for key in added:
        yield At(f"{label}{key}", "webhook", (*path, key)).finding("webhook-added", "the webhook is new")
    for key in both:
        yield from _webhook(context, At(f"{label}{key}", "webhook", (*path, key)), old[key], new[key])


def _webhook(context: Context, at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    yield from compare_deprecations(at, old["deprecated"], new["deprecated"])
    yield from _inputs(context, at, old["inputs"], new["inputs"])
    yield from _body(context, at.below("webhook body", "body"), old["body"], new["body"])
    yield from _responses(context, at, old["responses"], new["responses"])


def _inputs(context: Context, at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    gone, added, both = names(old, new)
    for key in gone:
        yield at.below("webhook", "inputs", key).finding(
            "webhook-input-removed", f"the webhook no longer sends {key}", key
        )
    for key in added:
        yield at.below("webhook", "inputs", key).finding("webhook-input-added", f"the webhook sends {key}", None, key)
    for key in both:
        part = at.below(f"{old[key]['in']} `{old[key]['name']}`", "inputs", key)
        if old[key]["required"] and not new[key]["required"]:
            yield part.finding(
                "webhook-input-removed", f"the webhook does not always send {key}", "required", "optional"
            )
        yield from compare_schemas(
            context, "output", part.below(part.where, "schema"), old[key]["schema"], new[key]["schema"]
        )


def _body(context: Context, at: At, old: Any, new: Any) -> Iterator[Finding]:
    if old is None and new is not None:
        yield at.finding("webhook-body-added", "the webhook has a body")
    if old is not None and new is None:
        yield at.finding("webhook-body-removed", "the webhook no longer has a body")
    if old is None or new is None:
        return
    if old["required"] and not new["required"]:
        yield at.finding("webhook-body-removed", "the webhook does not always have a body", "required", "optional")
    gone, added, both = names(old["contents"], new["contents"])
    for media_type in gone:
        change = f"the webhook no longer sends `{media_type}`"
        yield at.below(at.where, "contents", media_type).finding("webhook-media-type-removed", change, media_type)
    for media_type in added:
        change = f"the webhook sends `{media_type}`"
        yield at.below(at.where, "contents", media_type).finding("webhook-media-type-added", change, None, media_type)
    for media_type in both:
        part = at.below(at.where, "contents", media_type, "schema")
        schemas = old["contents"][media_type]["schema"], new["contents"][media_type]["schema"]
        yield from compare_schemas(context, "output", part, *schemas)


def _responses(context: Context, at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    gone, added, both = names(old, new)
    for status in gone:
        covered = "default" in new or f"{status[0]}XX" in new
        if not covered:
            part = at.below(f"response {status}", "responses", status)
            yield part.finding("webhook-response-removed", f"the webhook no longer accepts the status {status}", status)
    for status in added:
        part = at.below(f"response {status}", "responses", status)
        yield part.finding("webhook-response-added", f"the webhook accepts the status {status}", None, status)
    for status in both:
        before, after = old[status]["contents"], new[status]["contents"]
        for media_type in before.keys() & after.keys():
            part = at.below(f"response {status}", "responses", status, "contents", media_type, "schema")
            schemas = before[media_type]["schema"], after[media_type]["schema"]
            yield from compare_schemas(context, "input", part, *schemas)
