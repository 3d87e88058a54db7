"""Matches templates with several parameters in linear time, where a regular expression would backtrack.

Theory of operation. A regular expression tries all ways to divide a text among its parameters: if two of them match the
same characters, that takes quadratic time, with three of them cubic time. Here a template is a list of *items*: literal
texts, repeated character classes, and optional or repeated groups of these. There are two passes over the items:

* *Backward*, from the last item to the first: find the set of positions at which the rest of the template matches the
  rest of the text. A set is one integer with a bit for each position; the end of the text is the lowest bit. An item
  takes a few operations on integers as long as the text. The addition in `_through` moves all positions of a set to the
  start of their run of characters at once, by its carry.
* *Forward*: each item matches the longest text after which the rest of the template matches. There is no backtracking.

The values equal those of the regular expression: the first parameter matches as much as possible, then the second one.

The regular expression is faster if a text can be divided in few ways, as is usual. It is used then.

The expression of a convertor with alternatives or nested groups cannot be converted to items. Such a template is
matched by `re`, and may backtrack.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from signette.convertors import CONVERTOR_TYPES, FloatConvertor

# Equivalent expressions without alternatives: leading zeros, digits, fraction.
_ITEMS_OF = {FloatConvertor.regex: r"0*[0-9]{1,309}(?:\.[0-9]+)?"}

# A character class and its quantifier: `[^/]+`, `[0-9]{4}`, `\d`, `-?`. No lazy or possessive quantifiers.
_ITEM = re.compile(
    r"(?P<chars>\[\^?\]?(?:\\.|[^\]\\])*\]|\\[dDwWsS]|\\[^\w\s]|\.|[^\\.\[\](){}*+?^$|])"
    r"(?P<times>[*+?]|{\d+(?:,\d*)?})?(?![*+?])",
    re.DOTALL,
)
_GROUP_END = re.compile(r"\)([?*+])(?![?*+])")
_TIMES: dict[str | None, tuple[int, int | None]] = {None: (1, 1), "*": (0, None), "+": (1, None), "?": (0, 1)}

# A quantifier whose maximum exceeds its minimum by at most this takes constant time in `re`.
_FEW = 3

# PERF: up to this number of steps, `re` is faster than the two passes.
_FEW_STEPS = 4096


class Text(NamedTuple):
    """A literal text."""

    text: str


class Run(NamedTuple):
    """A character class with its quantifier. `maximum` None means any number.

    `longest` matches as many characters as allowed, `each` any run of them.
    """

    chars: str
    minimum: int
    maximum: int | None
    longest: re.Pattern[str]
    each: re.Pattern[str]

    def is_long(self) -> bool:
        """Whether the number of characters varies by more than a few."""
        return self.maximum is None or self.maximum - self.minimum > _FEW


class Option(NamedTuple):
    """Makes the next `size` items optional."""

    size: int


class Loop(NamedTuple):
    """Repeats the next `size` items any number of times. They match at least one character."""

    size: int


Item = Text | Run | Option | Loop


class Found:
    """The parameters of a matched text, with the methods of `re.Match` that routing uses."""

    __slots__ = ("_values",)

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def groupdict(self) -> dict[str, str]:
        """The parameters by name, in the order of the template."""
        return self._values


class Scanner:
    """A template as items. `fullmatch` is equivalent to that of the regular expression, but does not backtrack."""

    __slots__ = ("_first", "_gaps", "_has_options", "_items", "_last", "_loops", "_names", "_regex")

    def __init__(
        self, regex: re.Pattern[str], items: Sequence[Item], names: Sequence[tuple[str, int, int]], gaps: Sequence[str]
    ) -> None:
        self._regex = regex
        self._items = tuple(items)
        self._names = tuple(names)  # with the index of the first item of each parameter, and of the item after its last
        self._gaps = tuple(gaps)  # the literals between items of any length, "" if there is no literal
        first, last = self._items[0], self._items[-1]
        self._first = first.text if isinstance(first, Text) else ""
        self._last = last.text if isinstance(last, Text) else ""
        self._has_options = any(isinstance(item, Option) for item in self._items)
        # The index of each loop, by the index of its last item.
        loops = ((index, item) for index, item in enumerate(self._items) if isinstance(item, Loop))
        self._loops = {index + item.size: index for index, item in loops}

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        return type(self), (self._regex, self._items, self._names, self._gaps)

    def fullmatch(self, text: str) -> Found | re.Match[str] | None:
        """The parameters, or None if the text does not match."""
        if not (text.startswith(self._first) and text.endswith(self._last)):
            return None
        steps = len(text)
        for gap in self._gaps:
            count = text.count(gap)  # for "", the number of characters plus one
            if not count:
                return None
            steps *= count
        if steps <= _FEW_STEPS:
            return self._regex.fullmatch(text)
        return self.scan(text)

    def scan(self, text: str) -> Found | None:
        """Match the items, without the regular expression."""
        sets = self._backward(text)
        if not sets[0] >> len(text) & 1:
            return None
        at = self._forward(text, sets)
        return Found({name: text[at[start] : at[stop]] for name, start, stop in self._names})

    def _backward(self, text: str) -> list[int]:
        """The positions from which the rest matches, for each item and the end. The lowest bit is the text's end."""
        items = self._items
        sets = [0] * (len(items) + 1)
        sets[-1] = 1
        cache: dict[Any, int] = {}
        index = len(items)
        while index:
            index -= 1
            loop = self._loops.get(index)
            if loop is not None:
                sets[loop] = self._repeat(loop, index, sets[index + 1], text, cache)
                after = sets[loop]
                for inner in range(index, loop, -1):
                    after = sets[inner] = _before(items[inner], after, text, cache)
                index = loop
                continue
            item, after = items[index], sets[index + 1]
            after = (
                after | sets[index + 1 + item.size] if isinstance(item, Option) else _before(item, after, text, cache)
            )
            if not after and not self._has_options:
                break
            sets[index] = after
        return sets

    def _repeat(self, loop: int, end: int, after: int, text: str, cache: dict[Any, int]) -> int:
        """The positions from which repetitions of the items from `loop + 1` to `end` lead to a position in `after`."""
        reached = new = after
        while new:
            for inner in range(end, loop, -1):
                new = _before(self._items[inner], new, text, cache)
            new &= ~reached
            reached |= new
        return reached

    def _forward(self, text: str, sets: Sequence[int]) -> list[int]:
        """The position at which each item begins for the first time, and the end of the last item."""
        size, position, index = len(text), 0, 0
        at = [-1] * (len(self._items) + 1)
        while index < len(self._items):
            item = self._items[index]
            if at[index] < 0:
                at[index] = position
            next_index = self._loops.get(index, index + 1)
            if isinstance(item, Text):
                position += len(item.text)
            elif isinstance(item, Run):
                end: int = item.longest.match(text, position).end()  # type: ignore[union-attr]  # may be empty
                ends = sets[next_index] >> (size - end)
                position = end - (ends & -ends).bit_length() + 1
            elif not sets[next_index] >> (size - position) & 1:
                next_index += item.size
            index = next_index
        at[index] = position
        return at


