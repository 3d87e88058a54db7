"""From a path template to what can be matched with it: a regular expression, a format, convertors and segments.

A template is read once. Its `fullmatch` serves those who ask a single route; the segments serve the index of many
routes, which walks a tree instead. A template whose convertors may cross a `/` in its middle has no segments, and the
index asks the route.
"""

import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NamedTuple, Protocol
from unicodedata import normalize

from signette.convertors import (
    CONVERTOR_TYPES,
    Convertor,
    FloatConvertor,
    IntegerConvertor,
    PathConvertor,
    StringConvertor,
    UUIDConvertor,
)
from signette.paths import escape_value, keep_on_host
from signette.routing.scanner import read_scanner

# The one grammar of `{name}` and `{name:kind}`; both are identifiers of Python, in any script.
_PARAMETER = re.compile(r"{([^{}:/]+)(?::([^{}:/]+))?}")

_NAME = re.compile(r"\(\?P<\w+>")


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


class PathParameter(NamedTuple):
    """A parameter of a template: its name, its kind, and where it stands."""

    name: str
    kind: str
    start: int
    stop: int


def parameters_in(template: str) -> list[PathParameter]:
    """The parameters of a template, in order.

    Names are normalized as Python normalizes those of parameters (NFKC), so that both are spelled alike.
    """
    return [
        PathParameter(normalize("NFKC", found[1]), found[2] or "str", *found.span())
        for found in _PARAMETER.finditer(template)
        if found[1].isidentifier() and (found[2] is None or found[2].isidentifier())
    ]


def replace_parameters(template: str, show: Callable[[PathParameter], str]) -> str:
    """The template with another text in the place of each parameter."""
    pieces, end = [], 0
    for parameter in parameters_in(template):
        pieces += [template[end : parameter.start], show(parameter)]
        end = parameter.stop
    return "".join([*pieces, template[end:]])


def without_convertors(template: str) -> str:
    """The template with names alone: `/items/{n:int}` -> `/items/{n}`."""
    return replace_parameters(template, lambda parameter: f"{{{parameter.name}}}")


class Fit(Protocol):
    """What matching gives: the texts of the parameters."""

    def __getitem__(self, name: str, /) -> str | Any: ...

    def groupdict(self) -> dict[str, str | Any]:
        """The texts by name, in the order of the template."""


class Segment(NamedTuple):
    """One piece of a path between two slashes.

    A piece of text has just `text`. A piece with parameters has `check`, which gives their texts where a piece fits
    (None: each piece of at least one character); `whole`: the piece as a whole is its one value. A `tail` takes all
    that follows, slashes too.
    """

    text: str | None = None
    check: Callable[[str], Fit | None] | None = None
    pattern: str = ""
    whole: bool = False
    tail: bool = False


class Template(NamedTuple):
    """A path template, understood. `segments` is None where one segment does not decide for itself.

    `fullmatch` gives what `regex.fullmatch` does, at a cost that grows with the length of the path.
    """

    path: str
    regex: re.Pattern[str]
    fullmatch: Callable[[str], Fit | None]
    format: str
    convertors: dict[str, Convertor[Any]]
    segments: tuple[Segment, ...] | None

    def conversions(self) -> tuple[tuple[str, Callable[[str], Any] | None], ...]:
        """The parameters in order, each with what converts its text; None where the text is the value."""
        return tuple((name, None if type(one) in _TEXTS else one.convert) for name, one in self.convertors.items())


def read_template(path: str) -> Template:
    """The template of a path, read and checked."""
    form, convertors = _read(path, path)
    segments = tuple(_read_segment(piece, convertors) for piece in path.split("/"))
    tails = [place for place, segment in enumerate(segments) if segment is None or segment.tail]
    plain = not tails or (tails == [len(segments) - 1] and segments[-1] is not None)
    regex = re.compile(f"^{_expression(path, convertors)}$")
    return Template(
        path,
        regex,
        _matcher(path, convertors, regex),
        form,
        convertors,
        tuple(segment for segment in segments if segment is not None) if plain else None,
    )


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
    bare = replace_parameters(host, lambda parameter: "x" * (parameter.stop - parameter.start))
    end = bare.rfind(":")
    has_port = end > bare.rfind("]") and (bare.count(":") == 1 or "]" in bare)
    name = host[:end] if has_port else host
    _, convertors = _read(name, host)
    regex = re.compile(f"^{_expression(name, convertors)}$", re.IGNORECASE)
    return Template(host, regex, _matcher(name, convertors, regex), without_convertors(host), convertors, None)


