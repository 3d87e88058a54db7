"""Whether each text that fits some patterns fits another one: decided by their automata."""

import re
from collections.abc import Iterable
from functools import lru_cache

from signette.contract.diff.regex import END, START, Automaton, UnsupportedPatternError, automaton_of

_MAX_STEPS = 1000


@lru_cache(maxsize=512)
def is_pattern_within(own: tuple[str, ...], other: str) -> bool | None:
    """True if each text that fits all of `own` fits `other`, False if one does not, None if it is not decided.

    Engines differ in what `\\d`, `\\w` and `\\s` are outside of ASCII. It is decided if both ways agree.
    """
    verdicts = {_decide(own, other, is_wide=is_wide) for is_wide in (False, True)}
    return verdicts.pop() if len(verdicts) == 1 else None


def length_pattern(least: int, most: int | None) -> str:
    """A pattern for texts of these lengths."""
    return f"^[\\s\\S]{{{least},{'' if most is None else most}}}$"


def listed_pattern(texts: Iterable[str]) -> str:
    """A pattern for these texts."""
    return "|".join(f"^{re.sub(r'([^0-9A-Za-z_ ])', _escaped, text)}$" for text in texts)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[1])
    return f"\\u{code:04x}" if code <= 0xFFFF else match[1]


def _decide(own: tuple[str, ...], other: str, *, is_wide: bool) -> bool | None:
    """Look for a text that fits `own` and not `other`, in all states that texts lead to."""
    try:
        automata = [automaton_of(pattern, is_wide=is_wide) for pattern in (*own, other)]
    except UnsupportedPatternError:
        return None
    characters = _characters(automata)
    state = tuple(one.after(one.closure(frozenset({one.start})), START) for one in automata)
    known, waiting = {state}, [state]
    while waiting:
        state = waiting.pop()
        fits = [one.end in one.after(states, END) for one, states in zip(automata, state, strict=True)]
        if all(fits[:-1]) and not fits[-1]:
            return False
        for character in characters:
            following = tuple(one.after(states, character) for one, states in zip(automata, state, strict=True))
            if following not in known:
                if len(known) >= _MAX_STEPS:
                    return None
                known.add(following)
                waiting.append(following)
    return True


def _characters(automata: list[Automaton]) -> list[int]:
    """One character of each set that the automata do not distinguish."""
    limits = {0}
    for one in automata:
        for edges in one.edges:
            for ranges, _ in edges:
                for first, last in ranges:
                    limits |= {max(first, 0), last + 1}
    return sorted(limit for limit in limits if 0 <= limit <= 0x10FFFF)
