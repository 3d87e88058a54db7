"""A template with several parameters, matched in a time that grows with the length of the text and not with its square.

Theory of operation. A regular expression tries each way to divide a text among its parameters: where two of them take
the same characters that is the square of the length, where three do, the cube. Here a template is a list of *items*: a
fixed text, a repeated class of characters, or some of these that are optional or repeated. Matching goes through the
items twice:

* *Backward*, from the last item to the first. For each item it finds the set of places at which the rest of the
  template fits the rest of the text. A set is one integer with a bit for each place, the end of the text lowest. An
  item costs a few operations on integers, each as long as the text. The sum in `_through` moves all places of a set to
  the start of their run of characters at once: the carry does it.
* *Forward*. Each item takes the longest text behind which the rest of the template fits. Nothing is tried twice.

So the values are those of the regular expression: the first parameter takes as much as it can, then the second one.

Where a text can be divided in few ways only, as most can, the regular expression is faster, and is asked in place of
all this.

An expression of a convertor that has alternatives, or groups in groups, cannot be told as items; the template is then
left to `re`, and costs what that costs.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from signette.convertors import CONVERTOR_TYPES, FloatConvertor

# The same texts, said without alternatives: a number's leading zeros, its digits, its fraction.
_ITEMS_OF = {FloatConvertor.regex: r"0*[0-9]{1,309}(?:\.[0-9]+)?"}

# A class of characters, and how often: `[^/]+`, `[0-9]{4}`, `\d`, `-?`. No lazy or possessive repetition.
_ITEM = re.compile(
    r"(?P<one>\[\^?\]?(?:\\.|[^\]\\])*\]|\\[dDwWsS]|\\[^\w\s]|\.|[^\\.\[\](){}*+?^$|])"
    r"(?P<times>[*+?]|{\d+(?:,\d*)?})?(?![*+?])",
    re.DOTALL,
)
_GROUP_END = re.compile(r"\)([?*+])(?![?*+])")
_TIMES: dict[str | None, tuple[int, int | None]] = {None: (1, 1), "*": (0, None), "+": (1, None), "?": (0, 1)}

# A class that is repeated no more often than this beyond what it must be costs `re` a constant.
_FEW = 3

# PERF: up to so many steps `re` takes less time than sets of places.
_FEW_STEPS = 4096


class Text(NamedTuple):
    """A fixed text."""

    text: str


class Run(NamedTuple):
    """A class of characters, repeated. `most`: None for any number."""

    one: str
    least: int
    most: int | None
    longest: re.Pattern[str]
    each: re.Pattern[str]

    def is_long(self) -> bool:
        """Whether it may take more than a few characters more than it must."""
        return self.most is None or self.most - self.least > _FEW


class Option(NamedTuple):
    """The next `size` items, or none of them."""

    size: int


class Loop(NamedTuple):
    """The next `size` items, any number of times. They take one character at least."""

    size: int


Item = Text | Run | Option | Loop


class Found:
    """The values of a text that fits, by name: as much of `re.Match` as routing asks for."""

    __slots__ = ("_values",)

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def groupdict(self) -> dict[str, str]:
        """The values by name, in the order of the template."""
        return self._values


class Scanner:
    """A template as items. `fullmatch` is that of the template's expression, at a cost that is bounded."""

    __slots__ = ("_first", "_gaps", "_has_options", "_items", "_last", "_loops", "_names", "_regex")

    def __init__(
        self, regex: re.Pattern[str], items: Sequence[Item], names: Sequence[tuple[str, int, int]], gaps: Sequence[str]
    ) -> None:
        self._regex = regex
        self._items = tuple(items)
        self._names = tuple(names)  # with the places of the first item of each parameter and behind its last one
        self._gaps = tuple(gaps)  # the texts between those that may take any number of characters, "" where is none
        first, last = self._items[0], self._items[-1]
        self._first = first.text if isinstance(first, Text) else ""
        self._last = last.text if isinstance(last, Text) else ""
        self._has_options = any(isinstance(item, Option) for item in self._items)
        # From the last item of each loop to the loop itself.
        loops = ((place, item) for place, item in enumerate(self._items) if isinstance(item, Loop))
        self._loops = {place + item.size: place for place, item in loops}

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        return type(self), (self._regex, self._items, self._names, self._gaps)

    def fullmatch(self, text: str) -> Found | re.Match[str] | None:
        """The values of the parameters if the whole text fits."""
        if not (text.startswith(self._first) and text.endswith(self._last)):
            return None
        steps = len(text)
        for gap in self._gaps:
            count = text.count(gap)  # of "", one more than there are characters
            if not count:
                return None
            steps *= count
        if steps <= _FEW_STEPS:
            return self._regex.fullmatch(text)
        return self.scan(text)

    def scan(self, text: str) -> Found | None:
        """The same, in a time that grows with the length of the text."""
        sets = self._backward(text)
        if not sets[0] >> len(text) & 1:
            return None
        at = self._forward(text, sets)
        return Found({name: text[at[start] : at[stop]] for name, start, stop in self._names})

    def _backward(self, text: str) -> list[int]:
        """For each item, and the end: the places from which the rest fits, the end of the text as the lowest bit."""
        items = self._items
        sets = [0] * (len(items) + 1)
        sets[-1] = 1
        known: dict[Any, int] = {}
        place = len(items)
        while place:
            place -= 1
            loop = self._loops.get(place)
            if loop is not None:
                sets[loop] = self._repeat(loop, place, sets[place + 1], text, known)
                behind = sets[loop]
                for inner in range(place, loop, -1):
                    behind = sets[inner] = _before(items[inner], behind, text, known)
                place = loop
                continue
            item, behind = items[place], sets[place + 1]
            behind = (
                behind | sets[place + 1 + item.size] if isinstance(item, Option) else _before(item, behind, text, known)
            )
            if not behind and not self._has_options:
                break
            sets[place] = behind
        return sets

    def _repeat(self, loop: int, end: int, behind: int, text: str, known: dict[Any, int]) -> int:
        """The places from which rounds through the items behind `loop`, up to `end`, lead to one of those behind it."""
        reached = new = behind
        while new:
            for inner in range(end, loop, -1):
                new = _before(self._items[inner], new, text, known)
            new &= ~reached
            reached |= new
        return reached

    def _forward(self, text: str, sets: Sequence[int]) -> list[int]:
        """Where each item begins for the first time, and where the last one ends."""
        size, position, place = len(text), 0, 0
        at = [-1] * (len(self._items) + 1)
        while place < len(self._items):
            item = self._items[place]
            if at[place] < 0:
                at[place] = position
            next_place = self._loops.get(place, place + 1)
            if isinstance(item, Text):
                position += len(item.text)
            elif isinstance(item, Run):
                end: int = item.longest.match(text, position).end()  # type: ignore[union-attr]  # it may take nothing
                ends = sets[next_place] >> (size - end)
                position = end - (ends & -ends).bit_length() + 1
            elif not sets[next_place] >> (size - position) & 1:
                next_place += item.size
            place = next_place
        at[place] = position
        return at


