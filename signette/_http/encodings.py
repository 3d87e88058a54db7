"""Accept-Encoding: the content coding that a client prefers (RFC 9110 §12.5.3). Content-Encoding: those of a body."""

from collections.abc import Iterable
from functools import lru_cache

from signette._patterns import lazy_pattern

# RFC 9110 §12.4.2. Items with an invalid weight are ignored.
_WEIGHT = lazy_pattern(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
# RFC 9110 §8.4.1: old names of the codings.
_SAME = {"x-gzip": "gzip", "x-compress": "compress"}


@lru_cache(maxsize=256)
def choose_encoding(accept_encoding: str, offered: tuple[str, ...]) -> str | None:
    """The offered coding that the client prefers, in lower case; the first of equal ones. None for the plain body.

    None if the client prefers the plain body to all of them. Never fails. Uses the first item of a repeated coding.
    PERF: cached, as clients send the same few values.
    """
    weights: dict[str, float] = {}
    for item in accept_encoding.split(","):
        name, *parameters = (part.strip(" \t").lower() for part in item.split(";"))
        weight = weight_of(parameters)
        if name and weight is not None:
            weights.setdefault(_SAME.get(name, name), weight)
    others = weights.get("*", 0.0)
    best = max(offered, key=lambda coding: weights.get(coding, others), default="")
    weight = weights.get(best, others)
    return best if best and weight > 0 and weight >= weights.get("identity", others) else None


def prefers_encoding(accept_encoding: str, coding: str) -> bool:
    """Whether the client accepts `coding`, and does not prefer the plain body."""
    return choose_encoding(accept_encoding, (coding,)) is not None


def content_codings(fields: Iterable[bytes]) -> tuple[str, ...]:
    """The codings of a body in the order in which they were applied, in lower case; without `identity`.

    `fields` are the values of Content-Encoding (RFC 9110 §8.4). Never fails: each word is the name of a coding.
    """
    names = (name.strip(" \t").lower() for name in b",".join(fields).decode("latin-1").split(","))
    return tuple(_SAME.get(name, name) for name in names if name not in ("", "identity"))


def weight_of(parameters: Iterable[str]) -> float | None:
    """The `q` among the parameters of an item, 1 without it. None if it is invalid."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.rstrip(" \t") == "q":
            value = value.lstrip(" \t")
            return float(value) if _WEIGHT.fullmatch(value) else None
    return 1.0
