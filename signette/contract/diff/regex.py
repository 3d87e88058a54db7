"""Regular expressions as automata: those of JSON Schema (ECMA-262) that describe a regular language.

A pattern is searched in a text. Here a text has a mark in front and one at its end, so that `^` and `$` are characters.
What is not supported raises `UnsupportedPatternError`: assertions, references, named groups, anchors in the middle.
"""

from dataclasses import dataclass, field

START, END = -1, -2
MAX_REPEATS = 300
MAX_STATES = 4000
_LAST = 0x10FFFF

Ranges = tuple[tuple[int, int], ...]

_LINE_ENDS: Ranges = ((0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029))
_DIGITS: Ranges = ((0x30, 0x39),)
_WORDS: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_SPACES: Ranges = ((0x09, 0x0D), (0x20, 0x20))
# Where engines know more than ASCII, `\d`, `\w` and `\s` have such a character, too: one of each is enough.
_MORE = {"d": 0x0660, "w": 0xE9, "s": 0x2003}
_ESCAPED = {"n": 0x0A, "r": 0x0D, "t": 0x09, "f": 0x0C, "v": 0x0B, "0": 0}


class UnsupportedPatternError(Exception):
    """A pattern that is no regular expression, or one with more than regular languages."""


def complement(ranges: Ranges) -> Ranges:
    """All other characters."""
    found, low = [], 0
    for first, last in sorted(ranges):
        if first > low:
            found.append((low, first - 1))
        low = max(low, last + 1)
    return (*found, (low, _LAST)) if low <= _LAST else tuple(found)


@dataclass
class Automaton:
    """States with edges: on a character, or on none. A text fits if it leads from `start` to `end`."""

    edges: list[list[tuple[Ranges, int]]] = field(default_factory=list)
    jumps: list[list[int]] = field(default_factory=list)
    start: int = 0
    end: int = 0

    def state(self) -> int:
        """A new state."""
        if len(self.edges) >= MAX_STATES:
            raise UnsupportedPatternError
        self.edges.append([])
        self.jumps.append([])
        return len(self.edges) - 1

    def closure(self, states: frozenset[int]) -> frozenset[int]:
        """The states, and those that they reach without a character."""
        found, waiting = set(states), list(states)
        while waiting:
            for other in self.jumps[waiting.pop()]:
                if other not in found:
                    found.add(other)
                    waiting.append(other)
        return frozenset(found)

    def after(self, states: frozenset[int], character: int) -> frozenset[int]:
        """The states after a character."""
        reached = {
            other
            for state in states
            for ranges, other in self.edges[state]
            if any(first <= character <= last for first, last in ranges)
        }
        return self.closure(frozenset(reached))


