"""Accept: the media type that a client prefers (RFC 9110 §12.5.1)."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from signette._dataclasses import dataclass
from signette._http.media import parse_media_type
from signette._http.tokens import TCHAR_CLASS
from signette._patterns import lazy_pattern

# An item of the list, up to a comma outside of quotes. An unclosed quote extends to the end.
_ITEM = lazy_pattern(r'(?:[^",]++|"(?:[^"\\]++|\\.)*+(?:"|\\?\Z))++', re.DOTALL)
_RANGE = lazy_pattern(rf"\*/\*|[{TCHAR_CLASS}]+/(?:\*|[{TCHAR_CLASS}]+)")
# RFC 9110 §12.4.2, with more digits, and with `.2`, which the HTTP client of the Java runtime sends.
_WEIGHT = lazy_pattern(r"0?\.[0-9]+|0\.?|1(?:\.0*)?")
# The longest header whose result is kept.
_KEPT_LENGTH = 1024


@dataclass(frozen=True, slots=True)
class Offer:
    """A representation that a server can send: the names of its media type, and the parameters."""

    names: tuple[str, ...]
    """`type/subtype` in lower case."""
    parameters: tuple[tuple[str, str], ...] = ()
    """Pairs in lower case."""


@dataclass(frozen=True, slots=True)
class _Range:
    """A media range with its weight."""

    name: str
    parameters: Mapping[str, str]
    weight: float

    @property
    def specificity(self) -> tuple[int, int]:
        return 0 if self.name == "*/*" else 1 if self.name.endswith("/*") else 2, len(self.parameters)

    def includes(self, offer: Offer) -> bool:
        if self.name == "*/*":
            is_included = True
        elif self.name.endswith("/*"):
            is_included = any(name.startswith(self.name[:-1]) for name in offer.names)
        else:
            is_included = self.name in offer.names
        return is_included and self.parameters.items() <= dict(offer.parameters).items()


def choose_media_type(accept: str, offers: tuple[Offer, ...]) -> int | None:
    """The index of the offer that the client prefers; None if it accepts none of them.

    Each offer has the weight of the most specific range that includes it. The offer with the highest weight is chosen;
    of those with the same weight, the one that the client names most specifically, and then the first one. Without a
    range in the header, that is the first one.

    `charset=utf-8` in a range has no effect: all text is sent in UTF-8. Invalid ranges are ignored. A header that has
    only these accepts nothing. Never fails.
    """
    # PERF: clients send the same few values. Long ones are not kept, so that memory is limited.
    return (_choose if len(accept) <= _KEPT_LENGTH else _choose.__wrapped__)(accept, offers)


@lru_cache(maxsize=512)
def _choose(accept: str, offers: tuple[Offer, ...]) -> int | None:
    items = [item.strip(" \t") for item in _ITEM.findall(accept)]
    if not any(items):
        return 0
    ranges = [found for item in items if (found := _range_of(item)) is not None]
    ranks = [_rank_of(offer, ranges) for offer in offers]
    best = max(ranks)
    return ranks.index(best) if best[0] > 0 else None


_Rank = tuple[float, tuple[int, int]]


def _rank_of(offer: Offer, ranges: list[_Range]) -> _Rank:
    found = max(((each.specificity, each.weight) for each in ranges if each.includes(offer)), default=((0, 0), 0.0))
    return found[1], found[0]


def _range_of(item: str) -> _Range | None:
    """The media range of an item of the list; None if it is invalid."""
    name, parameters = parse_media_type(item)
    if name == "*":  # also of the HTTP client of the Java runtime
        name = "*/*"
    weight = parameters.pop("q", "1").strip(" \t")
    if _RANGE.fullmatch(name) is None or name.startswith("*/") != (name == "*/*") or _WEIGHT.fullmatch(weight) is None:
        return None
    wanted = {key: value.lower() for key, value in parameters.items() if (key, value.lower()) != ("charset", "utf-8")}
    return _Range(name, wanted, float(weight))


def offer_of(media_type: str, others: tuple[str, ...] = ()) -> Offer:
    """The offer of a media type with parameters, and of other names of it."""
    name, parameters = parse_media_type(media_type)
    names = (name, *(parse_media_type(each)[0] for each in others))
    return Offer(tuple(dict.fromkeys(names)), tuple((key, value.lower()) for key, value in parameters.items()))


def accept_of(fields: Iterator[tuple[bytes, bytes]] | list[tuple[bytes, bytes]]) -> str:
    """The `Accept` header of a request; "" without one."""
    return ", ".join(value.decode("latin-1") for name, value in fields if name == b"accept")