def read_scanner(
    regex: re.Pattern[str], parts: Sequence[str], names: Sequence[str], expressions: Sequence[str]
) -> Scanner | None:
    """The scanner of a template: its texts, with a parameter and its expression between each two of them.

    `regex` is the expression of the whole. None where `re` does as well, as no two parts of a path can take the same
    characters at any length; or where an expression cannot be told as items.
    """
    items: list[Item] = []
    spans: list[tuple[str, int, int]] = []
    flags = re.RegexFlag(regex.flags) & re.IGNORECASE
    gaps: list[str] = []
    gap = ""
    for text, name, expression in zip(parts, [*names, ""], [*expressions, ""], strict=True):
        if text:
            text = text.lower() if flags else text  # noqa: PLW2901 - hosts are compared so
            items.append(Text(text))
            gap = max(gap, text, key=len)
        if not name:
            break
        read = read_items(_ITEMS_OF.get(expression, expression), flags)
        if read is None:
            return None
        count = sum(isinstance(item, Loop) or (isinstance(item, Run) and item.is_long()) for item in read)
        if count:
            # What `re` does with one convertor alone is for who wrote it to know.
            inside = 0 if expression in _OURS or any(isinstance(item, Loop) for item in read) else count - 1
            gaps += [gap, *[""] * inside]
            gap = ""
        spans.append((name, len(items), len(items) + len(read)))
        items += read
    del gaps[:1]  # what stands before the first of them divides nothing
    return Scanner(regex, items, spans, gaps) if gaps else None


