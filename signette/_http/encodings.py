"""Accept-Encoding: whether, and how, a client wants its body encoded (RFC 9110 §12.5.3)."""

import re
from functools import lru_cache

# RFC 9110 §12.4.2. A weight that is no such number says nothing, and so its item counts as not there.
_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
# RFC 9110 §8.4.1: old names of the same codings.
_SAME = {"x-gzip": "gzip", "x-compress": "compress"}


@lru_cache(maxsize=256)
def choose_encoding(accept_encoding: str, offered: tuple[str, ...]) -> str | None:
    """The coding (in lower case) that the client likes best, the first among equals; None: the plain body.

    That is the answer to a client that likes none of them as much. Never fails. Of a coding that is named twice the
    first item counts. PERF: clients send the same few texts.
    """
    weights: dict[str, float] = {}
    for item in accept_encoding.split(","):
        name, *parameters = (part.strip(" \t").lower() for part in item.split(";"))
        weight = _weight_of(parameters)
        if name and weight is not None:
            weights.setdefault(_SAME.get(name, name), weight)
    others = weights.get("*", 0.0)
    best = max(offered, key=lambda coding: weights.get(coding, others), default="")
    wanted = weights.get(best, others)
    return best if best and wanted > 0 and wanted >= weights.get("identity", others) else None


def prefers_encoding(accept_encoding: str, coding: str) -> bool:
    """Whether the client takes `coding`, and likes it no less than the plain body."""
    return choose_encoding(accept_encoding, (coding,)) is not None


def _weight_of(parameters: list[str]) -> float | None:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.rstrip(" \t") == "q":
            value = value.lstrip(" \t")
            return float(value) if _WEIGHT.fullmatch(value) else None
    return 1.0
