"""From a path template to what can be matched with it: a regular expression, a format, convertors and segments.

A template is read once. Its regular expression serves those who ask a single route; the segments serve the index of
many routes, which walks a tree instead. A template whose convertors may cross a `/` in its middle has no segments,
and the index asks its expression.
"""

import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NamedTuple
from urllib.parse import quote

from signette.convertors import (
    CONVERTOR_TYPES,
    Convertor,
    FloatConvertor,
    IntegerConvertor,
    PathConvertor,
    StringConvertor,
    UUIDConvertor,
)
from signette.types import Scope

PARAMETER = re.compile(r"{([a-zA-Z_][a-zA-Z0-9_]*)(?::([a-zA-Z_][a-zA-Z0-9_]*))?}")

_NAME = re.compile(r"\(\?P<\w+>")

# What a path segment may hold as it is (RFC 3986 §3.3: pchar), and `/`. Braces stay, so that `{id}` may be filled in
# later.
_SAFE_IN_PATH = "/!$&'()*+,;=:@{}"

_TEXTS = (StringConvertor, PathConvertor)

# The convertors that never match a `/`, and are thus decided by one segment. Their subclasses may do as they like.
_ONE_SEGMENT = (StringConvertor, IntegerConvertor, FloatConvertor, UUIDConvertor)


class Match(Enum):
    """How much of a request a route fits: not at all, all but its method, or all of it."""

    NONE = 0
    PARTIAL = 1
    FULL = 2


class NoMatchFound(Exception):
    """No route has this name and takes exactly these parameters."""

    def __init__(self, name: str, path_params: Mapping[str, Any]) -> None:
        self.name = name
        self.path_params = path_params
        super().__init__(f'No route exists for name "{name}" and params "{", ".join(path_params)}".')

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, dict(self.path_params))


class Segment(NamedTuple):
    """One piece of a path between two slashes.

    A piece of text has just `text`. A piece with parameters has `check`, which gives a match where a piece fits
    (None: each piece of at least one character); `whole`: the piece as a whole is its one value. A `tail` takes all
    that follows, slashes too.
    """

    text: str | None = None
    check: Callable[[str], re.Match[str] | None] | None = None
    pattern: str = ""
    whole: bool = False
    tail: bool = False


class Template(NamedTuple):
    """A path template, understood. `segments` is None where one segment does not decide for itself."""

    path: str
    regex: re.Pattern[str]
    format: str
    convertors: dict[str, Convertor[Any]]
    segments: tuple[Segment, ...] | None

    def conversions(self) -> tuple[tuple[str, Callable[[str], Any] | None], ...]:
        """The parameters in order, each with what converts its text; None where the text is the value."""
        return tuple((name, None if type(one) in _TEXTS else one.convert) for name, one in self.convertors.items())


def read_template(path: str) -> Template:
    """The template of a path, read and checked."""
    regex, form, convertors = _translate(path, path)
    segments = tuple(_read_segment(piece, convertors) for piece in path.split("/"))
    tails = [place for place, segment in enumerate(segments) if segment is None or segment.tail]
    plain = not tails or (tails == [len(segments) - 1] and segments[-1] is not None)
    return Template(
        path,
        re.compile(f"^{_ending_of(path, convertors)}{regex}$"),
        form,
        convertors,
        tuple(segment for segment in segments if segment is not None) if plain else None,
    )


def _ending_of(path: str, convertors: Mapping[str, Convertor[Any]]) -> str:
    """A look at the end of a path first, where a parameter that takes slashes has another text behind it.

    Without it a path that does not end as the template does costs the square of its length: each slash may divide them.
    """
    texts = [found for found in PARAMETER.finditer(path) if type(convertors[found[1]]) in _TEXTS]
    ending = path[texts[-1].end() :] if texts else ""
    if not ending or not any(type(convertors[found[1]]) is PathConvertor for found in texts[:-1]):
        return ""
    return rf"(?=[\s\S]*{_NAME.sub('(?:', _translate(ending, path)[0])}$)"


def read_path(path: str) -> Template:
    """The template of a path, which begins with `/`.

    Raises:
        ValueError: a parameter stands in it twice.
        AssertionError: it does not begin with `/`, or names a convertor that is not registered.
    """
    assert path.startswith("/"), "Routed paths must start with '/'"
    return read_template(path)


def compile_path(path: str) -> tuple[re.Pattern[str], str, dict[str, Convertor[Any]]]:
    """The regular expression, format and convertors of `/users/{name}/{id:int}` (or of a host, without its port).

    Match with `fullmatch`: the `$` at the end of the expression would let one newline pass.
    """
    template = read_template(path) if path.startswith("/") else read_host(path)
    return template.regex, template.format, template.convertors


