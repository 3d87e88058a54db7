"""The differences between the two toolkits: a table. What is not in it must be alike.

Responses are compared aspect by aspect: status, body, each header field, the exception. A row says which aspects of
two responses it explains, and has a request that shows it. `there`, `here` and `move` are on the page
docs/how-to/from-starlette.md, word for word.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Seen:
    """One request to one application, or a program of calls, and both responses."""

    application: str
    ask: Any
    theirs: Any
    ours: Any

    def aspects(self) -> dict[str, tuple[Any, Any]]:
        """What is not alike: their side, our side."""
        theirs, ours = self.theirs.facts(), self.ours.facts()
        both = {name: (theirs.get(name), ours.get(name)) for name in {*theirs, *ours}}
        return {name: pair for name, pair in both.items() if pair[0] != pair[1]}


@dataclass(frozen=True)
class Difference:
    """A row of the table. `shown` asks for it: an application and a request, and what a WebSocket's client says."""

    name: str
    there: str
    here: str
    move: str
    shown: tuple[Any, ...]
    explains: Callable[[Seen], Iterable[str]]
    until: tuple[int, int] = (4, 0)
    """The version of Python from which on the two are alike."""


WHOLE = ("status", "raised", "body", "content-length", "content-type")
NOTHING_TO_DO = "nothing"


def when(test: Callable[[Seen], Any], *aspects: str) -> Callable[[Seen], Iterable[str]]:
    """These aspects, if the two responses are as the row says."""
    return lambda seen: aspects if test(seen) else ()


def all_of_it(test: Callable[[Seen], Any]) -> Callable[[Seen], Iterable[str]]:
    """The whole response, if the row says that one side responds and the other fails."""
    return lambda seen: seen.aspects() if test(seen) else ()


def statuses(theirs: int, ours: int, *, application: str = "") -> Callable[[Seen], bool]:
    """Whether the two have these statuses, in this application (in any, if none is named)."""
    return lambda seen: (
        (seen.theirs.status, seen.ours.status) == (theirs, ours) and application in {"", seen.application}
    )


def fields(**pairs: str) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in pairs.items())
