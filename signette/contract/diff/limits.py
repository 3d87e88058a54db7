"""Limits, patterns, formats and multiples: whether those of one branch imply those of another."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from signette.contract.diff.branches import Branch, Limit
from signette.contract.diff.patterns import is_pattern_within, length_pattern, listed_pattern
from signette.contract.diff.reasons import Reason
from signette.contract.diff.regex import MAX_REPEATS

# Each format of the left has only values of the right one.
_NARROWER_FORMATS = frozenset({
    ("int8", "int16"), ("int8", "int32"), ("int8", "int64"), ("int16", "int32"), ("int16", "int64"), ("int32", "int64"),
    ("float", "double"), ("uuid1", "uuid"), ("uuid3", "uuid"), ("uuid4", "uuid"), ("uuid5", "uuid"), ("uuid7", "uuid"),
    ("uri", "uri-reference"), ("uri", "iri"), ("iri", "iri-reference"), ("email", "idn-email"),
    ("hostname", "idn-hostname"), ("ipv4", "ipvanyaddress"), ("ipv6", "ipvanyaddress"),
    ("uri-reference", "iri-reference"),
})  # fmt: skip


def limit_reasons(sub: Branch, sup: Branch, *, closed: bool) -> Iterator[Reason]:
    """The limits of `sup` that values of `sub` exceed."""
    for name, limit in sup.limits.items():
        own = sub.limits.get(name)
        if (own is not None and own.is_within(limit, name)) or _is_implied(sub, name, limit, closed=closed):
            continue
        yield Reason(
            "limit", (), name, None if own is None else _shown(own), _shown(limit),
            sub.pointer if own is None else own.pointer, limit.pointer,
        )  # fmt: skip


def _shown(limit: Limit) -> Any:
    return {"exclusive": limit.value} if limit.exclusive else limit.value


def _is_implied(sub: Branch, name: str, limit: Limit, *, closed: bool) -> bool:
    if name in ("minLength", "maxLength") and sub.tokens.get("pattern"):
        if limit.value > MAX_REPEATS:
            return False
        least, most = (int(limit.value), None) if name == "minLength" else (0, int(limit.value))
        return is_pattern_within(_patterns(sub), length_pattern(least, most)) is True
    if name == "minProperties":
        return len(sub.members.required) >= limit.value
    if name == "maxProperties":
        forbidden = any(part.schema is False for part in sub.members.rest) and not sub.members.patterns
        return (forbidden or (closed and not sub.members.says_others)) and len(sub.members.declared) <= limit.value
    return False


def token_reasons(sub: Branch, sup: Branch) -> Iterator[Reason]:
    """The patterns, formats, multiples and encodings of `sup` that not all values of `sub` have."""
    for keyword, tokens in sup.tokens.items():
        own = sub.tokens.get(keyword, {})
        for token, at in tokens.items():
            if token in own:
                continue
            verdict = _implies(sub, keyword, list(own), token)
            if verdict is True:
                continue
            yield Reason(
                keyword, (), keyword, _listed(list(own)), token, next(iter(own.values()), sub.pointer), at,
                certain=verdict is False,
            )  # fmt: skip


def _patterns(sub: Branch) -> tuple[str, ...]:
    """The patterns of a branch, and its limits of length as one."""
    low, high = (sub.limits.get(name) for name in ("minLength", "maxLength"))
    least = 0 if low is None else int(low.value)
    most = None if high is None else int(high.value)
    limited = (least or most is not None) and max(least, most or 0) <= MAX_REPEATS
    return (*sub.tokens.get("pattern", ()), *([length_pattern(least, most)] if limited else []))


def is_listed(sub: Branch, values: tuple[Any, ...]) -> bool:
    """Whether a pattern leaves no texts except these."""
    if not sub.tokens.get("pattern"):
        return False
    texts = [value for value in values if isinstance(value, str)]
    return bool(texts) and is_pattern_within(_patterns(sub), listed_pattern(texts)) is True


def _listed(own: list[Any]) -> Any:
    return None if not own else own[0] if len(own) == 1 else own


def _implies(sub: Branch, keyword: str, own: list[Any], token: Any) -> bool | None:
    if keyword == "multipleOf":
        step = Fraction(str(token))
        steps = [Fraction(str(one)) for one in own] + ([Fraction(1)] if sub.integral else [])
        return any((one / step).denominator == 1 for one in steps)
    if keyword == "format":
        return any((one, token) in _NARROWER_FORMATS for one in own)
    if keyword == "uniqueItems":
        return "maxItems" in sub.limits and sub.limits["maxItems"].value <= 1
    if keyword == "pattern":
        verdict = is_pattern_within(_patterns(sub), token)
        return False if verdict is None and not own else verdict
    return False
