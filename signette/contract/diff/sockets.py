"""WebSockets: the messages of clients are inputs, those of the application are outputs."""

from collections.abc import Iterator, Mapping
from typing import Any

from signette.contract.diff.context import At, Context, compare_schemas, has_passed, names
from signette.contract.diff.facts import compare_limits, compare_policies
from signette.contract.diff.findings import Finding
from signette.contract.diff.inputs import compare_inputs
from signette.contract.diff.lifecycle import compare_deprecations
from signette.contract.diff.security import compare_security

# What a client can and cannot send, or gets: for each side the rule of a message that is new, and of one that is gone.
_SIDES = {
    "receives": ("input", "received-message-added", "received-message-removed", "takes"),
    "sends": ("output", "sent-message-added", "sent-message-removed", "sends"),
}


def compare_sockets(context: Context) -> Iterator[Finding]:
    """The findings for all WebSockets."""
    if context.old["made_from"] != context.new["made_from"]:
        return  # a contract of an OpenAPI document has no WebSockets: they are not known
    old, new = context.old["sockets"], context.new["sockets"]
    gone, added, both = names(old, new)
    for path in gone:
        at = At(f"WebSocket {path}", "WebSocket", ("sockets", path))
        deprecated = old[path]["deprecated"]
        over = deprecated is not None and has_passed(deprecated["sunset"], context.today)
        yield at.finding("socket-removed-after-sunset" if over else "socket-removed", "the WebSocket is gone")
    for path in added:
        yield At(f"WebSocket {path}", "WebSocket", ("sockets", path)).finding("socket-added", "the WebSocket is new")
    for path in both:
        yield from _socket(context, At(f"WebSocket {path}", "WebSocket", ("sockets", path)), old[path], new[path])


def _socket(context: Context, at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    yield from compare_deprecations(at, old["deprecated"], new["deprecated"])
    yield from compare_inputs(context, at, old, new)
    yield from compare_security(context, at, old["security"], new["security"])
    for side in _SIDES:
        yield from _messages(context, at, side, old[side], new[side])
    yield from compare_limits(at.below("limits", "limits"), old["limits"], new["limits"])
    yield from compare_policies(at, old["policies"], new["policies"])
    yield from _options(at, old["options"], new["options"])


def _messages(context: Context, at: At, side: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    direction, rule_added, rule_gone, verb = _SIDES[side]
    gone, added, both = names(old, new)
    if len(gone) == len(added) == 1 and not both:  # the name of the only message is of no matter to clients
        yield from _message(
            context, at.below("message", side, added[0]), direction, old[gone[0]], new[added[0]], gone[0]
        )
        return
    for name in gone:
        part = at.below(f"message `{name}`", side, name)
        yield part.finding(rule_gone, f"the WebSocket no longer {verb} the message `{name}`", name, None)
    for name in added:
        part = at.below(f"message `{name}`", side, name)
        yield part.finding(rule_added, f"the WebSocket {verb} the message `{name}`", None, name)
    for name in both:
        yield from _message(context, at.below(f"message `{name}`", side, name), direction, old[name], new[name], name)


def _message(
    context: Context, at: At, direction: str, old: Mapping[str, Any], new: Mapping[str, Any], old_name: str
) -> Iterator[Finding]:
    if old["media_type"] != new["media_type"]:
        change = f"the {at.where} is of `{new['media_type']}` instead of `{old['media_type']}`"
        yield at.finding("message-media-type-changed", change, old["media_type"], new["media_type"])
        return
    old_path = (*at.path[:-1], old_name, "schema")
    yield from compare_schemas(context, direction, at.below(at.where, "schema"), old["schema"], new["schema"], old_path)


def _options(at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        part = at.below("WebSocket", "options", name)
        if name == "subprotocol":
            if before is not None and after != before:
                yield part.finding("subprotocol-removed", f"the subprotocol `{before}` is gone", before, after)
            if after is not None and before is None:
                change = f"clients must offer the subprotocol `{after}`"
                yield part.finding("subprotocol-required", change, before, after)
        else:
            yield part.finding("socket-option-changed", f"`{name}` is `{after}` instead of `{before}`", before, after)
