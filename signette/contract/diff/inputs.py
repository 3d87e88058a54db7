"""Parameters and request bodies: what clients send may only widen."""

from collections.abc import Iterator, Mapping
from typing import Any

from signette.contract.diff.context import At, Context, compare_schemas, names
from signette.contract.diff.documents import Document
from signette.contract.diff.findings import Finding
from signette.contract.diff.schema_rules import shown
from signette.contract.diff.schemas import has_members, properties_of


def compare_inputs(context: Context, at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    """The findings for the parameters of two operations."""
    gone, added, both = names(old["inputs"], new["inputs"])
    for key in gone:
        one = old["inputs"][key]
        rejected = one["in"] in new.get("rejects_unknown", ())
        part = at.below(_name(one), "inputs", key)
        words = "is gone, and unknown ones are rejected" if rejected else "is no longer read"
        yield part.finding("input-rejected" if rejected else "input-ignored", f"the {_name(one)} {words}", "sent")
    for key in added:
        one = new["inputs"][key]
        part = at.below(_name(one), "inputs", key)
        if one["required"] and one["in"] != "path":
            yield part.finding("input-added-required", f"the {_name(one)} is new and required", None, "required")
        elif one["in"] != "path":
            yield part.finding("input-added", f"the {_name(one)} is new and optional", None, "optional")
    for key in both:
        yield from _input(
            context, at.below(_name(new["inputs"][key]), "inputs", key), old["inputs"][key], new["inputs"][key]
        )
    yield from _unknown(at, old, new)


def _name(one: Mapping[str, Any]) -> str:
    kind = "header" if one["in"] == "header" else "cookie" if one["in"] == "cookie" else f"{one['in']} parameter"
    return f"{kind} `{one['name']}`"


def _input(context: Context, at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    what = f"the {at.where}"
    if old["in"] == "path" and old["name"] != new["name"]:
        change = f"the path parameter `{old['name']}` is `{new['name']}` now"
        yield at.finding("path-parameter-renamed", change, old["name"], new["name"])
    if old["required"] != new["required"]:
        rule = "input-required" if new["required"] else "input-optional"
        words = ("optional", "required")
        change = f"{what} is {words[new['required']]} now"
        yield at.finding(rule, change, words[old["required"]], words[new["required"]])
    before, after = _style(old, context.schemas.old), _style(new, context.schemas.new)
    if before != after:
        yield at.finding("input-style-changed", f"{what} is written in another style", before, after)
    yield from _default(at, old, new)
    if old["deprecated"] != new["deprecated"]:
        rule = "input-deprecated" if new["deprecated"] else "input-undeprecated"
        yield at.finding(rule, f"{what} is {'deprecated' if new['deprecated'] else 'no longer deprecated'}")
    if old.get("allow_empty", False) != new.get("allow_empty", False):
        rule = "input-empty-accepted" if new.get("allow_empty") else "input-empty-rejected"
        yield at.finding(rule, f"{what} may {'be empty now' if new.get('allow_empty') else 'no longer be empty'}")
    schemas = old["schema"], new["schema"]
    textual = "media_type" not in old and "media_type" not in new
    yield from compare_schemas(context, "input", at.below(at.where, "schema"), *schemas, textual=textual)


def _style(one: Mapping[str, Any], document: Document) -> dict[str, Any]:
    """How a value is written; for a value without items or members most of it is the same."""
    found: dict[str, Any] = {"style": one["style"]}
    if one.get("media_type"):
        return {"media_type": one["media_type"]}
    if has_members(one["schema"], document):
        found["explode"] = one["explode"]
    elif one["style"] in ("form", "spaceDelimited", "pipeDelimited", "deepObject"):
        found["style"] = "form"
    return found


def _default(at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    what = f"the {at.where}"
    if old["required"] or new["required"]:
        return
    before, after = old.get("default"), new.get("default")
    if "default" in old and "default" in new:
        if before != after or isinstance(before, bool) != isinstance(after, bool):
            change = f"the default of {what} is {shown(after)} instead of {shown(before)}"
            yield at.finding("input-default-changed", change, before, after)
    elif "default" in new and after is not None:
        yield at.finding("input-default-set", f"{what} has the default {shown(after)}, and had none", None, after)
    elif "default" in old and before is not None:
        yield at.finding("input-default-unset", f"{what} has no default, and had {shown(before)}", before, None)


def _unknown(at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    # In the contract of an application a missing list is an empty one.
    if "policies" not in old or "policies" not in new:
        return
    gone, added, _ = names(old.get("rejects_unknown", ()), new.get("rejects_unknown", ()))
    part = at.below("request", "rejects_unknown")
    kinds = {"query": "query parameters", "form": "form fields"}
    for place in added:
        yield part.finding(
            "unknown-inputs-rejected", f"unknown {kinds.get(place, place)} are rejected", "ignored", "rejected"
        )
    for place in gone:
        yield part.finding(
            "unknown-inputs-ignored", f"unknown {kinds.get(place, place)} are ignored", "rejected", "ignored"
        )


def compare_bodies(context: Context, at: At, old: Any, new: Any) -> Iterator[Finding]:
    """The findings for two request bodies, each of which may be None."""
    part = at.below("request body", "body")
    if old is None and new is None:
        return
    if old is None:
        if new["required"]:
            yield part.finding("body-added-required", "the operation needs a request body now", None, "required")
        else:
            yield part.finding("body-added", "the operation takes a request body now", None, "optional")
        return
    if new is None:
        yield part.finding("body-ignored", "the request body is no longer read", "read", None)
        return
    if old["required"] != new["required"]:
        rule = "body-required" if new["required"] else "body-optional"
        words = ("optional", "required")
        change = f"the request body is {words[new['required']]} now"
        yield part.finding(rule, change, words[old["required"]], words[new["required"]])
    yield from _contents(context, part, old["contents"], new["contents"])
    yield from _codings(part, old, new)


def _contents(context: Context, at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    gone, added, both = names(old, new)
    for media_type in gone:
        wider = next((one for one in new if _covers(one, media_type)), None)
        part = at.below(f"request body `{media_type}`", "contents", wider or media_type)
        if wider is None:
            yield part.finding(
                "body-media-type-removed", f"request bodies of `{media_type}` are no longer accepted", media_type
            )
        else:
            schemas = old[media_type]["schema"], new[wider]["schema"]
            yield from compare_schemas(
                context,
                "input",
                part.below(part.where, "schema"),
                *schemas,
                (*at.path, "contents", media_type, "schema"),
            )
    for media_type in added:
        part = at.below(f"request body `{media_type}`", "contents", media_type)
        yield part.finding("body-media-type-added", f"request bodies of `{media_type}` are accepted", None, media_type)
    for media_type in both:
        where = "request body" if len(both) == 1 else f"request body `{media_type}`"
        part = at.below(where, "contents", media_type)
        schemas = old[media_type]["schema"], new[media_type]["schema"]
        yield from compare_schemas(context, "input", part.below(where, "schema"), *schemas)
        properties = properties_of(schemas[0], context.schemas.old)
        yield from _encodings(
            part, old[media_type].get("encoding", {}), new[media_type].get("encoding", {}), properties
        )


def _covers(wide: str, media_type: str) -> bool:
    kind = media_type.partition("/")[0]
    return wide in ("*/*", f"{kind}/*")


def _has_default(media_types: list[str], schema: Any) -> bool:
    """Whether one of the media types is that of a part without a rule (OpenAPI 3.1 §4.8.15)."""
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    default = "application/json" if kind == "object" else "text/plain"
    if isinstance(schema, Mapping) and ("contentMediaType" in schema or schema.get("format") == "binary"):
        default = schema.get("contentMediaType", "application/octet-stream")
    return any(one == default or _covers(one, default) for one in media_types)


def _encodings(
    at: At, old: Mapping[str, Any], new: Mapping[str, Any], properties: Mapping[str, Any]
) -> Iterator[Finding]:
    for name in sorted(old.keys() | new.keys()):
        part = at.below(f"part `{name}` of the request body", "encoding", name)
        before, after = dict(old.get(name, {})), dict(new.get(name, {}))
        accepted, now = _media_types(before.pop("contentType", "")), _media_types(after.pop("contentType", ""))
        lost = [one for one in accepted if one not in now and not any(_covers(wide, one) for wide in now)]
        limited = not accepted and now and not _has_default(now, properties.get(name, {}))
        if (lost and now) or limited or before != after:
            words = f"must be of {', '.join(now)}" if (lost and now) or limited else "is encoded in another way"
            change = f"the {part.where} {words}"
            yield part.finding("body-encoding-changed", change, old.get(name), new.get(name))


def _media_types(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _codings(at: At, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    if "encodings" in old and "encodings" in new:
        gone, added, _ = names(old["encodings"], new["encodings"])
        part = at.below(at.where, "encodings")
        for coding in gone:
            yield part.finding("body-coding-removed", f"request bodies in `{coding}` are no longer decoded", coding)
        for coding in added:
            yield part.finding("body-coding-added", f"request bodies in `{coding}` are decoded", None, coding)
    before, after = old.get("requires_media_type"), new.get("requires_media_type")
    if before is not None and after is not None and before != after:
        rule = "body-content-type-required" if after else "body-content-type-optional"
        change = f"JSON needs {'the' if after else 'no'} header `Content-Type` now"
        yield at.below(at.where, "requires_media_type").finding(rule, change, before, after)