def _read(template: str, whole: str) -> tuple[str, dict[str, Convertor[Any]]]:
    """The format and the convertors of a template."""
    convertors: dict[str, Convertor[Any]] = {}
    twice = set()
    for parameter in parameters_in(template):
        # The class of exception that users of this API know.
        assert parameter.kind in CONVERTOR_TYPES, f"Unknown path convertor '{parameter.kind}'"
        if parameter.name in convertors:
            twice.add(parameter.name)
        convertors[parameter.name] = CONVERTOR_TYPES[parameter.kind]
    if twice:
        names, ending = ", ".join(sorted(twice)), "s" if len(twice) > 1 else ""
        raise ValueError(f"Duplicated param name{ending} {names} at path {whole}")
    return without_convertors(template), convertors


def _expression(template: str, convertors: Mapping[str, Convertor[Any]]) -> str:
    """The regular expression of a template, with a named group for each parameter."""
    parts, names = _split(template)
    groups = [f"(?P<{name}>{convertors[name].regex})" for name in names]
    return "".join(re.escape(text) + group for text, group in zip(parts, [*groups, ""], strict=True))


def _matcher(
    template: str, convertors: Mapping[str, Convertor[Any]], regex: re.Pattern[str]
) -> Callable[[str], Fit | None]:
    """What matches as the expression does: the expression, or a scanner where that would try too many ways."""
    parts, names = _split(template)
    scanner = read_scanner(regex, parts, names, [convertors[name].regex for name in names])
    return regex.fullmatch if scanner is None else scanner.fullmatch


def _split(template: str) -> tuple[list[str], list[str]]:
    """The texts around the parameters, and the names of these."""
    parts, names, end = [], [], 0
    for parameter in parameters_in(template):
        parts.append(template[end : parameter.start])
        names.append(parameter.name)
        end = parameter.stop
    return [*parts, template[end:]], names


def _read_segment(piece: str, convertors: Mapping[str, Convertor[Any]]) -> Segment | None:
    """None where the piece alone does not say whether a path fits."""
    found = parameters_in(piece)
    if not found:
        return Segment(text=piece)
    kinds = [type(convertors[one.name]) for one in found]
    whole = len(found) == 1 and found[0].stop - found[0].start == len(piece)
    if whole and kinds == [PathConvertor]:
        return Segment(tail=True)
    if not all(kind in _ONE_SEGMENT for kind in kinds):
        return None
    if whole and kinds == [StringConvertor]:
        return Segment(whole=True)
    expression = _expression(piece, convertors)
    check = _matcher(piece, convertors, re.compile(expression))
    return Segment(check=check, pattern=_NAME.sub("(", expression), whole=whole)


def replace_params(
    path: str, convertors: Mapping[str, Convertor[Any]], params: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """The format with its parameters filled in and percent-encoded, and the parameters that it has no place for."""
    rest = dict(params)
    values = {name: _written(convertors[name], rest.pop(name)) for name in params if name in convertors}
    return keep_on_host(fill_format(path, values)), rest


def fill_format(form: str, texts: Mapping[str, str]) -> str:
    """The format with these texts in it; other parameters stay. A text that looks like `{another}` does, too."""
    return replace_parameters(form, lambda parameter: texts.get(parameter.name, f"{{{parameter.name}}}"))


def _written(convertor: Convertor[Any], value: Any) -> str:
    """A parameter's value as it may stand in a path. A slash that would end the parameter is escaped, too."""
    text = convertor.to_string(value)
    escaped = escape_value(text)
    if "/" in text and re.fullmatch(convertor.regex, text) is None:
        return escaped.replace("/", "%2F")
    return escaped


def get_name(endpoint: Callable[..., Any]) -> str:
    """What a route of this endpoint is called, if nothing else is said: its own name, or that of its class."""
    return str(getattr(endpoint, "__name__", type(endpoint).__name__))
