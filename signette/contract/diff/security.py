"""Security requirements and schemes: credentials that were enough must be enough."""

from collections.abc import Iterator, Mapping
from typing import Any

from signette.contract.diff.context import At, Context
from signette.contract.diff.documents import key_of
from signette.contract.diff.findings import Finding

_Alternative = Mapping[str, frozenset[str]]


def compare_security(context: Context, at: At, old: list[Any], new: list[Any]) -> Iterator[Finding]:
    """The findings for the alternatives of two operations."""
    before = _alternatives(old, {})
    after = _alternatives(new, _renamed(context.old["schemes"], context.new["schemes"]))
    part = at.below("security", "security")
    if not old and not new:
        return
    anonymous, still = not all(before), not all(after)
    if anonymous and not still:
        yield part.finding("security-added", f"requests need {_either(after)}", None, _either(after))
    if still and not anonymous:
        yield part.finding("security-removed", "requests need no credentials", _either(before), None)
    for one in filter(None, before):
        if not still and not any(_is_enough(one, other) for other in after):
            yield from _lost(part, one, after)
    for other in filter(None, after):
        known = any(_is_enough(other, one) or one.keys() == other.keys() for one in before)
        if not known:
            yield part.finding("security-alternative-added", f"{_words(other)} is accepted", None, _words(other))
        else:
            yield from _fewer_scopes(part, other, before)
    yield from _schemes(context, part, before, after)


def _alternatives(requirements: list[Any], renamed: Mapping[str, str]) -> list[_Alternative]:
    return [
        {renamed.get(one["scheme"], one["scheme"]): frozenset(one["scopes"]) for one in each} for each in requirements
    ] or [{}]


def _renamed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """New names of schemes that are the same: clients do not send the name of a scheme."""
    gone = {key_of(scheme): name for name, scheme in old.items() if name not in new}
    return {name: gone[key_of(scheme)] for name, scheme in new.items() if name not in old and key_of(scheme) in gone}


def _is_enough(credentials: _Alternative, requirement: _Alternative) -> bool:
    """Whether who satisfies one alternative satisfies the other one."""
    return all(name in credentials and scopes <= credentials[name] for name, scopes in requirement.items())


def _lost(at: At, one: _Alternative, after: list[_Alternative]) -> Iterator[Finding]:
    """An alternative that is no longer enough: for want of scopes, or of other schemes."""
    closest = next((other for other in after if other.keys() == one.keys()), None)
    if closest is None:
        yield at.finding(
            "security-alternative-removed", f"{_words(one)} is no longer enough", _words(one), _either(after)
        )
        return
    for name, scopes in closest.items():
        for scope in sorted(scopes - one[name]):
            yield at.finding("scope-added", f"`{name}` needs the scope `{scope}`", sorted(one[name]), sorted(scopes))


def _fewer_scopes(at: At, other: _Alternative, before: list[_Alternative]) -> Iterator[Finding]:
    closest = next((one for one in before if one.keys() == other.keys()), None)
    if closest is None or closest == other or not _is_enough(closest, other):
        return
    for name, scopes in closest.items():
        for scope in sorted(scopes - other[name]):
            yield at.finding(
                "scope-removed", f"`{name}` no longer needs the scope `{scope}`", sorted(scopes), sorted(other[name])
            )


def _words(one: _Alternative) -> str:
    scopes = {name: f" with {', '.join(sorted(found))}" if found else "" for name, found in one.items()}
    return " and ".join(f"`{name}`{scopes[name]}" for name in sorted(one)) or "no credentials"


def _either(alternatives: list[_Alternative]) -> str:
    return " or ".join(_words(one) for one in alternatives if one)


def _schemes(context: Context, at: At, before: list[_Alternative], after: list[_Alternative]) -> Iterator[Finding]:
    """Schemes of one name that are not what they were."""
    for name in sorted({name for one in before for name in one} & {name for one in after for name in one}):
        old, new = context.old["schemes"].get(name), context.new["schemes"].get(name)
        if old is None or new is None:
            continue
        for keyword, was, now in _differences(old, new):
            place = At(at.operation, f"security scheme `{name}`", ("schemes", name))
            change = f"`{keyword}` of the security scheme `{name}` is `{now}` instead of `{was}`"
            yield place.finding("security-scheme-changed", change, was, now)


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for keyword in ("type", "in", "name", "scheme", "openIdConnectUrl"):
        was, now = old.get(keyword), new.get(keyword)
        fold = keyword == "scheme" or (keyword == "name" and old.get("in") == "header")
        if (str(was).lower(), str(now).lower()) != (str(was), str(now)) and fold:
            was, now = (None if one is None else str(one).lower() for one in (was, now))
        if was != now:
            yield keyword, was, now
    flows, others = old.get("flows", {}), new.get("flows", {})
    for flow in flows:
        if flow not in others:
            yield f"flows.{flow}", "offered", None
            continue
        for keyword in ("authorizationUrl", "tokenUrl", "deviceAuthorizationUrl"):
            if flows[flow].get(keyword) != others[flow].get(keyword):
                yield f"flows.{flow}.{keyword}", flows[flow].get(keyword), others[flow].get(keyword)