def read_scanner(
    regex: re.Pattern[str], parts: Sequence[str], names: Sequence[str], expressions: Sequence[str]
) -> Scanner | None:
    """Make the scanner of a template: literal `parts`, with a parameter and its expression between each two of them.

    `regex` is the expression of the template. None if `re` takes linear time too, because at most one item has any
    length, or if an expression cannot be converted to items.
    """
    items: list[Item] = []
    spans: list[tuple[str, int, int]] = []
    flags = re.RegexFlag(regex.flags) & re.IGNORECASE
    gaps: list[str] = []
    gap = ""
    for text, name, expression in zip(parts, [*names, ""], [*expressions, ""], strict=True):
        if text:
            text = text.lower() if flags else text  # noqa: PLW2901 - hosts are compared in lower case
            items.append(Text(text))
            gap = max(gap, text, key=len)
        if not name:
            break
        read = read_items(_ITEMS_OF.get(expression, expression), flags)
        if read is None:
            return None
        count = sum(isinstance(item, Loop) or (isinstance(item, Run) and item.is_long()) for item in read)
        if count:
            # Built-in convertors do not backtrack on their own. A custom one with a loop may: its author decides that.
            inside = 0 if expression in _BUILT_IN or any(isinstance(item, Loop) for item in read) else count - 1
            gaps += [gap, *[""] * inside]
            gap = ""
        spans.append((name, len(items), len(items) + len(read)))
        items += read
    del gaps[:1]  # the text before the first one cannot be divided
    return Scanner(regex, items, spans, gaps) if gaps else None


