"""The path that routes are matched with: as it was sent, with its escaped slashes kept apart (`_http/paths`).

To a route a MARK is an ordinary character that divides nothing. Values and paths outside of routing have slashes again.
"""

from collections.abc import Sequence
from urllib.parse import quote

from signette._http.paths import MARK, is_ambiguous, path_as_sent, with_slashes
from signette.types import Scope

# What a path segment may hold as it is (RFC 3986 §3.3: pchar), and `/`. Braces stay, so that `{id}` may be filled in
# later.
_SAFE_IN_PATH = "/!$&'()*+,;=:@{}"


def as_sent(path: str, scope: Scope) -> str:
    """A path of the scope, or its end, with its escaped slashes as MARK."""
    return path_as_sent(path, scope.get("raw_path"))


def sent_route_path(scope: Scope) -> str:
    """The path that routes are matched with, its escaped slashes as MARK."""
    return as_sent(get_route_path(scope), scope)


def values_with_slashes(values: Sequence[str]) -> Sequence[str]:
    """The values of path parameters as they were decoded."""
    return tuple(map(with_slashes, values))


def path_for_url(scope: Scope) -> str:
    """The scope's path percent-encoded, and what the client has escaped of its slashes, too."""
    return "%2F".join(map(escape_value, as_sent(scope["path"], scope).split(MARK)))


def root_for_url(scope: Scope) -> str:
    """The `root_path` percent-encoded, as a client has to write it, without a slash at its end."""
    root: str = scope.get("root_path", "").rstrip("/")
    path: str = scope["path"]
    if path.startswith(root):
        root = as_sent(path, scope)[: len(root)]
    # Braces would be variables where templates of URLs are read.
    text = "%2F".join(map(escape_value, root.split(MARK))).replace("{", "%7B").replace("}", "%7D")
    return keep_on_host(text)


def quote_path(path: str, safe: str) -> str:
    """The path percent-encoded, its marks as what the client has sent."""
    return "%2F".join(quote(piece, safe=safe, errors="surrogatepass") for piece in path.split(MARK))


def has_one_reading(scope: Scope, *, slashes: bool = False) -> bool:
    """Whether all readers take the path for the same one, whether they decode, merge and resolve it or not.

    With `slashes=True` escaped, repeated and back slashes do not count.
    """
    return not is_ambiguous(as_sent(scope["path"], scope), slashes=slashes)


def get_route_path(scope: Scope) -> str:
    """The path that routes are matched with: what follows `root_path`, if the path begins with it at all."""
    path: str = scope["path"]
    root = scope.get("root_path", "")
    if not root:
        return path
    root = root.rstrip("/")
    if not path.startswith(root):
        return path
    rest = path[len(root) :]
    return rest if not rest or rest[0] == "/" else path


def escape_value(value: str) -> str:
    """Quote a parameter's text for a path (RFC 3986 §3.3). Slashes stay."""
    return value if value.isalnum() and value.isascii() else quote(value, safe=_SAFE_IN_PATH, errors="surrogatepass")


def keep_on_host(path: str) -> str:
    r"""The path so that no client takes it for another host: a leading `//` begins an authority (RFC 3986 §4.2).

    Browsers read a `\` as `/` (WHATWG URL, special schemes).
    """
    path = path.replace("\\", "%5C")
    return f"/%2F{path[2:]}" if path.startswith("//") else path