class _Parser:
    """Reads a pattern into an automaton. `is_wide`: `\\d`, `\\w` and `\\s` have more than ASCII."""

    def __init__(self, pattern: str, *, is_wide: bool) -> None:
        self.text = pattern
        self.at = 0
        self.is_wide = is_wide
        self.automaton = Automaton()

    def parse(self) -> Automaton:
        """The automaton of the texts in which the pattern is found."""
        made = self.automaton
        everything: Ranges = ((END, _LAST),)
        before, after = made.state(), made.state()
        made.edges[before].append((everything, before))
        made.edges[after].append((everything, after))
        start, end = self._choice(is_top=True)
        if self.at < len(self.text):
            raise UnsupportedPatternError
        made.jumps[before].append(start)
        made.jumps[end].append(after)
        made.start, made.end = before, after
        return made

    def _choice(self, *, is_top: bool) -> tuple[int, int]:
        start, end = self.automaton.state(), self.automaton.state()
        while True:
            first, last = self._sequence(is_top=is_top)
            self.automaton.jumps[start].append(first)
            self.automaton.jumps[last].append(end)
            if self._peek() != "|":
                return start, end
            self.at += 1

    def _sequence(self, *, is_top: bool) -> tuple[int, int]:
        start = end = self.automaton.state()
        if is_top and self._peek() == "^":
            self.at += 1
            end = self._character(end, ((START, START),))
        while (following := self._peek()) not in ("", "|", ")"):
            if following == "$" and is_top and self.text[self.at + 1 : self.at + 2] in ("", "|"):
                self.at += 1
                return start, self._character(end, ((END, END),))
            first, last = self._repeated()
            self.automaton.jumps[end].append(first)
            end = last
        return start, end

    def _character(self, before: int, ranges: Ranges) -> int:
        after = self.automaton.state()
        self.automaton.edges[before].append((ranges, after))
        return after

    def _repeated(self) -> tuple[int, int]:
        begin = self.at
        start, end = self._item()
        least, most = self._counts()
        if (least, most) == (1, 1):
            return start, end
        finish = self.at
        made = self.automaton
        whole = last = made.state()
        for number in range(max(least, 1) if most is None else most):
            self.at = begin
            first, end = self._item()
            made.jumps[last].append(first)
            if number >= least:
                made.jumps[last].append(end)  # this one, and so all that follow, may be missing
            last = end
        if most is None:
            again = made.state()
            made.jumps[last].append(again)
            if least == 0:
                made.jumps[whole].append(again)
            self.at = begin
            first, end = self._item()
            made.jumps[again].append(first)
            made.jumps[end].append(again)
            last = again
        self.at = finish
        return whole, last

    def _counts(self) -> tuple[int, int | None]:
        symbol = self._peek()
        counts: tuple[int, int | None] = (1, 1)
        if symbol in ("*", "+", "?") and symbol:
            self.at += 1
            counts = {"*": (0, None), "+": (1, None), "?": (0, 1)}[symbol]
        elif symbol == "{":
            close = self.text.find("}", self.at)
            low, comma, high = self.text[self.at + 1 : close].partition(",")
            if close < 0 or not low.isdecimal() or not (high == "" or high.isdecimal()):
                raise UnsupportedPatternError
            self.at = close + 1
            counts = int(low), (int(low) if not comma else int(high) if high else None)
            if max(counts[0], counts[1] or 0) > MAX_REPEATS:
                raise UnsupportedPatternError
        else:
            return counts
        if self._peek() == "?":  # lazy: the same texts
            self.at += 1
        if self._peek() in ("*", "+", "?", "{") and self._peek():
            raise UnsupportedPatternError
        return counts

    def _item(self) -> tuple[int, int]:
        symbol = self._peek()
        if symbol == "(":
            self.at += 3 if self.text.startswith("(?:", self.at) else 1
            if self._peek() == "?":
                raise UnsupportedPatternError
            start, end = self._choice(is_top=False)
            if self._peek() != ")":
                raise UnsupportedPatternError
            self.at += 1
            return start, end
        start = self.automaton.state()
        return start, self._character(start, self._set_of(symbol))

    def _set_of(self, symbol: str) -> Ranges:
        if symbol in ("^", "$", "*", "+", "?", "{", "}", "]") or not symbol:
            raise UnsupportedPatternError
        self.at += 1
        if symbol == ".":
            return complement(_LINE_ENDS)
        if symbol == "[":
            return self._class()
        if symbol == "\\":
            return self._escape()
        return ((ord(symbol), ord(symbol)),)

    def _class(self) -> Ranges:
        is_negated = self._peek() == "^"
        self.at += is_negated
        found: list[tuple[int, int]] = []
        while self._peek() != "]":
            first = self._member()
            is_range = self._peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", "")
            if not is_range:
                found += first
                continue
            self.at += 1
            last = self._member()
            if len(first) != 1 or len(last) != 1 or first[0][0] != first[0][1] or last[0][0] < first[0][0]:
                raise UnsupportedPatternError
            found.append((first[0][0], last[0][1]))
        self.at += 1
        return complement(tuple(found)) if is_negated else tuple(found)

    def _member(self) -> Ranges:
        symbol = self._peek()
        if not symbol or symbol == "[":  # a set in a set, in some engines
            raise UnsupportedPatternError
        self.at += 1
        return self._escape() if symbol == "\\" else ((ord(symbol), ord(symbol)),)

    def _escape(self) -> Ranges:
        symbol = self._peek()
        self.at += 1
        for kind, ranges in (("d", _DIGITS), ("w", _WORDS), ("s", _SPACES)):
            if symbol.lower() == kind:
                whole = (*ranges, (_MORE[kind], _MORE[kind])) if self.is_wide else ranges
                if self.is_wide and kind == "w":
                    whole = (*whole, (_MORE["d"], _MORE["d"]))
                return whole if symbol == kind else complement(whole)
        length = {"x": 2, "u": 4}.get(symbol, 0)
        if length:
            digits = self.text[self.at : self.at + length]
            self.at += length
            try:
                value = int(digits, 16)
            except ValueError:
                raise UnsupportedPatternError from None
            return ((value, value),)
        if symbol in _ESCAPED:
            return ((_ESCAPED[symbol], _ESCAPED[symbol]),)
        if not symbol or symbol.isalnum():  # `\b`, `\1`, `\p{L}`
            raise UnsupportedPatternError
        return ((ord(symbol), ord(symbol)),)

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]


def automaton_of(pattern: str, *, is_wide: bool) -> Automaton:
    """The automaton of the texts in which a pattern is found.

    Raises:
        UnsupportedPatternError: it has more than a regular language.
    """
    return _Parser(pattern, is_wide=is_wide).parse()