def read_items(expression: str, flags: re.RegexFlag = re.NOFLAG) -> list[Item] | None:
    """The items of an expression: classes in a row, some of them repeated, some of these rows optional or repeated.

    None where there is more in it.
    """
    items: list[Item] = []
    group: list[Item] | None = None  # that is being read
    at = 0
    while at < len(expression):
        if group is None and expression.startswith("(?:", at):
            group, at = [], at + 3
        elif group is not None and (found := _GROUP_END.match(expression, at)):
            if found[1] == "?":
                items += [Option(len(group)), *group]
            elif any(isinstance(item, Run) and item.least for item in group):
                items += [*(group if found[1] == "+" else ()), Loop(len(group)), *group]
            else:
                return None
            group, at = None, found.end()
        elif found := _ITEM.match(expression, at):
            run = _read_run(found["one"], found["times"], flags)
            if run is None:
                return None
            (items if group is None else group).append(run)
            at = found.end()
        else:
            return None
    return items if group is None else None


def _read_run(one: str, times: str | None, flags: re.RegexFlag) -> Run | None:
    if times in _TIMES:
        least, most = _TIMES[times]
    else:
        low, comma, high = str(times)[1:-1].partition(",")
        least, most = int(low), int(high) if high else None if comma else int(low)
    bound = "" if most is None else most
    try:
        return Run(one, least, most, re.compile(f"{one}{{0,{bound}}}", flags), re.compile(f"{one}+", flags))
    except (re.error, OverflowError):
        return None


# What each takes of a text is decided without a way back.
_OURS = frozenset(convertor.regex for convertor in CONVERTOR_TYPES.values())


def _starts_of(part: str, text: str) -> int:
    """The places at which a part begins in a text."""
    flags = bytearray(b"0") * (len(text) + 1)
    at = text.find(part)
    while at >= 0:
        flags[at] = 0x31
        at = text.find(part, at + 1)
    return int(flags, 2)


def _members_of(each: re.Pattern[str], text: str) -> int:
    """The characters of a class, each at the bit of the place behind it."""
    flags = bytearray(b"0") * (len(text) + 1)
    for run in each.finditer(text):
        start, end = run.span()
        flags[start + 1 : end + 1] = b"1" * (end - start)
    return int(flags, 2)


def _before(item: Item, behind: int, text: str, known: dict[Any, int]) -> int:
    """The places from which a text or a run leads to one of those behind it. `known` keeps where each of them is."""
    if isinstance(item, Text):
        if item.text not in known:
            known[item.text] = _starts_of(item.text, text)
        return known[item.text] & behind << len(item.text)
    assert isinstance(item, Run)
    if item.each not in known:
        known[item.each] = _members_of(item.each, text)
    members = known[item.each]
    if item.most is None:
        behind = _through(members, behind)
    elif item.most > item.least:
        behind = _up_to(item.most - item.least, members, behind)
    return (behind & _in_a_row(members, item.least)) << item.least if item.least else behind


def _through(members: int, places: int) -> int:
    """All places that are reached through any number of members: a carry runs up through each run of them."""
    return ((places & members) + members) ^ members | places


def _up_to(most: int, members: int, places: int) -> int:
    """All places that are reached through at most so many members. Each step doubles how far it is."""
    far = 0
    while far < most:
        step = min(far + 1, most - far)
        places |= (places & _in_a_row(members, step)) << step
        far += step
    return places


def _in_a_row(members: int, count: int) -> int:
    """The members that begin a row of so many."""
    index_entry = 1
    while index_entry < count:
        step = min(index_entry, count - index_entry)
        members &= members >> step
        index_entry += step
    return members
