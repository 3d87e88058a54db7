"""Slashes that a client has escaped, kept apart from those that divide a path (RFC 3986 §2.2).

Theory of operation. A server decodes the path, so that `/items/a%2Fb` is `/items/a/b` in `scope["path"]`; only
`raw_path` still has what the client said, and there the two are not the same path. The path *as sent* is the decoded
one, with MARK for each slash that was escaped: one character for one, so that lengths and places are those of the
decoded path.

A path that says something else than the raw one was rewritten on the way, and is trusted; so is one without a raw one.
"""

import re
from urllib.parse import unquote

# Half of a surrogate pair, which no text that was UTF-8 has in it.
MARK = "\udc2f"

# `%`: without it a raw path has no escape. PERF: one byte is found in a fifth of the time that two take.
PERCENT = 0x25

# What some readers of a path take for another path: they decode an escaped slash, read a back slash as one, merge
# slashes, and resolve dots.
_AMBIGUOUS = re.compile(rf"[\\{MARK}]|//|/\.\.?(?:/|\Z)")
_DOTS = re.compile(rf"(?:\A|[/\\{MARK}])\.\.?(?:[/\\{MARK}]|\Z)")


def path_as_sent(path: str, raw: bytes | None) -> str:
    """A path, or its end, with its escaped slashes as MARK. `raw` is the path as it travelled."""
    if not raw or PERCENT not in raw:
        return path
    text = raw.partition(b"?")[0].decode("latin-1").replace("%2F", MARK).replace("%2f", MARK)
    if not path or MARK not in text:
        return path
    # Compared from their ends, as either of the two may have lost its beginning to a proxy or a mount.
    sent = unquote(text)[-len(path) :]
    kept, end = path[: -len(sent)], path[-len(sent) :]
    return kept + sent if with_slashes(sent) == end and sent[0] == "/" else path


def with_slashes(text: str) -> str:
    """The text as it was decoded: slashes for marks."""
    return text.replace(MARK, "/")


def is_ambiguous(sent: str, *, slashes: bool = False) -> bool:
    """Whether a path as sent may be another path to some readers.

    It is where it has an escaped slash, a back slash, an empty segment before its end, or a segment `.` or `..`. With
    `slashes=True` only the last two count.
    """
    return (_DOTS if slashes else _AMBIGUOUS).search(sent) is not None
