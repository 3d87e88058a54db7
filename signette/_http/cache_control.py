"""Cache-Control: the directives of requests and responses (RFC 9111 §5.2)."""

import re
from collections.abc import Iterable, Mapping

from signette._http.tokens import TCHAR_CLASS

# Possessive, to avoid backtracking. An argument is a token or a quoted string; §5.2 accepts both for each directive.
_DIRECTIVE = re.compile(
    rf'[ \t]*+([{TCHAR_CLASS}]++)(?:=(?:([{TCHAR_CLASS}]++)|"((?:[^"\\]|\\.)*+)"))?+[ \t]*+(?=,|\Z)', re.DOTALL
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SECONDS = re.compile(r"[0-9]+")
# RFC 9111 §1.2.2: what a recipient uses for a number of seconds that is too large.
MAX_SECONDS = 2**31


def parse_cache_control(header: str) -> dict[str, str]:
    """The directives of a header, with names in lower case; a directive without an argument has an empty one.

    Skips what is not a directive. Uses the first of a repeated directive (§4.2.1).
    """
    directives: dict[str, str] = {}
    at = 0
    while at < len(header):
        if match := _DIRECTIVE.match(header, at):
            quoted = match[3]
            argument = match[2] or "" if quoted is None else _ESCAPED.sub(r"\1", quoted)
            directives.setdefault(match[1].lower(), argument)
            at = match.end() + 1
        else:
            comma = header.find(",", at)
            at = len(header) if comma < 0 else comma + 1
    return directives


def seconds_of(directives: Mapping[str, str], *names: str) -> int | None:
    """The seconds of the first of these directives that is there; `None` without any.

    0 for an invalid number: such a response is stale (§4.2.1).
    """
    for name in names:
        if (argument := directives.get(name)) is not None:
            if not _SECONDS.fullmatch(argument):
                return 0
            return MAX_SECONDS if len(argument.lstrip("0")) > 10 else min(int(argument), MAX_SECONDS)
    return None


def format_cache_control(directives: Iterable[tuple[str, int | None]]) -> str:
    """A header of directives with seconds, or without an argument: `public, max-age=60`."""
    return ", ".join(name if seconds is None else f"{name}={seconds}" for name, seconds in directives)
