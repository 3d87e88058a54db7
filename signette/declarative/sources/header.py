"""Header parameters. One pass over the headers makes a dictionary of bytes; only parameters are decoded."""

from collections.abc import Iterable

from signette.declarative.signature.markers import Header, Marker
from signette.declarative.sources.row import Row

Pairs = Iterable[tuple[bytes, bytes]]


def first_values(pairs: Pairs) -> dict[bytes, bytes]:
    """Each name with its first value. Cookies are joined: HTTP/2 may send them in several fields (RFC 9113 §8.2.3)."""
    found: dict[bytes, bytes] = {}
    for name, value in pairs:
        if name not in found:
            found[name] = value
        elif name == b"cookie":
            found[name] += b"; " + value
    return found


def all_values(pairs: Pairs) -> dict[bytes, list[bytes]]:
    """Each name with all its values, in the order sent."""
    found: dict[bytes, list[bytes]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def wire_name(name: str, marker: Marker | None) -> str:
    """`x_token` -> `x-token`, unless the marker sets `convert_underscores=False`."""
    if getattr(marker, "convert_underscores", True):
        name = name.replace("_", "-")
    return name.lower()


# PERF: a `try` takes no time, `scope.get` twice as long as an index. Only requests that repeat a name need the loop in
# Python.
PAIRS = """\
try:
    pairs = scope["headers"]
except KeyError:
    pairs = ()"""
OPENS = f"""\
{PAIRS}
headers = dict(pairs)
if len(headers) != len(pairs):
    headers = k_first_headers(pairs)"""

HEADER = Row(
    name="header",
    place="header",
    marker=Header,
    container="headers",
    lists="header_lists",
    opening=OPENS,
    opening_lists=OPENS + "\nheader_lists = k_header_lists(pairs)",
    one="headers.get({key}, MISSING)",
    first=True,
    many="header_lists.get({key}, MISSING)",
    decode='{raw}.decode("latin-1")',
    uses={"k_first_headers": first_values, "k_header_lists": all_values},
    wire_name_of=wire_name,
    folds_case=True,
    literal=lambda key: repr(key.lower().encode("latin-1")),
)