def read_items(expression: str, flags: re.RegexFlag = re.NOFLAG) -> list[Item] | None:
    """Convert an expression to items: a sequence of character classes, and optional or repeated groups of these.

    None if the expression has anything else.
    """
    items: list[Item] = []
    group: list[Item] | None = None  # the open group
    at = 0
    while at < len(expression):
        if group is None and expression.startswith("(?:", at):
            group, at = [], at + 3
        elif group is not None and (found := _GROUP_END.match(expression, at)):
            if found[1] == "?":
                items += [Option(len(group)), *group]
            elif any(isinstance(item, Run) and item.minimum for item in group):
                items += [*(group if found[1] == "+" else ()), Loop(len(group)), *group]
            else:
                return None
            group, at = None, found.end()
        elif found := _ITEM.match(expression, at):
            run = _read_run(found["chars"], found["times"], flags)
            if run is None:
                return None
            (items if group is None else group).append(run)
            at = found.end()
        else:
            return None
    return items if group is None else None


def _read_run(chars: str, times: str | None, flags: re.RegexFlag) -> Run | None:
    if times in _TIMES:
        minimum, maximum = _TIMES[times]
    else:
        low, comma, high = str(times)[1:-1].partition(",")
        minimum, maximum = int(low), int(high) if high else None if comma else int(low)
    upper = "" if maximum is None else maximum
    try:
        return Run(chars, minimum, maximum, re.compile(f"{chars}{{0,{upper}}}", flags), re.compile(f"{chars}+", flags))
    except (re.error, OverflowError):
        return None


# The expressions of the convertors that match without backtracking.
_BUILT_IN = frozenset(convertor.regex for convertor in CONVERTOR_TYPES.values())


def _starts_of(part: str, text: str) -> int:
    """The positions at which a literal begins in a text."""
    flags = bytearray(b"0") * (len(text) + 1)
    at = text.find(part)
    while at >= 0:
        flags[at] = 0x31
        at = text.find(part, at + 1)
    return int(flags, 2)


def _members_of(each: re.Pattern[str], text: str) -> int:
    """The characters of a class, each at the bit of the position after it."""
    flags = bytearray(b"0") * (len(text) + 1)
    for run in each.finditer(text):
        start, end = run.span()
        flags[start + 1 : end + 1] = b"1" * (end - start)
    return int(flags, 2)


def _before(item: Item, after: int, text: str, cache: dict[Any, int]) -> int:
    """The positions from which a text or a run leads to a position in `after`. `cache` is filled for each item."""
    if isinstance(item, Text):
        if item.text not in cache:
            cache[item.text] = _starts_of(item.text, text)
        return cache[item.text] & after << len(item.text)
    assert isinstance(item, Run)
    if item.each not in cache:
        cache[item.each] = _members_of(item.each, text)
    members = cache[item.each]
    if item.maximum is None:
        after = _through(members, after)
    elif item.maximum > item.minimum:
        after = _up_to(item.maximum - item.minimum, members, after)
    return (after & _run_starts(members, item.minimum)) << item.minimum if item.minimum else after


def _through(members: int, positions: int) -> int:
    """All positions reached over any number of members: the carry runs through each run of them."""
    return ((positions & members) + members) ^ members | positions


def _up_to(maximum: int, members: int, positions: int) -> int:
    """All positions reached over at most `maximum` members. Each step doubles the distance."""
    far = 0
    while far < maximum:
        step = min(far + 1, maximum - far)
        positions |= (positions & _run_starts(members, step)) << step
        far += step
    return positions


def _run_starts(members: int, count: int) -> int:
    """The members that begin a run of at least `count` members."""
    length = 1
    while length < count:
        step = min(length, count - length)
        members &= members >> step
        length += step
    return members