def read_host(host: str) -> Template:
    """The template of a host. Letter case does not count, and neither does a port."""
    # A colon that follows no bracket and stands in no parameter begins the port. `[::1]` keeps its colons.
    bare = PARAMETER.sub(lambda found: "x" * len(found[0]), host)
    end = bare.rfind(":")
    has_port = end > bare.rfind("]") and (bare.count(":") == 1 or "]" in bare)
    regex, _, convertors = _translate(host[:end] if has_port else host, host)
    return Template(host, re.compile(f"^{regex}$", re.IGNORECASE), PARAMETER.sub(r"{\1}", host), convertors, None)


def _translate(template: str, whole: str) -> tuple[str, str, dict[str, Convertor[Any]]]:
    convertors: dict[str, Convertor[Any]] = {}
    regex, form, last, end, twice = "", "", "", 0, set()
    for found in PARAMETER.finditer(template):
        name, kind = found[1], found[2] or "str"
        assert kind in CONVERTOR_TYPES, f"Unknown path convertor '{kind}'"
        if name in convertors:
            twice.add(name)
        before = template[end : found.start()]
        convertor = CONVERTOR_TYPES[kind]
        takes = _what_remains(convertors[last], before, convertor) if convertors else convertor.regex
        # A group is named only once, or the expression would not compile before the mistake is told.
        regex += re.escape(before) + (f"({takes})" if name in twice else f"(?P<{name}>{takes})")
        form += f"{before}{{{name}}}"
        convertors[name] = convertor
        last = name
        end = found.end()
    if twice:
        names, ending = ", ".join(sorted(twice)), "s" if len(twice) > 1 else ""
        raise ValueError(f"Duplicated param name{ending} {names} at path {whole}")
    return regex + re.escape(template[end:]), form + template[end:], convertors


def _what_remains(former: Convertor[Any], between: str, convertor: Convertor[Any]) -> str:
    """What a parameter takes that stands behind another one and a single character.

    The former takes as much as it can. So this one never has that character, but at its end: else the former would have
    taken more. Said in the expression, a path that does not fit costs its length, not the square of it.
    """
    kinds = type(former), type(convertor)
    if len(between) == 1 and kinds == (PathConvertor, PathConvertor):
        return rf"[^{re.escape(between)}\n]*"
    if len(between) == 1 and between != "/" and kinds == (StringConvertor, StringConvertor):
        return rf"[^/][^/{re.escape(between)}]*{re.escape(between)}?"
    return convertor.regex


def _read_segment(piece: str, convertors: Mapping[str, Convertor[Any]]) -> Segment | None:
    """None where the piece alone does not say whether a path fits."""
    found = list(PARAMETER.finditer(piece))
    if not found:
        return Segment(text=piece)
    names = tuple(one[1] for one in found)
    kinds = [type(convertors[name]) for name in names]
    whole = len(found) == 1 and found[0][0] == piece
    if whole and kinds == [PathConvertor]:
        return Segment(tail=True)
    if not all(kind in _ONE_SEGMENT for kind in kinds):
        return None
    if whole and kinds == [StringConvertor]:
        return Segment(whole=True)
    regex, _, _ = _translate(piece, piece)
    return Segment(check=re.compile(regex).fullmatch, pattern=_NAME.sub("(", regex), whole=whole)


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


def replace_params(
    path: str, convertors: Mapping[str, Convertor[Any]], params: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """The format with its parameters filled in and percent-encoded, and the parameters that it has no place for."""
    rest = dict(params)
    values = {name: _written(convertors[name], rest.pop(name)) for name in params if name in convertors}
    # One pass, so that a value that looks like `{another}` is left as it is.
    filled = PARAMETER.sub(lambda found: values.get(found[1], found[0]), path)
    return keep_on_host(filled), rest


def _written(convertor: Convertor[Any], value: Any) -> str:
    """A parameter's value as it may stand in a path. A slash that would end the parameter is escaped, too."""
    text = convertor.to_string(value)
    escaped = escape_value(text)
    if "/" in text and re.fullmatch(convertor.regex, text) is None:
        return escaped.replace("/", "%2F")
    return escaped


def escape_value(value: str) -> str:
    """A parameter's text as it may stand in a path (RFC 3986 §3.3). Slashes stay."""
    return value if value.isalnum() and value.isascii() else quote(value, safe=_SAFE_IN_PATH, errors="surrogatepass")


def keep_on_host(path: str) -> str:
    r"""The path so that no client takes it for another host: a leading `//` begins an authority (RFC 3986 §4.2).

    Browsers read a `\` as `/` (WHATWG URL, special schemes).
    """
    path = path.replace("\\", "%5C")
    return f"/%2F{path[2:]}" if path.startswith("//") else path


def get_name(endpoint: Callable[..., Any]) -> str:
    """What a route of this endpoint is called, if nothing else is said: its own name, or that of its class."""
    return str(getattr(endpoint, "__name__", type(endpoint).__name__))
