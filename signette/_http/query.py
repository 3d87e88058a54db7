"""Query strings and urlencoded forms: bytes to pairs of text and back (WHATWG URL §5, application/x-www-form-urlencoded).

`&` alone separates, the first `=` divides, `+` is a space, `%XX` is a byte, and bytes are UTF-8, where they are not,
U+FFFD. Nothing is refused: a `%` that is no escape stands for itself.
"""

from collections.abc import Iterable
from urllib.parse import quote_plus

_BYTE_OF_HEX = {
    f"{high}{low}".encode(): bytes((int(high + low, 16),))
    for high in "0123456789abcdefABCDEF"
    for low in "0123456789abcdefABCDEF"
}


class TooManyPairs(ValueError):
    """There are more pairs than were allowed. `bound` is how many that is."""

    def __init__(self, bound: int) -> None:
        self.bound = bound
        super().__init__(f"more than {bound} parameters")


def parse_pairs(query: bytes, max_pairs: int | None = None) -> list[tuple[str, str]]:
    """The pairs in the order sent, blank values kept, empty pieces left out.

    Raises:
        TooManyPairs: there are more than `max_pairs`; counted before anything is parsed, empty pieces too.
    """
    if not query:
        return []
    if max_pairs is not None and query.count(b"&") >= max_pairs:
        raise TooManyPairs(max_pairs)
    if b"+" in query:
        query = query.replace(b"+", b" ")
    if b"%" in query:
        return [_decoded(piece.partition(b"=")) for piece in query.split(b"&") if piece]
    # PERF: no escapes, so that all can be decoded in one go: `&` and `=` never are a part of another character.
    text = str(query, "utf-8", "replace")
    pairs = []
    for piece in text.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            pairs.append((name, value))
    return pairs


def first_pass(query: bytes) -> dict[str, str]:
    """Each name with its last value."""
    return dict(parse_pairs(query))


def encode_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """The pairs as one query string: the inverse of `parse_pairs`. Raises ValueError: a lone surrogate."""
    return "&".join([f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs])


def _decoded(piece: tuple[bytes, bytes, bytes]) -> tuple[str, str]:
    name, _, value = piece
    return (
        str(_unescaped(name) if b"%" in name else name, "utf-8", "replace"),
        str(_unescaped(value) if b"%" in value else value, "utf-8", "replace"),
    )


def _unescaped(raw: bytes) -> bytes:
    head, *tails = raw.split(b"%")
    parts = [head]
    for tail in tails:
        byte = _BYTE_OF_HEX.get(tail[:2])
        parts.append(b"%" + tail if byte is None else byte + tail[2:])
    return b"".join(parts)
